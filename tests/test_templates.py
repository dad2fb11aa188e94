"""Laws of every template: nothing inline, nothing from elsewhere, no word that cannot be translated."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

FOLDER = settings.BASE_DIR / "templates"
PAGES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
LETTERS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.txt"))
ICONS = set(re.findall(r'<symbol id="([^"]+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text()))

COMMENTS = re.compile(r"{#.*?#}|{% comment.*?endcomment %}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(r"{% blocktrans(?:late)?\b.*?{% endblocktrans(?:late)? %}", re.DOTALL)
CLASSES = re.compile(r"{% block \w*class %}.*?{% endblock %}", re.DOTALL)
CODE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
TAGS = re.compile(r"<[^>]*>", re.DOTALL)
SAID = re.compile(r'\b(?:aria-label|alt|title|placeholder|aria-roledescription)="([^"]*)"')
# Names that no language changes.
NAMES = re.compile(r"\b(?:Balint|PDF|CSV|JSON)\b|&\w+;|://")


def source(name: str) -> str:
    return COMMENTS.sub("", (FOLDER / name).read_text(encoding="utf-8"))


def untranslated(text: str) -> list[str]:
    """Visible words, in text and in spoken attributes, that do not come from gettext."""
    plain = CODE.sub("", CLASSES.sub("", TRANSLATED.sub("", text)))
    spoken = " ".join(SAID.findall(plain))
    return re.findall(r"[^\W\d_]{2,}", NAMES.sub(" ", TAGS.sub(" ", plain) + " " + spoken))


@pytest.mark.parametrize("name", PAGES + LETTERS)
def test_it_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_inline(name):
    text = source(name)

    assert re.findall(r"\sstyle=|\son[a-z]+=|<style|javascript:", text) == []
    assert [tag for tag in re.findall(r"<script\b[^>]*>", text) if "src=" not in tag] == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_comes_from_elsewhere(name):
    assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", source(name)) == []


@pytest.mark.parametrize("name", PAGES + LETTERS)
def test_every_word_can_be_translated(name):
    assert untranslated(source(name)) == []


def test_the_law_sees_a_bare_word_and_a_bare_label():
    assert untranslated('<p>Welcome</p><img alt="A chair">{% translate "Fine" %}') == ["Welcome", "chair"]


@pytest.mark.parametrize("name", PAGES)
def test_every_icon_is_drawn(name):
    asked = re.findall(r'include "(?:icon|glyph)\.html" with (?:name|phase)="([^"]+)"', source(name))

    assert set(asked) <= ICONS


def test_every_style_and_script_a_template_names_exists():
    named = {address for name in PAGES for address in re.findall(r"{% static '([^']+)'", source(name))}

    assert "css/tokens.css" in named
    assert [address for address in sorted(named) if not Path(settings.BASE_DIR, "static", address).is_file()] == []
