"""The variables that the settings read, found in the settings themselves."""

import re
from pathlib import Path

SETTINGS = Path(__file__).resolve().parent.parent / "balint" / "settings.py"
REQUIRED = re.compile(r'\brequired\("([A-Z_]+)"')
READ = re.compile(r'\b(?:text|port)\("([A-Z_]+)"')


def required() -> set[str]:
    """What production cannot do without."""
    return set(REQUIRED.findall(SETTINGS.read_text())) | {"SITE_URL"}


def known() -> set[str]:
    """All of them; each may also be given as NAME_FILE."""
    return required() | set(READ.findall(SETTINGS.read_text()))
