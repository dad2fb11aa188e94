"""PURE: what is said to some only: an aside, the leaders' own line, and who may write to whom."""

from dataclasses import replace
from typing import Literal

from sessions.state import (
    TOGETHER,
    Aside,
    Phase,
    Refused,
    Role,
    Room,
    here,
    leader,
    leaders_here,
    leads_on,
    other_leader_here,
)

Place = Literal["aside", "leaders"]
Paper = Literal["chat", "line", "leaders"]  # where something is written

LEADERS_TALK = TOGETHER | {Phase.LOBBY}
BACK_SOON_MS = 30_000  # a page that is loaded again, or a node: then a snapshot may be 15 s old


# Speaking


def take_aside(room: Room, actor: str, seat_id: str, silenced: str) -> Room:
    """A leader and a member hear each other, and nobody else hears them; both hear the group go on."""
    _may_speak_apart(room, actor, silenced)
    if room.phase not in TOGETHER:
        raise Refused("wrong_phase")
    if here(room, seat_id).role is not Role.MEMBER:
        raise Refused("not_a_member")
    if seat_id == silenced:
        raise Refused("presenter_protected")
    if aside_of(room, actor) or aside_of(room, seat_id):
        raise Refused("already_aside")
    asides = (*room.asides, Aside(actor, seat_id))
    return replace(room, asides=asides, to_leaders=tuple(each for each in room.to_leaders if each != actor))


def end_aside(room: Room, actor: str) -> Room:
    """Either of the two may."""
    here(room, actor)
    mine = aside_of(room, actor)
    if mine is None:
        raise Refused("no_aside")
    return replace(room, asides=tuple(aside for aside in room.asides if aside != mine))


def speak_to_leaders(room: Room, actor: str, on: bool, silenced: str) -> Room:
    """On the leaders' own line only other leaders hear one; off it the whole circle does."""
    if not on:
        leader(room, actor)
        return replace(room, to_leaders=tuple(each for each in room.to_leaders if each != actor))
    _may_speak_apart(room, actor, silenced)
    if room.phase not in LEADERS_TALK:
        raise Refused("wrong_phase")
    if not other_leader_here(room, actor):
        raise Refused("needs_co_leader")
    if aside_of(room, actor):
        raise Refused("already_aside")
    return room if actor in room.to_leaders else replace(room, to_leaders=(*room.to_leaders, actor))


def aside_of(room: Room, seat_id: str) -> Aside | None:
    return next((aside for aside in room.asides if seat_id in (aside.leader, aside.member)), None)


def ended(room: Room, silenced: str, now_ms: int) -> Room:
    """Without those that cannot go on: somebody is gone, silenced, or it is another step. A line that is lost for a
    moment ends none, or what somebody says to one alone would suddenly be heard by all."""
    staying = [seat for seat in room.seats if seat.here or (not seat.left and now_ms - seat.gone_ms <= BACK_SOON_MS)]
    present = {seat.id for seat in staying} - {silenced}
    leading = {seat.id for seat in staying if seat.leads}
    asides = (aside for aside in room.asides if {aside.leader, aside.member} <= present and aside.leader in leading)
    to_leaders = (each for each in room.to_leaders if each in leading & present and len(leading) > 1)
    return replace(
        room,
        asides=tuple(asides) if room.phase in TOGETHER else (),
        to_leaders=tuple(to_leaders) if room.phase in LEADERS_TALK else (),
    )


def listeners(room: Room) -> dict[str, tuple[Place, frozenset[str]]]:
    """Who speaks apart: where, and who alone hears them."""
    leading = frozenset(leaders_here(room))
    lines: dict[str, tuple[Place, frozenset[str]]] = {each: ("leaders", leading - {each}) for each in room.to_leaders}
    for aside in room.asides:
        lines |= {aside.leader: ("aside", frozenset({aside.member}))}
        lines |= {aside.member: ("aside", frozenset({aside.leader}))}
    return lines


def _may_speak_apart(room: Room, actor: str, silenced: str) -> None:
    leads_on(room, actor)
    if actor == silenced:
        raise Refused("pushed_back")


# Writing


def set_chat(room: Room, actor: str, is_open: bool) -> Room:
    leads_on(room, actor)
    if room.phase not in TOGETHER:
        raise Refused("wrong_phase")
    return replace(room, chat_open=is_open)


def chat(room: Room) -> Literal["closed", "open", "rests"]:
    """Opened by leaders; while a chair is pushed back it rests, whatever they have set."""
    if not room.chat_open or room.phase not in TOGETHER:
        return "closed"
    return "rests" if room.phase is Phase.PUSH_BACK else "open"


def keeper(room: Room, silenced: str) -> str:
    """Who answers the technical line: the second leader, or the only one here; '' while nobody leads."""
    led = [seat for seat in room.seats if seat.leads and seat.here]
    led.sort(key=lambda seat: (seat.id == silenced, seat.role is not Role.CO_LEADER))
    return led[0].id if led else ""


def readers(room: Room, actor: str, paper: Paper, to: str, silenced: str) -> frozenset[str]:
    """Who may read what this person writes there, themselves included. `to`: whom the keeper of the technical line
    answers, else ''. Raises Refused."""
    if paper == "line":
        return _on_the_line(room, actor, to, keeper(room, silenced))
    here(room, actor)
    if actor == silenced:
        raise Refused("pushed_back")
    if paper == "leaders":
        leader(room, actor)
        if not other_leader_here(room, actor):
            raise Refused("needs_co_leader")
        return frozenset(leaders_here(room))
    if chat(room) != "open":
        raise Refused("chat_closed")
    return frozenset(seat.id for seat in room.seats if seat.here)


def _on_the_line(room: Room, actor: str, to: str, keeper: str) -> frozenset[str]:
    if room.knock(actor) is None:
        here(room, actor)
    if not keeper:
        raise Refused("nobody_leads")
    if not to:
        if actor == keeper:
            raise Refused("no_seat")
        return frozenset({actor, keeper})
    if actor != keeper:
        raise Refused("not_leader")
    if room.knock(to) is None:
        here(room, to)
    return frozenset({actor, to})
