"""PURE: the room of a Balint session as an immutable state machine.

Who may do what, and when; who may be heard and seen follows from the state and is stored nowhere. A command is a
function from a room to the next room. A command that is not allowed raises `Refused` and nothing has changed. After
each command `in_order` brings in order what follows from it: the clock, the hold, who speaks apart.
"""

from dataclasses import replace

from sessions import apart, door
from sessions.state import (
    CASE,
    TOGETHER,
    ClosedCase,
    Hand,
    Hold,
    Offer,
    Phase,
    Point,
    Refused,
    ReturnState,
    Room,
    Target,
    Terms,
    Tick,
    here,
    leader,
    leaders_here,
    leads_on,
    other_leader_here,
    presents_alone,
    with_seat,
)
from sessions.vocabulary import CaseKind

# close_case (any phase of a case -> call) is a command of its own; return -> call is the same step by its phase.
MOVES: dict[Phase, tuple[Phase, ...]] = {
    Phase.LOBBY: (Phase.GATHERING, Phase.CLOSING),
    Phase.GATHERING: (Phase.CALL, Phase.CLOSING),
    Phase.CALL: (Phase.PRESENTATION, Phase.CLOSING),
    Phase.PRESENTATION: (Phase.CLARIFYING, Phase.PUSH_BACK, Phase.CLOSING),
    Phase.CLARIFYING: (Phase.PUSH_BACK, Phase.CLOSING),
    Phase.PUSH_BACK: (Phase.RETURN, Phase.CLARIFYING, Phase.CLOSING),
    Phase.RETURN: (Phase.CALL, Phase.PUSH_BACK, Phase.CLOSING),
    Phase.CLOSING: (Phase.DEBRIEF,),
    Phase.DEBRIEF: (Phase.ENDED,),
    Phase.ENDED: (),
}

# A calm guide, no alarm: about 45 minutes a case. 0 means that the step has no expected length.
TARGET_S = dict.fromkeys(Phase, 0) | {
    Phase.GATHERING: 5 * 60,
    Phase.CALL: 5 * 60,
    Phase.PRESENTATION: 10 * 60,
    Phase.CLARIFYING: 5 * 60,
    Phase.PUSH_BACK: 20 * 60,
    Phase.RETURN: 10 * 60,
    Phase.CLOSING: 5 * 60,
    Phase.DEBRIEF: 15 * 60,
}


# Steps


def move_to(room: Room, actor: str, phase: Phase, now_ms: int) -> Room:
    """A leader's step along the table of moves."""
    leader(room, actor)
    if phase not in MOVES[room.phase]:
        raise Refused("no_such_move")
    if presents_alone(room, actor) and phase not in (Phase.RETURN, Phase.CALL):
        raise Refused("needs_co_leader")
    if phase is Phase.PRESENTATION:
        _check_begins(room)
    if phase is Phase.CLARIFYING and room.at.return_state is ReturnState.STAYED:
        raise Refused("stays_back")
    return _go(room, _next(room.at, phase, now_ms), None if phase is Phase.DEBRIEF else room.at)


def close_case(room: Room, actor: str, now_ms: int) -> Room:
    """Back to `call` for the next case: hands, presenter and the presenter's answer are forgotten."""
    leader(room, actor)
    if room.phase not in CASE:
        raise Refused("wrong_phase")
    return _go(room, _next(room.at, Phase.CALL, now_ms), room.at)


def take_back(room: Room, actor: str) -> Room:
    """Undo the last move, once. Hands are not restored, and no presenter is heard again without accepting anew. Who
    has left for the debrief cannot be called back."""
    leads_on(room, actor)
    if room.before is None or room.phase is Phase.ENDED:
        raise Refused("nothing_to_take_back")
    if room.before.phase in CASE:
        _check_led(room, room.before.presenter)
    stopped_ms = room.before.stopped_ms or room.at.stopped_ms
    return _go(room, replace(room.before, stopped_ms=stopped_ms, return_state=_consent(room.at, room.before)), None)


