"""PURE: which rule of the room each command of the wire asks for."""

from sessions import apart, door, protocol
from sessions import room as rules
from sessions.state import Refused, Room


def applied(room: Room, seat: str, command: protocol.Command, now_ms: int) -> Room:
    """The room after a command; raises Refused. What is written changes nothing of the room."""
    match command:
        case protocol.Move(phase=phase):
            return rules.move_to(room, seat, phase, now_ms)
        case protocol.TakeBack():
            return rules.take_back(room, seat)
        case protocol.CloseCase():
            return rules.close_case(room, seat, now_ms)
        case protocol.SettlePresenter(seat=presenter):
            return rules.settle_presenter(room, seat, presenter)
        case protocol.RaiseHand():
            return rules.raise_hand(room, seat, now_ms)
        case protocol.LowerHand(seat=hand):
            return rules.lower_hand(room, seat, hand)
        case protocol.AskReturn() | protocol.AcceptReturn() | protocol.StayBack():
            return _presenter(room, seat, command)
        case protocol.Devices(microphone=microphone, camera=camera, paused=paused):
            return rules.set_devices(room, seat, microphone, camera, paused)
        case protocol.Attest(ticks=ticks):
            return rules.attest(room, seat, ticks)
        case protocol.Leave():
            return door.leave(room, seat, now_ms)
        case protocol.OfferCase(follow_up=follow_up):
            return rules.offer_case(room, seat, follow_up)
        case protocol.WithdrawCase():
            return rules.withdraw_case(room, seat)
        case protocol.TakeAside() | protocol.EndAside() | protocol.ToLeaders() | protocol.Write():
            return _apart(room, seat, command)
        case _:
            return _leader(room, seat, command)


def from_the_door(room: Room, seat: str, command: protocol.Command) -> Room:
    """Who knocks may say where they are, write to whoever keeps the technical line, and go. Somebody else may sit in
    the seat that they knock for: nothing of it is theirs. Raises Refused."""
    if isinstance(command, protocol.Leave):
        return door.without_knock(room, seat)
    taken = (inside := room.seat(seat)) is not None and inside.here
    if not taken and (isinstance(command, protocol.Attest) or _asks_for_help(command)):
        return applied(room, seat, command, 0)
    raise Refused("at_the_door")


def _asks_for_help(command: protocol.Command) -> bool:
    return isinstance(command, protocol.Write) and (command.place, command.seat) == ("line", "")


Presenters = protocol.AskReturn | protocol.AcceptReturn | protocol.StayBack
Aparts = protocol.TakeAside | protocol.EndAside | protocol.ToLeaders | protocol.Write
Leaders = (
    protocol.Admit
    | protocol.Remove
    | protocol.SetTarget
    | protocol.SetCases
    | protocol.NoteCase
    | protocol.Wait
    | protocol.GoOn
    | protocol.SetChat
)


def _presenter(room: Room, seat: str, command: Presenters) -> Room:
    match command:
        case protocol.AskReturn():
            return rules.ask_return(room, seat)
        case protocol.AcceptReturn():
            return rules.accept_return(room, seat)
        case protocol.StayBack():
            return rules.stay_back(room, seat)


def _apart(room: Room, seat: str, command: Aparts) -> Room:
    silenced = rules.silenced(room)
    match command:
        case protocol.TakeAside(seat=member):
            return apart.take_aside(room, seat, member, silenced)
        case protocol.EndAside():
            return apart.end_aside(room, seat)
        case protocol.ToLeaders(on=on):
            return apart.speak_to_leaders(room, seat, on, silenced)
        case protocol.Write(place=place, seat=to):
            apart.readers(room, seat, place, to, silenced)
            return room


def _leader(room: Room, seat: str, command: Leaders) -> Room:
    match command:
        case protocol.Admit(seat=guest):
            return door.admit(room, seat, guest)
        case protocol.Remove(seat=member):
            return door.remove(room, seat, member)
        case protocol.SetTarget(phase=phase, minutes=minutes):
            return rules.set_target(room, seat, phase, minutes)
        case protocol.SetCases(cases=cases):
            return rules.set_cases(room, seat, cases)
        case protocol.NoteCase(number=number, kinds=kinds, follow_up=follow_up):
            return rules.note_case(room, seat, number, kinds, follow_up)
        case protocol.Wait():
            return rules.wait(room, seat)
        case protocol.GoOn():
            return rules.go_on(room, seat)
        case protocol.SetChat(open=is_open):
            return apart.set_chat(room, seat, is_open)
