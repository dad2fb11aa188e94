"""The pages' scripts keep the types that their comments promise, those of the wire among them."""

import json
import re

import pytest

from launcher import typescript
from launcher.typescript import PROJECT
from tests.processes import ROOT


@pytest.mark.skipif(typescript.missing() != "", reason=typescript.missing())
def test_every_script_keeps_its_types() -> None:
    complaints, files = typescript.complaints()

    assert complaints == []
    assert files >= set((ROOT / "static" / "js").rglob("*.js"))


def test_the_compiler_is_pinned_and_hashed_and_has_no_address() -> None:
    lock = (PROJECT / "package-lock.json").read_text()
    wanted = json.loads((PROJECT / "package.json").read_text())["devDependencies"]
    packages = {path: each for path, each in json.loads(lock)["packages"].items() if path}

    assert [version for version in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert [path for path, each in packages.items() if not each["integrity"].startswith("sha512-")] == []
    assert "://" not in lock
