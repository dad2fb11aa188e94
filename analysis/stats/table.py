"""A data file as a table of texts: UTF-8, comma separated, one header row, one row an `id`."""

import csv
import io
from dataclasses import dataclass

from analysis.stats.numbers import TRIM

ID = "id"


class TableError(ValueError):
    """Why a file cannot be read. `row` counts records from 1 (the header), `column` is a name, each if known."""

    def __init__(self, reason: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.row, self.column = reason, row, column

    def __str__(self) -> str:
        row = [] if self.row is None else [f"row {self.row}"]
        column = [] if self.column is None else [f"column {self.column!r}"]
        where = ", ".join(row + column)
        return f"{where}: {self.reason}" if where else self.reason


@dataclass(frozen=True)
class Table:
    """`columns[name]` is the list of that column's cells, all of length `n`."""

    columns: dict[str, list[str]]
    n: int

    def column(self, name: str) -> list[str]:
        if name not in self.columns:
            raise TableError("the file has no such column", 1, name)
        return self.columns[name]


def read_table(content: bytes) -> Table:
    """Read a file's bytes. Raises TableError when it is undecodable, empty or ragged, or an id is missing or double."""
    text = _decode(content)
    if not text.strip():
        raise TableError("the file is empty")
    rows = _records(text)
    header, *body = rows
    names = [name.strip(TRIM) for name in header[1]]
    _check_header(names)
    for row, cells in body:
        if len(cells) != len(names):
            raise TableError(f"{len(cells)} cells where the header has {len(names)}", row)
    if not body:
        raise TableError("the file has a header but no rows", 1)
    columns = {name: [cells[i] for _, cells in body] for i, name in enumerate(names)}
    _check_ids(columns[ID], [row for row, _ in body])
    return Table(columns, len(body))


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise TableError(f"byte {error.start + 1} of the file is not UTF-8 text", row) from None


def _records(text: str) -> list[tuple[int, list[str]]]:
    """The records with their numbers; lines without any character are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for row, cells in enumerate(reader, start=1):
            if cells:
                rows.append((row, cells))
    except csv.Error as error:
        raise TableError(f"not comma-separated text ({error})", len(rows) + 1) from None
    return rows


def _check_header(names: list[str]) -> None:
    seen: set[str] = set()
    for i, name in enumerate(names, start=1):
        if not name:
            raise TableError("a column has no name", 1, f"{i}")
        if name in seen:
            raise TableError("two columns have this name", 1, name)
        seen.add(name)
    if ID not in seen:
        raise TableError("the file has no such column", 1, ID)


def _check_ids(ids: list[str], rows: list[int]) -> None:
    first: dict[str, int] = {}
    for text, row in zip(ids, rows, strict=True):
        name = text.strip(TRIM)
        if not name:
            raise TableError("no id", row, ID)
        if name in first:
            raise TableError(f"id {name!r} is also in row {first[name]}", row, ID)
        first[name] = row
