"""PURE: roughly how much each spoke, beside an equal share of all that was spoken. Coarse on purpose: no score."""

from collections.abc import Hashable, Mapping
from enum import StrEnum
from typing import TypeVar

SILENT_S = 5  # a cough and a greeting are no speech
LITTLE, MUCH = 0.5, 2.0  # of an equal share

Person = TypeVar("Person", bound=Hashable)


class Band(StrEnum):
    NONE = "none"
    LITTLE = "little"
    SOME = "some"
    MUCH = "much"


def bands(spoken_s: Mapping[Person, int]) -> dict[Person, Band]:
    """For everybody who was there; those who did not speak stand in it with 0."""
    share_s = sum(spoken_s.values()) / len(spoken_s) if spoken_s else 0.0
    return {person: _band(seconds, share_s) for person, seconds in spoken_s.items()}


def _band(seconds: int, share_s: float) -> Band:
    if seconds < SILENT_S:
        return Band.NONE
    if seconds < LITTLE * share_s:
        return Band.LITTLE
    return Band.MUCH if seconds > MUCH * share_s else Band.SOME
