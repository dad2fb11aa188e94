"""The questionnaire's pages and its one door for scripts."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from groups.models import Doctor, Group
from surveys.models import Answer, Participant, Response, Trial, Wave
from surveys.questionnaire import find, questions
from tests.page import read


@pytest.fixture
def max_client(client_of: Callable[[Doctor], Client], max_: Doctor) -> Client:
    return client_of(max_)


def save(client: Client, wave: Wave, **answer: object) -> tuple[int, dict[str, str]]:
    reply = client.post(f"/answer/{wave.pk}/save/", json.dumps(answer), content_type="application/json")
    return reply.status_code, reply.json()


def values() -> dict[str, int]:
    return dict(Answer.objects.values_list("item", "value"))


def shown(response: object) -> list[str]:
    """The items whose question is visible."""
    return [
        form["data-question"] for tag, form in read(response).tags if "data-question" in form and "hidden" not in form
    ]


# -- the page


def test_begins_with_the_first_question(max_client: Client, pre: Wave):
    response = max_client.get(f"/answer/{pre.pk}/")

    assert shown(response) == ["pmi_01"]
    assert read(response).title == "Question 1 of 46 · Balint"


def test_goes_on_after_the_last_answer_and_past_what_was_left_out(
    max_client: Client, pre: Wave, participant_max: Participant
):
    for item in ("pmi_01", "pmi_02", "pmi_04"):
        Response.record(pre, participant_max, find(item), 5)

    assert shown(max_client.get(f"/answer/{pre.pk}/")) == ["pmi_05"]


def test_shows_what_was_chosen(max_client: Client, pre: Wave, participant_max: Participant):
    Response.record(pre, participant_max, find("pmi_02"), 7)

    page = read(max_client.get(f"/answer/{pre.pk}/?item=pmi_02"))

    chosen = [attributes["value"] for tag, attributes in page.tags if tag == "input" and "checked" in attributes]
    assert chosen == ["7"]


def test_says_that_the_wording_is_not_validated(max_client: Client, pre: Wave):
    page = read(max_client.get(f"/answer/{pre.pk}/"))

    assert "Working wording, not validated" in page.words
    assert "pseudonymous" in page.words
    assert "anonymous" not in page.words


def test_an_item_that_does_not_exist_leads_to_where_one_goes_on(max_client: Client, pre: Wave):
    assert shown(max_client.get(f"/answer/{pre.pk}/?item=pmi_99")) == ["pmi_01"]


def test_whoever_has_been_through_finds_the_way_to_the_end(max_client: Client, pre: Wave, participant_max: Participant):
    way = f"/answer/{pre.pk}/review/"

    before = read(max_client.get(f"/answer/{pre.pk}/?item=pmi_01")).values("a", "href")
    Response.record(pre, participant_max, find("pis_07"), 3)
    after = read(max_client.get(f"/answer/{pre.pk}/?item=pmi_01")).values("a", "href")

    assert (way in before, way in after) == (False, True)
    assert max_client.get(f"/answer/{pre.pk}/").url == way


def test_everything_answered_leads_to_the_review(
    max_client: Client, pre: Wave, participant_max: Participant, answer_all
):
    answer_all(pre, participant_max)

    assert max_client.get(f"/answer/{pre.pk}/").url == f"/answer/{pre.pk}/review/"


# -- without a script


def test_a_plain_form_saves_and_goes_on(max_client: Client, pre: Wave):
    response = max_client.post(f"/answer/{pre.pk}/", {"item": "pmi_01", "value": "8"})

    assert response.url == f"/answer/{pre.pk}/?item=pmi_02"
    assert values() == {"pmi_01": 8}


def test_a_plain_form_may_go_on_without_an_answer(max_client: Client, pre: Wave):
    response = max_client.post(f"/answer/{pre.pk}/", {"item": "pmi_01"})

    assert response.url == f"/answer/{pre.pk}/?item=pmi_02"
    assert values() == {}


def test_a_plain_form_takes_an_answer_away(max_client: Client, pre: Wave, participant_max: Participant):
    Response.record(pre, participant_max, find("pmi_01"), 8)

    response = max_client.post(f"/answer/{pre.pk}/", {"blank": "pmi_01"})

    assert response.url == f"/answer/{pre.pk}/?item=pmi_02"
    assert values() == {}


def test_the_last_plain_form_leads_to_the_review(max_client: Client, pre: Wave):
    response = max_client.post(f"/answer/{pre.pk}/", {"item": "pis_07", "value": "2"})

    assert response.url == f"/answer/{pre.pk}/review/"


@pytest.mark.parametrize("value", ["0", "10", "-1", "٣", "x", "5 ", "5.0"])
def test_a_plain_form_with_a_wrong_value_stays_and_says_so(max_client: Client, pre: Wave, value: str):
    response = max_client.post(f"/answer/{pre.pk}/", {"item": "pmi_03", "value": value})

    assert response.status_code == 400
    assert shown(response) == ["pmi_03"]
    assert "This answer is not offered here." in read(response).words
    assert values() == {}


def test_a_plain_form_with_an_unknown_item_says_so(max_client: Client, pre: Wave):
    response = max_client.post(f"/answer/{pre.pk}/", {"item": "pmi_99", "value": "3"})

    assert response.status_code == 400
    assert "This question is not part of the questionnaire." in read(response).words


# -- with a script


def test_saving_says_when(max_client: Client, pre: Wave):
    status, reply = save(max_client, pre, instrument="pmi", item="pmi_01", value=6)

    assert (status, list(reply)) == (200, ["saved"])
    assert values() == {"pmi_01": 6}


def test_the_time_is_the_doctors_own(client_of, pre: Wave, max_: Doctor):
    Doctor.objects.filter(pk=max_.pk).update(time_zone="Asia/Kolkata")
    client = client_of(max_)

    _, kolkata = save(client, pre, instrument="pmi", item="pmi_01", value=6)
    Doctor.objects.filter(pk=max_.pk).update(time_zone="UTC")
    _, utc = save(client, pre, instrument="pmi", item="pmi_01", value=6)

    assert kolkata["saved"] != utc["saved"]


def test_saving_null_takes_the_answer_away(max_client: Client, pre: Wave):
    save(max_client, pre, instrument="pmi", item="pmi_01", value=6)

    status, _ = save(max_client, pre, instrument="pmi", item="pmi_01", value=None)

    assert status == 200
    assert values() == {}


@pytest.mark.parametrize(
    ("answer", "code", "item"),
    [
        ({"instrument": "pmi", "item": "pmi_02", "value": 10}, "out_of_range", "pmi_02"),
        ({"instrument": "pis", "item": "pis_02", "value": 6}, "out_of_range", "pis_02"),
        ({"instrument": "pmi", "item": "pmi_02", "value": True}, "out_of_range", "pmi_02"),
        ({"instrument": "pmi", "item": "pmi_02", "value": "3"}, "out_of_range", "pmi_02"),
        ({"instrument": "pmi", "item": "pmi_02", "value": [3]}, "out_of_range", "pmi_02"),
        ({"instrument": "pmi", "item": "pmi_02", "value": 3.0}, "out_of_range", "pmi_02"),
        ({"instrument": "pmi", "item": "pmi_99", "value": 3}, "unknown_item", "pmi_99"),
        ({"instrument": "pis", "item": "pmi_02", "value": 3}, "unknown_item", "pmi_02"),
        ({"instrument": "pmi", "item": ["pmi_02"], "value": 3}, "unknown_item", "['pmi_02']"),
        ({"instrument": {}, "item": "pmi_02", "value": 3}, "unknown_item", "pmi_02"),
        ({"instrument": "pmi", "item": "pmi_02"}, "malformed", ""),
        ({"instrument": "pmi", "item": "pmi_02", "value": 3, "participant": 1}, "malformed", ""),
    ],
)
def test_a_wrong_answer_is_refused_with_code_and_item(
    max_client: Client, pre: Wave, answer: dict, code: str, item: str
):
    status, reply = save(max_client, pre, **answer)

    assert (status, reply["code"], reply["item"]) == (400, code, item)
    assert reply["message"]
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 390, b"[" * 100_000, b'{"item": "\\ud800"}', b"1e999"]
)
def test_what_is_no_answer_is_refused(max_client: Client, pre: Wave, body: bytes):
    reply = max_client.post(f"/answer/{pre.pk}/save/", body, content_type="application/json")

    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")


def test_a_form_is_no_answer(client_of, pre: Wave, max_: Doctor):
    """The token is looked for in a form first, and then the body is used up."""
    client = client_of(max_)
    client.handler.enforce_csrf_checks = True
    client.get("/profile/")

    token = client.cookies["csrftoken"].value
    reply = client.post(f"/answer/{pre.pk}/save/", {"item": "pmi_01", "csrfmiddlewaretoken": token})

    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")


def test_saving_when_logged_out_is_told_in_json(client: Client, pre: Wave):
    status, reply = save(client, pre, instrument="pmi", item="pmi_01", value=6)

    assert (status, reply["code"]) == (401, "not_logged_in")


def test_saving_needs_the_pages_token(client_of, pre: Wave, max_: Doctor):
    client = client_of(max_)
    client.handler.enforce_csrf_checks = True

    reply = client.post(f"/answer/{pre.pk}/save/", b"{}", content_type="application/json")

    assert reply.status_code == 403


def test_saving_after_the_end_is_refused(max_client: Client, pre: Wave, participant_max: Participant, answer_all):
    answer_all(pre, participant_max).send()

    status, reply = save(max_client, pre, instrument="pmi", item="pmi_01", value=9)

    assert (status, reply["code"]) == (409, "already_sent")
    assert values()["pmi_01"] == 1


def test_saving_in_a_closed_wave_is_refused(max_client: Client, pre: Wave):
    pre.close()

    status, reply = save(max_client, pre, instrument="pmi", item="pmi_01", value=9)

    assert (status, reply["code"]) == (409, "closed")


# -- sending


def test_the_review_lists_what_is_blank(max_client: Client, pre: Wave, participant_max: Participant):
    for question in questions():
        if question.item.id not in ("pmi_05", "pis_01"):
            Response.record(pre, participant_max, question, 2)

    page = read(max_client.get(f"/answer/{pre.pk}/review/"))

    blanks = [link for link in page.values("a", "href") if "?item=" in link]
    assert blanks[:2] == [f"/answer/{pre.pk}/?item=pmi_05", f"/answer/{pre.pk}/?item=pis_01"]
    assert "44 of 46 answered" in page.words


def test_sending_leads_to_a_receipt(max_client: Client, pre: Wave, participant_max: Participant):
    Response.record(pre, participant_max, find("pmi_01"), 3)

    response = max_client.post(f"/answer/{pre.pk}/send/", follow=True)

    words = read(response).words
    assert Response.objects.get().receipt in words
    assert "1 of 46 questions" in words


def test_the_receipt_does_not_tell_the_study_code(
    max_client: Client, pre: Wave, participant_max: Participant, answer_all
):
    answer_all(pre, participant_max).send()

    assert participant_max.code not in max_client.get(f"/answer/{pre.pk}/receipt/").content.decode()


def test_sending_twice_gives_the_same_receipt(max_client: Client, pre: Wave, participant_max: Participant, answer_all):
    answer_all(pre, participant_max)
    receipts = []

    for _ in range(2):
        max_client.post(f"/answer/{pre.pk}/send/")
        receipts.append(Response.objects.get().receipt)

    assert receipts[0] == receipts[1] != ""


@pytest.mark.parametrize("page", ["", "review/"])
def test_once_sent_every_page_leads_to_the_receipt(
    max_client: Client, pre: Wave, participant_max: Participant, answer_all, page: str
):
    answer_all(pre, participant_max).send()

    assert max_client.get(f"/answer/{pre.pk}/{page}").url == f"/answer/{pre.pk}/receipt/"


def test_sending_nothing_leads_back_to_the_questions(max_client: Client, pre: Wave):
    assert max_client.post(f"/answer/{pre.pk}/send/").url == f"/answer/{pre.pk}/"
    assert max_client.get(f"/answer/{pre.pk}/review/").url == f"/answer/{pre.pk}/"


def test_sending_only_blanks_is_refused_in_words(max_client: Client, pre: Wave, participant_max: Participant):
    Response.record(pre, participant_max, find("pmi_01"), 3)
    Response.record(pre, participant_max, find("pmi_01"), None)

    response = max_client.post(f"/answer/{pre.pk}/send/")

    assert response.status_code == 409
    assert "There is nothing to send yet." in read(response).words


def test_a_closed_wave_says_so(max_client: Client, pre: Wave, participant_max: Participant, answer_all):
    answer_all(pre, participant_max)
    pre.close()

    pages = [max_client.get(f"/answer/{pre.pk}/{page}") for page in ("", "review/")]
    pages.append(max_client.post(f"/answer/{pre.pk}/send/"))

    assert all("This questionnaire is closed" in read(page).words for page in pages)
    assert Response.objects.get().sent_at is None


def test_a_wave_that_is_not_open_yet_says_so(max_client: Client, post: Wave):
    assert "is not open yet" in read(max_client.get(f"/answer/{post.pk}/")).words


# -- who

PAGES = [("get", ""), ("post", ""), ("post", "save/"), ("get", "review/"), ("post", "send/"), ("get", "receipt/")]


@pytest.mark.parametrize(("method", "page"), PAGES)
@pytest.mark.parametrize("who", ["lea", "cole", "rae", "ora", "otto"])
def test_nobody_else_finds_the_questionnaire(
    request,
    client_of,
    group: Group,
    pre: Wave,
    participant_max: Participant,
    answer_all,
    who: str,
    method: str,
    page: str,
):
    answer_all(pre, participant_max)
    client = client_of(request.getfixturevalue(who))

    response = getattr(client, method)(f"/answer/{pre.pk}/{page}")

    assert response.status_code == 404


def test_a_participant_of_another_trial_finds_nothing(client_of, pre: Wave, otto: Doctor):
    other = Trial.found("Another", "randomised", "A", "B")
    other.enrol(otto, other.arm_set.first())

    assert client_of(otto).get(f"/answer/{pre.pk}/").status_code == 404


def test_each_sees_only_their_own_answers(client_of, pre: Wave, participant_max: Participant, pia: Doctor, answer_all):
    answer_all(pre, participant_max)

    page = read(client_of(pia).get(f"/answer/{pre.pk}/"))

    assert not [attributes for tag, attributes in page.tags if "checked" in attributes]


@pytest.mark.parametrize(("method", "page"), [pair for pair in PAGES if pair[1] != "save/"])
def test_strangers_log_in_first(client: Client, pre: Wave, method: str, page: str):
    response = getattr(client, method)(f"/answer/{pre.pk}/{page}")

    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/?next=")


def test_an_unknown_wave_is_not_found(max_client: Client):
    assert max_client.get(f"/answer/{uuid4()}/").status_code == 404
