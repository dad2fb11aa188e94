"""What the browser tests of the room share: a session of one's own, the way in, and what one finds on the page."""

import json
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from groups.models import Doctor, Group, Membership
from sessions.models import RoomSnapshot, Session
from sessions.state import Role, Room, Seat, to_json
from tests.processes import App

CAST = ("lea", "cole", "pia", "max")
ROLES = {"lea": "leader", "cole": "co_leader"}


def session_of(*people: str) -> Session:
    group = Group.objects.create(name="Monday circle", time_zone="Europe/Berlin")
    for key in people:
        doctor = Doctor.objects.get(user__email=f"{key}@example.org")
        Membership.objects.create(group=group, doctor=doctor, role=ROLES.get(key, "member"))
    session = Session.objects.create(group=group, starts_at=timezone.now() - timedelta(minutes=2))
    let_in(session)
    return session


def let_in(session: Session) -> None:
    """Everybody was in the room a moment ago, so that nobody has to knock: the door has tests of its own."""
    now_ms = int(timezone.now().timestamp() * 1000)
    circle = session.group.circle()
    room = Room(seats=tuple(Seat(str(seat.pk), Role(seat.role), here=False, gone_ms=now_ms) for seat in circle))
    state = {"room": to_json(room), "presences": {}, "at_ms": now_ms}
    RoomSnapshot.objects.create(session=session, seq=1, state=state)


def logged_in(
    app: App,
    visitor: Callable[..., Page],
    key: str,
    before: Callable[[Page], None] | None = None,
    **options: object,
) -> Page:
    page = visitor(**options)
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie_of(key), "url": app.url}])
    if before:
        before(page)
    return page


def cookie_of(key: str) -> str:
    user = User.objects.get(email=f"{key}@example.org")
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def join_page(page: Page, session: Session) -> Page:
    page.goto(f"/sessions/{session.pk}/join/")
    return page


def tick(page: Page) -> None:
    for box in page.locator("[data-tick]").all():
        box.check()


def go_in(page: Page, session: Session, button: str = "Go in") -> Page:
    tick(join_page(page, session))
    page.get_by_role("button", name=button).click()
    expect(page.locator("[data-room][data-connected][data-phase]")).to_be_visible()
    return page


def title(page: Page) -> Locator:
    return page.locator(".room__phase, .heart").get_by_role("heading", level=1)


def seat(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="The circle").get_by_role("listitem").filter(has_text=name)


def notice(page: Page) -> Locator:
    return page.locator("[data-notice-words]")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def lead_to_presentation(lea: Page, presenter: str = "Pia", *, begun: bool = False) -> None:
    if not begun:
        press(lea, "Begin")
    press(lea, "Ask for a case")
    press(lea, "Choose who presents")
    lea.get_by_role("dialog").get_by_role("button", name=presenter).click()
    press(lea, f"{presenter} tells the case")


def lead_to_push_back(lea: Page, *, begun: bool = False) -> None:
    lead_to_presentation(lea, begun=begun)
    press(lea, "Short questions")
    press(lea, "Pia pushes back")


def keep_peers(page: Page) -> None:
    """Before the first navigation: the page's connections are at hand, its devices are Chromium's own fakes."""
    page.add_init_script("""(() => {
      const Peer = window.RTCPeerConnection;
      const peers = (window.testPeers = []);
      window.RTCPeerConnection = class extends Peer {
        constructor(...args) { super(...args); peers.push(this); }
      };
    })()""")


class Said:
    """What a page says to the room, by type."""

    def __init__(self) -> None:
        self.messages: list[dict] = []

    def listen(self, page: Page) -> None:
        page.on("websocket", lambda line: line.on("framesent", lambda text: self.messages.append(json.loads(text))))

    def tiles(self) -> dict[str, int] | None:
        """The last statement: pixels of the screen by seat."""
        said = [message["tiles"] for message in self.messages if message["type"] == "tiles"]
        return {tile["seat"]: tile["height"] for tile in said[-1]} if said else None
