"""What is written in an open room: who reads it, when, and that it is kept nowhere."""

import logging
from dataclasses import asdict

import pytest

from sessions import protocol
from sessions.protocol import Refused, Write
from sessions.state import Phase
from tests.sessions.circle import COLE, LEA, MAX, PIA, Circle, Line

WORD = "heliotrope"  # nobody else writes it


def read(line: Line, place: str) -> list[str]:
    """What stands on this page now."""
    lines: list[str] = []
    for texts in line.all(protocol.Texts):
        if texts.place == place:
            lines = [*([] if texts.whole else lines), *(text.text for text in texts.lines)]
    return lines


def everybody(circle: Circle, place: str) -> dict[str, list[str]]:
    return {seat: read(line, place) for seat, line in circle.lines.items()}


# The chat


async def test_the_chat_is_closed_until_leaders_open_it(circle: Circle) -> None:
    lea, max_, _ = circle.come(LEA, MAX, PIA)
    circle.move(Phase.GATHERING)
    early = max_.room.chat, circle.send(MAX, Write("a", "chat", "", "hello"))

    circle.do(LEA, protocol.SetChat, True)
    circle.do(MAX, Write, "chat", "", "good evening")

    assert early == ("closed", Refused("a", "chat_closed"))
    assert (max_.room.chat, lea.room.chat) == ("open", "open")
    assert everybody(circle, "chat") == dict.fromkeys((LEA, MAX, PIA), ["good evening"])


async def test_the_chat_rests_while_a_chair_is_pushed_back(circle: Circle) -> None:
    _, cole, max_, _ = circle.come(LEA, COLE, MAX, PIA)
    circle.push_back()
    circle.do(LEA, protocol.SetChat, True)

    answers = {seat: circle.send(seat, Write(f"to-{seat}", "chat", "", "psst")) for seat in (LEA, COLE, MAX, PIA)}

    assert (max_.room.chat, cole.room.chat) == ("rests", "rests")
    assert [answer.code for answer in answers.values()] == [*["chat_closed"] * 3, "pushed_back"]
    circle.move(Phase.RETURN)
    assert max_.room.chat == "open"


async def test_a_cases_chat_ends_with_it(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)
    circle.move(Phase.GATHERING, Phase.CALL)
    circle.do(LEA, protocol.SettlePresenter, PIA)
    circle.move(Phase.PRESENTATION)
    circle.do(LEA, protocol.SetChat, True)
    circle.do(MAX, Write, "chat", "", "what was her name?")
    before = everybody(circle, "chat")

    circle.do(COLE, protocol.CloseCase)
    circle.come(MAX)

    assert before == dict.fromkeys((LEA, COLE, MAX, PIA), ["what was her name?"])
    assert everybody(circle, "chat") == dict.fromkeys((LEA, COLE, MAX, PIA), [])


async def test_who_loads_the_page_again_reads_the_chat_whole(circle: Circle) -> None:
    circle.come(LEA, MAX)
    circle.move(Phase.GATHERING)
    circle.do(LEA, protocol.SetChat, True)
    circle.do(MAX, Write, "chat", "", "one")
    circle.do(LEA, Write, "chat", "", "two")

    (max_,) = circle.come(MAX)

    assert [texts.whole for texts in max_.all(protocol.Texts)] == [True]
    assert read(max_, "chat") == ["one", "two"]


# The technical line


async def test_the_technical_line_goes_to_who_keeps_it_and_to_nobody_else(circle: Circle) -> None:
    _, cole, max_, _ = circle.come(LEA, COLE, MAX, PIA)

    circle.do(MAX, Write, "line", "", "I hear nothing")
    circle.do(COLE, Write, "line", MAX, "try the headphones")

    said = ["I hear nothing", "try the headphones"]
    assert (cole.room.keeper, max_.room.keeper) == (COLE, COLE)
    assert everybody(circle, "line") == {LEA: [], COLE: said, MAX: said, PIA: []}
    assert {texts.seat for texts in cole.all(protocol.Texts)} == {MAX}


async def test_the_technical_line_changes_hands_with_all_that_stands_there(circle: Circle) -> None:
    lea, *_ = circle.come(LEA, COLE, MAX, PIA)
    circle.do(MAX, Write, "line", "", "I hear nothing")

    circle.lose(COLE)
    told = (lea.room.keeper, read(lea, "line"))
    circle.do(LEA, Write, "line", MAX, "I am with you")

    assert told == (LEA, ["I hear nothing"])
    assert (read(circle.lines[MAX], "line")[-1], read(circle.lines[PIA], "line")) == ("I am with you", [])


async def test_the_technical_line_is_open_to_a_pushed_back_presenter(circle: Circle) -> None:
    lea, cole, *_ = circle.come(LEA, COLE, MAX, PIA)
    circle.push_back(COLE)

    circle.do(COLE, Write, "line", "", "my picture froze")

    assert (lea.room.keeper, read(lea, "line"), read(cole, "line")) == (LEA, *[["my picture froze"]] * 2)


async def test_the_technical_line_reaches_the_door_and_goes_in_with_its_writer(circle: Circle) -> None:
    _, cole = circle.come(LEA, COLE)
    max_ = circle.knock(MAX)

    circle.do(MAX, Write, "line", "", "my camera is broken")
    circle.do(COLE, Write, "line", MAX, "come in anyway")
    at_the_door = read(max_, "line")
    circle.do(COLE, protocol.Admit, MAX)

    said = ["my camera is broken", "come in anyway"]
    assert (at_the_door, read(cole, "line"), read(max_, "line")) == (said, said, said)
    assert circle.lines[LEA].all(protocol.Texts) == []


async def test_nobody_writes_on_another_members_technical_line(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)

    answers = [circle.send(seat, Write("a", "line", MAX, "psst")) for seat in (LEA, PIA)]

    assert answers == [Refused("a", "not_leader")] * 2


# Leaders


async def test_what_leaders_write_to_each_other_only_leaders_read(circle: Circle) -> None:
    circle.come(LEA, COLE, MAX, PIA)

    circle.do(COLE, Write, "leaders", "", "shall we go on?")
    circle.come(LEA, MAX)

    assert everybody(circle, "leaders") == {LEA: ["shall we go on?"], COLE: ["shall we go on?"], MAX: [], PIA: []}
    assert circle.send(MAX, Write("a", "leaders", "", "and I?")) == Refused("a", "not_leader")


# Nowhere else


async def test_nothing_that_is_written_is_in_a_snapshot_or_a_log(
    circle: Circle, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    circle.come(LEA, COLE, MAX, PIA)
    circle.move(Phase.GATHERING)
    circle.do(LEA, protocol.SetChat, True)
    for seat, place in ((MAX, "chat"), (PIA, "line"), (COLE, "leaders")):
        circle.do(seat, Write, place, "", WORD)
    before = everybody(circle, "chat")[PIA]

    await circle.restart()
    circle.come(LEA, COLE, MAX, PIA)

    assert before == [WORD]
    assert [snapshot for snapshot in circle.written if WORD in str(asdict(snapshot))] == []
    assert WORD not in caplog.text
    assert [line.all(protocol.Texts) for line in circle.lines.values()] == [[], [], [], []]
