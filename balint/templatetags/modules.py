"""The modules of a page, named at once: found by import after import, each costs the doctor a trip over their line."""

import posixpath
import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

IMPORTED = re.compile(r'^(?:import|export)\b[^;]*?"(\.[^"]+)";', re.M)


@register.simple_tag
def modules(*scripts: str) -> SafeString:
    """Links to these scripts and to all that they import."""
    paths = dict.fromkeys(path for script in scripts for path in with_imports(script))
    return format_html_join("", '<link rel="modulepreload" href="{}">', ((static(path),) for path in paths))


@cache
def with_imports(script: str) -> tuple[str, ...]:
    """The script, then what it imports, as paths below static/."""
    found = [script]
    for path in found:  # it grows
        found += [each for each in _imports(path) if each not in found]
    return tuple(found)


def _imports(path: str) -> list[str]:
    source = Path(str(finders.find(path))).read_text()
    return [posixpath.normpath(posixpath.join(posixpath.dirname(path), each)) for each in IMPORTED.findall(source)]
