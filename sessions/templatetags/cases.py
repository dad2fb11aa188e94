"""Kinds of case, and how much somebody spoke, in words."""

import uuid
from collections.abc import Iterable, Mapping

from django import template

from groups.models import Membership
from sessions.bands import Band
from sessions.words import BANDS, CASE_KINDS

register = template.Library()


@register.simple_tag
def case_kinds() -> list[tuple[str, object]]:
    """Every kind of case: its code and its words."""
    return list(CASE_KINDS.items())


@register.filter
def kind_names(kinds: Iterable[str]) -> list[object]:
    """The words for these codes, in the order of the tick-list."""
    return [words for code, words in CASE_KINDS.items() if code in kinds]


@register.filter
def band_name(band: Band) -> object:
    return BANDS[band]


@register.filter
def of(bands: Mapping[uuid.UUID, Band], member: Membership) -> Band | None:
    """How much this member spoke, where that is known."""
    return bands.get(member.pk)
