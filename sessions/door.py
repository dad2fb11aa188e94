"""PURE: who comes in, and who goes. Members knock, and a leader lets them in; afterwards they come and go."""

from collections.abc import Mapping
from dataclasses import replace

from sessions.state import (
    CASE,
    MAX_HERE,
    Knock,
    Phase,
    Refused,
    Role,
    Room,
    Seat,
    here,
    leaders_here,
    leads_on,
    presents_alone,
    with_seat,
)

MOMENT_MS = 10 * 60_000  # who was gone for longer while a case is on waits until it is a good moment


def open_to(room: Room, role: Role) -> bool:
    """Is it not over yet for them?"""
    return room.phase is not Phase.ENDED and (room.phase is not Phase.DEBRIEF or role is not Role.MEMBER)


def check_open(room: Room, seat_id: str, role: Role) -> None:
    """Raises Refused for whom the session is over, at once and for good."""
    if seat_id in room.removed:
        raise Refused("removed")
    if not open_to(room, role):
        raise Refused("over")


def arrive(room: Room, seat_id: str, role: Role, now_ms: int, browser: int = 0) -> Room:
    """Take the own seat, or knock. `browser`: 0 for a log-in, else which of those that used the personal link."""
    check_open(room, seat_id, role)
    if knocks(room, seat_id, role, now_ms, browser):
        return _knocked(room, seat_id, role, now_ms, browser)
    knock = room.knock(seat_id)
    if knock is not None and knock.browser == browser:
        room = without_knock(room, seat_id)
    return _seated(room, seat_id, role, browser)


def knocks(room: Room, seat_id: str, role: Role, now_ms: int, browser: int) -> bool:
    """Must they be let in? A leader only when the link is used in another browser, and another leader may do it, or
    they are here themselves."""
    seat = room.seat(seat_id)
    if _is_new(seat, browser):
        return role is Role.MEMBER or _looked_after(room, seat_id) or (seat is not None and seat.here)
    if role is not Role.MEMBER or (seat is not None and seat_id == room.presenter and room.phase in CASE):
        return False
    return seat is None or (room.phase in CASE and not seat.here and now_ms - seat.gone_ms > MOMENT_MS)


def come_back(room: Room, seat_id: str, role: Role) -> Room:
    """Somebody inside is here again, or has another role."""
    seat = room.seat(seat_id)
    check_open(room, seat_id, role)
    if seat is None:
        raise Refused("no_seat")
    if not seat.here:
        _check_room(room)
    return with_seat(room, replace(seat, role=role, here=True, left=False))


def admit(room: Room, actor: str, seat_id: str) -> Room:
    """Let in one of those at the door, or everybody: ''. Who is on a new device is let in by name only: somebody else
    may sit there, and another one lose the seat."""
    leads_on(room, actor)
    let_in = [knock for knock in room.door if knock.seat == seat_id or not (seat_id or knock.new_device)]
    if not let_in:
        raise Refused("nobody_waits")
    for knock in let_in:
        room = _let_in(room, knock)
    return room


def remove(room: Room, actor: str, seat_id: str) -> Room:
    """A member, for the rest of this session."""
    leads_on(room, actor)
    seat, knock = room.seat(seat_id), room.knock(seat_id)
    if (seat is None and knock is None) or seat_id in room.removed:
        raise Refused("no_seat")
    if (seat or knock).role is not Role.MEMBER:  # type: ignore[union-attr]
        raise Refused("not_a_member")
    room = without_knock(replace(room, removed=(*room.removed, seat_id)), seat_id)
    room = replace(
        room,
        raised=tuple(hand for hand in room.raised if hand.seat != seat_id),
        offers=tuple(offer for offer in room.offers if offer.seat != seat_id),
    )
    if room.phase is Phase.CALL and room.presenter == seat_id:
        room = replace(room, at=replace(room.at, presenter="", follow_up=False))
    return with_seat(room, replace(seat, here=False, left=True, paused=False)) if seat else room


def leave(room: Room, seat_id: str, now_ms: int) -> Room:
    """Go, of one's own will; from the door too. The seat, its role and its hand stay."""
    seat = room.seat(seat_id)
    if room.knock(seat_id) is not None and (seat is None or not seat.here):
        return without_knock(room, seat_id)
    return with_seat(room, replace(here(room, seat_id), here=False, left=True, gone_ms=now_ms))


def lose(room: Room, seat_id: str, now_ms: int) -> Room:
    """Their line is gone: they are away, and everything of theirs stays."""
    return with_seat(room, replace(here(room, seat_id), here=False, gone_ms=now_ms))


def emptied(room: Room) -> Room:
    """As the debrief leaves it: the leaders alone."""
    seats = tuple(seat if seat.leads else replace(seat, here=False, left=True) for seat in room.seats)
    knocks = tuple(knock for knock in room.door if open_to(room, knock.role))
    return replace(room, seats=seats, door=knocks, raised=(), offers=())


def unattended(room: Room) -> Room:
    """A leader at the door comes in when nobody is left who may let them in."""
    for knock in room.door:
        seat = room.seat(knock.seat)
        away = seat is None or not seat.here
        if knock.role is not Role.MEMBER and away and not _looked_after(room, knock.seat) and _has_room(room):
            room = _let_in(room, knock)
    return room


def with_roles(room: Room, roles: Mapping[str, Role]) -> Room:
    """As the pages have them, of those inside and at the door."""
    seats = tuple(replace(seat, role=roles.get(seat.id, seat.role)) for seat in room.seats)
    return replace(room, seats=seats, door=tuple(replace(each, role=roles[each.seat]) for each in room.door))


def with_knock(room: Room, knock: Knock) -> Room:
    return replace(room, door=tuple(knock if other.seat == knock.seat else other for other in room.door))


def without_knock(room: Room, seat_id: str) -> Room:
    return replace(room, door=tuple(knock for knock in room.door if knock.seat != seat_id))


def _is_new(seat: Seat | None, browser: int) -> bool:
    return browser > (1 if seat is None else 0) and (seat is None or browser not in seat.browsers)


def _knocked(room: Room, seat_id: str, role: Role, now_ms: int, browser: int) -> Room:
    """Who knocks again, as by loading the page once more, keeps their turn."""
    former = room.knock(seat_id)
    new = Knock(seat_id, role, former.since_ms if former else now_ms, browser, _is_new(room.seat(seat_id), browser))
    return with_knock(room, new) if former else replace(room, door=(*room.door, new))


def _seated(room: Room, seat_id: str, role: Role, browser: int) -> Room:
    seat = room.seat(seat_id)
    if seat is None or not seat.here:
        _check_room(room)
    if seat is None:
        return replace(room, seats=(*room.seats, Seat(seat_id, role, browsers=(browser,))))
    browsers = seat.browsers if browser in seat.browsers else (*seat.browsers, browser)
    return with_seat(room, replace(seat, role=role, here=True, left=False, browsers=browsers))


def _let_in(room: Room, knock: Knock) -> Room:
    room = _seated(without_knock(room, knock.seat), knock.seat, knock.role, knock.browser)
    return with_seat(room, replace(here(room, knock.seat), ticks=knock.ticks))


def _looked_after(room: Room, seat_id: str) -> bool:
    """Is somebody else here who may let them in?"""
    return any(other != seat_id and not presents_alone(room, other) for other in leaders_here(room))


def _check_room(room: Room) -> None:
    if not _has_room(room):
        raise Refused("full")


def _has_room(room: Room) -> bool:
    return sum(seat.here for seat in room.seats) < MAX_HERE
