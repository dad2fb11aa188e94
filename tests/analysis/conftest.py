"""A trial of the pilot's shape: 26 enrolled, 21 answered both times, two of them left items blank."""

import random
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User

from groups.models import Doctor
from surveys.catalogue import instruments
from surveys.instrument import Instrument
from surveys.models import Answer, Arm, Participant, ParticipantLink, Researcher, Response, Trial, Wave

ENROLLED = {("gp", 0): (6, 5), ("gp", 1): (8, 8), ("registrar", 0): (6, 3), ("registrar", 1): (6, 5)}
BEFORE, AFTER = datetime(2025, 2, 3, 12, tzinfo=UTC), datetime(2025, 7, 14, 12, tzinfo=UTC)
CANARY = "Kanarienvogel"  # in every participant's name and address, and nowhere else


@pytest.fixture
def trial(rae: Doctor) -> Trial:
    return pilot(rae)


def pilot(researcher: Doctor, enrolled: dict[tuple[str, int], tuple[int, int]] | None = None) -> Trial:
    """A trial of `researcher`; `enrolled` is (level, arm) -> how many were enrolled and answered after."""
    chance = random.Random(26)
    trial = Trial.found("Balint by video", Trial.Allocation.AVAILABILITY, "Control", "Balint")
    Researcher.objects.create(trial=trial, doctor=researcher)
    versions = {name: each.version for name, each in instruments().items()}
    trial.wave_set.update(opened_at=BEFORE, closed_at=AFTER, waived_at=BEFORE, versions=versions)
    trial.wave_set.filter(name="post").update(opened_at=AFTER)
    pre, post = (trial.wave_set.get(name=name) for name in ("pre", "post"))
    arms, answers = list(trial.arm_set.all()), []
    for (level, order), (people, completed) in (ENROLLED if enrolled is None else enrolled).items():
        for number in range(people):
            person = take_part(arms[order], level)
            wellness = chance.gauss(0, 1)
            answers += answer(pre, person, wellness, chance, BEFORE)
            if number < completed:
                answers += answer(post, person, 0.6 * wellness + order, chance, AFTER)
    Answer.objects.bulk_create(answers)
    return trial


def take_part(arm: Arm, level: str) -> Participant:
    count = User.objects.count()
    user = User.objects.create(username=f"{CANARY}{count}", email=f"{CANARY}{count}@example.org")
    doctor = Doctor.objects.create(user=user, name=f"{CANARY} {count}", level=level)
    participant = Participant.objects.create(trial=arm.trial, arm=arm, level=level)
    ParticipantLink.objects.create(participant=participant, doctor=doctor)
    return participant


def answer(wave: Wave, person: Participant, wellness: float, chance: random.Random, at: datetime) -> list[Answer]:
    """A sent questionnaire that says how well this person is; about one item in forty stays blank."""
    response = Response.objects.create(wave=wave, participant=person, sent_at=at)
    return [each for instrument in instruments().values() for each in _answers(response, instrument, wellness, chance)]


def _answers(response: Response, instrument: Instrument, wellness: float, chance: random.Random) -> list[Answer]:
    answers = []
    for item in instrument.items:
        middle, step = (item.min + item.max) / 2, (item.max - item.min) / 6
        value = min(max(round(middle + step * (wellness + chance.gauss(0, 0.6))), item.min), item.max)
        if chance.random() > 0.025:
            value = item.min + item.max - value if item.reverse else value
            answers.append(Answer(response=response, instrument=instrument.id, item=item.id, value=value))
    return answers
