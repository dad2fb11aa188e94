"""The text of a PDF as typst writes it: simple fonts with a ToUnicode map, one show operator a run."""

import re
import zlib
from collections.abc import Iterator

OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\s(.*?)\nendobj", re.DOTALL)
TOKEN = re.compile(rb"/(f\d+)\s|/[A-Za-z]+\(|\(|\bET\b", re.DOTALL)
ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text(pdf: bytes) -> str:
    """What all pages show."""
    return "\n".join(pages(pdf))


def pages(pdf: bytes) -> list[str]:
    """What each page shows, in the order in which it is drawn; runs are parted by line ends."""
    objects = {int(number): body for number, body in OBJECT.findall(pdf)}
    return [_page(objects, body) for body in objects.values() if re.search(rb"/Type/Page\b", body)]


def _page(objects: dict[int, bytes], page: bytes) -> str:
    resources = objects[_reference(page, rb"Resources")]
    fonts = {
        name.decode(): _letters(_stream(objects[_reference(objects[int(number)], rb"ToUnicode")]))
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    found: list[str] = []
    for name, codes in _runs(_stream(objects[_reference(page, rb"Contents")])):
        found += [fonts[name][codes[i : i + 2]] for i in range(0, len(codes), 2)] if codes else ["\n"]
    return "".join(found)


def _runs(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Font and glyph codes of each string that is shown; no codes at the end of a run."""
    font, place = "", 0
    while match := TOKEN.search(content, place):
        place = match.end()
        if match[1]:
            font = match[1].decode()
        elif match[0] == b"ET":
            yield font, b""
        elif match[0] != b"(":  # a property of what follows, such as its language
            place = _close(content, place - 1)
        else:
            place = _close(content, match.start())
            yield font, ESCAPE.sub(_plain, content[match.start() + 1 : place - 1])


def _close(content: bytes, place: int) -> int:
    """Where the string that opens at `place` has ended; parentheses inside it may nest."""
    depth = 0
    for match in re.compile(rb"\\.|[()]", re.DOTALL).finditer(content, place):
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    raise ValueError("a string is not closed")


def _plain(match: re.Match[bytes]) -> bytes:
    token = match[1]
    return bytes([int(token, 8)]) if token.isdigit() else LETTERS.get(token, token)


def _reference(body: bytes, key: bytes) -> int:
    found = re.search(rb"/" + key + rb" (\d+) 0 R", body)
    assert found, key
    return int(found[1])


def _stream(body: bytes) -> bytes:
    return zlib.decompressobj().decompress(body.split(b"stream", 1)[1].lstrip(b"\r\n"))


def _letters(cmap: bytes) -> dict[bytes, str]:
    """Glyph code to text, from the bfchar and bfrange lines of a ToUnicode map."""
    letters = {
        bytes.fromhex(code.decode()): bytes.fromhex(value.decode()).decode("utf-16-be")
        for code, value in re.findall(rb"(?m)^<([0-9A-F]{4})> <([0-9A-F]+)>\s*$", cmap)
    }
    for low, high, first in re.findall(rb"(?m)^<([0-9A-F]{4})> <([0-9A-F]{4})> <([0-9A-F]{4})>", cmap):
        for step in range(int(high, 16) - int(low, 16) + 1):
            letters[(int(low, 16) + step).to_bytes(2, "big")] = chr(int(first, 16) + step)
    return letters
