"""The room's page, told by a test what to draw: the rules make a room, and the page draws it."""

import json
import re
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect

from sessions import protocol, wire
from sessions.messages import Around, room_message
from sessions.models import Session
from sessions.state import Role, Room
from sessions.store import Person
from sessions.view import view
from tests.browser.devices import wait_until
from tests.sessions.rooms import COLE, LEA, MAX, PIA, ROLES

OTHERS = ("aisha", "jonas", "mei", "samuel", "ines", "tom", "nora", "ravi")
CIRCLE = (LEA, COLE, PIA, MAX, *OTHERS)
PEOPLE = tuple(
    Person(key, f"{key.title()} Quist", f"{key[0].upper()}Q", ROLES.get(key, Role.MEMBER), order)
    for order, key in enumerate(CIRCLE)
)
NOW_MS = 13 * 60_000


class Told:
    """`page` belongs to somebody with a seat in the session; whose seat it draws, each room says."""

    def __init__(self, page: Page, session: Session) -> None:
        self.page = page
        self.seq = 0
        self.seat = ""
        self.said: list[dict[str, Any]] = []
        self.lines: list[WebSocketRoute] = []
        self.slow = {"nora"}
        page.route_web_socket(re.compile("/room/"), self._open)
        page.add_init_script(f"sessionStorage.setItem('balint.room.{session.pk}', '{{\"ticks\": []}}')")
        page.goto(f"/sessions/{session.pk}/room/")
        wait_until(page, "the socket is open", lambda: self.lines != [])
        page.evaluate("document.querySelector('[data-trouble]').remove()")  # no media come; it has its own tests

    def draw(self, room: Room, seat: str, waits: bool = False) -> None:
        """What this seat would see of the room now."""
        self.seq += 1
        if seat != self.seat:
            self.say(protocol.Welcome(seat, protocol.HEARTBEAT_MS, ()))
        self.seat = seat
        around = Around(PEOPLE, self.slow, 1_796_324_400_000, protocol.Guard(0, 0))
        self.say(room_message(view(room, seat, waits), self.seq, NOW_MS, around))
        expect(self.page.locator(f'[data-room][data-seq="{self.seq}"]')).to_be_attached()

    def asked(self, kind: str) -> list[dict[str, Any]]:
        """Its commands of one type, so far."""
        return [message for message in self.said if message["type"] == kind]

    def _open(self, line: WebSocketRoute) -> None:
        self.lines.append(line)
        line.on_message(self._hear)

    def _hear(self, text: str | bytes) -> None:
        """What the page asks for is kept, without its id."""
        self.say(protocol.Heartbeat())
        message = json.loads(text)
        self.said.append({name: value for name, value in message.items() if name != "id"})

    def say(self, message: protocol.Down) -> None:
        self.lines[-1].send(wire.dump(message))
