"""A media node: all its rooms behind one port, UDP and TCP (RFC 7983 tells STUN, DTLS and SRTP apart by the first
byte)."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sessions.sfu.allowance import Allowance
from sessions.sfu.dtls import new_certificate
from sessions.sfu.echo import EchoRoom
from sessions.sfu.ice import Address, answer_check
from sessions.sfu.peer import INBOX, Peer
from sessions.sfu.port import Port
from sessions.sfu.room import MediaRoom, OnSlots, OnSpeaking
from sessions.sfu.tcp import TcpPort, hang_up

logger = logging.getLogger(__name__)

BEAT_S = 0.05
ARRIVAL_BEATS, SPEAKING_BEATS, ALLOT_BEATS, REAP_BEATS, REPORT_BEATS = 2, 2, 5, 5, 20  # every so many beats
TOLD_APART_S = 0.25  # between two tellings of whom one's slots carry; who comes or goes is told at once
STRANGERS_PER_SECOND = 500  # first checks of whoever joins; a browser sends some twenty a second
LOG_EVERY_S = 60.0
FREE_PORT_TRIES = 8

Room = TypeVar("Room", bound=MediaRoom)


def _nothing(*_: object) -> None:
    """For who does not want to be told."""


class MediaNode:
    """`announced` is the address that browsers are told. Port 0 takes a free one; `port.number` says which."""

    def __init__(self, host: str = "127.0.0.1", port: int = 8002, announced: str = "127.0.0.1") -> None:
        self._host, self._number, self._announced = host, port, announced
        self.certificate = new_certificate()
        self.rooms: dict[str, MediaRoom] = {}
        self._by_ufrag: dict[str, tuple[Peer, str]] = {}
        self._by_address: dict[Address, Peer] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._closed_rooms = [0, 0]
        self._faults = self._refused = self._flooding = 0
        self.strangers = Allowance(STRANGERS_PER_SECOND, STRANGERS_PER_SECOND, time.monotonic())
        self._logged_at = -LOG_EVERY_S

    async def start(self) -> None:
        """Raises OSError when the port is taken."""
        self.tcp = TcpPort(INBOX, self._admit, self._receive, self._lost)
        for tries_left in reversed(range(1 if self._number else FREE_PORT_TRIES)):
            try:
                await self._open_ports()
                break
            except OSError:  # a number that is free for UDP may be taken for TCP
                if not tries_left:
                    raise
        self._beating = asyncio.get_running_loop().create_task(self._beat())

    async def _open_ports(self) -> None:
        self.port = Port(self._host, self._number, INBOX, self._receive)
        self.port.open()
        try:
            await self.tcp.open(self._host, self.port.number)
        except OSError:
            self.port.close()
            raise

    async def stop(self) -> None:
        for name in list(self.rooms):
            self.close_room(name)
        self._beating.cancel()
        await asyncio.gather(self._beating, *self._closing, return_exceptions=True)
        self.port.close()
        await self.tcp.close()

    def open(self, name: str, on_slots: OnSlots = _nothing, on_speaking: OnSpeaking = _nothing) -> MediaRoom:
        """`on_slots(member, slots)`: that member's slots now carry these; again at each change.
        `on_speaking(members)`: exactly these speak."""
        return self._keep(name, MediaRoom(self, on_slots, on_speaking))

    def open_echo(self, name: str) -> EchoRoom:
        """A room in which one member gets back what they send."""
        return self._keep(name, EchoRoom(self, _nothing, _nothing))

    def _keep(self, name: str, room: Room) -> Room:
        if name in self.rooms:
            raise ValueError("this room is open already")
        self.rooms[name] = room
        return room

    def close_room(self, name: str) -> None:
        room = self.rooms.pop(name, None)
        if room is None:
            return
        for member in list(room.peers):
            room.leave(member)
        for at, count in enumerate(self._unheard(room)):
            self._closed_rooms[at] += count

    def totals(self) -> dict[str, int]:
        """For the health page. `audio_forwarded_unheard` must be 0: it counts at the place of sending. `refused` are
        packets that were not authentic, malformed, or more than a voice takes, `flooding` those dropped unread because
        their sender sends too many, `unsent` what the system or a slow connection did not take, `tcp` the connections
        that are open, `faults` contained errors of ours."""
        unheard = [self._closed_rooms, *(self._unheard(room) for room in self.rooms.values())]
        peers = [peer for room in self.rooms.values() for peer in room.peers.values()]
        return {
            "rooms": len(self.rooms),
            "members": len(peers),
            "audio_received_unheard": sum(received for received, _ in unheard),
            "audio_forwarded_unheard": sum(forwarded for _, forwarded in unheard),
            "faults": self._faults,
            "refused": self._refused + sum(peer.faults for peer in peers),
            "flooding": self._flooding,
            "unsent": self.port.unsent + self.tcp.unsent,
            "tcp": self.tcp.open_connections,
        }

    @staticmethod
    def _unheard(room: MediaRoom) -> tuple[int, int]:
        tallies = list(room.tallies("audio"))
        return sum(each.received_unheard for each in tallies), sum(each.forwarded_unheard for each in tallies)

    # -- for the rooms and peers

    def answer(self, peer: Peer) -> str:
        """The answer for a peer, whose credentials are known from now on."""
        self._forget_credentials(peer)
        for each in peer.credentials:
            self._by_ufrag[each.ufrag] = (peer, each.password)
        return peer.answer(self._announced, self.port.number)

    def close_peer(self, peer: Peer) -> None:
        self._forget_credentials(peer)
        for address in peer.paths:
            self._forget_path(peer, address)
        self._refused += peer.faults
        closing = peer.close()
        self._closing.add(closing)
        closing.add_done_callback(lambda _: self._closed(closing, peer))

    def _closed(self, closing: asyncio.Task[None], peer: Peer) -> None:
        self._closing.discard(closing)
        for address in peer.paths:
            if address not in self._by_address:
                hang_up(address)

    def _forget_credentials(self, peer: Peer) -> None:
        for ufrag in [ufrag for ufrag, (owner, _) in self._by_ufrag.items() if owner is peer]:
            del self._by_ufrag[ufrag]

    def _forget_path(self, peer: Peer, address: Address) -> None:
        if self._by_address.get(address) is peer:
            del self._by_address[address]

    def contain(self, act: Callable[..., None], *args: Any) -> None:
        """One peer's or one owner's fault must not stop the node for all: it is counted, and logged now and then."""
        try:
            act(*args)
        except Exception:
            self._count_fault()

    def _count_fault(self) -> None:
        self._faults += 1
        if time.monotonic() - self._logged_at >= LOG_EVERY_S:
            self._logged_at = time.monotonic()
            logger.exception("media: a fault was contained (%d so far)", self._faults)

    # -- datagrams, and frames that came by TCP

    def _admit(self, size: int, address: Address) -> bool:
        self.contain(self._receive_check, bytes(INBOX.view[:size]), address, time.monotonic())
        return address in self._by_address

    def _lost(self, address: Address) -> None:
        peer = self._by_address.pop(address, None)
        if peer is not None:
            peer.paths.pop(address, None)

    def _receive(self, size: int, address: Address) -> None:
        try:  # `contain`, without its calls: this is the hottest way in
            self._dispatch(size, address)
        except Exception:
            self._count_fault()

    def _dispatch(self, size: int, address: Address) -> None:
        first = INBOX.view[0]
        now = time.monotonic()
        peer = self._by_address.get(address)
        allowance = self.strangers if peer is None else peer.checks if first < 4 else peer.allowance
        if not allowance.take(now):
            self._flooding += 1
        elif first < 4:
            self._receive_check(bytes(INBOX.view[:size]), address, now)
        elif peer is None:
            return
        elif 128 <= first < 192:
            peer.receive_media(size, address, now)
        elif 20 <= first < 64:
            peer.receive_dtls(bytes(INBOX.view[:size]))

    def _receive_check(self, data: bytes, address: Address, now: float) -> None:
        check = answer_check(data, address, lambda ufrag: self._by_ufrag.get(ufrag, (None, None))[1])
        if check is None:
            return
        peer, _ = self._by_ufrag[check.ufrag]
        owner = self._by_address.get(address)
        if owner is not None and owner is not peer and owner.uses(address, now):
            return  # nobody takes a path that another peer is using
        self._by_address[address] = peer
        self.port.send(check.reply, address)
        for outlived in peer.reached(address, check.nominates, now):
            self._forget_path(peer, outlived)
            hang_up(outlived)

    # -- time

    async def _beat(self) -> None:
        beat = 0
        while True:
            await asyncio.sleep(BEAT_S)
            beat += 1
            now = time.monotonic()
            for room in list(self.rooms.values()):
                self._beat_room(room, beat, now)
            if beat % REPORT_BEATS == 0:
                self.contain(self.tcp.sweep, now)

    def _beat_room(self, room: MediaRoom, beat: int, now: float) -> None:
        for peer in list(room.peers.values()):
            self.contain(peer.beat, now)
            if beat % ARRIVAL_BEATS == 0:
                self.contain(peer.tell_arrivals)
            if beat % REPORT_BEATS == 0:
                self.contain(peer.report, now)
        if beat % SPEAKING_BEATS == 0:
            self.contain(room.tell_speaking, now)
        if beat % ALLOT_BEATS == 0:
            self.contain(room.allot, now)
        self.contain(room.tell_slots, now, TOLD_APART_S)
        if beat % REAP_BEATS == 0:
            self.contain(room.reap, now)
