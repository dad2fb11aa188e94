"""A data file is read whole or refused with row, column and reason."""

import pytest

from analysis.stats.table import TableError, read_table


def test_a_file_becomes_columns() -> None:
    table = read_table('\ufeff"id", arm \r\n"P1","a, ""b"""\r\n\r\n"P2",\r\n'.encode())

    assert table.n == 2
    assert table.columns == {"id": ["P1", "P2"], "arm": ['a, "b"', ""]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"id,a\n", "row 1: the file has a header but no rows"),
        (b"code,a\nP1,1\n", "row 1, column 'id': the file has no such column"),
        (b"id,a,a\nP1,1,2\n", "row 1, column 'a': two columns have this name"),
        (b"id,\nP1,1\n", "row 1, column '2': a column has no name"),
        (b"id,a\nP1,1\nP2\n", "row 3: 1 cells where the header has 2"),
        (b"id,a\nP1,1\nP2,2,3\n", "row 3: 3 cells where the header has 2"),
        (b"id,a\nP1,1\n P1 ,2\n", "row 3, column 'id': id 'P1' is also in row 2"),
        (b"id,a\nP1,1\n,2\n", "row 3, column 'id': no id"),
        (b"id,a\nP1,\xff\n", "row 2: byte 9 of the file is not UTF-8 text"),
        (b'id,a\nP1,"1\n', "row 2: not comma-separated text (unexpected end of data)"),
    ],
)
def test_a_broken_file_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(content)

    assert str(refused.value) == message


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(TableError, match="row 1, column 'pmi_pre_01': the file has no such column"):
        read_table(b"id,a\nP1,1\n").column("pmi_pre_01")
