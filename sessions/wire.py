"""PURE: messages of the protocol as text. What strangers send is read exactly: anything else is Malformed."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, Literal, TypeVar, get_args, get_origin

from sessions.protocol import MAX_TEXT, PARTS, VIDEO_SLOTS, Down, Offer, RehearsalUp, Tile, Up
from sessions.state import MAX_HERE, MOST_CASES, MOST_MINUTES

# A socket may send BURST messages at once, then PER_SECOND.
RATE_BURST = 60
RATE_PER_SECOND = 20

MAX_MESSAGE_BYTES = 8 * 1024
MAX_SDP_MESSAGE_BYTES = 64 * 1024
MAX_TILES = MAX_HERE
MAX_TILE_HEIGHT = 8_640

_Kind = TypeVar("_Kind")


class Malformed(ValueError):
    """A message that no client of ours sends; the words say what is wrong with it and repeat none of it."""


def type_of(message: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", message.__name__).lower()


UP: dict[str, type[Up]] = {type_of(message): message for message in Up.__args__}
REHEARSAL_UP: dict[str, type[RehearsalUp]] = {type_of(message): message for message in RehearsalUp.__args__}
DOWN: dict[str, type[Down]] = {type_of(message): message for message in Down.__args__}

# What a field of this name must look like, in any message up.
_PATTERNS = {"id": re.compile(r"[A-Za-z0-9_-]{1,64}"), "seat": re.compile(r"[A-Za-z0-9_-]{0,64}")}

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(text: str) -> Up:
    """The message up that `text` is, exactly: anything else is Malformed."""
    return _parse(text, UP)


def parse_rehearsal(text: str) -> RehearsalUp:
    """The same for the socket of a line test."""
    return _parse(text, REHEARSAL_UP)


def _parse(text: str, kinds: Mapping[str, type[_Kind]]) -> _Kind:
    size = len(text.encode(errors="replace"))
    if size > MAX_SDP_MESSAGE_BYTES:
        raise Malformed("too long")
    message = _typed(_object(text), kinds)
    if size > MAX_MESSAGE_BYTES and not isinstance(message, Offer):
        raise Malformed("too long")
    return message


def dump(message: Up | RehearsalUp | Down) -> str:
    return json.dumps({"type": type_of(type(message)), **_plain(message)}, separators=(",", ":"))


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    if not isinstance(data, dict):
        raise Malformed("not an object")
    return data


def _typed(data: dict[str, Any], kinds: Mapping[str, type[_Kind]]) -> _Kind:
    name = data.pop("type", None)
    kind = kinds.get(name) if isinstance(name, str) else None
    if kind is None:
        raise Malformed("unknown type")
    return _fields(kind, data)


def _fields(kind: type[_Kind], data: dict[str, Any]) -> _Kind:
    """A dataclass of the wire from exactly its fields."""
    wanted = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    if data.keys() != wanted.keys():
        raise Malformed("missing or extra field")
    return kind(**{name: _value(name, wanted[name], value) for name, value in data.items()})


# What a number of this name may be, in any message up.
_RANGES = {
    "pictures": range(VIDEO_SLOTS + 1),
    "minutes": range(MOST_MINUTES + 1),
    "cases": range(1, MOST_CASES + 1),
}


def _value(name: str, wanted: Any, value: Any) -> Any:
    if wanted == tuple[Tile, ...]:
        return _tiles(value)
    if get_origin(wanted) is tuple:
        return _ticked(get_args(wanted)[0], value)
    if get_origin(wanted) is Literal or issubclass(wanted, StrEnum):
        return _chosen(wanted, value)
    if type(value) is not wanted:
        raise Malformed("ill-typed field")
    if name in _RANGES and value not in _RANGES[name]:
        raise Malformed("number out of range")
    if isinstance(value, str):
        _check_words(name, value)
    return value


def _chosen(wanted: Any, value: Any) -> Any:
    """One of an enumeration, or of some words."""
    words = get_args(wanted) or tuple(wanted)
    if type(value) is not str or value not in words:
        raise Malformed("unknown word")
    return value if get_args(wanted) else wanted(value)


def _ticked(wanted: Any, value: Any) -> Any:
    """Some of an enumeration, each once."""
    if type(value) is not list or len(value) > len(wanted):
        raise Malformed("ill-typed field")
    ticked = tuple(_chosen(wanted, each) for each in value)
    if len(set(ticked)) < len(ticked):
        raise Malformed("twice the same")
    return ticked


def _check_words(name: str, value: str) -> None:
    if _SURROGATE.search(value):
        raise Malformed("not Unicode")
    if name in _PATTERNS and not _PATTERNS[name].fullmatch(value):
        raise Malformed("ill-formed id")
    if name == "text" and not (value.strip() and len(value) <= MAX_TEXT):
        raise Malformed("no text, or too much")


def _tiles(value: Any) -> tuple[Tile, ...]:
    if type(value) is not list or len(value) > MAX_TILES or not all(isinstance(each, dict) for each in value):
        raise Malformed("ill-typed field")
    tiles = tuple(_fields(Tile, each) for each in value)
    if not all(0 < tile.height <= MAX_TILE_HEIGHT for tile in tiles):
        raise Malformed("no height of a tile")
    return tiles


def _plain(message: Any) -> dict[str, Any]:
    """The fields of a message as JSON types, in order."""
    return {name: _json(getattr(message, name)) for name in _NAMES[type(message)]}


# Looked up for every message, and each room says a hundred parts.
_KINDS = (*UP.values(), *REHEARSAL_UP.values(), *DOWN.values(), *PARTS)
_NAMES: dict[type, tuple[str, ...]] = {kind: tuple(field.name for field in fields(kind)) for kind in _KINDS}


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return _plain(value) if is_dataclass(value) else value
