"""From the database to a trial's data. Names are not read: nothing here touches the link to a person."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from analysis.trial_data import POST, PRE, WAVES, Answers, Person, Round, TrialData
from surveys.catalogue import instruments
from surveys.models import Answer, Participant, Response, Trial

Sent = dict[UUID, dict[str, Answers]]  # participant -> wave -> answers


def read(trial: Trial) -> TrialData:
    """All that was sent in the trial's waves, under study codes. Drafts stay private."""
    arms = list(trial.arm_set.order_by("order"))
    place = {arm.pk: i for i, arm in enumerate(arms)}
    levels = Participant.Level.values
    responses = list(Response.objects.filter(wave__trial=trial, sent_at__isnull=False).select_related("wave"))
    sent = _sent(trial, responses)
    return TrialData(
        title=trial.title,
        non_random=not trial.is_random,
        arms=tuple(arm.name for arm in arms),
        levels=tuple(levels),
        instruments=tuple(instruments().values()),
        rounds=_rounds(trial),
        people=tuple(
            Person(person.code, place[person.arm_id], levels.index(person.level), sent[person.pk])
            for person in trial.participant_set.order_by("code")
        ),
        as_of=max((_day(response.sent_at) for response in responses), default=None),
        n_before_late=_late(trial, responses),
    )


def _late(trial: Trial, responses: Iterable[Response]) -> int:
    opened_at = trial.wave_set.filter(name=POST).values_list("opened_at", flat=True).first()
    return sum(each.wave.name == PRE and each.sent_at >= opened_at for each in responses) if opened_at else 0


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _rounds(trial: Trial) -> tuple[Round, ...]:
    waves = {wave.name: wave for wave in trial.wave_set.all()}
    return tuple(
        Round(wave.name, wave.is_open, wave.waived_at and _day(wave.waived_at), wave.versions)
        for wave in (waves[name] for name in WAVES if name in waves)
    )


def _sent(trial: Trial, responses: Iterable[Response]) -> Sent:
    """The answers of `responses`; those of one that is sent while we read are left for the next report."""
    values: dict[UUID, dict[str, dict[str, int]]] = {response.pk: defaultdict(dict) for response in responses}
    for answer in Answer.objects.filter(response__wave__trial=trial):
        if answer.response_id in values:
            values[answer.response_id][answer.instrument][answer.item] = answer.value
    sent: Sent = defaultdict(dict)
    for response in responses:
        sent[response.participant_id][response.wave.name] = values[response.pk]
    return sent
