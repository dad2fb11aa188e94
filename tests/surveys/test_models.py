"""The rules of a trial: who may take part, who may research, when a wave opens, what is saved and sent."""

import re
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from groups.models import Doctor, Group, Membership
from surveys.catalogue import instruments
from surveys.models import Answer, Arm, Participant, ParticipantLink, Response, Trial, Wave, study_code
from surveys.questionnaire import Refused, find, questions
from tests.conftest import person

FIRST = questions()[0]


def refusal(action: Callable[[], object]) -> str:
    """The code with which an action is refused."""
    with pytest.raises((ValidationError, Refused)) as refused:
        action()
    return refused.value.code


def test_a_trial_begins_with_two_arms_and_two_closed_waves(trial: Trial):
    assert [(arm.order, arm.name) for arm in trial.arm_set.all()] == [(0, "Control"), (1, "Balint group")]
    assert {(wave.name, wave.is_open) for wave in trial.wave_set.all()} == {("pre", False), ("post", False)}


def test_a_code_is_random_and_has_no_letter_that_is_read_for_another():
    codes = {study_code() for _ in range(500)}

    assert len(codes) == 500
    assert all(re.fullmatch(r"[^B0IO1258S]{4}-[^B0IO1258S]{4}", code) for code in codes)


def test_the_link_is_the_only_row_that_knows_person_and_code(trial: Trial, max_: Doctor):
    link = ParticipantLink.objects.get(doctor=max_)
    tables = (Participant, Response, Answer, Wave)
    doctor_columns = {model: [f.name for f in model._meta.fields if f.related_model is Doctor] for model in tables}

    assert link.participant.trial == trial
    assert doctor_columns == {Participant: [], Response: [], Answer: [], Wave: ["waived_by"]}


def test_the_level_is_taken_from_the_profile_once(trial: Trial, pia: Doctor):
    Doctor.objects.filter(pk=pia.pk).update(level="gp")

    assert Participant.objects.get(participantlink__doctor=pia).level == "registrar"


def test_only_gps_and_registrars_take_part(trial: Trial):
    other = person("nora", level="other")

    assert refusal(lambda: trial.enrol(other, trial.arm_set.first())) == "other_level"


def test_nobody_takes_part_twice(trial: Trial, max_: Doctor):
    assert refusal(lambda: trial.enrol(max_, trial.arm_set.first())) == "enrolled"


def test_nobody_researches_and_takes_part(trial: Trial, max_: Doctor):
    gp = person("gil")
    trial.name_researcher(gp)

    assert refusal(lambda: trial.name_researcher(max_)) == "participant"
    assert refusal(lambda: trial.enrol(gp, trial.arm_set.first())) == "researcher"


def test_a_leader_does_not_research_her_own_members(trial: Trial, group: Group, lea: Doctor):
    assert refusal(lambda: trial.name_researcher(lea)) == "leads_participant"


def test_a_member_of_a_researchers_group_is_not_enrolled(group: Group, cole: Doctor, max_: Doctor):
    trial = Trial.found("Another", "randomised", "A", "B")
    trial.name_researcher(cole)

    assert refusal(lambda: trial.enrol(max_, trial.arm_set.first())) == "led_by_researcher"


def test_a_leader_may_research_people_of_other_groups(trial: Trial, lea: Doctor):
    trial.name_researcher(lea)

    assert list(Trial.researched_by(lea)) == [trial]


def test_a_researcher_who_comes_to_lead_a_participant_sees_the_trial_no_more(trial: Trial, group: Group, rae: Doctor):
    cole = Membership.objects.get(group=group, role="co_leader")
    cole.end()

    Membership.objects.create(group=group, doctor=rae, role="co_leader")

    assert list(Trial.researched_by(rae)) == []


def test_an_operator_never_sees_codes(trial: Trial, ora: Doctor, rae: Doctor):
    assert refusal(lambda: trial.name_researcher(ora)) == "operator"

    rae.is_operator = True
    assert list(Trial.researched_by(rae)) == []


def test_a_researcher_is_named_once(trial: Trial, rae: Doctor):
    assert refusal(lambda: trial.name_researcher(rae)) == "named"


def test_working_wording_opens_only_with_a_waiver(trial: Trial, rae: Doctor):
    wave = trial.wave_set.get(name="pre")

    assert refusal(lambda: wave.open(rae, waives=False)) == "waiver_needed"
    assert not trial.wave_set.get(name="pre").is_open


