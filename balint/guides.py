"""The guides under docs/, made into pages: the title and first paragraph apart, every heading with an anchor."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _
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
    headings = tuple(
        _anchor(rest, place) for place, token in enumerate(rest) if token.tag == "h2" and token.nesting == 1
    )
    body = MARKDOWN.renderer.render(rest, MARKDOWN.options, {})
    return Guide(name, title, " ".join(lead.split()), _scrollable(body), headings)


def _anchor(tokens: list[Token], place: int) -> Heading:
    words = tokens[place + 1].content
    anchor = slugify(words)
    tokens[place].attrSet("id", anchor)
    return Heading(words, anchor)


def _scrollable(body: str) -> str:
    """Wide tables scroll inside their own region, which the keyboard reaches."""
    region = f'<div class="scroll" tabindex="0" role="region" aria-label="{_("Table")}">'
    return body.replace("<table>", f"{region}<table>").replace("</table>", "</table></div>")
