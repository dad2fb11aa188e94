"""What the wire says, and what it refuses to read."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as some

from sessions import protocol
from sessions.management.commands import protocol_js
from sessions.protocol import Devices, Heartbeat, Malformed, Move, Offer, Tile, Tiles, dump, parse
from sessions.sfu.floors import PLACES
from sessions.sfu.voices import SPEAKING
from sessions.state import MAX_HERE, Line, Phase, Role

SAMPLES = {"id": "a1", "seat": "7", "sdp": "v=0\r\n", "phase": "call", "microphone": True, "camera": False}
SAMPLES |= {"tiles": [{"seat": "7", "height": 180}]}


def sample(kind: type) -> dict:
    return {"type": protocol.type_of(kind), **{field.name: SAMPLES[field.name] for field in fields(kind)}}


@pytest.mark.parametrize("kind", protocol.UP.values())
def test_every_message_up_survives_the_wire(kind):
    message = parse(json.dumps(sample(kind)))

    assert type(message) is kind
    assert parse(dump(message)) == message


def test_a_message_is_its_class():
    assert parse('{"type": "heartbeat"}') == Heartbeat()
    assert parse('{"type": "move", "id": "a", "phase": "push_back"}') == Move("a", Phase.PUSH_BACK)
    assert parse('{"camera": false, "microphone": true, "id": "a", "type": "devices"}') == Devices("a", True, False)


@pytest.mark.parametrize("kind", protocol.UP.values())
def test_a_missing_or_extra_field_is_malformed(kind):
    whole = sample(kind)
    lacking = [{key: value for key, value in whole.items() if key != left_out} for left_out in whole]

    for data in [*lacking, {**whole, "role": "leader"}]:
        with pytest.raises(Malformed):
            parse(json.dumps(data))


@pytest.mark.parametrize("kind", protocol.UP.values())
@pytest.mark.parametrize("value", [None, 1, 0.5, [], {}, ["call"], "", "no such\n", "\ud800"])
def test_an_ill_typed_field_is_malformed(kind, value):
    for field in fields(kind):
        if value == [] and field.name == "tiles":
            continue
        if value == "" and field.name in ("seat", "sdp") or (isinstance(value, str) and field.name == "sdp"):
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
        [{"seat": "7", "height": protocol.MAX_TILE_HEIGHT + 1}],
        [{"seat": "7", "height": 90, "width": 160}],
        [["7", 90]],
        [{"seat": "7", "height": 90}] * (protocol.MAX_TILES + 1),
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
        '{"type": "devices", "id": "a", "microphone": 1, "camera": 0}',
        '{"type": "devices", "id": "a", "microphone": "true", "camera": "false"}',
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


def test_a_message_down_is_plain_json():
    seat = protocol.Seat("7", "Lea", "L", Role.LEADER, 0, Line.HERE, True, False, 1)
    room = protocol.Room(
        seq=3,
        now_ms=5,
        phase=Phase.CALL,
        phase_started_ms=4,
        target_s=300,
        case=1,
        presenter="",
        return_state=protocol.ReturnState.NONE,
        asks_return=False,
        seats=(seat,),
        hands=("7",),
        heard=True,
        moves=(Phase.CLOSING,),
        can=("raise_hand",),
        can_take_back="",
        guard=protocol.Guard(0, 0),
    )

    assert json.loads(dump(room)) == {
        "type": "room",
        "seq": 3,
        "now_ms": 5,
        "phase": "call",
        "phase_started_ms": 4,
        "target_s": 300,
        "case": 1,
        "presenter": "",
        "return_state": "none",
        "asks_return": False,
        "seats": [
            {
                "seat": "7",
                "name": "Lea",
                "initials": "L",
                "role": "leader",
                "order": 0,
                "line": "here",
                "microphone": True,
                "camera": False,
                "hand": 1,
            }
        ],
        "hands": ["7"],
        "heard": True,
        "moves": ["closing"],
        "can": ["raise_hand"],
        "can_take_back": "",
        "guard": {"received": 0, "forwarded": 0},
    }


def test_everyone_else_has_a_picture_slot_and_whoever_speaks_a_voice_slot():
    assert SPEAKING + len(PLACES) == protocol.AUDIO_SLOTS
    assert protocol.VIDEO_SLOTS == MAX_HERE - 1


def test_the_script_is_written_from_the_protocol():
    assert (Path(settings.BASE_DIR) / protocol_js.PATH).read_text() == protocol_js.render()