def test_opening_keeps_who_waived_and_which_wording(pre: Wave, rae: Doctor):
    assert pre.is_open
    assert (pre.waived_by, pre.waived_at) == (rae, pre.opened_at)
    assert pre.versions == {name: each.version for name, each in instruments().items()}


def test_opening_again_keeps_the_first_opening(pre: Wave, rae: Doctor):
    first = (pre.opened_at, pre.waived_at)
    pre.close()

    pre.open(rae, waives=False)

    pre.refresh_from_db()
    assert pre.is_open
    assert (pre.opened_at, pre.waived_at) == first


def test_the_second_wave_follows_the_first(trial: Trial, post: Wave, rae: Doctor):
    assert refusal(lambda: post.open(rae, waives=True)) == "pre_first"


def test_only_one_wave_is_open(pre: Wave, post: Wave, rae: Doctor):
    assert refusal(lambda: post.open(rae, waives=True)) == "other_open"

    pre.close()
    post.open(rae, waives=True)

    assert refusal(lambda: pre.open(rae, waives=False)) == "other_open"


def test_closing_a_wave_that_is_not_open_changes_nothing(post: Wave):
    post.close()

    post.refresh_from_db()
    assert (post.opened_at, post.closed_at) == (None, None)


def test_the_last_answer_to_an_item_stands(pre: Wave, participant_max: Participant):
    for value in (3, 9, 4):
        Response.record(pre, participant_max, FIRST, value)

    assert Response.objects.get().values() == {"pmi_01": 4}


def test_a_blank_leaves_no_row(pre: Wave, participant_max: Participant):
    Response.record(pre, participant_max, FIRST, 3)

    Response.record(pre, participant_max, FIRST, None)

    assert Response.objects.get().values() == {}


@pytest.mark.parametrize("value", [0, 10, -1, True, "5", 5.0])
def test_a_value_that_is_not_offered_is_refused(pre: Wave, participant_max: Participant, value: object):
    assert refusal(lambda: Response.record(pre, participant_max, FIRST, value)) == "out_of_range"
    assert not Response.objects.exists()


def test_a_sixth_point_exists_in_one_instrument_only(pre: Wave, participant_max: Participant):
    Response.record(pre, participant_max, find("wwas_01"), 6)

    assert refusal(lambda: Response.record(pre, participant_max, find("pis_01"), 6)) == "out_of_range"


def test_nothing_is_saved_in_a_closed_wave(pre: Wave, participant_max: Participant):
    pre.close()

    assert refusal(lambda: Response.record(pre, participant_max, FIRST, 3)) == "closed"
    assert not Response.objects.exists()


def test_sent_once_with_one_receipt(pre: Wave, participant_max: Participant, answer_all):
    response = answer_all(pre, participant_max)
    response.send()
    first = (response.receipt, response.sent_at)

    response.send()

    assert (response.receipt, response.sent_at) == first
    assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", response.receipt)
    assert response.receipt != participant_max.code


def test_nothing_is_saved_after_sending(pre: Wave, participant_max: Participant, answer_all):
    answer_all(pre, participant_max).send()

    assert refusal(lambda: Response.record(pre, participant_max, FIRST, 9)) == "already_sent"
    assert refusal(lambda: Response.record(pre, participant_max, FIRST, None)) == "already_sent"
    assert Response.objects.get().values()["pmi_01"] == 1


def test_nothing_is_sent_without_an_answer(pre: Wave, participant_max: Participant):
    Response.record(pre, participant_max, FIRST, 3)
    Response.record(pre, participant_max, FIRST, None)

    assert refusal(Response.objects.get().send) == "nothing_answered"


def test_nothing_is_sent_in_a_closed_wave(pre: Wave, participant_max: Participant, answer_all):
    response = answer_all(pre, participant_max)
    pre.close()

    assert refusal(response.send) == "closed"
    assert (response.sent_at, response.receipt) == (None, "")


def test_a_receipt_outlives_the_wave(pre: Wave, participant_max: Participant, answer_all):
    response = answer_all(pre, participant_max)
    response.send()
    pre.close()

    response.send()

    assert response.receipt


@pytest.mark.parametrize("model", [Response, Answer, Arm, Wave], ids=lambda model: model.__name__)
def test_the_database_refuses_a_double(pre: Wave, participant_max: Participant, model: type):
    Response.record(pre, participant_max, FIRST, 3)
    double = model.objects.first()
    double.pk = None if model in (Answer, Arm) else model._meta.pk.get_default()
    double._state.adding = True

    with pytest.raises(IntegrityError):
        double.save(force_insert=True)
