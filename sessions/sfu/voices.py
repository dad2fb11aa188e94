"""PURE: whose voices are forwarded, and how many of them a line carries.

Everyone's, as long as nobody has to be left out. Else who begins to speak takes the place of who has been silent
longest; a place is never taken from someone who speaks, but by a leader or the presenter from a member.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from sessions.sfu.levels import HOLD_S, Voice

SPEAKING = 3  # voices at once
LOUDER_DB = 6.0  # who is heard on a narrow line in another's place is louder by so much

# Someone who talks, on average: 50 packets a second of Opus at up to 32 kb/s, with RTP, SRTP, UDP and IP. RED repeats
# the voice, not the headers.
VOICE_BPS, RED_VOICE_BPS = 50_000, 80_000
LATELY_S = 15.0
MORE_BY, MORE_AFTER_S = 1.05, 3.0
KEEPS_AT = 0.85  # of what is needed: a voice less is worse than a queue for a moment


class Floor:
    """`places` voices for a receiver. `holders` has them, and one more where nobody is left out for it: then each of
    the holders hears all the others, and who is none of them hears the first.

    `voices` has the voice of every candidate and is read, never changed.
    """

    def __init__(self, places: int, voices: Mapping[str, Voice]) -> None:
        self.places = places
        self.holders: tuple[str, ...] = ()
        self._voices = voices
        self._rank: dict[str, int] = {}
        self._leading: Collection[str] = ()
        self._since: dict[str, float] = {}

    def admit(self, candidates: Sequence[str], leading: Collection[str] = ()) -> None:
        """Only `candidates`, most important first, can hold a place from now on; those of them who are `leading` win
        ties. Who holds a place keeps it, free ones are filled."""
        self._rank = {member: at for at, member in enumerate(candidates)}
        self._leading = leading
        places = self.places + (len(candidates) == self.places + 1)
        holders = [member for member in self.holders if member in self._rank]
        while len(holders) > places:
            holders.remove(min(holders, key=self._standing))
        waiting = [member for member in candidates if member not in holders]
        self.holders = (*holders, *waiting[: places - len(holders)])
        self._since = {member: at for member, at in self._since.items() if member in holders}

    def heard_by(self, hears: Callable[[str], bool]) -> tuple[str, ...]:
        """By a receiver who may hear those for whom `hears` holds: not oneself, for one."""
        return tuple(member for member in self.holders if hears(member))[: self.places]

    def claim(self, member: str, now: float) -> bool:
        """To be asked for each packet of `member`, whose level its voice has heard; True when `holders` has changed."""
        voice = self._voices[member]
        if not voice.loud or member not in self._rank or member in self.holders[: self.places]:
            return False
        former = self._displaced_by(member, voice, now)
        if former is None:
            return False
        exchange = {former: member, member: former}
        self.holders = tuple(exchange.get(each, each) for each in self.holders)
        self._since[member] = now
        return True

    def _displaced_by(self, member: str, voice: Voice, now: float) -> str | None:
        """One loud packet is enough against who is silent, unless they have just come: else two who cough would
        exchange places with every packet. Against who speaks it must be speech."""
        speaks = voice.speaks(now)
        holders = self.holders[: self.places]
        silent = [
            each
            for each in holders
            if not self._voices[each].speaks(now) and (speaks or now - self._since.get(each, -HOLD_S) >= HOLD_S)
        ]
        if silent:
            return min(silent, key=self._standing)
        weaker = [each for each in holders if speaks and self._yields(each, member)]
        return min(weaker, key=lambda each: self._voices[each].loudness, default=None)

    def _standing(self, member: str) -> tuple[float, int]:
        return self._voices[member].spoke_at, -self._rank[member]

    def _yields(self, holder: str, member: str) -> bool:
        """Whether `holder`, who speaks, gives way to `member`, who speaks too."""
        if (holder in self._leading) != (member in self._leading):
            return member in self._leading
        louder = self._voices[member].loudness - self._voices[holder].loudness
        return self.places < SPEAKING and louder >= LOUDER_DB


class Portion(NamedTuple):
    """What a receiver gets of the voices."""

    voices: int
    red: bool

    @property
    def needed_bps(self) -> int:
        return self.voices * (RED_VOICE_BPS if self.red else VOICE_BPS)

    def reserved_bps(self, spoke: int) -> int:
        """What pictures must leave free where `spoke` voices were heard at once lately: one more may begin at any
        moment. That several are repeated at once is rare and short; for the second, the margin of the estimate must
        do."""
        return min(self.voices, spoke + 1) * VOICE_BPS + self.red * (RED_VOICE_BPS - VOICE_BPS)


PORTIONS = (Portion(SPEAKING, True), *(Portion(voices, False) for voices in range(SPEAKING, 0, -1)))


WANTED_BPS = 1.1 * MORE_BY * PORTIONS[0].needed_bps  # what a line must be seen to carry until all voices are whole


class Lately:
    """How many were the `most` in the last LATELY_S."""

    def __init__(self) -> None:
        self.most = 0
        self._at = 0.0

    def take(self, count: int, now: float) -> None:
        if count >= self.most or now - self._at > LATELY_S:
            self.most, self._at = count, now


class Share:
    """One receiver's portion: less as soon as the line carries clearly less, more when it has had room for that for
    MORE_AFTER_S."""

    def __init__(self) -> None:
        self.portion = PORTIONS[0]
        self._roomy_since: float | None = None

    def update(self, budget_bps: float, now: float) -> bool:
        """Whether the portion is another one now."""
        former = self.portion
        if budget_bps < KEEPS_AT * former.needed_bps:
            self.portion = _affordable(budget_bps)
            self._roomy_since = None
        elif _affordable(budget_bps / MORE_BY).needed_bps <= former.needed_bps:
            self._roomy_since = None
        elif self._roomy_since is None:
            self._roomy_since = now
        elif now - self._roomy_since >= MORE_AFTER_S:
            self.portion = _affordable(budget_bps / MORE_BY)
            self._roomy_since = None
        return self.portion != former


def _affordable(budget_bps: float) -> Portion:
    return next((each for each in PORTIONS if each.needed_bps <= budget_bps), PORTIONS[-1])
