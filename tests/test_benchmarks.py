"""`./balint.sh bench NAME` measures; what it finds is for a quiet machine to say."""

import json
import subprocess
import sys
from pathlib import Path

from tests.processes import ROOT, bare_environment


def test_the_room_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    words = ["-m", "benchmarks.room", "--members", "2", "--seconds", "1", "--json", str(file)]

    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=bare_environment(), capture_output=True, text=True)

    assert done.stderr == ""
    found = json.loads(file.read_text())
    assert done.stdout.splitlines() == [f"{name:>18}  {value}" for name, value in found.items()]
    assert found["members"] == 2
    assert min(found[name] for name in ("cores", "received_per_s", "forwarded_per_s", "delay_p50_ms")) > 0


def test_a_node_is_fuzzed(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    words = ["-m", "benchmarks.fuzz", "--count", "400", "--finds", str(tmp_path / "finds"), "--json", str(file)]

    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=bare_environment(), capture_output=True, text=True)

    assert (done.stderr, done.returncode) == ("", 0), done.stdout
    assert {each["mutants"] for each in json.loads(file.read_text())} == {400}
    assert not (tmp_path / "finds").exists()
