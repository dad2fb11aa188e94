"""An open room when somebody who matters is away: the presenter, a leader, all leaders."""

import pytest

from sessions import protocol
from sessions.protocol import AcceptReturn, Ack, Refused
from sessions.state import Phase, Role
from tests.sessions.circle import COLE, LEA, MAX, PIA, Circle, lines_of

SECOND_MS = 1_000


def elapsed_ms(room: protocol.Room) -> int:
    """What the clock of the step shows."""
    return (room.stopped_ms or room.now_ms) - room.phase_started_ms


def roles(room: protocol.Room) -> list[Role]:
    return [seat.role for seat in room.seats]


# The presenter


async def test_l5_the_clock_stands_while_the_presenter_is_away_and_goes_on_from_there(circle: Circle) -> None:
    lea, cole, max_, _ = circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    circle.wait(60)
    circle.live.detach(circle.seats[PIA])
    told = [(line.room.hold, lines_of(line.room)[PIA]) for line in (lea, cole, max_)]
    before = elapsed_ms(lea.room)

    circle.wait(5)
    during = lea.room
    (pia,) = circle.come(PIA)

    assert told == [("held", "away")] * 3
    assert (during.stopped_ms > 0, elapsed_ms(during), roles(during)) == (True, before, roles(max_.room))
    room = pia.room
    assert (room.phase, room.presenter, room.heard, room.hold, room.waits) == (Phase.PUSH_BACK, PIA, False, "", False)
    assert (room.stopped_ms, abs(elapsed_ms(room) - before) < SECOND_MS) == (0, True)
    circle.wait(10)
    circle.do(LEA, protocol.SetTarget, Phase.PUSH_BACK, 25)
    assert abs(elapsed_ms(pia.room) - before - 10 * SECOND_MS) < SECOND_MS


async def test_l5_leaders_are_told_within_five_seconds_of_a_line_that_only_falls_silent(circle: Circle) -> None:
    lea, _, pia = circle.come(LEA, COLE, PIA)
    circle.push_back()
    (member,) = await circle.connect(PIA)
    circle.live.tick()
    await member.vanish()

    circle.wait(5)

    assert (lea.room.hold, lines_of(lea.room)[PIA], pia.code) == ("held", "away", None)


async def test_l5_who_answered_the_invitation_need_not_do_it_again(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    circle.move(Phase.RETURN)
    circle.do(PIA, AcceptReturn)

    circle.lose(PIA)
    (pia,) = circle.come(PIA)

    assert (pia.room.phase, pia.room.return_state, pia.room.heard) == (Phase.RETURN, "accepted", True)


@pytest.mark.parametrize(
    ("command", "hold", "stands"), [(protocol.Wait, "waits", True), (protocol.GoOn, "gone_on", False)]
)
async def test_l5_leaders_choose_whether_to_wait(
    circle: Circle, command: type[protocol.Wait | protocol.GoOn], hold: str, stands: bool
) -> None:
    lea, *_ = circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    circle.lose(PIA)

    circle.do(COLE, command)
    chosen = lea.room.hold, lea.room.stopped_ms > 0
    (pia,) = circle.come(PIA)

    assert chosen == (hold, stands)
    assert (pia.room.hold, pia.room.stopped_ms, pia.room.heard) == ("", 0, False)


async def test_l5_leaders_may_close_the_case(circle: Circle) -> None:
    lea, *_ = circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    circle.lose(PIA)

    circle.do(LEA, protocol.CloseCase)
    (pia,) = circle.come(PIA)

    assert (lea.room.phase, lea.room.hold, lea.room.presenter) == (Phase.CALL, "", "")
    assert (pia.room.phase, pia.room.heard) == (Phase.CALL, True)


async def test_nobody_but_leaders_decides_for_the_presenter(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    circle.lose(PIA)

    answers = [circle.send(MAX, kind("a")) for kind in (protocol.Wait, protocol.GoOn, protocol.CloseCase)]

    assert answers[0] == Refused("a", "not_leader")
    assert circle.live.room.hold == "held"


# Leaders


async def test_l6_the_other_leader_has_every_control_at_once(circle: Circle) -> None:
    _, cole, *_ = circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    before = cole.room

    circle.lose(LEA)

    assert (cole.room.moves, cole.room.can_take_back) == (before.moves, before.can_take_back)
    assert set(before.can) - set(cole.room.can) == {"to_leaders"}
    assert (cole.room.phase, cole.room.stopped_ms) == (Phase.PUSH_BACK, 0)
    assert circle.send(COLE, protocol.Move("a", Phase.RETURN)) == Ack("a")


async def test_l7_without_a_leader_the_step_holds_and_nobody_becomes_one(circle: Circle) -> None:
    _, max_, _ = circle.come(LEA, MAX, PIA)
    circle.push_back()
    before = roles(max_.room)
    circle.wait(30)
    circle.lose(LEA)
    elapsed = elapsed_ms(max_.room)

    circle.wait(5)
    answer = circle.send(MAX, protocol.Move("a", Phase.RETURN))
    without = max_.room
    (lea,) = circle.come(LEA)

    assert (answer, without.phase, roles(without)) == (Refused("a", "not_leader"), Phase.PUSH_BACK, before)
    assert (without.stopped_ms > 0, elapsed_ms(without)) == (True, elapsed)
    assert (Phase.RETURN in lea.room.moves, lea.room.stopped_ms) == (True, 0)
    assert abs(elapsed_ms(lea.room) - elapsed) < SECOND_MS
