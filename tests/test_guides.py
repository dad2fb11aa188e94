"""The guides: plain Markdown under docs/, every heading reachable, every word safe."""

import re

import pytest
from django.conf import settings
from markdown_it import MarkdownIt

from balint import guides
from tests.page import read


@pytest.mark.parametrize("name", guides.NAMES)
def test_a_guide_begins_with_whom_it_is_for(name):
    guide = guides.read(name)

    assert guide.title.startswith("For ")
    assert guide.lead.startswith("For ")


@pytest.mark.parametrize("name", guides.NAMES)
def test_every_heading_is_in_the_contents_under_its_own_anchor(client, db, name):
    page = read(client.get(f"/guide/{name}/"))

    anchors = [heading.anchor for heading in guides.read(name).headings]
    contents = [address[1:] for address in page.values("a", "href") if address.startswith("#") and address != "#main"]
    assert anchors == contents == page.values("h2", "id")
    assert len(set(anchors)) == len(anchors)


@pytest.mark.parametrize("name", guides.NAMES)
def test_wide_tables_scroll_in_a_named_region(name):
    body = guides.read(name).body

    labels = re.findall(r'<div class="scroll" tabindex="0" role="region" aria-label="([^"]+)"><table>', body)
    assert len(labels) == body.count("<table>")
    assert len(set(labels)) == len(labels)


def test_the_index_leads_to_each(client, db):
    page = read(client.get("/guide/"))

    links = [address for address in page.values("a", "href") if address.startswith("/guide/") and address != "/guide/"]
    assert links == [f"/guide/{name}/" for name in guides.NAMES]


def test_an_unknown_guide_is_not_found(client, db):
    assert client.get("/guide/../settings/").status_code == 404
    assert client.get("/guide/stranger/").status_code == 404


def test_html_in_a_guide_is_shown_and_not_run():
    assert "<script" not in guides.MARKDOWN.render("<script>alert(1)</script>")
    assert "<script" in MarkdownIt("commonmark", {"html": True}).render("<script>alert(1)</script>")


def test_the_operators_guide_knows_every_setting_that_production_needs():
    text = (settings.BASE_DIR / "balint" / "settings.py").read_text()

    needed = set(re.findall(r'required\("([A-Z_]+)"', text))

    assert "DATABASE_URL" in needed
    assert needed <= set(re.findall(r"<code>([A-Z_]+)</code>", guides.read("operator").body))


@pytest.mark.parametrize("name", guides.NAMES)
def test_links_between_guides_arrive(client, db, name):
    for address in re.findall(r'href="(/[^"#]*)', guides.read(name).body):
        assert client.get(address).status_code == 200