def settle_presenter(room: Room, actor: str, seat_id: str) -> Room:
    """Settle on the one who presents; an empty id settles on nobody yet."""
    leader(room, actor)
    if room.phase is not Phase.CALL:
        raise Refused("wrong_phase")
    if seat_id:
        _check_may_present(room, seat_id)
    follow_up = any(offer.follow_up for offer in room.offers if offer.seat == seat_id)
    return replace(room, at=replace(room.at, presenter=seat_id, follow_up=follow_up))


def set_target(room: Room, actor: str, phase: Phase, minutes: int) -> Room:
    """How long a step should last, for tonight; 0 is for as long as it takes."""
    leads_on(room, actor)
    others = tuple(target for target in room.targets if target.phase is not phase)
    return replace(room, targets=(*others, Target(phase, minutes)))


# Cases


def set_cases(room: Room, actor: str, cases: int) -> Room:
    leads_on(room, actor)
    if cases > room.terms.most_cases:
        raise Refused("first_session")
    if cases < room.at.cases:
        raise Refused("case_begun")
    return replace(room, planned=cases)


def offer_case(room: Room, actor: str, follow_up: bool) -> Room:
    here(room, actor)
    if room.phase is not Phase.CALL:
        raise Refused("wrong_phase")
    if not room.case:
        raise Refused("no_more_cases")
    if any(offer.seat == actor for offer in room.offers):
        raise Refused("already_offered")
    return replace(room, offers=(*room.offers, Offer(actor, follow_up)))


def withdraw_case(room: Room, actor: str) -> Room:
    here(room, actor)
    if all(offer.seat != actor for offer in room.offers):
        raise Refused("no_offer")
    return replace(room, offers=tuple(offer for offer in room.offers if offer.seat != actor))


def note_case(room: Room, actor: str, number: int, kinds: tuple[CaseKind, ...], follow_up: bool) -> Room:
    """Which kinds a closed case was of, and whether it was more of an earlier one."""
    leads_on(room, actor)
    if all(case.number != number for case in room.closed):
        raise Refused("no_case")
    noted = ClosedCase(number, follow_up, tuple(kind for kind in CaseKind if kind in kinds), noted=True)
    return replace(room, closed=tuple(noted if case.number == number else case for case in room.closed))


def unnoted(room: Room) -> int:
    """The number of the closed case whose kinds nobody has said yet, or 0."""
    return next((case.number for case in room.closed if not case.noted), 0)


# Holding on


def wait(room: Room, actor: str) -> Room:
    return _decide(room, actor, Hold.WAITS)


def go_on(room: Room, actor: str) -> Room:
    """The group goes on without the presenter, and the clock with it, until they are back."""
    return _decide(room, actor, Hold.GONE_ON)


def presenter_away(room: Room) -> bool:
    seat = room.seat(room.presenter)
    return room.phase in CASE and (seat is None or not seat.here)


def stands(room: Room) -> bool:
    """Does the clock stand? While the presenter is away, until leaders go on; and while nobody leads."""
    if room.phase in TOGETHER and not leaders_here(room):
        return True
    return presenter_away(room) and room.hold is not Hold.GONE_ON


# Hands


def raise_hand(room: Room, actor: str, now_ms: int) -> Room:
    here(room, actor)
    if room.phase not in TOGETHER:
        raise Refused("wrong_phase")
    if actor == silenced(room):
        raise Refused("pushed_back")
    if actor in room.hands:
        raise Refused("hand_is_up")
    return replace(room, raised=(*room.raised, Hand(actor, now_ms)))


def lower_hand(room: Room, actor: str, seat_id: str) -> Room:
    """One's own hand, or as a leader anyone's."""
    here(room, actor)
    if actor != seat_id:
        leads_on(room, actor)
    if seat_id not in room.hands:
        raise Refused("hand_is_down")
    return replace(room, raised=tuple(hand for hand in room.raised if hand.seat != seat_id))


# The presenter


def ask_return(room: Room, actor: str) -> Room:
    """The one signal of a pushed-back presenter: may I return?"""
    _presenter(room, actor)
    if room.phase is not Phase.PUSH_BACK:
        raise Refused("wrong_phase")
    if room.at.return_state is ReturnState.STAYED:
        raise Refused("stays_back")
    if room.asks_return:
        raise Refused("already_asked")
    return replace(room, asks_return=True)


