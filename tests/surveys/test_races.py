"""At the same moment: two tabs, two presses, two operators. Real transactions on a real database."""

import pytest
from django.test import Client

from groups.models import Doctor
from surveys.models import Answer, Participant, ParticipantLink, Researcher, Response, Trial, Wave
from surveys.questionnaire import find, questions
from tests.conftest import person
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_turn", range(5))
def test_two_presses_of_send_give_one_receipt(
    client_of, pre: Wave, participant_max: Participant, max_: Doctor, answer_all, _turn: int
):
    answer_all(pre, participant_max)
    clients = [client_of(max_) for _ in range(2)]

    def press(client: Client) -> bytes:
        return (
            client.post(f"/answer/{pre.pk}/send/", follow=True).content.partition(b"<code>")[2].partition(b"</code>")[0]
        )

    receipts = together(*(lambda client=client: press(client) for client in clients))

    assert receipts == [Response.objects.get().receipt.encode()] * 2
    assert receipts[0]


@pytest.mark.parametrize("_turn", range(5))
def test_first_answers_of_two_tabs_make_one_response(pre: Wave, participant_max: Participant, _turn: int):
    items = [find(name) for name in ("pmi_01", "pmi_01", "pmi_02", "pmi_03")]

    outcomes = together(
        *(lambda q=q, v=v: Response.record(pre, participant_max, q, v) for v, q in enumerate(items, start=1))
    )

    assert outcomes == [None] * 4
    values = Response.objects.get().values()
    assert (values.keys(), values["pmi_01"] in (1, 2)) == ({"pmi_01", "pmi_02", "pmi_03"}, True)


@pytest.mark.parametrize("_turn", range(5))
def test_nothing_is_saved_behind_a_receipt(pre: Wave, participant_max: Participant, answer_all, _turn: int):
    response = answer_all(pre, participant_max)

    saved, _ = together(
        lambda: Response.record(pre, participant_max, find("pmi_01"), 9),
        response.send,
    )

    sent_at, answered_at = Response.objects.get().sent_at, Answer.objects.get(item="pmi_01").saved_at
    assert saved == "already_sent" or answered_at <= sent_at
    assert Answer.objects.get(item="pmi_01").value == (1 if saved == "already_sent" else 9)


@pytest.mark.parametrize("_turn", range(5))
def test_whoever_enrols_a_person_twice_makes_one_participant(trial: Trial, _turn: int):
    nora = person("nora")
    control, intervention = trial.arm_set.all()

    outcomes = together(lambda: trial.enrol(nora, control), lambda: trial.enrol(nora, intervention))

    assert ParticipantLink.objects.filter(doctor=nora).count() == 1
    assert "enrolled" in outcomes


@pytest.mark.parametrize("_turn", range(5))
def test_nobody_becomes_researcher_and_participant_at_once(trial: Trial, _turn: int):
    nora = person("nora")

    together(lambda: trial.enrol(nora, trial.arm_set.first()), lambda: trial.name_researcher(nora))

    rows = [ParticipantLink.objects.filter(doctor=nora).count(), Researcher.objects.filter(doctor=nora).count()]
    assert sum(rows) == 1


def test_only_one_of_two_waves_opens_at_once(pre: Wave, post: Wave, rae: Doctor):
    pre.close()

    outcomes = together(lambda: pre.open(rae, waives=True), lambda: post.open(rae, waives=True))

    assert sorted(map(str, outcomes)) == ["None", "other_open"]
    assert Wave.now_open().count() == 1


def test_eight_participants_answer_side_by_side(trial: Trial, pre: Wave):
    people = [trial.enrol(person(f"d{number}"), trial.arm_set.first()) for number in range(8)]
    first = questions()[:5]

    together(*(lambda p=p: [Response.record(pre, p, question, 1) for question in first] for p in people))

    assert Answer.objects.count() == 8 * 5
