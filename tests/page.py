"""A page as a reader meets it: title, landmarks, headings, controls and their labels."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

VOID = {"meta", "link", "input", "img", "br", "hr", "use", "path", "circle", "rect", "source"}
CONTROLS = {"input", "select", "textarea"}


@dataclass
class Page:
    title: str = ""
    language: str = ""
    words: str = ""
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)

    def values(self, tag: str, attribute: str) -> list[str]:
        return [attributes[attribute] for name, attributes in self.tags if name == tag and attribute in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.page.tags.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "html":
            self.page.language = attributes.get("lang", "")
        if tag == "h1":
            self.page.headings.append("")
        self._notice_inline(tag, attributes)
        if tag in CONTROLS and "label" in self.open:
            attributes["labelled"] = "by its parent"

    def _notice_inline(self, tag: str, attributes: dict[str, str]) -> None:
        scripted = [name for name in attributes if name == "style" or name.startswith("on")]
        self.page.inline += [f"{tag} {name}" for name in scripted]
        if tag == "style" or (tag == "script" and not attributes.get("src")):
            self.page.inline.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "title" in self.open:
            self.page.title += data
        elif "h1" in self.open:
            self.page.headings[-1] += data
        self.page.words += data


def read(response: HttpResponse) -> Page:
    """What is on a page; its words have single spaces."""
    reader = _Reader()
    reader.feed(response.content.decode())
    page = reader.page
    page.words = " ".join(page.words.split())
    labelled = set(page.values("label", "for"))
    page.unlabelled = [
        attributes.get("name", tag)
        for tag, attributes in page.tags
        if tag in CONTROLS
        and attributes.get("type") != "hidden"
        and attributes.get("id") not in labelled
        and not {"labelled", "aria-label", "aria-labelledby"} & attributes.keys()
    ]
    return page
