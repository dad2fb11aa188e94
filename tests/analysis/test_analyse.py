"""`manage.py analyse DATA.csv SPEC.json`: JSON on stdout, or a reason on stderr and exit status 2."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

CASE = Path(__file__).parent / "cases" / "P07_empty_cell_n30"


def analyse(data: Path, spec: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "analyse", str(data), str(spec)]
    return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, encoding="utf-8", check=False)


def test_an_outcome_that_cannot_be_analysed_is_an_answer() -> None:
    run = analyse(CASE / "data.csv", CASE / "spec.json")

    answer = json.loads(run.stdout)
    assert run.returncode == 0
    assert answer["ancova"]["PIS"]["code"] == "empty_cell"
    assert answer["scales"]["PIS"]["post"]["descriptives"]["n"] == 30


def test_a_broken_file_gives_a_reason_and_nothing_else(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text((CASE / "data.csv").read_text(encoding="utf-8").replace("P00002", "P00001"), encoding="utf-8")

    run = analyse(data, CASE / "spec.json")

    assert (run.returncode, run.stdout) == (2, "")
    assert "column 'id': id 'P00001' is also in row" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ((CASE / "data.csv").read_bytes().replace(b"pis_pre_03", b"pis_pre_99"), "row 1, column 'pis_pre_03'"),
        ((CASE / "data.csv").read_bytes().replace(b'"P00001",', b'"P00001","x",'), "cells where the header has"),
        (b"", "the file is empty"),
        (b"\xff\xfe\x00", "row 1: byte 1 of the file is not UTF-8 text"),
    ],
)
def test_every_refusal_is_exit_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, reason: str
) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(content)

    with pytest.raises(CommandError, match=reason) as refused:
        call_command("analyse", data, CASE / "spec.json")

    assert (refused.value.returncode, capsys.readouterr().out) == (2, "")


def test_a_missing_file_and_a_broken_specification_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file") as missing:
        call_command("analyse", tmp_path / "absent.csv", CASE / "spec.json")
    with pytest.raises(CommandError, match="the specification is not JSON") as broken:
        call_command("analyse", CASE / "data.csv", CASE / "data.csv")

    assert [missing.value.returncode, broken.value.returncode] == [2, 2]
