"""The instruments that ship with the product, read once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from surveys.instrument import Instrument, parse

FOLDER = Path(__file__).parent / "instruments"
ORDER = ("pmi", "wwas", "pis")  # as a doctor meets them


@cache
def instruments() -> Mapping[str, Instrument]:
    """Instrument id to instrument, in the order in which they are answered."""
    return {name: parse((FOLDER / f"{name}.toml").read_text(encoding="utf-8")) for name in ORDER}