def accept_return(room: Room, actor: str) -> Room:
    return _answered(room, actor, ReturnState.ACCEPTED)


def stay_back(room: Room, actor: str) -> Room:
    return _answered(room, actor, ReturnState.STAYED)


# Oneself


def set_devices(room: Room, actor: str, microphone: bool, camera: bool, paused: bool = False) -> Room:
    """`paused`: someone came in, and both are off until they have gone."""
    seat = here(room, actor)
    microphone, camera = microphone and not paused, camera and not paused
    return with_seat(room, replace(seat, microphone=microphone, camera=camera, paused=paused))


def attest(room: Room, actor: str, ticks: tuple[Tick, ...]) -> Room:
    """What is true where they are."""
    ticks = tuple(tick for tick in Tick if tick in ticks)
    seat, knock = room.seat(actor), room.knock(actor)
    if knock is not None and (seat is None or not seat.here):
        return door.with_knock(room, replace(knock, ticks=ticks))
    return with_seat(room, replace(here(room, actor), ticks=ticks))


# What the room is told


def note_spoken(room: Room, seats: frozenset[str]) -> Room:
    """Who has spoken in the case that is on."""
    known = {seat.id for seat in room.seats}
    fresh = sorted(seats & known - set(room.spoken)) if room.phase in CASE else []
    return replace(room, spoken=(*room.spoken, *fresh))


def agree(room: Room, terms: Terms) -> Room:
    return replace(room, terms=terms)


def in_order(room: Room, now_ms: int) -> Room:
    """The same room, with what follows from its last change. Asked again, it changes nothing."""
    room = door.unattended(room)
    room = apart.ended(room, silenced(room), now_ms)
    if not presenter_away(room):
        room = replace(room, hold=Hold.HELD)
    if stands(room) and not room.at.stopped_ms:
        return replace(room, at=replace(room.at, stopped_ms=now_ms))
    return room if stands(room) else _running(room, now_ms)


# What follows from the state


def target_s(room: Room) -> int:
    own = (target.minutes * 60 for target in room.targets if target.phase is room.phase)
    return next(own, TARGET_S[room.phase])


def silenced(room: Room) -> str:
    """The presenter whose chair is pushed back, or ''."""
    accepted = room.at.return_state is ReturnState.ACCEPTED
    if room.phase is Phase.PUSH_BACK or (room.phase is Phase.RETURN and not accepted):
        return room.presenter
    return ""


def inside(room: Room) -> frozenset[str]:
    """Whose media may come and go at all: not of those whom it is over for, and who wait at the door. A new device
    there takes nothing from who has the seat, even while their line fails."""
    waiting = {knock.seat for knock in room.door if not knock.new_device}
    seats = (seat for seat in room.seats if seat.here or seat.id not in waiting)
    return frozenset(seat.id for seat in seats if door.open_to(room, seat.role) and seat.id not in room.removed)


def shown(room: Room) -> frozenset[str]:
    """Whose picture may be seen: a pushed-back presenter's too, if the group will have it so."""
    if room.phase is Phase.LOBBY:
        return frozenset()
    return inside(room) if room.terms.presenter_shown else inside(room) - {silenced(room)}


def heard(room: Room) -> frozenset[str]:
    """Whose voice may be forwarded, to all or to those with whom they speak apart."""
    if room.phase is Phase.LOBBY:
        return inside(room) & listeners(room).keys()
    return inside(room) - {silenced(room)}


def listeners(room: Room) -> dict[str, tuple[apart.Place, frozenset[str]]]:
    """Who speaks apart: where, and who alone hears them."""
    return apart.listeners(room)


def filmed(room: Room) -> frozenset[str]:
    """Whose camera is on."""
    return frozenset(seat.id for seat in room.seats if seat.here and seat.camera)


def leading(room: Room) -> frozenset[str]:
    """Who is heard first and seen first when not everyone can be: the presenter and the leaders."""
    return frozenset(seat.id for seat in room.seats if seat.leads or seat.id == room.presenter)


def importance(room: Room) -> tuple[str, ...]:
    """All seats: the presenter, the leaders, raised hands in their order, the others."""
    leaders = [seat.id for seat in room.seats if seat.leads]
    others = [seat.id for seat in room.seats]
    known = {seat.id for seat in room.seats}
    return tuple(each for each in dict.fromkeys((room.presenter, *leaders, *room.hands, *others)) if each in known)


