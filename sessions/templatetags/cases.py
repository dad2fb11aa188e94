"""Kinds of case, and how much somebody spoke, in words."""

from collections.abc import Iterable

from django import template

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
def band_name(band: str) -> object:
    return BANDS[band]
