"""What waits for a doctor on the home page."""

from groups.models import Doctor
from surveys.models import Participant, Response, Trial, Wave
from surveys.questionnaire import find
from surveys.waiting import Waiting, waiting


def test_nothing_waits_while_no_wave_is_open(trial: Trial, max_: Doctor):
    assert waiting(max_) == []


def test_an_open_wave_waits(pre: Wave, max_: Doctor):
    assert waiting(max_) == [
        Waiting("First questionnaire", "Rural pilot", f"/answer/{pre.pk}/", begun=False, minutes=7)
    ]


def test_begun_is_said_with_the_rest_of_the_time(pre: Wave, participant_max: Participant, max_: Doctor, answer_all):
    answer_all(pre, participant_max)
    Response.record(pre, participant_max, find("pis_01"), None)

    assert [(each.begun, each.minutes) for each in waiting(max_)] == [(True, 1)]


def test_the_answers_of_others_do_not_count(pre: Wave, participant_max: Participant, pia: Doctor, answer_all):
    answer_all(pre, participant_max).send()

    assert [each.begun for each in waiting(pia)] == [False]


def test_what_is_sent_waits_no_more(pre: Wave, participant_max: Participant, max_: Doctor, answer_all):
    answer_all(pre, participant_max).send()

    assert waiting(max_) == []


def test_a_closed_wave_does_not_wait(pre: Wave, max_: Doctor):
    pre.close()

    assert waiting(max_) == []


def test_the_second_wave_waits_after_the_first(pre: Wave, post: Wave, rae: Doctor, max_: Doctor):
    pre.close()
    post.open(rae, waives=True)

    assert [each.title for each in waiting(max_)] == ["Second questionnaire"]


def test_both_arms_read_the_same(pre: Wave, max_: Doctor, pia: Doctor):
    assert waiting(max_) == waiting(pia)


def test_nothing_waits_for_outsiders_leaders_and_researchers(pre: Wave, otto: Doctor, lea: Doctor, rae: Doctor):
    assert [waiting(each) for each in (otto, lea, rae)] == [[], [], []]
