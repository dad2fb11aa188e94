"""TypeScript, pinned and hashed in tests/types: it checks the types of the pages' scripts and is no part of the app."""

import shutil
import subprocess
from pathlib import Path

from launcher.setup import ROOT, VENV
from launcher.supervisor import say

PROJECT = ROOT / "tests" / "types"
FOLDER = VENV / "types"
COMPILER = FOLDER / "node_modules" / "typescript" / "bin" / "tsc"
LISTS = ("package.json", "package-lock.json")


def require() -> None:
    """Install what the lock says where there is node; without it, its test is skipped."""
    if _can_run() and not _is_installed():
        say("Installing TypeScript ...")
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        for name in LISTS:
            shutil.copy(PROJECT / name, FOLDER)
        words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(words, cwd=FOLDER, stdin=subprocess.DEVNULL)


def missing() -> str:
    """A sentence that says what is needed and not there; "" when types can be checked."""
    if not _can_run():
        return "The types of scripts need node and npm (apt install npm)."
    return "" if _is_installed() else "The types of scripts need TypeScript, which ./balint.sh test installs."


def complaints() -> tuple[list[str], set[Path]]:
    """What is wrong with the types of the scripts, and the files that were read."""
    words = ["node", str(COMPILER), "--project", str(PROJECT), "--listFiles", "--pretty", "false"]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    files = {line for line in said if Path(line).is_file()}
    return [line for line in said if line not in files], {Path(line) for line in files}


def _can_run() -> bool:
    return bool(shutil.which("node") and shutil.which("npm"))


def _is_installed() -> bool:
    same = [
        (FOLDER / name).exists() and (FOLDER / name).read_bytes() == (PROJECT / name).read_bytes() for name in LISTS
    ]
    return all(same) and COMPILER.exists()
