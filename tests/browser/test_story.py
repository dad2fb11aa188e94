"""One Balint session from invitation to report, as three doctors and a researcher live it."""

import email
import json
import re
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from analysis.models import Report
from balint.demo import ZONE
from groups.models import Group
from sessions.models import Attendance, RoomSnapshot, Session, Step
from surveys.models import Response
from tests.browser.accessibility import check_axe
from tests.browser.devices import give_devices, heard_by, received_by, wait_until
from tests.processes import App

CASE = ["lobby", "gathering", "call", "presentation", "clarifying", "push_back", "return", "call"]
CLOSE = ["closing", "debrief", "ended"]


@pytest.fixture
def letters(app: App) -> Callable[[Page, str, str], str]:
    """The link in the newest mail to this person whose text has these words."""
    folder = Path(app.data) / "mail"

    def read(page: Page, to: str, words: str) -> str:
        found: list[str] = []

        def look() -> bool:
            for path in sorted(folder.glob("*.eml")) if folder.exists() else []:
                message = email.message_from_bytes(path.read_bytes())
                text = message.get_payload(decode=True).decode()
                if message["To"] == to and words in text:
                    found.append(re.search(r"https?://\S+", text).group())
            return bool(found)

        wait_until(page, f"the mail to {to}", look)
        return found[-1]

    return read


def test_from_invitation_to_attendance(
    app: App, person: Callable[..., Page], visitor: Callable[..., Page], letters: Callable[[Page, str, str], str]
) -> None:
    lea = person("lea", before=lambda page: give_devices(page, "Lea"))
    found_group(lea)
    max_ = person("max", before=lambda page: give_devices(page, "Max"))
    accept(max_, letters(max_, "max@example.org", "Evening circle"))
    accept(person("pia"), letters(lea, "pia@example.org", "Evening circle"))
    plan(lea)

    # Pia comes by the personal link of her mail, in a browser that knows nothing of her.
    pia = visitor()
    give_devices(pia, "Pia")
    pia.goto(letters(lea, "pia@example.org", "for you and this session only"))
    pia.get_by_role("main").get_by_role("button").click()
    go_in(pia)
    for page in (lea, max_):
        page.goto(f"/sessions/{Session.objects.get(group__name='Evening circle').pk}/")
        page.get_by_role("link", name="Join").click()
        go_in(page)
    everyone = {"Lea": lea, "Pia": pia, "Max": max_}

    let_in(lea, pia, max_)
    they_see_and_hear_each_other(lea, everyone)
    present(lea, pia)
    pushed_back(app, lea, pia, max_)
    returned(app, lea, pia, max_)
    close(lea, pia, max_)

    session = Session.objects.get(group__name="Evening circle")
    assert list(Step.objects.filter(session=session).values_list("phase", flat=True)) == CASE + CLOSE
    assert {row.membership.doctor.name for row in Attendance.objects.filter(session=session)} == {
        "Lea Brandt",
        "Pia Vogt",
        "Max Sommer",
    }
    assert not RoomSnapshot.objects.filter(session=session).exists()


def found_group(lea: Page) -> None:
    lea.goto("/groups/new/")
    lea.get_by_label("Name of the group").fill("Evening circle")
    lea.get_by_role("main").get_by_role("button").click()
    lea.get_by_role("link", name="Invite").first.click()
    lea.get_by_label("E-mail addresses").fill("pia@example.org, max@example.org")
    lea.get_by_role("button", name="Send").click()
    lea.wait_for_url(re.compile(r"/groups/[0-9a-f-]{36}/$"))


def accept(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Join the group").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Evening circle")


def plan(lea: Page) -> None:
    """In ten minutes: the doors are open already."""
    start = timezone.now().astimezone(ZoneInfo(ZONE)) + timedelta(minutes=10)
    group = Group.objects.get(name="Evening circle")
    lea.goto(f"/groups/{group.pk}/sessions/new/")
    lea.get_by_label("Day").fill(f"{start:%Y-%m-%d}")
    lea.get_by_label("Begins at").fill(f"{start:%H:%M}")
    lea.get_by_role("button", name="Plan it").click()
    wait_until(lea, "the session", lambda: Session.objects.filter(group=group).exists())


