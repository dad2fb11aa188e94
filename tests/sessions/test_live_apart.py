"""Aside, and on the leaders' own line, in an open room: real media prove that nobody else gets a packet."""

import pytest

from sessions import protocol
from sessions.protocol import Refused
from sessions.sfu.member import Member
from sessions.state import Phase
from tests.sessions.circle import COLE, LEA, MAX, PIA, Circle, lines_of, until

SECRET = b"for you alone"
ASIDE_SLOT, LEADERS_SLOT = 3, 4  # of five, from 0


def audio_mids(member: Member) -> list[str]:
    return [mid for kind, mid, sends in member._lines if kind == "audio" and not sends]


def found(members: dict[str, Member], word: bytes) -> dict[str, set[int]]:
    """In which of their audio slots each has got it."""
    return {
        seat: {at for at, mid in enumerate(audio_mids(member)) if any(word in each for each in member.received[mid])}
        for seat, member in members.items()
    }


class Voices:
    """Everybody's media, by seat."""

    def __init__(self, circle: Circle) -> None:
        self.circle = circle
        self.members: dict[str, Member] = {}

    async def join(self, *seats: str) -> None:
        for seat, member in zip(seats, await self.circle.connect(*seats), strict=True):
            self.members[seat] = member

    async def says(self, seat: str, word: bytes = SECRET) -> None:
        """Five packets, which have all been taken in, and their copies delivered, when this returns."""
        before, member = self.circle.received(seat), self.members[seat]
        for _ in range(5):
            member.send_audio(word)
        await until(lambda: self.circle.received(seat) == before + 5)
        await member.settle()

    async def reached(self, seat: str, word: bytes) -> dict[str, set[int]]:
        """Who has got what this seat says once somebody has: the copies of a packet leave together."""
        await self.says(seat, word)
        await until(lambda: any(found(self.members, word).values()))
        for member in self.members.values():
            await member.settle()
        return {seat: slots for seat, slots in found(self.members, word).items() if slots}


async def together(circle: Circle) -> Voices:
    circle.come(LEA, COLE, MAX, PIA)
    circle.move(Phase.GATHERING)
    voices = Voices(circle)
    await voices.join(LEA, COLE, MAX, PIA)
    return voices


# Aside


async def test_what_is_said_aside_reaches_the_other_one_alone(circle: Circle) -> None:
    voices = await together(circle)

    circle.do(LEA, protocol.TakeAside, MAX)

    assert await voices.reached(LEA, b"lea to max") == {MAX: {ASIDE_SLOT}}
    assert await voices.reached(MAX, b"max to lea") == {LEA: {ASIDE_SLOT}}
    assert set(await voices.reached(PIA, b"pia to all")) == {LEA, COLE, MAX}


async def test_an_aside_is_told_to_the_two_and_to_leaders(circle: Circle) -> None:
    lea, cole, max_, pia = circle.come(LEA, COLE, MAX, PIA)
    circle.move(Phase.GATHERING)

    circle.do(LEA, protocol.TakeAside, MAX)

    aside = (protocol.Aside(LEA, MAX),)
    assert [line.room.asides for line in (lea, cole, max_, pia)] == [aside, aside, aside, ()]


@pytest.mark.parametrize("ends", [LEA, MAX])
async def test_after_an_aside_all_hear_both_again_and_nothing_of_before(circle: Circle, ends: str) -> None:
    voices = await together(circle)
    circle.do(LEA, protocol.TakeAside, MAX)
    await voices.reached(MAX, SECRET)

    circle.do(ends, protocol.EndAside)

    assert set(await voices.reached(MAX, b"thank you")) == {LEA, COLE, PIA}
    assert set(await voices.reached(LEA, b"where were we")) == {COLE, MAX, PIA}
    assert {seat for seat, slots in found(voices.members, SECRET).items() if slots} == {LEA}


@pytest.mark.parametrize("gone", [LEA, MAX])
async def test_a_lost_line_gives_nothing_away(circle: Circle, gone: str) -> None:
    """Who is left goes on speaking to the one who is gone for a moment, and nobody else hears it."""
    voices = await together(circle)
    circle.do(LEA, protocol.TakeAside, MAX)
    left = MAX if gone == LEA else LEA

    circle.lose(gone)
    before = circle.forwarded(left)
    await voices.says(left)
    circle.come(gone)
    await voices.join(gone)

    assert {seat for seat, slots in found(voices.members, SECRET).items() if slots} <= {gone}
    assert circle.forwarded(left) - before <= 5
    assert await voices.reached(left, b"back again") == {gone: {ASIDE_SLOT}}
    assert await voices.reached(gone, b"yes, I am") == {left: {ASIDE_SLOT}}


