"""A circle of synthetic members in the real app, as a process of its own: all seats but one, left for a browser, taken.

    python -m benchmarks.circle http://localhost:8000 12

in the app's environment. The first line it prints is JSON: the session, the free seat's cookie and its seat. Then it
obeys lines of JSON on its input: ["speak", 1] or 3 at a time, each for TURN_S; ["voices"] prints who could be heard
from when to when since it was asked last, in seconds since 1970; ["hand"] lets somebody raise a hand, or lower it. It
ends with its input.
"""

import asyncio
import json
import os
import sys
import time
import uuid
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "balint.settings")
django.setup()

from django.conf import settings  # noqa: E402  models can be imported from here on
from django.contrib.auth.models import User  # noqa: E402
from django.utils import timezone  # noqa: E402

from balint.company import PLAY_S, Companion, Place  # noqa: E402
from groups.models import Doctor, Group, Membership  # noqa: E402
from sessions import protocol  # noqa: E402
from sessions.access import grant  # noqa: E402
from sessions.models import Session, SessionLink  # noqa: E402
from sessions.sfu.encoded import encode  # noqa: E402

TURN_S = 6.0
LOOK_S = 1.0  # between two looks of the leader at the door
GAP_S = 0.1  # a shorter silence does not end what can be heard
CLIPS = 3  # drawn people; the same one may sit on several chairs


def found(members: int) -> tuple[Session, list[Place], Place]:
    """A group with a session that has begun, not its first: the synthetic members' seats, and the browser's."""
    group = Group.objects.create(name="Measured", time_zone="Europe/Berlin")
    yesterday = timezone.now() - timedelta(days=1)
    Session.objects.create(group=group, starts_at=yesterday, ended_at=yesterday + timedelta(minutes=90))
    session = Session.objects.create(group=group, starts_at=timezone.now() - timedelta(minutes=2), minutes=120)
    places = [_place(group, session, number) for number in range(members)]
    return session, places[:-1], places[-1]


def _place(group: Group, session: Session, number: int) -> Place:
    name = f"member-{number}-{uuid.uuid4().hex[:6]}@example.org"
    user = User.objects.create(username=name, email=name)
    doctor = Doctor.objects.create(user=user, name=f"Member {number}", time_zone="Europe/Berlin", is_leader=not number)
    role = Membership.Role.MEMBER if number else Membership.Role.LEADER
    membership = Membership.objects.create(group=group, doctor=doctor, role=role)
    link = SessionLink.objects.create(session=session, membership=membership, expires_at=session.links_expire_at)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    grant(store, link)
    store.save()
    return Place(str(membership.pk), str(store.session_key), number)


class Voice:
    """When one member could be heard: from the packets that its voice sent."""

    def __init__(self) -> None:
        self._packets = 0
        self._since = self._until = 0.0
        self.spans: list[tuple[float, float]] = []

    def look(self, packets: int, wall_s: float) -> None:
        if packets > self._packets:
            self._since = self._since or wall_s
            self._until = wall_s
        elif self._since and wall_s - self._until > GAP_S:
            self.spans.append((self._since, self._until))
            self._since = 0.0
        self._packets = packets


def speaking(turns: Iterable[str], at_once: int, engaged: set[str]) -> set[str]:
    """Whose turn it is; but nobody begins while so many others still end their sentences: one voice more than a room
    forwards would be missed."""
    first = list(turns)[:at_once]
    waiting = [seat for seat in first if seat not in engaged]
    return engaged.intersection(first).union(waiting[: max(0, at_once - len(engaged))])