def go_in(page: Page) -> None:
    """Tick that the place is private, and go in."""
    expect(page.get_by_role("heading", name="Before you go in")).to_be_visible()
    for tick in page.locator("[data-tick]").all():
        tick.check()
    page.get_by_role("button", name="Go in").click()
    expect(page.locator("[data-circle] [data-self]")).to_be_visible()


def let_in(lea: Page, *members: Page) -> None:
    for page in members:
        expect(page.get_by_role("heading", name="will let you in").first).to_be_visible()
    lea.get_by_role("button", name="Let everyone in").click()


def they_see_and_hear_each_other(lea: Page, everyone: dict[str, Page]) -> None:
    wait_until(lea, "three are here", lambda: "3 here" in lea.locator("[data-count]").inner_text())
    for name, page in everyone.items():
        page.wait_for_timeout(300)
        assert heard_by(page) == frozenset(), f"{name} hears somebody before the session has begun"

    lea.get_by_role("button", name="Begin").click()

    for name, page in everyone.items():
        others = frozenset(everyone) - {name}
        wait_until(page, f"{name} hears the others", lambda page=page, others=others: heard_by(page) == others)
        wait_until(page, f"{name} sees the others", lambda page=page: frames(page) == 2)
        received = received_by(page)
        assert len(received["energy"]) == 2


def frames(page: Page) -> int:
    """How many pictures this page has decoded more than ten frames of."""
    return sum(count > 10 for count in received_by(page)["frames"])


def present(lea: Page, pia: Page) -> None:
    lea.get_by_role("button", name="Ask for a case").click()
    expect(pia.get_by_role("button", name="I have a case")).to_be_visible()
    pia.get_by_role("button", name="Raise my hand").click()
    expect(lea.locator("[data-queue]").first).to_contain_text("Pia")
    lea.get_by_role("button", name="Choose who presents").click()
    lea.locator("[data-choose]").get_by_role("button", name="Pia").click()
    lea.get_by_role("button", name="Pia tells the case").click()
    lea.get_by_role("button", name="Short questions").click()
    expect(pia.locator("[data-queue] li")).to_have_count(0)


def pushed_back(app: App, lea: Page, pia: Page, max_: Page) -> None:
    lea.get_by_role("button", name="Pia pushes back").click()
    expect(pia.get_by_role("heading", name="Nobody hears you").first).to_be_visible()

    silent(app, lea, pia, max_)

    pia.reload()
    expect(pia.get_by_role("heading", name="Nobody hears you").first).to_be_visible()
    silent(app, lea, pia, max_)


def silent(app: App, lea: Page, pia: Page, max_: Page) -> None:
    """Pia speaks, is received by the node, and reaches nobody; she hears the others."""
    wait_until(lea, "Lea hears only Max", lambda: heard_by(lea) == {"Max"})
    wait_until(max_, "Max hears only Lea", lambda: heard_by(max_) == {"Lea"})
    wait_until(pia, "Pia hears both", lambda: heard_by(pia) == {"Lea", "Max"})
    before = unheard(app)
    wait_until(
        lea,
        "the node receives Pia",
        lambda: unheard(app)["audio_received_unheard"] > before["audio_received_unheard"] + 50,
    )
    assert unheard(app)["audio_forwarded_unheard"] == 0
    wait_until(lea, "the guard counts", lambda: int(room(lea).get_attribute("data-guard-received") or 0) > 50)
    assert room(lea).get_attribute("data-guard-forwarded") == "0"
    assert heard_by(lea) == {"Max"}
    assert heard_by(max_) == {"Lea"}


def room(page: Page):  # noqa: ANN201  a locator
    return page.locator("[data-room]")


