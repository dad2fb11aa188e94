"""A room's media: its peers, who may be heard and shown, and which slot of whom carries which member."""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sessions.sfu import picture, sdp
from sessions.sfu.floors import Apart, Floors
from sessions.sfu.peer import Peer
from sessions.sfu.slot import SlotMap
from sessions.sfu.stream import Stream
from sessions.sfu.tally import Counters, Tally
from sessions.sfu.track import Track
from sessions.sfu.voices import Lately

if TYPE_CHECKING:
    from sessions.sfu.node import MediaNode

KINDS = ("audio", "video")
QUIET_S = 4.0  # browsers check the path every 2.5 s
SLOW_RTT_S = 0.6  # people begin to talk over each other
REAP_S = 30.0  # browsers give a connection up after 16 s without packets

OnSlots = Callable[[str, tuple[SlotMap, ...]], None]
OnSpeaking = Callable[[frozenset[str]], None]


class MediaRoom:
    """Made by `MediaNode.open`. Nobody is heard or shown until `hear` and `show` say so."""

    def __init__(self, node: "MediaNode", on_slots: OnSlots, on_speaking: OnSpeaking) -> None:
        self._node = node
        self.port, self.certificate, self.contain = node.port, node.certificate, node.contain
        self._on_slots, self._on_speaking = on_slots, on_speaking
        self.peers: dict[str, Peer] = {}
        self.heard: frozenset[str] = frozenset()
        self.shown: frozenset[str] = frozenset()
        self.apart: Mapping[str, Apart] = {}
        self.ranking: tuple[str, ...] = ()
        self.leading: Collection[str] = ()
        self.watched: dict[str, dict[str, int]] = {}
        self.expected: dict[str, float] = {}  # since when
        self._speaking: frozenset[str] = frozenset()
        self._spoke = Lately()
        self._tallies: dict[tuple[str, str], Tally] = {}
        self.floors = Floors(self)

    # -- for the room that owns this one

    async def join(self, member: str, offer: str) -> str:
        """The answer to `offer`. The newest connection of a member replaces the former, unless the offer continues it:
        then it is an ICE restart. Raises Refused("bad_sdp"), which changes nothing."""
        read = sdp.parse(offer)
        former = self.peers.get(member)
        if former is not None and former.offer.continues(read):
            former.restart(read)
        else:
            if former is not None:
                self._remove(former)
            self.peers[member] = Peer(self, member, read)
            self._assign()
        return self._node.answer(self.peers[member])

    def leave(self, member: str) -> None:
        """Frees its slots everywhere, at once. Unknown members are gone already."""
        self.watched.pop(member, None)
        peer = self.peers.get(member)
        if peer is not None:
            self._remove(peer)
            self._assign()

    def hear(self, members: frozenset[str], apart: Mapping[str, Apart] | None = None) -> None:
        """From this call on nobody else's audio is forwarded, in no form; and that of those of them who speak `apart`
        to nobody but their listeners. What was said to others stays with them."""
        former = {member: self._audience(member) for member in self.heard | members}
        self.heard, self.apart = frozenset(members), dict(apart or {})
        self._cut("audio", [member for member, audience in former.items() if audience != self._audience(member)])
        self.floors.arrange()

    def rank(self, order: Sequence[str], leading: Collection[str] = ()) -> None:
        """The most important first: their pictures a slow line keeps longest. Where not everyone can be heard, those
        who are `leading` win against others."""
        self.ranking, self.leading = tuple(order), frozenset(leading)
        self.floors.arrange()
        self.allot(time.monotonic())

    def show(self, members: frozenset[str]) -> None:
        """From this call on nobody else's picture is forwarded, in no form."""
        former, self.shown = self.shown, frozenset(members)
        self._cut("video", former ^ self.shown)
        self.allot(time.monotonic())

    def expect(self, members: frozenset[str]) -> None:
        """Whose picture should come now, because their camera is on: others are told when it does not."""
        now = time.monotonic()
        self.expected = {member: self.expected.get(member, now) for member in members}

    def watch(self, member: str, heights: Mapping[str, int]) -> None:
        """The pictures that `member` looks at, with their heights in pixels of the screen; until this is called the low
        layer of everybody's. Forgotten when the member leaves."""
        self.watched[member] = dict(heights)
        self.allot(time.monotonic(), member)

    def last_packet_at(self, member: str) -> float | None:
        """Monotonic seconds of the last authentic RTP, RTCP or STUN; None without a connection or a packet."""
        peer = self.peers.get(member)
        return None if peer is None or not peer.address else peer.last_packet_at

    def strained(self) -> frozenset[str]:
        """Whose line keeps back pictures now, those they see or their own, or takes SLOW_RTT_S there and back."""
        peers = [peer for peer in self.peers.values() if peer.open]
        down = {peer.member for peer in peers if peer.downlink.rtt_s > SLOW_RTT_S}
        down |= {slot.peer.member for peer in peers for slot in peer.slots if slot.pause == "line"}
        return frozenset(down | {slot.member for peer in peers for slot in peer.slots if slot.pause == "theirs"})

    def counters(self, member: str) -> Counters:
        audio, video = (self.tally(member, kind) for kind in KINDS)
        return Counters(audio.received, audio.forwarded, video.received, video.forwarded)

    # -- for the peers

    def tally(self, member: str, kind: str) -> Tally:
        return self._tallies.setdefault((member, kind), Tally())

    def tallies(self, kind: str) -> Iterable[Tally]:
        return [tally for (_, of), tally in self._tallies.items() if of == kind]

    def published(self, kind: str) -> dict[str, Track]:
        """The tracks of this kind from which something comes, by member, in the order of their joining."""
        peers = {member: peer for member, peer in self.peers.items() if kind in peer.tracks and not peer.quiet}
        return {member: peer.tracks[kind] for member, peer in peers.items()}

    def hears(self, receiver: str, member: str) -> bool:
        """Whether `member` may be heard, and by this receiver. Nobody hears themselves."""
        apart = self.apart.get(member)
        return member in self.heard and member != receiver and (apart is None or receiver in apart.listeners)

    def ask_key_frame(self, stream: Stream, now: float) -> None:
        peer = self.peers.get(stream.track.member)
        if peer is not None:
            peer.ask_key_frame(stream, now)

    def opened(self, peer: Peer, now: float) -> None:
        """Media may flow to `peer`, at first or again: it learns its slots, others have it in theirs, and its
        pictures' publishers are asked for key frames."""
        self._assign()
        for slot in peer.slots:
            if slot.follows is not None:
                self.ask_key_frame(slot.follows, now)

    def lose(self, peer: Peer) -> None:
        """The connection is over; the member may have a newer one already."""
        if self.peers.get(peer.member) is peer:
            self.leave(peer.member)

    # -- inside

    def _remove(self, peer: Peer) -> None:
        del self.peers[peer.member]
        self._node.close_peer(peer)

    def _audience(self, member: str) -> Apart | bool:
        return member in self.heard and self.apart.get(member, True)

    def _cut(self, kind: str, members: Iterable[str]) -> None:
        for member in members:
            peer = self.peers.get(member)
            track = peer.tracks.get(kind) if peer else None
            if track is not None:
                track.cut()

    def _assign(self) -> None:
        """Brings all slots in step with who publishes what. Who has a slot keeps it; the other pictures take free ones,
        in the order of their joining."""
        self.floors.arrange()
        for peer in self.peers.values():
            if "video" in peer.tracks:
                peer.tracks["video"].slots = []
        tracks = self.published("video")
        for receiver in self.peers.values():
            self._assign_to(receiver, self._tracks_for(receiver, tracks))
        now = time.monotonic()
        self.allot(now)
        self.tell_slots(now)

    def allot(self, now: float, only: str = "") -> None:
        """Brings the layers in all slots, or in those of one member, in step with tiles, importance and lines."""
        for peer in self.peers.values():
            if "video" in peer.tracks:
                peer.tracks["video"].look(now)
        for receiver in self.peers.values():
            if only in ("", receiver.member):
                picture.allot(self, receiver, now)

    def rank_of(self, member: str) -> int:
        """In the order of importance; who is not ranked comes last."""
        return self.ranking.index(member) if member in self.ranking else len(self.ranking)

    def spare_bps(self, receiver: Peer, now: float) -> float | None:
        """What a receiver's line carries besides voices; None where no limit is known."""
        budget_bps = receiver.downlink.budget_bps(now)
        return None if budget_bps is None else max(0, budget_bps - self.reserved_bps(receiver))

    def reserved_bps(self, receiver: Peer) -> int:
        return receiver.share.portion.reserved_bps(self._spoke.most)

    def _tracks_for(self, receiver: Peer, tracks: dict[str, Track]) -> dict[str, Track]:
        """Which pictures a receiver has slots for, by the name that its slots give them."""
        return {member: track for member, track in tracks.items() if member != receiver.member}

    def _assign_to(self, receiver: Peer, tracks: dict[str, Track]) -> None:
        slots = [slot for slot in receiver.slots if slot.kind == "video"]
        has = {slot.member for slot in slots}
        waiting = iter([member for member in tracks if member not in has])
        for slot in slots:
            member = slot.member if slot.member in tracks else next(waiting, "")
            track = tracks.get(member)
            slot.bind(member, track)
            receiver.news = True
            if track is not None:
                track.slots.append(slot)

    def tell_slots(self, now: float, apart_s: float = 0.0) -> None:
        """Who was told less than `apart_s` ago is told later."""
        for peer in self.peers.values():
            if not peer.news or now - peer.told_at < apart_s:
                continue
            if peer.open and peer.maps() != peer.told:
                self._tell(peer)
                peer.told_at = now
            peer.news = False

    def _tell(self, peer: Peer) -> None:
        peer.told = peer.maps()
        self._node.contain(self._on_slots, peer.member, peer.told)

    def tell_speaking(self, now: float) -> None:
        speaking = self.floors.speak(now)
        self._spoke.take(len(speaking), now)
        if speaking != self._speaking:
            self._speaking = speaking
            self._node.contain(self._on_speaking, speaking)

    def reap(self, now: float) -> None:
        """Takes those out of the slots from whom nothing comes, and forgets them when that lasts."""
        silent = [peer for peer in self.peers.values() if now - peer.last_packet_at > QUIET_S]
        fresh = [peer for peer in silent if not peer.quiet]
        for peer in fresh:
            peer.hush()
        if fresh:
            self._assign()
        for peer in silent:
            if now - peer.last_packet_at > REAP_S:
                self.lose(peer)
