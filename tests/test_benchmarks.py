"""`./balint.sh bench room` measures a room; what it finds is for a quiet machine to say."""

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
