"""The guides under docs/, made into pages: the title and first paragraph apart, every heading with an anchor."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.html import format_html
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token

NAMES = ("doctor", "leader", "researcher", "operator")
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Heading:
    words: str
    anchor: str


@dataclass(frozen=True)
class Guide:
    name: str
    title: str
    lead: str
    body: str
    headings: tuple[Heading, ...]


@cache
def read(name: str) -> Guide:
    """One of NAMES. The file begins with its title (#) and one paragraph that says whom it is for."""
    tokens = MARKDOWN.parse((settings.BASE_DIR / "docs" / f"{name}.md").read_text(encoding="utf-8"))
    title, lead, rest = tokens[1].content, tokens[4].content, tokens[6:]
    headings = tuple(_anchor(rest, place) for place, token in enumerate(rest) if token.type == "heading_open")
    body = MARKDOWN.renderer.render(list(_scrollable(rest)), MARKDOWN.options, {})
    return Guide(name, title, " ".join(lead.split()), body, headings)


def _anchor(tokens: list[Token], place: int) -> Heading:
    words = tokens[place + 1].content
    anchor = slugify(words)
    tokens[place].attrSet("id", anchor)
    return Heading(words, anchor)


def _scrollable(tokens: list[Token]) -> Iterator[Token]:
    """Wide tables scroll inside a region of their own, named by the heading above; the keyboard reaches it."""
    above = ""
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            above = tokens[place + 1].content
        if token.type == "table_open":
            yield _html('<div class="scroll" tabindex="0" role="region" aria-label="{}">', above)
        yield token
        if token.type == "table_close":
            yield _html("</div>")


def _html(text: str, *words: str) -> Token:
    return Token("html_block", "", 0, content=format_html(text, *words) if words else text)
