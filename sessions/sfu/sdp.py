"""PURE: the offer of a browser read, the answer of the room written (RFC 8829, RFC 8843, RFC 8853, RFC 9429).

Only what a room needs: opus, also with redundancy (RFC 2198), and VP8 with RTX, one bundle, header extensions of
rewrite.py. Unknown attributes are passed over; an offer that is contradictory, too large, or of media that a room has
not is refused. Firefox: the fingerprint may stand at session level only, bundled m-lines have port 0, extension ids
carry a direction, feedback lines name codecs that are not offered, and m-lines that only receive have ssrc lines
(sources are learned from packets, so those are never read).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sessions.sfu.rewrite import AUDIO_LEVEL, MID, ORIENTATION, REPAIRED_RID, RID, SEND_TIME, TRANSPORT

MAX_BYTES = 64 * 1024
MAX_MEDIA = 128
PROTOCOL = "UDP/TLS/RTP/SAVPF"
CODECS = {"audio": "opus/48000/2", "video": "vp8/90000"}
EXTENSIONS = {
    "audio": (MID, AUDIO_LEVEL, SEND_TIME, TRANSPORT),
    "video": (MID, SEND_TIME, TRANSPORT, ORIENTATION, RID, REPAIRED_RID),
}
FEEDBACK = {"audio": ("nack", "transport-cc"), "video": ("nack", "nack pli", "goog-remb", "transport-cc")}
LAYERS = ("l", "h")  # the RIDs of a picture's layers, from low to high
RED = "red/48000/2"
OPUS = "minptime=10;stereo=0;maxaveragebitrate=32000;usedtx=1;useinbandfec=1"
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
FINGERPRINT_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}

ICE_CHARS = r"[A-Za-z0-9+/]"
UFRAG = re.compile(ICE_CHARS + r"{4,256}")
PASSWORD = re.compile(ICE_CHARS + r"{22,256}")
TOKEN = re.compile(r"[A-Za-z0-9_.+-]{1,16}")  # a MID: RFC 8843's token, no longer than a one-byte extension holds
NUMBER = re.compile(r"[0-9]{1,20}")
HEX_PAIRS = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})*")


class Refused(Exception):
    """`code` says why in a word that does not change: so far always "bad_sdp"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Fingerprint:
    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class Codec:
    """The one codec of an m-line: payload type, those of its retransmissions and of its redundant form (or None),
    feedback both sides know."""

    payload_type: int
    rtx: int | None
    feedback: tuple[str, ...]
    red: int | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One m-line as offered."""

    kind: str
    mid: str
    direction: str
    codec: Codec
    extensions: dict[str, int]
    rids: tuple[str, ...] = ()  # layers that are sent, low ones first; none without simulcast

    @property
    def sends(self) -> bool:
        return self.direction in ("sendonly", "sendrecv")

    @property
    def receives(self) -> bool:
        return self.direction == "recvonly"


@dataclass(frozen=True, slots=True)
class Offer:
    session: str
    ufrag: str
    fingerprint: Fingerprint
    media: tuple[Media, ...]

    def published(self) -> dict[str, Media]:
        """The first m-line of each kind that sends; a member has one voice and one picture."""
        return {each.kind: each for each in reversed(self.media) if each.sends}

    def continues(self, other: "Offer") -> bool:
        """Whether this is another offer of the same connection: the same session, certificate and m-lines, with
        packets that look the same."""
        return (self.session, self.fingerprint, self.media) == (other.session, other.fingerprint, other.media)


@dataclass(slots=True)
class _Section:
    """The session part or one m-line while it is read."""

    head: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)  # the first of each attribute
    direction: str = "sendrecv"
    rtpmap: dict[str, str] = field(default_factory=dict)
    fmtp: dict[str, str] = field(default_factory=dict)
    feedback: dict[str, list[str]] = field(default_factory=dict)
    rids: dict[str, str] = field(default_factory=dict)  # RID -> "send" or "recv", and what limits it
    extensions: dict[str, int] = field(default_factory=dict)

    def read(self, name: str, value: str) -> None:
        key, _, rest = value.partition(" ")
        if name in DIRECTIONS:
            self.direction = name
        elif name == "rtpmap":
            self.rtpmap[key] = rest.strip().lower()
        elif name == "fmtp":
            self.fmtp[key] = rest.strip()
        elif name == "rtcp-fb":
            self.feedback.setdefault(key, []).append(rest.strip())
        elif name == "rid":
            self.rids.setdefault(key, rest.strip())
        elif name == "extmap":
            number = key.partition("/")[0]
            if NUMBER.fullmatch(number) and 1 <= int(number) <= 14:
                self.extensions.setdefault(rest.partition(" ")[0], int(number))
        else:
            self.values.setdefault(name, value.strip())


def parse(text: str) -> Offer:
    """Raises Refused("bad_sdp")."""
    _require(isinstance(text, str) and len(text) <= MAX_BYTES and len(text.encode("utf-8", "replace")) <= MAX_BYTES)
    session, sections = _split(text)
    media = tuple(_media(section) for section in sections)
    mids = {each.mid for each in media}
    _require(len(media) == len(mids) > 0)
    _require(mids <= set(session.values.get("group", "").split()[1:]))
    return Offer(
        session=_checked(NUMBER, session.values.get("o", "")),
        ufrag=_checked(UFRAG, _inherited("ice-ufrag", sections[0], session)),
        fingerprint=_transport(sections[0], session),
        media=media,
    )


def _require(holds: bool) -> None:
    if not holds:
        raise Refused("bad_sdp")


def _checked(form: re.Pattern[str], value: str) -> str:
    _require(form.fullmatch(value) is not None)
    return value


def _split(text: str) -> tuple[_Section, list[_Section]]:
    lines = text.replace("\r\n", "\n").split("\n")
    _require(lines[0] == "v=0")
    session = current = _Section()
    sections: list[_Section] = []
    for line in lines[1:]:
        if line.startswith("m="):
            current = _Section(head=line[2:].split())
            sections.append(current)
            _require(len(sections) <= MAX_MEDIA)
        elif line.startswith("o="):
            session.values["o"] = " ".join(line.split()[1:2])  # the session id; behind it the version counts up
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            if name != "group" or value.startswith("BUNDLE "):
                current.read(name, value)
    return session, sections


def _inherited(name: str, section: _Section, session: _Section) -> str:
    return section.values.get(name, session.values.get(name, ""))


def _transport(section: _Section, session: _Section) -> Fingerprint:
    """We answer setup:active, so the other side must be able to wait; the password is checked but never needed."""
    _require(_inherited("setup", section, session) in ("actpass", "passive"))
    _checked(PASSWORD, _inherited("ice-pwd", section, session))
    algorithm, _, value = _inherited("fingerprint", section, session).partition(" ")
    algorithm = algorithm.lower()
    _require(HEX_PAIRS.fullmatch(value) is not None and len(value) == 3 * FINGERPRINT_BYTES.get(algorithm, 0) - 1)
    return Fingerprint(algorithm, value.upper())


def _media(section: _Section) -> Media:
    _require(len(section.head) >= 4)
    kind, port, protocol, *formats = section.head
    _require(kind in CODECS and NUMBER.fullmatch(port) is not None and protocol == PROTOCOL)
    rids = _rids(section)
    wanted = [uri for uri in EXTENSIONS[kind] if rids or uri not in (RID, REPAIRED_RID)]
    return Media(
        kind=kind,
        mid=_checked(TOKEN, section.values.get("mid", "")),
        direction=section.direction,
        codec=_codec(section, kind, formats),
        extensions={uri: section.extensions[uri] for uri in wanted if uri in section.extensions},
        rids=rids,
    )


def _rids(section: _Section) -> tuple[str, ...]:
    """The layers of ours that an m-line will send (RFC 8853, section 5.1); of alternatives the first, paused or not."""
    direction, _, value = section.values.get("simulcast", "").partition(" ")
    sent = [stream.split(",")[0].lstrip("~") for stream in value.partition(" ")[0].split(";")]
    if direction != "send" or RID not in section.extensions:
        return ()
    return tuple(rid for rid in LAYERS if rid in sent and section.rids.get(rid, "").startswith("send"))


def _codec(section: _Section, kind: str, formats: list[str]) -> Codec:
    """The first of the offered payload types that is ours; the m-line's order is the offerer's preference."""
    _require(all(NUMBER.fullmatch(each) is not None and int(each) < 128 for each in formats))
    main = next((each for each in formats if section.rtpmap.get(each) == CODECS[kind]), "")
    _require(main != "")
    rtx = next((int(each) for each in formats if _repairs(section, each, main)), None)
    offered = section.feedback.get(main, [])
    if "transport-cc" in offered:
        offered = [each for each in offered if each != "goog-remb"]  # one judge of the line is enough
    red = next((int(each) for each in formats if _repeats(section, each, main)), None)
    return Codec(int(main), rtx, tuple(each for each in FEEDBACK[kind] if each in offered), red)


def _repairs(section: _Section, payload_type: str, main: str) -> bool:
    parameters = section.fmtp.get(payload_type, "").replace(" ", "").split(";")
    return section.rtpmap.get(payload_type, "").startswith("rtx/") and f"apt={main}" in parameters


def _repeats(section: _Section, payload_type: str, main: str) -> bool:
    """RFC 2198, section 5: opus in opus. Chromium: 111/111."""
    levels = set(section.fmtp.get(payload_type, "").split("/"))
    return section.rtpmap.get(payload_type) == RED and levels == {main}


@dataclass(frozen=True, slots=True)
class Source:
    """What an answer says of a slot: the sources that will ever send in it."""

    ssrc: int
    rtx_ssrc: int
    stream: str


@dataclass(frozen=True, slots=True)
class Local:
    """Our side of the transport, the same in every m-line."""

    session: int
    version: int
    ufrag: str
    password: str
    fingerprint: str
    candidates: tuple[str, ...]


def answer(offer: Offer, local: Local, sources: Mapping[str, Source]) -> str:
    """The answer to `offer`; `sources` has one entry per m-line that receives."""
    published = {each.mid for each in offer.published().values()}
    lines = [
        "v=0",
        f"o=- {local.session} {local.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE " + " ".join(each.mid for each in offer.media),
        "a=msid-semantic: WMS *",
    ]
    for each in offer.media:
        lines += _accepted(each, local)
        if each is offer.media[0]:
            lines += [*(f"a={candidate}" for candidate in local.candidates), "a=end-of-candidates"]
        if each.mid in published:
            lines += ["a=recvonly", *_layers(each)]
        elif each.mid in sources:
            lines += _sending(sources[each.mid], each.codec)
        else:
            lines.append("a=inactive")
    return "\r\n".join(lines) + "\r\n"


def _accepted(media: Media, local: Local) -> Iterator[str]:
    main, rtx, red = media.codec.payload_type, media.codec.rtx, media.codec.red
    formats = [str(each) for each in (red, main, rtx) if each is not None]  # the first is what the other side sends
    yield f"m={media.kind} 9 {PROTOCOL} {' '.join(formats)}"
    yield "c=IN IP4 0.0.0.0"
    yield f"a=mid:{media.mid}"
    yield from ("a=rtcp-mux", "a=rtcp-rsize", "a=setup:active", "a=ice-options:ice2")
    yield f"a=ice-ufrag:{local.ufrag}"
    yield f"a=ice-pwd:{local.password}"
    yield f"a=fingerprint:sha-256 {local.fingerprint}"
    for uri, number in media.extensions.items():
        yield f"a=extmap:{number} {uri}"
    yield f"a=rtpmap:{main} " + ("opus/48000/2" if media.kind == "audio" else "VP8/90000")
    for each in media.codec.feedback:
        yield f"a=rtcp-fb:{main} {each}"
    if media.kind == "audio":
        yield f"a=fmtp:{main} {OPUS}"
    if red is not None:
        yield f"a=rtpmap:{red} {RED}"
        yield f"a=fmtp:{red} {main}/{main}"
    if rtx is not None:
        yield f"a=rtpmap:{rtx} rtx/90000"
        yield f"a=fmtp:{rtx} apt={main}"


def _layers(media: Media) -> Iterator[str]:
    for rid in media.rids:
        yield f"a=rid:{rid} recv"
    if media.rids:
        yield "a=simulcast:recv " + ";".join(media.rids)


def _sending(source: Source, codec: Codec) -> Iterator[str]:
    yield "a=sendonly"
    yield f"a=msid:{source.stream} {source.stream}"
    yield f"a=ssrc:{source.ssrc} cname:{source.stream}"  # first: Chromium takes it for the main source
    if codec.rtx is not None:
        yield f"a=ssrc:{source.rtx_ssrc} cname:{source.stream}"
        yield f"a=ssrc-group:FID {source.ssrc} {source.rtx_ssrc}"
