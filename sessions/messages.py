"""What a room says on the wire: its state with the people's names, and who is in which slot."""

from collections.abc import Iterable

from sessions import protocol, sfu
from sessions import room as rules
from sessions.room import Line, Room
from sessions.store import Person
from sessions.view import View


def room_message(seen: View, seq: int, now_ms: int, people: Iterable[Person], guard: protocol.Guard) -> protocol.Room:
    """A view as the wire says it, with the people's names."""
    room = seen.room
    return protocol.Room(
        seq=seq,
        now_ms=now_ms,
        phase=room.phase,
        phase_started_ms=room.at.started_ms,
        target_s=rules.TARGET_S[room.phase],
        case=room.case,
        presenter=room.presenter,
        return_state=room.at.return_state,
        asks_return=seen.asks_return,
        seats=tuple(_seat(room, person) for person in people),
        hands=room.hands,
        heard=seen.heard,
        moves=seen.moves,
        can=seen.can,
        can_take_back=seen.can_take_back or "",
        guard=guard,
    )


def _seat(room: Room, person: Person) -> protocol.Seat:
    seat = room.seat(person.seat)
    return protocol.Seat(
        seat=person.seat,
        name=person.name,
        initials=person.initials,
        role=person.role,
        order=person.order,
        line=Line.ABSENT if seat is None else Line.HERE if seat.here else Line.AWAY,
        microphone=seat is not None and seat.microphone,
        camera=seat is not None and seat.camera,
        hand=room.hands.index(person.seat) + 1 if person.seat in room.hands else 0,
    )


def slots_of(slots: Iterable[sfu.SlotMap]) -> tuple[protocol.Slot, ...]:
    return tuple(
        protocol.Slot(slot.mid, "audio" if slot.kind == "audio" else "video", slot.member, slot.pause, slot.turn)
        for slot in slots
    )
