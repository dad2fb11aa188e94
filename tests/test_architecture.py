"""The law of imports: one way between the apps, nothing impure in a PURE module, nothing heavy at the web's start."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("balint.foundation", "groups", "sessions", "surveys", "analysis", "balint")  # each may import those before it
CLOCKS_AND_IO = {
    "django", "celery", "channels", "daphne", "redis", "psycopg", "sqlite3",
    "asyncio", "socket", "ssl", "selectors", "subprocess", "threading", "multiprocessing", "signal",
    "os", "pathlib", "shutil", "tempfile", "time", "random", "secrets", "logging", "http", "urllib",
}  # fmt: skip
READS = {"open", "print", "input"}
NOW = {"now", "utcnow", "today"}
HEAVY = {"numpy", "scipy", "matplotlib", "typst"}
LATE = ("tasks.py", "management/commands/", "apps.py")  # heavy imports wait for their work, Django's for its models


def sources() -> list[Path]:
    """Every Python file of the app, without tests and migrations."""
    folders = [ROOT / name for name in ("balint", "groups", "sessions", "surveys", "analysis")]
    return [file for folder in folders for file in sorted(folder.rglob("*.py")) if "migrations" not in file.parts]


def pure() -> list[Path]:
    """The PURE modules: the same list that mypy holds to strict types."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["files"]
    places = [ROOT / each for each in listed]
    return [file for place in places for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]


def imports(text: str) -> Iterator[str]:
    """What each import statement names, in full: `from a import b` is a.b."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def app_of(module: str) -> str | None:
    """The app that a module belongs to, None for a stranger's."""
    return next((app for app in ORDER if f"{module}.".startswith(f"{app}.")), None)


def backward(module: str, text: str) -> list[str]:
    """What this module imports although it comes later in the order."""
    allowed = ORDER[: ORDER.index(app_of(module) or "balint") + 1]
    return [name for name in imports(text) if (app := app_of(name)) and app not in allowed]


def impure(text: str) -> list[str]:
    """Django, clock or I/O in a PURE module: imports, and calls such as `open(...)` or `datetime.now()`."""
    found = [name for name in imports(text) if name.partition(".")[0] in CLOCKS_AND_IO]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in READS:
                found.append(node.func.id)
            elif isinstance(node.func, ast.Attribute) and node.func.attr in NOW:
                found.append(node.func.attr)
    return found


def inline(text: str) -> list[str]:
    """Imports inside a function."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return sorted({name for function in functions for name in imports(ast.unparse(function))})


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def breaches(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: names for name, names in found.items() if names}


def test_imports_run_one_way() -> None:
    assert breaches({name_of(file): backward(name_of(file), file.read_text()) for file in sources()}) == {}


def test_pure_modules_know_no_django_clock_or_io() -> None:
    assert breaches({name_of(file): impure(file.read_text()) for file in pure()}) == {}


def test_pure_modules_stand_on_pure_modules() -> None:
    ours = {name_of(file) for file in pure()}
    for file in pure():
        named = {name for name in imports(file.read_text()) if app_of(name)}
        strangers = {name for name in named if not {name, name.rpartition(".")[0]} & ours}
        assert strangers == set(), name_of(file)


def test_media_know_no_django() -> None:
    files = sorted((ROOT / "sessions" / "sfu").rglob("*.py"))
    named = {name_of(file): list(imports(file.read_text())) for file in files}

    assert len(files) > 3
    assert breaches({file: [name for name in names if "django" in name] for file, names in named.items()}) == {}
    for file, names in named.items():
        assert [name for name in names if app_of(name) and not name.startswith("sessions.sfu")] == [], file


def test_imports_stand_at_the_top() -> None:
    files = [file for file in sources() if not any(place in file.as_posix() for place in LATE)]

    assert breaches({name_of(file): inline(file.read_text()) for file in files}) == {}


def test_web_and_room_node_start_without_numbers() -> None:
    program = f"""
import sys
import balint.asgi, sessions.management.commands.runroom
from django.urls import get_resolver
get_resolver().url_patterns
print(sorted({HEAVY!r} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_sessions_has_a_label_of_its_own() -> None:
    assert apps.get_app_config("balint_sessions").name == "sessions"


# Each law can fail: a breach of it, made up.


@pytest.mark.parametrize(
    ("module", "text", "named"),
    [
        ("balint.foundation.jobs", "from groups.models import Doctor", ["groups.models.Doctor"]),
        ("groups.views", "import sessions", ["sessions"]),
        ("sessions.live", "from surveys import models", ["surveys.models"]),
        ("surveys.views", "from analysis.stats import ancova", ["analysis.stats.ancova"]),
        ("analysis.tasks", "def f():\n    from balint import settings", ["balint.settings"]),
        ("balint.views", "from analysis.models import Report", []),
        ("groups.views", "from balint.foundation import mail", []),
        ("groups.views", "from balint import foundation", []),
    ],
)
def test_an_import_against_the_order_is_found(module: str, text: str, named: list[str]) -> None:
    assert backward(module, text) == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("from django.utils import timezone", ["django.utils.timezone"]),
        ("import time", ["time"]),
        ("def f():\n    import random", ["random"]),
        ("from datetime import datetime\ndatetime.now()", ["now"]),
        ("open('file')", ["open"]),
        ("from pathlib import Path", ["pathlib.Path"]),
        ("import math\nfrom datetime import timedelta", []),
    ],
)
def test_an_impurity_is_found(text: str, named: list[str]) -> None:
    assert impure(text) == named


def test_an_inline_import_is_found() -> None:
    assert inline("import os\ndef f():\n    import numpy") == ["numpy"]
    assert inline("import os") == []
