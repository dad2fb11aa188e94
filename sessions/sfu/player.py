"""Plays a clip through a member, for as long as wanted: a face that listens, and that speaks when it is told to."""

import secrets
from itertools import count

from sessions.sfu import feedback
from sessions.sfu.encoded import LAYERS, LISTENING, Clip, Moment
from sessions.sfu.member import Source
from sessions.sfu.reporter import Reporter
from sessions.sfu.speech import STANZA_S
from sessions.sfu.vp8 import LONG_ID, FrameIds, describe

SOUND_S, DTX_SOUNDS = 0.02, 20  # while a voice is silent, Opus sends one packet of 400 ms
SILENCE, VOICE_BIT = 127, 0x80
REPORT_S = 1.0
LATE_S = 1.0  # who was kept from playing for longer goes on from now, without catching up
NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970


class Player:
    """Times are seconds of one clock, `wall_s` those of the other. `speaks` may be set at any time: a voice begins with
    the next moment of the picture, at most a second later, and ends with its sentence."""

    def __init__(self, member: Reporter, clip: Clip, now: float) -> None:
        self.member, self.clip = member, clip
        self.speaks = self.microphone = self.camera = False
        self._began = self._moment_at = now
        self._reported_at = now - REPORT_S
        self._base = secrets.randbits(31)
        self._sounds = self._quiet_sounds = 0
        self._listening = 0
        self._second: int | None = None  # of the voice, while it sounds
        self._voice_from = 0
        self._sent = dict.fromkeys(LAYERS, 0)
        self._pictures = dict.fromkeys(LAYERS, 0)

    @property
    def sounds(self) -> bool:
        """Whether it can be heard: a little longer than `speaks`."""
        return self._second is not None

    def play(self, now: float, wall_s: float) -> None:
        """Sends all that is due."""
        if now - self._moment_at > 1 + LATE_S:
            self._moment_at = now
            self._sounds = self._sound_at(now)
        while now >= self._moment_at + 1:
            self._play_pictures(1.0)
            self._begin_moment(self._moment_at + 1)
        self._play_pictures(now - self._moment_at)
        self._play_sounds(now)
        if now - self._reported_at >= REPORT_S:
            self._reported_at = now
            self._report(now, wall_s)
        self.member.report(now)

    def answer(self, control: bytes, now: float) -> None:
        """What the node asks: a key frame comes at once, or with the next moment while lips are moving."""
        asked = any(isinstance(message, feedback.Pli) for message in feedback.read(control))
        if asked and self._second is None:
            self._begin_moment(now)

    # -- the picture

    def _begin_moment(self, at: float) -> None:
        self._moment_at = at
        self._sent = dict.fromkeys(LAYERS, 0)
        following = 0 if self._second is None else self._second + 1
        if following % STANZA_S or (self.speaks and self.microphone):
            if following == 0:
                self._voice_from = self._sound_at(at)
            self._second = following
        else:
            self._second = None
            self._listening += 1

    def _play_pictures(self, passed_s: float) -> None:
        for rid, layer in LAYERS.items():
            moment = self._moment(rid)
            while self._sent[rid] < min(len(moment), passed_s * layer.fps):
                at = self._moment_at - self._began + self._sent[rid] / layer.fps
                if self.camera:
                    self._send_picture(rid, moment[self._sent[rid]], self._base + round(at * 90_000))
                self._sent[rid] += 1

    def _moment(self, rid: str) -> Moment:
        moments = self.clip.pictures[rid]
        if self._second is None:
            return moments[self._listening % LISTENING]
        return moments[LISTENING + self._second % (len(moments) - LISTENING)]

    def _send_picture(self, rid: str, pieces: tuple[bytes, ...], timestamp: int) -> None:
        self._pictures[rid] += 1
        number = self._pictures[rid]
        ids = FrameIds(number & LONG_ID, number & 0xFF)
        for at, piece in enumerate(pieces, 1):
            payload = describe(ids, starts=at == 1) + piece
            self.member.send_video(payload, rid=rid, marker=at == len(pieces), timestamp=timestamp)

    # -- the voice

    def _sound_at(self, now: float) -> int:
        return int((now - self._began) / SOUND_S)

    def _play_sounds(self, now: float) -> None:
        for number in count(self._sounds):
            if number >= self._sound_at(now):
                self._sounds = number
                return
            if self.microphone:
                self._play_sound(number)

    def _play_sound(self, number: int) -> None:
        payload, level = b"", SILENCE
        if self._second is not None:
            payload, level = self.clip.voice[(number - self._voice_from) % len(self.clip.voice)]
        timestamp = self._base + number * 960
        if payload:
            self.member.send_audio(payload, VOICE_BIT | level, marker=self._quiet_sounds > 0, timestamp=timestamp)
            self._quiet_sounds = 0
            return
        if self._quiet_sounds % DTX_SOUNDS == 0:
            self.member.send_audio(self.clip.quiet, SILENCE, timestamp=timestamp)
        self._quiet_sounds += 1

    # -- clocks

    def _report(self, now: float, wall_s: float) -> None:
        ntp = int((wall_s + NTP_EPOCH_S) * (1 << 32))
        for source, rate_hz in self._sources():
            self.member.send_report(source, ntp, self._base + round((now - self._began) * rate_hz))

    def _sources(self) -> list[tuple[Source, int]]:
        pictures = [(source, 90_000) for source in self.member.layers.values()]
        return [(self.member.sources["audio"], 48_000), *pictures]
