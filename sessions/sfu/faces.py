"""Drawn faces for synthetic members: a head, hair, eyes that blink and a mouth that opens, in the colours of the look.

A face is drawn once with each mouth and each pair of eyes, larger than the picture; a frame is a window into it, which
sways. Planes are those of yuv420p (BT.601, studio range).
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 360
MARGIN = 16  # how far the window may sway, each way
X, Y = WIDTH / 2 + MARGIN, HEIGHT / 2 + MARGIN  # the middle of a face
MOUTHS = (0.06, 0.35, 0.7, 1.0)  # closed to wide open
INK = "#22252f"

Pixels = NDArray[np.float32]
Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]


@dataclass(frozen=True, slots=True)
class Look:
    """One person's colours, and what tells their head from others': how broad it is, how the hair falls, glasses."""

    ground: str
    skin: str
    hair: str
    clothes: str
    breadth: float
    locks: float  # 0 short, 1 to the shoulders
    glasses: bool = False


LOOKS = (
    Look("#fdf5e4", "#f2cfae", "#5a3a28", "#343f70", 0.98, 1.0),
    Look("#e2efe7", "#8d5a3c", "#22252f", "#a5660a", 1.04, 0.0),
    Look("#fbedd3", "#f6d9c2", "#b9b6b0", "#2c6a4c", 0.94, 0.3, glasses=True),
    Look("#e2e3e6", "#c99468", "#2e2320", "#a03527", 0.96, 0.8),
    Look("#f9e5e0", "#f0c39b", "#8a4b22", "#2d3450", 1.06, 0.0, glasses=True),
    Look("#e9e7e2", "#6f4630", "#1c1a1c", "#f0b149", 0.92, 0.5),
    Look("#fdf5e4", "#ebbf96", "#d8a24a", "#505460", 1.0, 0.6),
    Look("#e2efe7", "#f3d3b8", "#7a2e1f", "#7c4d08", 1.05, 0.0),
)


def _rgb(colour: str) -> Pixels:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32)


class Sheet:
    """A picture while it is drawn, with edges smoothed over a pixel."""

    def __init__(self, width: int, height: int, ground: str) -> None:
        self.pixels: Pixels = np.empty((height, width, 3), np.float32)
        self.pixels[:] = _rgb(ground)

    def copy(self) -> "Sheet":
        return copy.deepcopy(self)

    def ellipse(self, x: float, y: float, across: float, down: float, fill: str, *, line: float = 0.0) -> None:
        """`across` and `down` are half axes; with `line` only a stroke of that width is drawn."""
        reach = line / 2 + 1
        top, left = max(0, int(y - down - reach)), max(0, int(x - across - reach))
        part = self.pixels[top : int(y + down + reach) + 2, left : int(x + across + reach) + 2]
        rows, columns = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
        ring = np.hypot((columns - x) / across, (rows - y) / down).astype(np.float32)
        inside = (1 - ring) * min(across, down)  # about the distance to the edge, in pixels
        cover = np.clip(line / 2 + 0.5 - np.abs(inside) if line else inside + 0.5, 0, 1)[:, :, None]
        part += cover * (_rgb(fill) - part)

    def planes(self) -> Planes:
        red, green, blue = (self.pixels[:, :, at] for at in range(3))
        luma = 16 + 0.257 * red + 0.504 * green + 0.098 * blue
        small = self.pixels.reshape(self.pixels.shape[0] // 2, 2, self.pixels.shape[1] // 2, 2, 3).mean((1, 3))
        red, green, blue = (small[:, :, at] for at in range(3))
        first = 128 - 0.148 * red - 0.291 * green + 0.439 * blue
        second = 128 + 0.439 * red - 0.368 * green - 0.071 * blue
        return luma.astype(np.uint8), first.astype(np.uint8), second.astype(np.uint8)


def _head(look: Look) -> Sheet:
    """All but eyes and mouth."""
    sheet = Sheet(WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN, look.ground)
    wide = 84 * look.breadth
    sheet.ellipse(X, Y + 4 + 60 * look.locks, wide + 18, 114 + 30 * look.locks, look.hair)
    sheet.ellipse(X, Y + 230, 168, 108, look.clothes)
    sheet.ellipse(X, Y + 230, 168, 108, INK, line=4)
    sheet.ellipse(X, Y + 108, 32, 46, look.skin)
    sheet.ellipse(X, Y, wide, 108, look.hair)
    sheet.ellipse(X, Y + 18, wide - 6, 90, look.skin)
    sheet.ellipse(X, Y + 18, wide - 6, 90, INK, line=4)
    sheet.ellipse(X, Y + 24, 7, 4, INK, line=3)
    return sheet


def _eyes(sheet: Sheet, are_open: bool, glasses: bool) -> None:
    for x in (X - 34, X + 34):
        sheet.ellipse(x, Y - 10 if are_open else Y - 7, 13, 10 if are_open else 2.5, "#fdfcfa" if are_open else INK)
        if are_open:
            sheet.ellipse(x, Y - 10, 6, 7, INK)
        if glasses:
            sheet.ellipse(x, Y - 10, 26, 22, INK, line=4)


def _mouth(sheet: Sheet, openness: float) -> None:
    sheet.ellipse(X, Y + 62, 30 - 6 * openness, max(2.5, 22 * openness), "#6d2f2a")


def _drawn(head: Sheet, look: Look, are_open: bool, openness: float) -> Planes:
    sheet = head.copy()
    _eyes(sheet, are_open, look.glasses)
    _mouth(sheet, openness)
    return sheet.planes()


class Face:
    """One person's drawings; who has a number above those of LOOKS looks like an earlier one."""

    def __init__(self, person: int) -> None:
        look = LOOKS[person % len(LOOKS)]
        head = _head(look)
        self._drawn = [[_drawn(head, look, are_open, each) for each in MOUTHS] for are_open in (False, True)]
        self._phase = person * 1.7

    def frame(self, at_s: float, openness: float) -> Planes:
        """The picture at `at_s` with the mouth open from 0 to 1. It blinks every 3.1 s and sways in 4 s."""
        blinks = (at_s + self._phase) % 3.1 < 0.14
        mouth = min(round(openness * (len(MOUTHS) - 1)), len(MOUTHS) - 1)
        turn = math.tau * at_s / 4 + self._phase
        x, y = (2 * round(MARGIN / 2 * (1 + sway)) for sway in (math.sin(turn), 0.4 * math.sin(2 * turn + 1)))
        luma, first, second = self._drawn[not blinks][mouth]
        halves = slice(y // 2, (y + HEIGHT) // 2), slice(x // 2, (x + WIDTH) // 2)
        return luma[y : y + HEIGHT, x : x + WIDTH], first[halves], second[halves]
