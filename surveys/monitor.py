"""Who has answered what, by study code: what a researcher sees while a trial runs."""

from dataclasses import dataclass

from django.db.models import Count

from surveys.models import Arm, Participant, Response, Trial, Wave
from surveys.questionnaire import questions


@dataclass(frozen=True)
class Progress:
    """One participant in one wave."""

    answered: int
    of: int
    is_sent: bool


@dataclass(frozen=True)
class Row:
    participant: Participant
    pre: Progress
    post: Progress

    @property
    def has(self) -> str:
        """Which waves this person has sent: both, pre, post or none."""
        return {(True, True): "both", (True, False): "pre", (False, True): "post"}.get(
            (self.pre.is_sent, self.post.is_sent), "none"
        )


@dataclass(frozen=True)
class Cell:
    """One arm at one level."""

    rows: list[Row]

    @property
    def pre(self) -> int:
        return sum(row.pre.is_sent for row in self.rows)

    @property
    def post(self) -> int:
        return sum(row.post.is_sent for row in self.rows)

    def count(self, has: str) -> int:
        return sum(row.has == has for row in self.rows)

    @property
    def dots(self) -> list[str]:
        """One sign a person, the fullest first, so that a place in the row tells nothing."""
        return [has for has in ("both", "pre", "post", "none") for _ in range(self.count(has))]


def rows(trial: Trial) -> list[Row]:
    """The participants in the order of their codes, which is random: when they were enrolled does not show."""
    progress = _progress(trial)
    nothing = Progress(0, len(questions()), False)
    people = Participant.objects.filter(trial=trial).select_related("arm").order_by("code")
    return [Row(each, *(progress.get((each.pk, wave), nothing) for wave in Wave.Name.values)) for each in people]


def _progress(trial: Trial) -> dict[tuple[object, str], Progress]:
    responses = Response.objects.filter(wave__trial=trial).select_related("wave").annotate(answered=Count("answer"))
    return {
        (each.participant_id, each.wave.name): Progress(each.answered, len(questions()), each.sent_at is not None)
        for each in responses
    }


def cells(trial: Trial, found: list[Row]) -> list[tuple[str, list[Cell]]]:
    """Each level with one cell for each arm in order."""
    arms = list(trial.arm_set.all())
    return [(level, [_cell(found, arm, level) for arm in arms]) for level in Participant.Level.values]


def _cell(found: list[Row], arm: Arm, level: str) -> Cell:
    return Cell([row for row in found if (row.participant.arm, row.participant.level) == (arm, level)])


def arms(trial: Trial, found: list[Row]) -> list[tuple[Arm, int]]:
    """Each arm with the number of its people."""
    return [(arm, sum(row.participant.arm == arm for row in found)) for arm in trial.arm_set.all()]


def next_step(pre: Wave, post: Wave) -> str:
    """The one thing to do next: open pre, open post, or go to the report; "" while people answer."""
    if pre.is_open or post.is_open:
        return ""
    if pre.opened_at is None:
        return "pre"
    return "post" if post.opened_at is None else "report"
