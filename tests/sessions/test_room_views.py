"""The way into a session: who finds the page before the room, what it says, and where the room's socket is."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balint.foundation import tokens
from balint.foundation.models import Part
from sessions.models import RoomLease, Session, Step
from tests.cast import link_of, plan
from tests.page import read

NODE_ONE, NODE_TWO = "wss://room.example.org/one", "wss://room.example.org/two"


@pytest.fixture
def session(group) -> Session:
    return plan(group, timedelta(minutes=5))


def address(session: Session, page: str) -> str:
    return f"/sessions/{session.pk}/{page}/"


def guest(link) -> Client:
    """A browser that holds a personal link and no log-in."""
    client = Client()
    client.post(f"/s/{tokens.make('seat', link.pk)}/")
    return client


def connect_sources(response) -> list[str]:
    policy = response.headers["Content-Security-Policy"]
    return re.search(r"connect-src ([^;]+)", policy).group(1).split()


def socket_of(response) -> str:
    (url,) = read(response).values("div", "data-socket")
    return url


@pytest.mark.parametrize("starts_in", [timedelta(minutes=5), timedelta(days=1)], ids=["open", "closed"])
def test_before_the_room_stands_whom_to_call(group, max_, client_of, starts_in):
    group.telephone = "+49 30 1234567"
    group.save()

    page = read(client_of(max_).get(address(plan(group, starts_in), "join")))

    assert "tel:+49301234567" in page.values("a", "href")


@pytest.mark.parametrize(("phases", "nobody"), [([], True), (["gathering"], False), (["gathering", "lobby"], True)])
def test_that_nobody_hears_one_is_said_while_it_is_so(session, max_, client_of, phases, nobody):
    for seq, phase in enumerate(phases):
        Step.objects.create(session=session, seq=seq, phase=phase, at=timezone.now())

    words = read(client_of(max_).get(address(session, "join"))).words

    said = ("Nobody hears or sees you before a leader begins.", "The session has begun.")
    assert [each in words for each in said] == [nobody, not nobody]


# -- who may come ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["join", "room", "node"])
@pytest.mark.parametrize(("who", "status"), [("lea", 200), ("cole", 200), ("max_", 200), ("otto", 404), ("rae", 404)])
def test_every_page_is_there_for_the_group(session, request, client_of, page, who, status):
    client = client_of(request.getfixturevalue(who))

    assert client.get(address(session, page)).status_code == status


@pytest.mark.parametrize("page", ["join", "room"])
def test_strangers_are_asked_to_log_in(session, page):
    response = Client().get(address(session, page))

    assert response.headers["Location"] == f"/accounts/login/?next={address(session, page)}"


def test_strangers_are_not_told_where_the_room_is(session):
    assert Client().get(address(session, "node")).status_code == 404


@pytest.mark.parametrize("page", ["join", "room", "node"])
def test_a_personal_link_opens_its_own_session_only(session, group, max_, page):
    other = plan(group, timedelta(minutes=10))
    client = guest(link_of(max_, session))

    assert client.get(address(session, page)).status_code == 200
    assert client.get(address(other, page)).status_code != 200


def test_a_link_that_was_taken_back_opens_nothing(session, max_):
    link = link_of(max_, session)
    client = guest(link)

    link.revoked_at = timezone.now()
    link.save()

    assert client.get(address(session, "join")).status_code == 404


def test_nothing_is_posted_here(session, client_of, max_):
    pages = [client_of(max_).post(address(session, page)).status_code for page in ("join", "room", "node")]

    assert pages == [405, 405, 405]


# -- the page before the room ----------------------------------------------------------------------------------------


def test_before_the_room_four_things_must_be_true(session, client_of, max_):
    page = read(client_of(max_).get(address(session, "join")))

    assert page.values("input", "data-tick") == ["alone", "door", "driving", "recording"]
    assert page.headings == ["Before you go in"]
    assert (page.inline, page.unlabelled) == ([], [])


@pytest.mark.parametrize("trouble", ["denied", "none", "in_use", "insecure", "gone"])
def test_every_trouble_of_a_microphone_has_words_and_a_way_in(session, client_of, max_, trouble):
    page = read(client_of(max_).get(address(session, "join")))

    assert f"microphone_{trouble}" in page.values("div", "data-trouble")
    assert "Only listen" in page.words


@pytest.mark.parametrize(
    ("starts_in", "heading"),
    [
        (timedelta(minutes=16), "The doors are still closed"),
        (timedelta(minutes=14), "Before you go in"),
        (timedelta(hours=-13), "Before you go in"),
        (timedelta(hours=-14), "This session is over"),
    ],
)
def test_the_doors_open_a_quarter_of_an_hour_before(group, client_of, max_, starts_in, heading):
    session = plan(group, starts_in)

    assert read(client_of(max_).get(address(session, "join"))).headings == [heading]


def test_it_says_that_a_session_has_ended(session, client_of, max_):
    Session.objects.filter(pk=session.pk).update(ended_at=timezone.now())

    assert read(client_of(max_).get(address(session, "join"))).headings == ["This session is over"]


def test_it_says_that_a_session_is_cancelled_to_its_group_only(session, client_of, max_, otto):
    Session.objects.filter(pk=session.pk).update(cancelled_at=timezone.now())

    assert read(client_of(max_).get(address(session, "join"))).headings == ["This session is cancelled"]
    assert client_of(otto).get(address(session, "join")).status_code == 404
    assert client_of(max_).get(address(session, "room")).status_code == 404


# -- the room --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("starts_in", [timedelta(minutes=16), timedelta(hours=-14)])
def test_while_the_doors_are_closed_the_room_leads_back(group, client_of, max_, starts_in):
    session = plan(group, starts_in)

    assert client_of(max_).get(address(session, "room")).headers["Location"] == address(session, "join")


def test_only_leaders_get_the_leaders_dialogs(session, client_of, lea, max_):
    drawn = [read(client_of(who).get(address(session, "room"))).values("dialog", "id") for who in (lea, max_)]

    everybody = ["more", "devices", "offer", "keys"]
    assert drawn == [[*everybody, "hands", "choose", "pace", "remove", "close", "end"], everybody]


def test_a_node_beside_the_page_is_on_the_page_s_own_host(session, client_of, max_, settings):
    Part.seen("room_node", "here")

    urls = [
        socket_of(client_of(max_).get(address(session, "room"), headers={"host": host}))
        for host in ("localhost:8000", "127.0.0.1:8000")
    ]

    path = f"{settings.ROOM_PORT}/room/{session.pk}/"
    assert urls == [f"ws://localhost:{path}", f"ws://127.0.0.1:{path}"]


def test_the_node_that_has_the_room_comes_first(session, client_of, max_):
    Part.seen("room_node", "one", NODE_ONE)
    RoomLease.objects.create(
        session=session, node="two", url=NODE_TWO, expires_at=timezone.now() + timedelta(seconds=3)
    )

    assert socket_of(client_of(max_).get(address(session, "room"))) == f"{NODE_TWO}/room/{session.pk}/"


def test_a_lease_that_ran_out_is_nobody_s(session, client_of, max_):
    Part.seen("room_node", "one", NODE_ONE)
    RoomLease.objects.create(session=session, node="two", url=NODE_TWO, expires_at=timezone.now())

    assert client_of(max_).get(address(session, "node")).json() == {"url": f"{NODE_ONE}/room/{session.pk}/"}


def test_a_node_that_let_its_lease_run_out_is_the_last_to_ask(session, client_of, max_):
    browser, expired = client_of(max_), timezone.now()
    Part.seen("room_node", "one", NODE_ONE)
    Part.seen("room_node", "two", NODE_TWO)
    RoomLease.objects.create(session=session, node="two", url=NODE_TWO, expires_at=expired)

    other = browser.get(address(session, "node")).json()
    Part.objects.filter(name="one").delete()
    alone = browser.get(address(session, "node")).json()

    assert [other["url"], alone["url"]] == [f"{node}/room/{session.pk}/" for node in (NODE_ONE, NODE_TWO)]


def test_the_page_may_speak_to_itself_and_the_nodes_only(session, client_of, max_):
    Part.seen("room_node", "one", NODE_ONE)
    Part.seen("room_node", "two", "wss://second.example.org/two")
    client = client_of(max_)

    nodes = ["wss://room.example.org", "wss://second.example.org"]
    assert connect_sources(client.get(address(session, "room"))) == ["'self'", *nodes]
    assert connect_sources(client.get(address(session, "join"))) == ["'self'", nodes[1]]  # the one seen last
    assert connect_sources(client.get("/")) == ["'self'"]
