"""A trial with Max (GP, Balint) and Pia (registrar, control) in it, Rae as its researcher, Ora as operator."""

from collections.abc import Callable

import pytest

from groups.models import Doctor
from surveys.models import Answer, Participant, Response, Trial, Wave
from surveys.questionnaire import questions
from tests.conftest import person


@pytest.fixture
def ora(db: None) -> Doctor:
    return person("ora", is_operator=True)


@pytest.fixture
def trial(max_: Doctor, pia: Doctor, rae: Doctor) -> Trial:
    trial = Trial.found("Rural pilot", Trial.Allocation.AVAILABILITY, "Control", "Balint group")
    control, intervention = trial.arm_set.all()
    trial.enrol(max_, intervention)
    trial.enrol(pia, control)
    trial.name_researcher(rae)
    return trial


@pytest.fixture
def pre(trial: Trial, rae: Doctor) -> Wave:
    """The wave before, open."""
    wave = trial.wave_set.get(name="pre")
    wave.open(rae, waives=True)
    wave.refresh_from_db()
    return wave


@pytest.fixture
def post(trial: Trial) -> Wave:
    """The wave after, not opened."""
    return trial.wave_set.get(name="post")


@pytest.fixture
def participant_max(trial: Trial, max_: Doctor) -> Participant:
    return trial.participant_set.get(participantlink__doctor=max_)


@pytest.fixture
def answer_all() -> Callable[[Wave, Participant], Response]:
    """Answer every question with its smallest value."""

    def answer(wave: Wave, participant: Participant) -> Response:
        response = Response.objects.create(wave=wave, participant=participant)
        answers = [(question.instrument.id, question.item.id, question.item.min) for question in questions()]
        Answer.objects.bulk_create(Answer(response=response, instrument=i, item=n, value=v) for i, n, v in answers)
        return response

    return answer