def unheard(app: App) -> dict[str, int]:
    """What the room node counts where it sends: audio of people who may not be heard."""
    with urllib.request.urlopen(f"{app.node_url}/healthz", timeout=5) as answer:
        return json.load(answer)["totals"]


def returned(app: App, lea: Page, pia: Page, max_: Page) -> None:
    pia.get_by_role("button", name="May I return?").click()
    expect(lea.locator("[data-hint]")).to_have_text("Pia wishes to return")
    lea.get_by_role("button", name="Invite Pia back").click()
    expect(pia.get_by_role("heading", name="You are invited back").first).to_be_visible()
    assert heard_by(max_) == {"Lea"}

    pia.get_by_role("button", name="Come in").click()

    wait_until(lea, "Lea hears Pia again", lambda: heard_by(lea) == {"Pia", "Max"})
    wait_until(max_, "Max hears Pia again", lambda: heard_by(max_) == {"Pia", "Lea"})
    assert unheard(app)["audio_forwarded_unheard"] == 0


def close(lea: Page, pia: Page, max_: Page) -> None:
    lea.get_by_role("button", name="Close the case").click()
    lea.get_by_role("button", name="Say goodbye for today").click()
    lea.get_by_role("button", name="Close the circle").click()
    lea.locator("dialog").get_by_role("button", name="Close the circle").click()
    for page in (pia, max_):
        expect(page.get_by_role("heading", name="We leave it here")).to_be_visible()
    lea.get_by_role("button", name="End the session").first.click()
    lea.locator("dialog").get_by_role("button", name="End the session").click()
    expect(lea.get_by_role("heading", name="We leave it here")).to_be_visible()
    wait_until(lea, "the end is stored", lambda: Session.objects.filter(group__name="Evening circle").get().ended_at)


def test_max_answers(person: Callable[..., Page]) -> None:
    max_ = person("max")
    max_.get_by_role("link", name="questionnaire").first.click()

    answer(max_, first=1, last=20)
    expect(max_.get_by_text("21 of 46")).to_be_visible()
    max_.goto("/")
    max_.get_by_role("link", name="questionnaire").first.click()
    answer(max_, first=21, last=46)

    expect(max_).to_have_url(re.compile("/review/$"))
    check_axe(max_)
    max_.get_by_role("button", name="Send").click()
    expect(max_).to_have_url(re.compile("/receipt/$"))
    response = Response.objects.get(participant__participantlink__doctor__name="Max Sommer", wave__name="post")
    expect(max_.get_by_role("main")).to_contain_text(response.receipt)
    assert set(response.answer_set.values_list("value", flat=True)) == {3}
    assert response.answer_set.count() == 46


def answer(page: Page, first: int, last: int) -> None:
    """Answer by key, seeing each question before pressing; keys work once the page's script has run."""
    page.wait_for_load_state()
    for number in range(first, last + 1):
        expect(page.get_by_text(f"{number} of 46")).to_be_visible()
        page.keyboard.press("3")


def test_rae_computes_the_report_and_downloads_it(person: Callable[..., Page], tmp_path: Path) -> None:
    rae = person("rae")
    rae.goto("/trials/")
    rae.get_by_role("link", name="Balint groups by video for rural doctors").click()
    rae.get_by_role("link", name="To the report").click()

    rae.get_by_role("button", name="Compute").click()

    expect(rae.get_by_role("heading", name="Table 2")).to_be_visible(timeout=60_000)
    check_axe(rae)
    results = json.loads(download(rae, "results.json", tmp_path).read_text())
    assert download(rae, "report.pdf", tmp_path).read_bytes().startswith(b"%PDF-")
    rows = download(rae, "data.csv", tmp_path).read_text().splitlines()
    assert len(rows) == 1 + 26
    assert json.dumps(results) == json.dumps(json.loads(Report.objects.get().results))


def download(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as starting:
        page.locator(f"main a[href$='{name}']").first.click()
    path = folder / name
    starting.value.save_as(path)
    return path
