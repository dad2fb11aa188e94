"""What a room says on the wire: its state with the people's names, and who is in which slot."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sessions import apart, protocol, sfu
from sessions import room as rules
from sessions.state import Room
from sessions.store import Person
from sessions.view import View, hold_of, line_of


@dataclass(frozen=True)
class Around:
    """What the room's rules do not know: the people, whose line is slow, the next session, what was counted, and
    whether the database has been away for a while."""

    people: tuple[Person, ...]
    slow: Collection[str]
    next_at_ms: int
    guard: protocol.Guard
    unsaved: bool = False


def room_message(seen: View, seq: int, now_ms: int, around: Around) -> protocol.Room:
    """A view as the wire says it, with the people's names."""
    room = seen.room
    return protocol.Room(
        seq=seq,
        now_ms=now_ms,
        phase=room.phase,
        phase_started_ms=room.at.started_ms,
        stopped_ms=room.at.stopped_ms,
        target_s=rules.target_s(room),
        case=room.case,
        cases=room.cases,
        most_cases=room.terms.most_cases,
        presenter=room.presenter,
        presenter_shown=room.terms.presenter_shown,
        follow_up=room.at.follow_up,
        return_state=room.at.return_state,
        asks_return=room.asks_return,
        hold=hold_of(room),
        seats=tuple(_seat(seen, person, around.slow) for person in around.people),
        hands=room.hands,
        queue=_queue(room) if seen.leads else (),
        heard=seen.heard,
        waits=seen.waits,
        door=tuple(protocol.Knock(each.seat, each.since_ms, each.new_device, each.ticks) for each in room.door),
        offers=tuple(protocol.CaseOffer(offer.seat, offer.follow_up) for offer in room.offers),
        closed=tuple(protocol.Case(case.number, case.follow_up, case.kinds, case.noted) for case in room.closed),
        chat=apart.chat(room),
        asides=tuple(protocol.Aside(aside.leader, aside.member) for aside in room.asides),
        to_leaders=room.to_leaders,
        keeper=seen.keeper,
        next_at=_iso(around.next_at_ms),
        moves=seen.moves,
        can=seen.can,
        can_take_back=seen.can_take_back or "",
        guard=around.guard,
        unsaved=around.unsaved and seen.leads,
    )


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat() if at_ms else ""


def _queue(room: Room) -> tuple[protocol.Waiting, ...]:
    return tuple(protocol.Waiting(hand.seat, hand.since_ms, hand.seat in room.spoken) for hand in room.raised)


def _seat(seen: View, person: Person, slow: Collection[str]) -> protocol.Seat:
    room = seen.room
    seat = room.seat(person.seat)
    return protocol.Seat(
        seat=person.seat,
        name=person.name,
        initials=person.initials,
        role=person.role,
        order=person.order,
        line=line_of(seen, person.seat),
        slow=seat is not None and person.seat in slow,
        microphone=seat is not None and seat.microphone,
        camera=seat is not None and seat.camera,
        paused=seat is not None and seat.paused,
        ticks=seat.ticks if seat else (),
        hand=room.hands.index(person.seat) + 1 if person.seat in room.hands else 0,
    )


def slots_of(slots: Iterable[sfu.SlotMap]) -> tuple[protocol.Slot, ...]:
    return tuple(
        protocol.Slot(slot.mid, "audio" if slot.kind == "audio" else "video", slot.member, slot.pause, slot.turn)
        for slot in slots
    )
