"""Write static/js/room/protocol.js from sessions/protocol.py, so that the wire is described once."""

import json
from dataclasses import fields
from enum import EnumType
from inspect import cleandoc
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from django.conf import settings
from django.core.management.base import BaseCommand

from sessions import protocol, state, vocabulary, wire

PATH = Path("static/js/room/protocol.js")

HEAD = """// Written by `manage.py protocol_js` from sessions/protocol.py. Change that file, not this one.
// Up is client to server, down is server to client.
"""

PARSE = """/**
 * The message down that a frame holds.
 * @param {string} text
 * @returns {Down}
 */
export const parse = (text) => JSON.parse(text);
"""

TYPES: dict[Any, str] = {str: "string", int: "number", bool: "boolean", NoneType: "null"}
ENUMS: dict[EnumType, str] = {
    state.Phase: "Phase",
    state.Role: "Role",
    state.Line: "Line",
    state.ReturnState: "ReturnState",
    state.Hold: "Hold",
    state.Tick: "Tick",
    vocabulary.CaseKind: "CaseKind",
}


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_args: Any, **_options: Any) -> None:
        (settings.BASE_DIR / PATH).write_text(render())
        self.stdout.write(f"{PATH} is written.")


def render() -> str:
    parts = [HEAD, _constants(), *map(_enum, ENUMS)]
    parts += [_typedef(part.__name__, part) for part in protocol.PARTS]
    up = wire.UP | wire.REHEARSAL_UP
    parts += [_message("Up", kind) for kind in up.values()]
    parts += [_message("Down", kind) for kind in wire.DOWN.values()]
    parts += [_union("Up", up), _union("Down", wire.DOWN)]
    parts += [_builder(name, kind) for name, kind in up.items()]
    return "\n".join([*parts, PARSE])


def _constants() -> str:
    names = ("HEARTBEAT_MS", "AWAY_AFTER_MS", "AUDIO_SLOTS", "VIDEO_SLOTS", "MAX_TEXT")
    lines = [f"export const {name} = {getattr(protocol, name)};" for name in names]
    close = "".join(f"  {name}: {code},\n" for name, code in protocol.CLOSE.items())
    return "\n".join(
        [*lines, f"\n/** Why a socket was closed. */\nexport const CLOSE = Object.freeze({{\n{close}}});\n"]
    )


def _enum(kind: EnumType) -> str:
    words = " | ".join(json.dumps(str(word)) for word in kind)
    return f"/** @typedef {{{words}}} {ENUMS[kind]} */\n"


def _message(direction: str, kind: type) -> str:
    return _typedef(direction + kind.__name__, kind, f'type: "{wire.type_of(kind)}"')


def _typedef(name: str, kind: type, *first: str) -> str:
    members = ", ".join([*first, *(f"{field.name}: {_type(field.type)}" for field in fields(kind))])
    typedef = f"@typedef {{{{ {members} }}}} {name}"
    words = kind.__doc__ or ""
    if not words or words.startswith(f"{kind.__name__}("):  # what dataclass writes where a class says nothing
        return f"/** {typedef} */\n"
    lines = "".join(f" * {line}".rstrip() + "\n" for line in cleandoc(words).splitlines())
    return f"/**\n{lines} * {typedef}\n */\n"


def _type(python: Any) -> str:
    if python in ENUMS:
        return ENUMS[python]
    if python in TYPES:
        return TYPES[python]
    if python in protocol.PARTS:
        return str(python.__name__)
    if get_origin(python) is tuple:
        return f"{_type(get_args(python)[0])}[]"
    if get_origin(python) is Literal:
        return " | ".join(json.dumps(value) for value in get_args(python))
    if isinstance(python, UnionType) or get_args(python):
        return " | ".join(map(_type, get_args(python)))
    raise TypeError(f"the wire has no such type: {python}")


def _union(name: str, kinds: dict[str, Any]) -> str:
    return f"/** @typedef {{{' | '.join(name + kind.__name__ for kind in kinds.values())}}} {name} */\n"


def _builder(name: str, kind: type) -> str:
    """A function that builds a message up."""
    params = [(field.name, _type(field.type)) for field in fields(kind)]
    documented = "".join(f" * @param {{{js}}} {param}\n" for param, js in params)
    listed = ", ".join(param for param, _ in params)
    body = ", ".join([f'type: "{name}"', *(param for param, _ in params)])
    return (
        f"/**\n{documented} * @returns {{Up{kind.__name__}}}\n */\n"
        f"export const {_camel(name)} = ({listed}) => ({{ {body} }});\n"
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
