"""Voices from member to member: who is forwarded when, whole, in which slot; on a narrow line; apart."""

import time
from dataclasses import dataclass

import pytest

from sessions.sfu import Apart
from sessions.sfu.feedback import write_remb
from sessions.sfu.forward import depart
from sessions.sfu.rewrite import Header
from sessions.sfu.voices import Portion
from tests.sessions.sfu.call import Call, until

SILENT, SOFT, LOUD = 127, 60, 20
DOZEN = tuple("abcdefghijkl")


@dataclass
class Ear:
    """What one member hears, in the order of its coming."""

    call: Call
    name: str

    def __post_init__(self) -> None:
        self.packets: list[tuple[str, Header, bytes]] = []
        self.call.members[self.name].on_packet = lambda *packet: self.packets.append(packet)

    @property
    def said(self) -> list[bytes]:
        return [payload for _, _, payload in self.packets]


async def say(call: Call, name: str, count: int, level: int = LOUD, word: str = "") -> list[bytes]:
    said = [f"{name} {word}{n}".encode() for n in range(count)]
    for payload in said:
        call.members[name].send_audio(payload, level=level)
    await call.settle(name)
    return said


def goes_on(call: Call, name: str, seconds: float = 60.0) -> None:
    """As if `name` spoke for so long without a pause, however slow the machine is; with 0 the speech is over."""
    call.room.floors.voice(name)._until = time.monotonic() + seconds


async def test_of_twelve_only_the_three_who_speak_are_forwarded_and_their_first_syllables_whole(call: Call) -> None:
    await call.join(*DOZEN)
    ear = Ear(call, "l")

    expected = []
    for speaker in "def":
        await say(call, speaker, 20, SILENT, "before ")
        soft = await say(call, speaker, 3, SOFT, "soft ")
        expected += soft + await say(call, speaker, 30)
        goes_on(call, speaker)
    await say(call, "g", 30)
    await call.settle("l")

    assert [payload for payload in ear.said if payload[0] in b"defg"] == expected
    assert call.room.counters("g").audio_forwarded == 0
    assert {payload[0] for payload in ear.said} == set(b"def")


async def test_everyone_is_told_who_is_in_which_voice_slot(call: Call) -> None:
    await call.join(*DOZEN)

    await say(call, "k", 3)

    def told(receiver: str) -> list[str]:
        return [each.member for each in call.told[receiver] if each.kind == "audio"]

    await until(lambda: "k" in told("a"))
    assert "k" not in told("k")
    assert len(set(told("a"))) == 3


async def test_a_slot_goes_on_in_numbers_and_time_when_another_speaks(call: Call) -> None:
    await call.join(*DOZEN)
    ear = Ear(call, "l")
    for speaker in "abc":
        await say(call, speaker, 3)
    before = {header.ssrc: header for _, header, _ in ear.packets}
    for each in "abc":
        goes_on(call, each, 0.0)

    await say(call, "d", 2)
    await until(lambda: [payload for payload in ear.said if payload[0] in b"d"])

    _, header, payload = next(packet for packet in ear.packets if packet[2][0] in b"d")
    former = before[header.ssrc]
    assert payload == b"d 0"
    assert header.sequence == (former.sequence + 1) & 0xFFFF
    assert 0 < (header.timestamp - former.timestamp) & 0xFFFFFFFF < 48000 * 8
    assert header.marker == 0x80
    assert ear.packets[-1][1].marker == 0


async def test_up_to_four_silence_is_forwarded_as_silence(call: Call) -> None:
    await call.join("lea", "pia", "max", "cole")

    for name in ("lea", "pia", "max", "cole"):
        await say(call, name, 5, SILENT)

    assert [call.room.counters(name).audio_forwarded for name in call.members] == [15] * 4


async def test_a_speaker_who_pauses_is_forwarded_in_the_pause(call: Call) -> None:
    await call.join(*DOZEN)
    ear = Ear(call, "l")
    said = await say(call, "d", 5) + await say(call, "d", 5, SILENT, "breath ")

    await until(lambda: len(ear.said) >= 10)

    assert ear.said == said


async def test_a_leader_who_speaks_is_heard_though_three_others_speak(call: Call) -> None:
    await call.join(*DOZEN)
    call.room.rank(["l", "a"], leading={"l"})
    ear = Ear(call, "a")
    for speaker in "bcd":
        await say(call, speaker, 5)
        goes_on(call, speaker)

    for speaker in "el":
        await say(call, speaker, 5)
    await until(lambda: len(ear.said) == 20)

    assert call.room.counters("e").audio_forwarded == 0
    assert ear.said[-5:] == [f"l {n}".encode() for n in range(5)]


async def test_what_was_said_while_silenced_is_no_lead_in(call: Call) -> None:
    await call.join(*DOZEN)
    everybody = frozenset(DOZEN)
    ear = Ear(call, "l")
    await say(call, "k", 3, SOFT, "before ")
    call.room.hear(everybody - {"k"})
    await say(call, "k", 3, SOFT, "silenced ")
    call.room.hear(everybody)

    said = await say(call, "k", 3, SOFT, "after ") + await say(call, "k", 3)
    await until(lambda: ear.said)
    await call.settle("l")

    assert ear.said == said
    assert call.room.counters("k").audio_forwarded == 6 * 11


async def test_a_late_packet_from_before_a_return_is_not_forwarded(call: Call) -> None:
    lea, pia = await call.join("lea", "pia")
    ear = Ear(call, "lea")
    call.room.hear(frozenset({"lea"}))
    await say(call, "pia", 1)
    late = pia.lose("audio")
    call.room.hear(frozenset({"lea", "pia"}))
    said = await say(call, "pia", 1, word="after ")

    pia.sources["audio"].sequence = late - 1
    await say(call, "pia", 1, word="late ")
    await call.settle("lea")

    assert ear.said == said