async def test_an_aside_ends_when_the_other_one_stays_away(circle: Circle) -> None:
    lea, *_ = circle.come(LEA, COLE, MAX, PIA)
    circle.move(Phase.GATHERING)
    circle.do(LEA, protocol.TakeAside, MAX)
    circle.lose(MAX)

    circle.wait(20)
    during = lea.room.asides
    circle.wait(15)

    assert (during, lea.room.asides, lines_of(lea.room)[MAX]) == ((protocol.Aside(LEA, MAX),), (), "away")


async def test_an_aside_outlives_the_node(circle: Circle) -> None:
    await together(circle)
    circle.do(LEA, protocol.TakeAside, MAX)

    await circle.restart()
    circle.come(LEA, COLE, MAX, PIA)
    voices = Voices(circle)
    await voices.join(LEA, COLE, MAX, PIA)

    assert await voices.reached(MAX, b"still aside") == {LEA: {ASIDE_SLOT}}
    assert await voices.reached(LEA, b"so am I") == {MAX: {ASIDE_SLOT}}


async def test_when_a_chair_is_pushed_back_its_aside_ends_and_its_voice_reaches_nobody(circle: Circle) -> None:
    voices = await together(circle)
    circle.move(Phase.CALL)
    circle.do(LEA, protocol.SettlePresenter, PIA)
    circle.move(Phase.PRESENTATION)
    circle.do(COLE, protocol.TakeAside, PIA)
    assert await voices.reached(PIA, b"before") == {COLE: {ASIDE_SLOT}}

    circle.move(Phase.PUSH_BACK)
    before = circle.forwarded(PIA)
    await voices.says(PIA)

    assert circle.forwarded(PIA) == before
    assert circle.send(LEA, protocol.TakeAside("a", PIA)) == Refused("a", "presenter_protected")
    assert set(await voices.reached(COLE, b"to all again")) == {LEA, MAX, PIA}


async def test_an_aside_goes_on_through_the_steps_and_ends_with_the_circle(circle: Circle) -> None:
    voices = await together(circle)
    circle.do(COLE, protocol.TakeAside, MAX)

    circle.move(Phase.CALL, Phase.CLOSING)
    assert await voices.reached(MAX, b"in closing") == {COLE: {ASIDE_SLOT}}
    circle.move(Phase.DEBRIEF)

    assert circle.live.room.asides == ()
    assert circle.live.media.apart == {}


# The leaders' line


async def test_leaders_speak_among_themselves_while_the_others_go_on(circle: Circle) -> None:
    voices = await together(circle)

    circle.do(LEA, protocol.ToLeaders, True)

    assert await voices.reached(LEA, b"lea to cole") == {COLE: {LEADERS_SLOT}}
    assert set(await voices.reached(COLE, b"cole to all")) == {LEA, MAX, PIA}
    circle.do(LEA, protocol.ToLeaders, False)
    assert set(await voices.reached(LEA, b"lea to all")) == {COLE, MAX, PIA}


async def test_leaders_talk_before_the_session_and_nobody_else_is_heard(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX)
    voices = Voices(circle)
    await voices.join(LEA, COLE, MAX)

    circle.do(LEA, protocol.ToLeaders, True)
    circle.do(COLE, protocol.ToLeaders, True)

    assert await voices.reached(LEA, b"shall we") == {COLE: {LEADERS_SLOT}}
    assert await voices.reached(COLE, b"yes") == {LEA: {LEADERS_SLOT}}
    await voices.says(MAX)
    assert circle.forwarded(MAX) == 0


@pytest.mark.parametrize("how", ["lost", "restarted"])
async def test_a_lost_line_gives_nothing_of_the_leaders_away(circle: Circle, how: str) -> None:
    voices = await together(circle)
    circle.do(LEA, protocol.ToLeaders, True)

    if how == "lost":
        circle.lose(COLE)
        before = circle.forwarded(LEA)
        await voices.says(LEA)
        assert circle.forwarded(LEA) - before <= 5
        circle.come(COLE)
        await voices.join(COLE)
    else:
        await circle.restart()
        circle.come(LEA, COLE, MAX, PIA)
        await voices.join(LEA, COLE, MAX, PIA)

    assert {seat for seat, slots in found(voices.members, SECRET).items() if slots} <= {COLE}
    assert await voices.reached(LEA, b"only us") == {COLE: {LEADERS_SLOT}}


async def test_only_leaders_know_of_their_line(circle: Circle) -> None:
    lea, cole, max_, _ = circle.come(LEA, COLE, MAX, PIA)
    circle.move(Phase.GATHERING)

    circle.do(LEA, protocol.ToLeaders, True)

    assert [line.room.to_leaders for line in (lea, cole, max_)] == [(LEA,), (LEA,), ()]
