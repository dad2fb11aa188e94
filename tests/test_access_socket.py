"""Every message of the room's WebSocket x role x own or foreign session. A message that is not in the table fails.

The room stands in push_back: Pia presents, Cole has a hand up. Each message meets the same room.
"""

from collections.abc import AsyncIterator
from itertools import product

import pytest
import pytest_asyncio

from sessions import protocol
from sessions.node import RoomNode
from sessions.protocol import CLOSE, Devices, Heartbeat, Move, RaiseHand, SettlePresenter, Tiles
from sessions.routing import application
from sessions.sfu import MediaNode
from sessions.state import Phase
from sessions.wire import REHEARSAL_UP, UP
from tests.sessions.tab import Tab, message
from tests.world import ROLES, STRANGERS, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

SEATED = ("max", "pia", "lea", "cole")
TABLE = {
    # a member, the presenter, the leader, the co-leader with their hand up
    "heartbeat": ("nothing", "nothing", "nothing", "nothing"),
    "offer": ("bad_sdp", "bad_sdp", "bad_sdp", "bad_sdp"),
    "tiles": ("nothing", "nothing", "nothing", "nothing"),
    "move": ("not_leader", "not_leader", "ack", "ack"),
    "take_back": ("not_leader", "not_leader", "ack", "ack"),
    "settle_presenter": ("not_leader", "not_leader", "wrong_phase", "wrong_phase"),
    "close_case": ("not_leader", "not_leader", "ack", "ack"),
    "raise_hand": ("ack", "pushed_back", "ack", "hand_is_up"),
    "lower_hand": ("not_leader", "not_leader", "ack", "ack"),
    "ask_return": ("not_presenter", "ack", "not_presenter", "not_presenter"),
    "accept_return": ("not_presenter", "not_invited", "not_presenter", "not_presenter"),
    "stay_back": ("not_presenter", "not_invited", "not_presenter", "not_presenter"),
    "devices": ("ack", "ack", "ack", "ack"),
    "attest": ("ack", "ack", "ack", "ack"),
    "admit": ("not_leader", "not_leader", "nobody_waits", "nobody_waits"),
    "remove": ("not_leader", "not_leader", "not_a_member", "not_a_member"),
    "set_target": ("not_leader", "not_leader", "ack", "ack"),
    "set_cases": ("not_leader", "not_leader", "ack", "ack"),
    "offer_case": ("wrong_phase", "wrong_phase", "wrong_phase", "wrong_phase"),
    "withdraw_case": ("no_offer", "no_offer", "no_offer", "no_offer"),
    "note_case": ("not_leader", "not_leader", "no_case", "no_case"),
    "wait": ("not_leader", "not_leader", "not_held", "not_held"),
    "go_on": ("not_leader", "not_leader", "not_held", "not_held"),
    "set_chat": ("not_leader", "not_leader", "ack", "ack"),
    "write": ("chat_closed", "pushed_back", "chat_closed", "chat_closed"),
    "take_aside": ("not_leader", "not_leader", "not_a_member", "not_a_member"),
    "end_aside": ("no_aside", "no_aside", "no_aside", "no_aside"),
    "to_leaders": ("not_leader", "not_leader", "ack", "ack"),
    "leave": ("ack", "ack", "ack", "ack"),
}
AT_THE_DOOR = {"heartbeat": "nothing", "tiles": "nothing", "attest": "ack", "leave": "ack"}  # to all else it says so


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def seats(world: World) -> dict[str, str]:
    """Whose seat is whose, in their own session."""
    members = world.own.group.members.select_related("doctor__user")
    return {member.doctor.user.username: str(member.pk) for member in members}


@pytest_asyncio.fixture
async def node(world: World) -> AsyncIterator[RoomNode]:
    node = RoomNode("node-1", "", MediaNode(port=0))
    await node.start()
    yield node
    await node.stop()