class Circle:
    member = Companion

    def __init__(self, companions: Sequence[Companion]) -> None:
        self.companions = companions
        self.voices = {each.seat: Voice() for each in companions}
        self._turns = deque(each.seat for each in companions)
        self._at_once = 1
        self._turn_at = self._looked_at = 0.0
        self._gone_at = self._back_at = 0.0  # the presenter, as the leader saw it

    async def live(self) -> None:
        while True:
            now, wall_s = time.monotonic(), time.time()
            if now - self._turn_at >= TURN_S:
                self._turn_at = now
                self._turns.rotate(-self._at_once)
            if now - self._looked_at >= LOOK_S:
                self._looked_at = now
                self._lead()
            self._watch_presenter(wall_s)
            speakers = speaking(self._turns, self._at_once, self._engaged())
            for companion in self.companions:
                companion.play(now, wall_s, companion.seat in speakers)
                companion.beat(now)
                if companion.player is not None:
                    self.voices[companion.seat].look(companion.player.member.sources["audio"].packets, wall_s)
            await asyncio.sleep(PLAY_S)

    def _engaged(self) -> set[str]:
        """Who can be heard, or soon will."""
        players = {each.seat: each.player for each in self.companions if each.player is not None}
        return {seat for seat, player in players.items() if player.speaks or player.sounds}

    def _lead(self) -> None:
        """The leader lets everybody in and has the session begin."""
        for leader in self.companions[:1]:
            if leader.room is not None and leader.room.phase == "lobby":
                leader.do(protocol.Move, "gathering")
            if leader.room is not None and leader.room.door:
                leader.do(protocol.Admit, "")

    def _watch_presenter(self, wall_s: float) -> None:
        for room in [each.room for each in self.companions[:1] if each.room is not None]:
            presenter = room.seat(room.presenter)
            if presenter is not None and not presenter.here:
                self._gone_at, self._back_at = self._gone_at or wall_s, 0.0
            elif self._gone_at:
                self._back_at = self._back_at or wall_s

    def _push_back(self) -> None:
        """Whoever is not one of us presents, and pushes back the chair."""
        leader, ours = self.companions[0], {each.seat for each in self.companions}
        assert leader.room is not None
        self._gone_at = self._back_at = 0.0
        leader.do(protocol.Move, "call")
        leader.do(protocol.SettlePresenter, next(s.id for s in leader.room.seats if s.here and s.id not in ours))
        leader.do(protocol.Move, "presentation")
        leader.do(protocol.Move, "push_back")

    def _hold(self) -> dict[str, Any]:
        """The step's clock, and when the presenter went and came back; seconds."""
        room = self.companions[0].room
        assert room is not None
        until_ms = room.at.stopped_ms or 1000 * time.time()
        elapsed_s = (until_ms - room.at.started_ms) / 1000
        stands = room.at.stopped_ms > 0
        seen = {"gone_at": self._gone_at, "back_at": self._back_at, "at": time.time()}
        return {"phase": room.phase, "stands": stands, "elapsed_s": elapsed_s, **seen}

    def _turn_hand(self, companion: Companion) -> None:
        if companion.room is not None and companion.seat in companion.room.hands:
            companion.do(protocol.LowerHand, companion.seat)
        else:
            companion.do(protocol.RaiseHand)

    def obey(self, question: list[Any]) -> None:
        if question[0] == "speak":
            self._at_once = question[1]
            answer: Any = None
        elif question[0] == "push_back":
            answer = self._push_back()
        elif question[0] == "close_case":
            answer = self.companions[0].do(protocol.CloseCase)
        elif question[0] == "hold":
            answer = self._hold()
        elif question[0] == "hand":
            answer = self._turn_hand(self.companions[-1])
        else:
            answer = {seat: voice.spans for seat, voice in self.voices.items()}
            for voice in self.voices.values():
                voice.spans = []
        print(json.dumps(answer), flush=True)


async def sit(circle: Circle) -> None:
    over = asyncio.Event()

    def listen() -> None:
        line = sys.stdin.readline()
        if line:
            circle.obey(json.loads(line))
        else:
            over.set()

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), listen)
    tasks = [asyncio.create_task(each.run()) for each in circle.companions] + [asyncio.create_task(circle.live())]
    await over.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main(kind: type[Circle] = Circle) -> None:
    page, members = sys.argv[1:]
    session, places, free = found(int(members))
    print(json.dumps({"session": str(session.pk), "cookie": free.cookie, "seat": free.seat}), flush=True)
    clips = [encode(person) for person in range(CLIPS)]
    asyncio.run(sit(kind([kind.member(place, page, session.pk, clips[place.person % CLIPS]) for place in places])))


if __name__ == "__main__":
    main()