@pytest.mark.parametrize(("budget_bps", "heard"), [(300_000, "bcd"), (200_000, "bcd"), (120_000, "cd"), (64_000, "d")])
async def test_a_narrow_line_has_fewer_voices_and_the_loudest(call: Call, budget_bps: int, heard: str) -> None:
    await call.join(*DOZEN)
    call.peer("l").share.update(budget_bps, 0.0)
    call.room.floors.arrange()
    ear = Ear(call, "l")

    for _ in range(20):
        for speaker, level in zip("bcd", (40, 30, 20), strict=True):
            await say(call, speaker, 1, level)
    for speaker in "bcd":
        goes_on(call, speaker)
    ear.packets.clear()
    for speaker in "bcd":
        await say(call, speaker, 1)
    await until(lambda: len(ear.said) == len(heard))

    assert {payload.decode()[0] for payload in ear.said} == set(heard)
    assert call.room.counters("b").audio_forwarded >= 21 * 10


async def test_a_line_that_says_it_is_narrow_gets_one_voice_at_a_time_each_in_the_same_slot(call: Call) -> None:
    (lea,) = await call.join("lea")
    await call.join("pia", "max", "cole")
    ear = Ear(call, "lea")
    voices = call.told["lea"][:3]

    lea.send_control(write_remb(1, 64_000, [1]))
    await until(lambda: call.peer("lea").share.portion == Portion(1, red=False))
    said: list[bytes] = []
    for speaker in ("max", "pia", "cole", "max"):
        said += await say(call, speaker, 3)
        goes_on(call, speaker, 0.0)
    await until(lambda: len(ear.said) == len(said))

    assert ear.said == said
    assert {(mid, payload.split()[0].decode()) for mid, _, payload in ear.packets} == {
        (slot.mid, slot.member) for slot in voices
    }
    assert call.told["lea"][:3] == voices


async def test_who_speaks_on_a_narrow_line_hears_another_who_speaks(call: Call) -> None:
    await call.join("lea", "pia", "max", "cole")
    call.peer("lea").share.update(64_000, 0.0)
    call.room.floors.arrange()
    ear = Ear(call, "lea")

    await say(call, "lea", 5)
    said = await say(call, "max", 5)
    await until(lambda: len(ear.said) == 5)

    assert ear.said == said


async def test_who_speaks_apart_is_heard_by_the_listeners_only_in_the_places_slot(call: Call) -> None:
    await call.join("lea", "cole", "pia", "max", slots=5)
    ears = {name: Ear(call, name) for name in call.members}
    apart = {
        "lea": Apart("leaders", frozenset({"cole"})),
        "cole": Apart("leaders", frozenset({"lea"})),
        "max": Apart("aside", frozenset({"lea"})),
    }

    call.room.hear(frozenset(call.members), apart)
    for name in call.members:
        await say(call, name, 3)
    await until(lambda: len(ears["lea"].said) == 9)
    await call.settle("pia")

    def heard(name: str) -> dict[str, str]:
        """The letter of who was heard in which slot."""
        places = ["circle", "circle", "circle", "aside", "leaders"]
        return {places[int(mid) - 2]: payload.decode()[0] for mid, _, payload in ears[name].packets}

    assert {name: heard(name) for name in call.members} == {
        "lea": {"circle": "p", "aside": "m", "leaders": "c"},
        "cole": {"circle": "p", "leaders": "l"},
        "pia": {},
        "max": {"circle": "p"},
    }
    await until(lambda: call.told["lea"][4].member == "cole")


async def test_what_was_said_apart_stays_there(call: Call) -> None:
    await call.join("lea", "cole", "pia", slots=5)
    everybody = frozenset(call.members)
    ear = Ear(call, "pia")
    call.room.hear(everybody, {"lea": Apart("leaders", frozenset({"cole"}))})
    await say(call, "lea", 5, word="apart ")

    call.room.hear(everybody)
    said = await say(call, "lea", 2)
    await until(lambda: len(ear.said) == 2)

    assert ear.said == said


async def test_who_may_not_be_heard_is_not_heard_apart_either(call: Call) -> None:
    await call.join("lea", "pia", slots=5)

    call.room.hear(frozenset({"lea"}), {"pia": Apart("aside", frozenset({"lea"}))})
    await say(call, "pia", 5)

    assert call.room.counters("pia").audio_forwarded == 0


async def test_a_slot_that_a_change_forgot_carries_nothing(call: Call) -> None:
    """The slots still lead to Pia; were something sent in them, the count would say so."""
    await call.join("lea", "cole", "pia", slots=5)
    ear = Ear(call, "pia")

    call.room.apart = {"lea": Apart("leaders", frozenset({"cole"}))}
    await say(call, "lea", 3)
    await call.settle("pia")
    depart(call.room, call.peer("lea").tracks["audio"], call.peer("pia").slots[0], b"leak")
    leaked = call.node.totals()["audio_forwarded_unheard"]
    call.room.tally("lea", "audio").forwarded_unheard = 0

    assert (ear.said, leaked) == ([], 1)


async def test_a_voice_without_levels_is_heard_when_it_is_more_than_silence(call: Call) -> None:
    await call.join(*DOZEN)
    call.peer("k").tracks["audio"].ids = call.peer("k").tracks["audio"].ids._replace(audio_level=0)

    await say(call, "k", 3, word="speaks ")

    assert call.room.counters("k").audio_forwarded == 3 * 11