async def push_back(tabs: dict[str, Tab], seats: dict[str, str]) -> None:
    """The room in push_back with Pia's case, and Cole's hand up."""
    for tab in tabs.values():
        await tab.enter()
    await tabs["lea"].let_in()
    for phase in (Phase.GATHERING, Phase.CALL):
        await tabs["lea"].do(Move, phase)
    await tabs["lea"].do(SettlePresenter, seats["pia"])
    for phase in (Phase.PRESENTATION, Phase.PUSH_BACK):
        await tabs["lea"].do(Move, phase)
    await tabs["cole"].do(RaiseHand)


async def outcome(tab: Tab, said: protocol.Up) -> str:
    """ "ack", the code of a refusal, or "nothing" where the next command is answered first."""
    await tab.send(said)
    if isinstance(said, Heartbeat | Tiles):
        await tab.send(Devices("after", True, True, False))
    answer = await tab.next("ack", "refused")
    return "nothing" if answer["id"] == "after" else answer.get("code", answer["type"])


def test_every_message_is_in_the_table() -> None:
    assert set(TABLE) == set(UP)


async def test_who_may_say_what(world: World, node: RoomNode, seats: dict[str, str]) -> None:
    def tab(role: str) -> Tab:
        return Tab(application(node), world.own.session.pk, world.cookies[role])

    tabs = {role: tab(role) for role in SEATED}
    await push_back(tabs, seats)
    live = node.rooms[world.own.session.pk]
    before = live.room

    answers: dict[str, list[str]] = {name: [] for name in UP}
    for name, role in product(UP, SEATED):
        answers[name].append(await outcome(tabs[role], message(name, seats["cole"])))
        if name == "leave":
            tabs[role] = tab(role)
            await tabs[role].enter()
        live.room = before

    assert {name: tuple(each) for name, each in answers.items()} == TABLE


async def test_who_waits_at_the_door_may_say_little(world: World, node: RoomNode, seats: dict[str, str]) -> None:
    lea, max_ = (Tab(application(node), world.own.session.pk, world.cookies[role]) for role in ("lea", "max"))
    await lea.enter()

    answers = {}
    for name in UP:
        assert (await max_.enter())["waits"]
        answers[name] = await outcome(max_, message(name, ""))
        max_ = Tab(application(node), world.own.session.pk, world.cookies["max"])
        node.rooms[world.own.session.pk].allowances.clear()  # some seconds later

    assert answers == dict.fromkeys(UP, "at_the_door") | AT_THE_DOOR


async def test_no_message_helps_who_has_no_seat(world: World, node: RoomNode, seats: dict[str, str]) -> None:
    """Strangers and outsiders in the own session; in the foreign one everybody, a personal link's holder too."""
    rooms = {"own": set(ROLES) - {"holder", *SEATED}, "foreign": set(ROLES)}
    places = {"own": world.own, "foreign": world.foreign}

    codes: dict[tuple[str, str], set[int]] = {}
    for whose, name in product(rooms, UP):
        for role in rooms[whose]:
            tab = Tab(application(node), places[whose].session.pk, world.cookies.get(role, ""))
            await tab.connect()
            await tab.send(message(name, seats["cole"]))
            codes.setdefault((whose, role), set()).add(await tab.closed())

    assert codes == {
        (whose, role): {CLOSE["not_logged_in"] if role in STRANGERS else CLOSE["not_yours"]}
        for whose, roles in rooms.items()
        for role in roles
    }
    assert node.rooms == {}


async def test_whoever_we_know_may_test_their_line_and_nobody_else(world: World, node: RoomNode) -> None:
    """Each message of the line test; an offer that is none is answered last."""
    outcomes: dict[tuple[str, str], str | int] = {}
    for role, name in product(ROLES, REHEARSAL_UP):
        tab = Tab(application(node), None, world.cookies.get(role, ""))
        await tab.connect()
        await tab.send(message(name, ""))
        if role == "nobody":
            outcomes[role, name] = await tab.closed()
        else:
            await tab.send(message("offer", ""))
            outcomes[role, name] = (await tab.next("refused"))["code"]
            await tab.leave()

    assert outcomes == {
        (role, name): CLOSE["not_logged_in"] if role == "nobody" else "bad_sdp"
        for role, name in product(ROLES, ("offer", "send_back"))
    }
    assert node.rooms == {}
