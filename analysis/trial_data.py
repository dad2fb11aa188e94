"""A trial's answers as one sheet: a row a participant under their study code, a column an item in a wave. PURE."""

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from surveys.instrument import Instrument, Item

PRE, POST = "pre", "post"
WAVES = (PRE, POST)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # what a spreadsheet would run

Answers = Mapping[str, Mapping[str, int]]  # instrument id -> item id -> value as given


@dataclass(frozen=True)
class Person:
    """`arm` and `level` are places in the trial's arms and levels; a wave that was not sent is not in `sent`."""

    code: str
    arm: int
    level: int
    sent: Mapping[str, Answers]


@dataclass(frozen=True)
class Round:
    """One wave: may answers still come in; when working wording was accepted; instrument id -> version asked."""

    name: str
    is_open: bool
    waived_on: date | None
    versions: Mapping[str, str]


@dataclass(frozen=True)
class TrialData:
    """`arms` has the control first; `people` are in the order of their codes; `as_of` is the day of the last answer.

    `n_before_late`: how many sent the questionnaire before when the one after had been opened.
    """

    title: str
    non_random: bool
    arms: tuple[str, ...]
    levels: tuple[str, ...]
    instruments: tuple[Instrument, ...]
    rounds: tuple[Round, ...]
    people: tuple[Person, ...]
    as_of: date | None
    n_before_late: int


def column(instrument: Instrument, item: Item, wave: str) -> str:
    """The name of an item's column in one wave: pmi_01_pre."""
    own = item.id if item.id.startswith(f"{instrument.id}_") else f"{instrument.id}_{item.id}"
    return f"{own}_{wave}"


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_text(data: TrialData) -> str:
    """The sheet as CSV, every field quoted, a blank for a missing answer, lines ended by CR LF (RFC 4180)."""
    columns = [
        (wave, instrument, item) for wave in WAVES for instrument in data.instruments for item in instrument.items
    ]
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["id", "arm", "level", *(column(instrument, item, wave) for wave, instrument, item in columns)])
    for person in data.people:
        answers = [
            person.sent.get(wave, {}).get(instrument.id, {}).get(item.id, "") for wave, instrument, item in columns
        ]
        writer.writerow([safe(person.code), safe(data.arms[person.arm]), data.levels[person.level], *answers])
    return sheet.getvalue()


def digest(text: str) -> str:
    """The SHA-256 of a sheet, as `sha256sum` prints it for the downloaded file."""
    return hashlib.sha256(text.encode()).hexdigest()
