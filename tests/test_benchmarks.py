"""`./balint.sh bench NAME` measures; what it finds is for a quiet machine to say."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import janus
from benchmarks.room import Figures, missed
from tests.processes import ROOT, bare_environment

KEYS = [
    "engine", "mode", "members", "cpu_cores", "forwarded_pps", "us_per_packet", "audio_delay_p50_ms",
    "audio_delay_p99_ms", "loss_pct", "join_s", "rss_mb", "downlink_bps",
]  # fmt: skip


def measured(folder: Path, *words: str) -> list[dict[str, Any]]:
    """What a short run of `bench room` writes."""
    file = folder / "figures.json"
    brief = ["--rounds", "1", "--seconds", "1", "--warm-up", "3", "--json", str(file)]
    short = ["-m", "benchmarks.room", *brief, *words]

    done = subprocess.run([sys.executable, *short], cwd=ROOT, env=bare_environment(), capture_output=True, text=True)

    assert (done.stderr, done.returncode) == ("", 0), done.stdout
    return list(json.loads(file.read_text()))


def test_the_room_is_measured(tmp_path: Path) -> None:
    found = measured(tmp_path, "--members", "3", "--engines", "balint")

    assert [(each["engine"], each["mode"], each["members"]) for each in found] == [
        ("balint", "all", 3),
        ("balint", "balint", 3),
    ]
    assert [list(each) for each in found] == [KEYS, KEYS]
    assert min(each[key] for each in found for key in KEYS if isinstance(each[key], float) and key != "loss_pct") > 0


def test_rooms_at_once_are_measured(tmp_path: Path) -> None:
    (found,) = measured(tmp_path, "--members", "2", "--rooms", "2")

    assert (found["engine"], found["mode"], found["members"]) == ("balint", "balint x2", 2)


@pytest.mark.skipif(janus.missing() != "", reason=janus.missing())
def test_janus_serves_the_same_room(tmp_path: Path) -> None:
    """Voices of everyone else, two large pictures and one small one: 3 * (3 * 50 + 60 + 60 + 15) less one's own."""
    found = measured(tmp_path, "--members", "4", "--engines", "janus-tuned", "--modes", "balint")

    assert [(each["engine"], each["mode"]) for each in found] == [("janus-tuned", "balint")]
    everything = 4 * 3 * 50 + 6 * 60 + 6 * 15
    assert 0.5 * everything < found[0]["forwarded_pps"] < 1.2 * everything


def figures(engine: str, mode: str, **numbers: float) -> Figures:
    usual = dict.fromkeys(KEYS[3:], 0.0)
    return Figures(engine=engine, mode=mode, members=12, **usual | {"cpu_cores": 0.1} | numbers)


def test_targets_are_held_against_what_was_measured() -> None:
    fine = [figures("balint", "balint"), figures("janus-tuned", "balint", cpu_cores=0.2)]

    assert missed(fine) == []
    assert missed([*fine, figures("janus", "balint", cpu_cores=0.15)]) == ["balint: 0.67 of janus's CPU, not 0.5"]
    assert missed([figures("balint", "balint", cpu_cores=0.2)]) == ["balint: 0.200 core, not 0.14"]
    assert missed([figures("balint", "all", audio_delay_p99_ms=12.0)]) == ["all: p99 of 12.0 ms, not 10"]
    assert missed([figures("balint", "balint x3", audio_delay_p99_ms=12.0)]) == []
    assert missed([figures("balint", "balint x3", audio_delay_p99_ms=30.0)]) == ["3 rooms: p99 of 30.0 ms, not 25"]


def test_a_node_is_fuzzed(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    words = ["-m", "benchmarks.fuzz", "--count", "400", "--finds", str(tmp_path / "finds"), "--json", str(file)]

    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=bare_environment(), capture_output=True, text=True)

    assert (done.stderr, done.returncode) == ("", 0), done.stdout
    assert {each["mutants"] for each in json.loads(file.read_text())} == {400}
    assert not (tmp_path / "finds").exists()
