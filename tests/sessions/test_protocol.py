"""What the wire says, and what it refuses to read."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as some

from sessions import protocol, wire
from sessions.management.commands import protocol_js
from sessions.protocol import Devices, Heartbeat, Move, Offer, Tile, Tiles
from sessions.sfu.floors import PLACES
from sessions.sfu.voices import SPEAKING
from sessions.state import MAX_HERE, Line, Phase, ReturnState, Role, Tick
from sessions.vocabulary import CaseKind
from sessions.wire import Malformed, dump, parse

SAMPLES = {"id": "a1", "seat": "7", "sdp": "v=0\r\n", "phase": "call", "microphone": True, "camera": False}
SAMPLES |= {"tiles": [{"seat": "7", "height": 180}], "paused": False, "follow_up": True, "open": True, "on": True}
SAMPLES |= {"ticks": ["alone", "door"], "kinds": ["dying"], "minutes": 20, "cases": 2, "number": 1}
SAMPLES |= {"place": "chat", "text": "Are we late?"}
# What each field may be besides its sample, of the values that are tried below.
MAY_BE = {"seat": [""], "sdp": ["", "no such\n"], "ticks": [[]], "kinds": [[]], "tiles": [[]], "text": ["no such\n"]}
MAY_BE |= {"minutes": [1], "cases": [1], "number": [1]}


def sample(kind: type) -> dict:
    return {"type": wire.type_of(kind), **{field.name: SAMPLES[field.name] for field in fields(kind)}}


@pytest.mark.parametrize("kind", wire.UP.values())
def test_every_message_up_survives_the_wire(kind):
    message = parse(json.dumps(sample(kind)))

    assert type(message) is kind
    assert parse(dump(message)) == message


def test_a_message_is_its_class():
    assert parse('{"type": "heartbeat"}') == Heartbeat()
    assert parse('{"type": "move", "id": "a", "phase": "push_back"}') == Move("a", Phase.PUSH_BACK)
    text = '{"camera": false, "paused": false, "microphone": true, "id": "a", "type": "devices"}'
    assert parse(text) == Devices("a", True, False, False)


@pytest.mark.parametrize("kind", wire.UP.values())
def test_a_missing_or_extra_field_is_malformed(kind):
    whole = sample(kind)
    lacking = [{key: value for key, value in whole.items() if key != left_out} for left_out in whole]

    for data in [*lacking, {**whole, "role": "leader"}]:
        with pytest.raises(Malformed):
            parse(json.dumps(data))


@pytest.mark.parametrize("kind", wire.UP.values())
@pytest.mark.parametrize("value", [None, 1, 0.5, [], {}, ["call"], "", "no such\n", "\ud800"])
def test_an_ill_typed_field_is_malformed(kind, value):
    for field in fields(kind):
        if value in MAY_BE.get(field.name, []):
            continue
        with pytest.raises(Malformed):
            parse(json.dumps({**sample(kind), field.name: value}))


@pytest.mark.parametrize(
    "tiles",
    [
        [{"seat": "7"}],
        [{"seat": "7", "height": 0}],
        [{"seat": "7", "height": True}],
        [{"seat": "7 ", "height": 90}],
        [{"seat": "7", "height": wire.MAX_TILE_HEIGHT + 1}],
        [{"seat": "7", "height": 90, "width": 160}],
        [["7", 90]],
        [{"seat": "7", "height": 90}] * (wire.MAX_TILES + 1),
        {"seat": "7", "height": 90},
    ],
)
def test_tiles_that_no_page_shows_are_malformed(tiles):
    with pytest.raises(Malformed):
        parse(json.dumps({"type": "tiles", "tiles": tiles}))


def test_tiles_say_whose_picture_stands_how_high():
    message = parse('{"type": "tiles", "tiles": [{"seat": "7", "height": 180}, {"seat": "9", "height": 90}]}')

    assert message == Tiles((Tile("7", 180), Tile("9", 90)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        '"move"',
        "{}",
        '{"type": 1}',
        '{"type": ["move"]}',
        '{"type": "welcome", "seat": "1", "heartbeat_ms": 1}',
        '{"type": "Heartbeat"}',
        "[" * 40_000,
        '{"type":' * 7_000,
        '{"type": "devices", "id": "a", "microphone": 1, "camera": 0, "paused": 0}',
        '{"type": "devices", "id": "a", "microphone": "true", "camera": "false", "paused": "false"}',
        '{"type": "set_chat", "id": "a", "open": 1}',
        '{"type": "attest", "id": "a", "ticks": ["asleep"]}',
        '{"type": "attest", "id": "a", "ticks": ["alone", "alone"]}',
        '{"type": "attest", "id": "a", "ticks": "alone"}',
        '{"type": "attest", "id": "a", "ticks": [["alone"]]}',
        '{"type": "note_case", "id": "a", "number": 1, "kinds": ["rude"], "follow_up": false}',
        '{"type": "note_case", "id": "a", "number": true, "kinds": [], "follow_up": false}',
        '{"type": "set_target", "id": "a", "phase": "call", "minutes": 181}',
        '{"type": "set_target", "id": "a", "phase": "call", "minutes": -1}',
        '{"type": "set_cases", "id": "a", "cases": 0}',
        '{"type": "set_cases", "id": "a", "cases": 3}',
        '{"type": "write", "id": "a", "place": "aloud", "seat": "", "text": "x"}',
        '{"type": "write", "id": "a", "place": "chat", "seat": "", "text": " "}',
        '{"type": "write", "id": "a", "place": "chat", "seat": "", "text": "' + "x" * 501 + '"}',
        '{"type": "raise_hand", "id": "' + "a" * 65 + '"}',
        '{"type": "raise_hand", "id": "a b"}',
        '{"type": "offer", "sdp": "\\ud800"}',
        '{"type": "move", "id": "a", "phase": ' + "9" * 5_000 + "}",
    ],
)
def test_what_no_client_of_ours_sends_is_malformed(text):
    with pytest.raises(Malformed):
        parse(text)


def test_sdp_may_be_long_and_nothing_else():
    assert parse(dump(Offer("a" * 60_000))) == Offer("a" * 60_000)
    for text in (dump(Offer("a" * 65_536)), dump(Offer("ä" * 11_000)), dump(Heartbeat()) + " " * 8_192):
        with pytest.raises(Malformed):
            parse(text)


@given(some.recursive(some.none() | some.booleans() | some.floats() | some.text(), some.lists) | some.text())
def test_anything_else_is_malformed_and_never_another_error(value):
    for text in (json.dumps({"type": "move", "id": "a", "phase": value}), json.dumps(value), str(value)):
        try:
            message = parse(text)
        except Malformed:
            continue
        assert message == Move("a", Phase(value))


SEAT = protocol.Seat("7", "Lea", "L", Role.LEADER, 0, Line.HERE, False, True, False, False, (Tick.ALONE,), 1)
ROOM = protocol.Room(
    seq=3,
    now_ms=5,
    phase=Phase.CALL,
    phase_started_ms=4,
    stopped_ms=0,
    target_s=300,
    case=1,
    cases=2,
    most_cases=2,
    presenter="",
    presenter_shown=True,
    follow_up=False,
    return_state=ReturnState.NONE,
    asks_return=False,
    hold="",
    seats=(SEAT,),
    hands=("7",),
    queue=(protocol.Waiting("7", 4, False),),
    heard=True,
    waits=False,
    door=(protocol.Knock("8", 3, True, ()),),
    offers=(protocol.CaseOffer("9", True),),
    closed=(protocol.Case(1, False, (CaseKind.DYING,), True),),
    chat="closed",
    asides=(protocol.Aside("7", "9"),),
    to_leaders=("7",),
    keeper="7",
    next_at="",
    moves=(Phase.CLOSING,),
    can=("raise_hand",),
    can_take_back="",
    guard=protocol.Guard(0, 0),
    unsaved=False,
)


def test_a_message_down_is_plain_json():
    assert json.loads(dump(ROOM)) == {
        "type": "room",
        "seq": 3,
        "now_ms": 5,
        "phase": "call",
        "phase_started_ms": 4,
        "stopped_ms": 0,
        "target_s": 300,
        "case": 1,
        "cases": 2,
        "most_cases": 2,
        "presenter": "",
        "presenter_shown": True,
        "follow_up": False,
        "return_state": "none",
        "asks_return": False,
        "hold": "",
        "seats": [
            {
                "seat": "7",
                "name": "Lea",
                "initials": "L",
                "role": "leader",
                "order": 0,
                "line": "here",
                "slow": False,
                "microphone": True,
                "camera": False,
                "paused": False,
                "ticks": ["alone"],
                "hand": 1,
            }
        ],
        "hands": ["7"],
        "queue": [{"seat": "7", "since_ms": 4, "spoken": False}],
        "heard": True,
        "waits": False,
        "door": [{"seat": "8", "since_ms": 3, "new_device": True, "ticks": []}],
        "offers": [{"seat": "9", "follow_up": True}],
        "closed": [{"number": 1, "follow_up": False, "kinds": ["dying"], "noted": True}],
        "chat": "closed",
        "asides": [{"leader": "7", "member": "9"}],
        "to_leaders": ["7"],
        "keeper": "7",
        "next_at": "",
        "moves": ["closing"],
        "can": ["raise_hand"],
        "can_take_back": "",
        "guard": {"received": 0, "forwarded": 0},
        "unsaved": False,
    }


def test_everyone_else_has_a_picture_slot_and_whoever_speaks_a_voice_slot():
    assert SPEAKING + len(PLACES) == protocol.AUDIO_SLOTS
    assert protocol.VIDEO_SLOTS == MAX_HERE - 1


def test_the_script_is_written_from_the_protocol():
    assert (Path(settings.BASE_DIR) / protocol_js.PATH).read_text() == protocol_js.render()