# Rules that the commands share


def _presenter(room: Room, seat_id: str) -> None:
    here(room, seat_id)
    if seat_id != room.presenter:
        raise Refused("not_presenter")


def _check_begins(room: Room) -> None:
    if not room.presenter:
        raise Refused("no_presenter")
    if not room.case:
        raise Refused("no_more_cases")
    _check_led(room, room.presenter)


def _check_may_present(room: Room, seat_id: str) -> None:
    if not room.case:
        raise Refused("no_more_cases")
    if room.seat(seat_id) is None:
        raise Refused("no_seat")
    here(room, seat_id)
    _check_led(room, seat_id)


def _check_led(room: Room, presenter: str) -> None:
    """A leader presents only while another leader is here to lead."""
    seat = room.seat(presenter)
    if seat is not None and seat.leads and not other_leader_here(room, presenter):
        raise Refused("needs_co_leader")


def _running(room: Room, now_ms: int) -> Room:
    """The clock goes on with the rest, and so does that of the step before: it may be taken back."""
    if not room.at.stopped_ms:
        return room
    stood_ms = max(0, now_ms - room.at.stopped_ms)
    before = room.before
    if before is not None and not before.stopped_ms:
        before = replace(before, started_ms=before.started_ms + stood_ms)
    at = replace(room.at, started_ms=room.at.started_ms + stood_ms, stopped_ms=0)
    return replace(room, at=at, before=before)


def _decide(room: Room, actor: str, hold: Hold) -> Room:
    leads_on(room, actor)
    if not presenter_away(room) or room.hold is hold:
        raise Refused("not_held")
    return replace(room, hold=hold)


def _next(at: Point, phase: Phase, now_ms: int) -> Point:
    if phase not in CASE:
        return Point(phase, now_ms, cases=at.cases)
    begun = at.cases + (at.phase is Phase.CALL)
    return replace(
        at,
        phase=phase,
        started_ms=now_ms,
        stopped_ms=0,
        cases=begun,
        return_state=_invitation(at.return_state, phase),
    )


def _invitation(state: ReturnState, phase: Phase) -> ReturnState:
    if state is ReturnState.STAYED:
        return state
    return ReturnState.INVITED if phase is Phase.RETURN else ReturnState.NONE


def _consent(now: Point, before: Point) -> ReturnState:
    if ReturnState.STAYED in (now.return_state, before.return_state):
        return ReturnState.STAYED
    return ReturnState.INVITED if before.phase is Phase.RETURN else ReturnState.NONE


def _go(room: Room, to: Point, before: Point | None) -> Room:
    begins, closes = room.phase not in CASE and to.phase in CASE, room.phase in CASE and to.phase not in CASE
    room = _with_case_left(room, to) if closes else _with_case_open(room, to) if begins else room
    presenter = to.presenter if to.phase in CASE else ""
    room = replace(
        room,
        at=to,
        before=before,
        raised=tuple(hand for hand in room.raised if hand.seat != presenter),
        asks_return=False,
    )
    return door.emptied(room) if to.phase in (Phase.DEBRIEF, Phase.ENDED) else room


def _with_case_left(room: Room, to: Point) -> Room:
    """Nothing is left of it but its number and one offer less; of one that began by mistake, nothing at all."""
    room = replace(room, raised=(), spoken=(), hold=Hold.HELD)
    if to.cases < room.at.cases:
        return room
    closed = (*room.closed, ClosedCase(room.at.cases, room.at.follow_up))
    return replace(room, closed=closed, offers=tuple(offer for offer in room.offers if offer.seat != room.presenter))


def _with_case_open(room: Room, to: Point) -> Room:
    """A case that begins, or whose close is taken back."""
    return replace(room, closed=tuple(case for case in room.closed if case.number < to.cases))


def _answered(room: Room, actor: str, answer: ReturnState) -> Room:
    _presenter(room, actor)
    if room.at.return_state is not ReturnState.INVITED:
        raise Refused("not_invited")
    return replace(room, at=replace(room.at, return_state=answer))
