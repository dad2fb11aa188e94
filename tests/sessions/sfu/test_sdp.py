"""Offers of two browsers read, answers written, everything else refused."""

from pathlib import Path

import pytest

from sessions.sfu.rewrite import AUDIO_LEVEL, MID, ORIENTATION, REPAIRED_RID, RID, SEND_TIME, TRANSPORT
from sessions.sfu.sdp import MAX_BYTES, Codec, Fingerprint, Local, Media, Refused, Source, answer, parse

CHROMIUM = Path(__file__).with_name("chromium.sdp").read_text().replace("\n", "\r\n")
FIREFOX = Path(__file__).with_name("firefox.sdp").read_text().replace("\n", "\r\n")
PRINT = "DE:D9:59:66:94:09:EF:8D:A1:BB:9A:17:B1:7C:2D:78:35:74:F1:03:12:07:DD:86:77:FA:4C:78:D6:D2:7E:19"
LOCAL = Local(
    session=7,
    version=1,
    ufrag="ours",
    password="secret",
    fingerprint="AA:BB",
    candidates=("candidate:1 1 udp 1 192.0.2.9 8002", "candidate:2 1 tcp 1 192.0.2.9 8002"),
)
LAYERED = CHROMIUM.replace("a=mid:1\r\n", "a=mid:1\r\na=rid:h send\r\na=rid:l send\r\na=simulcast:send h;l\r\n", 1)
SOURCES = {"2": Source(11, 12, "s-a"), "17": Source(21, 22, "s-v")}


def test_chromiums_offer() -> None:
    offer = parse(CHROMIUM)
    feedback = ("nack", "nack pli", "transport-cc")
    audio = {MID: 4, AUDIO_LEVEL: 1, SEND_TIME: 2, TRANSPORT: 3}
    video = {MID: 4, SEND_TIME: 2, TRANSPORT: 3, ORIENTATION: 13}

    assert (offer.session, offer.ufrag) == ("5709046635967233318", "zkhP")
    assert offer.fingerprint == Fingerprint("sha-256", PRINT)
    assert offer.media == (
        Media("audio", "0", "sendonly", Codec(111, None, ("transport-cc",)), audio),
        Media("video", "1", "sendonly", Codec(96, 97, feedback), video),
        Media("audio", "2", "recvonly", Codec(111, None, ("transport-cc",)), audio),
        Media("video", "17", "recvonly", Codec(96, 97, feedback), video),
    )


def test_firefoxs_offer() -> None:
    offer = parse(FIREFOX)

    assert offer.fingerprint == Fingerprint("sha-256", PRINT)
    assert offer.media == (
        Media("audio", "0", "sendonly", Codec(109, None, ()), {MID: 3, AUDIO_LEVEL: 1}),
        Media(
            "video",
            "1",
            "sendonly",
            Codec(120, 124, ("nack", "nack pli", "transport-cc")),
            {MID: 3, SEND_TIME: 4, TRANSPORT: 7},
        ),
        Media("audio", "2", "recvonly", Codec(109, None, ()), {MID: 3, AUDIO_LEVEL: 1}),
        Media("video", "3", "recvonly", Codec(120, 124, ("nack", "nack pli")), {MID: 3, SEND_TIME: 4}),
    )


def test_the_answer_to_a_voice_sent() -> None:
    lines = sections(answer(parse(CHROMIUM), LOCAL, SOURCES))[1]

    assert lines == [
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=setup:active",
        "a=ice-options:ice2",
        "a=ice-ufrag:ours",
        "a=ice-pwd:secret",
        "a=fingerprint:sha-256 AA:BB",
        f"a=extmap:4 {MID}",
        f"a=extmap:1 {AUDIO_LEVEL}",
        f"a=extmap:2 {SEND_TIME}",
        f"a=extmap:3 {TRANSPORT}",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 transport-cc",
        "a=fmtp:111 minptime=10;stereo=0;maxaveragebitrate=32000;usedtx=1;useinbandfec=1",
        "a=candidate:1 1 udp 1 192.0.2.9 8002",
        "a=candidate:2 1 tcp 1 192.0.2.9 8002",
        "a=end-of-candidates",
        "a=recvonly",
    ]


def test_the_answer_to_a_picture_received_names_the_main_source_first() -> None:
    lines = sections(answer(parse(CHROMIUM), LOCAL, SOURCES))[4]

    assert lines[10:] == [
        f"a=extmap:4 {MID}",
        f"a=extmap:2 {SEND_TIME}",
        f"a=extmap:3 {TRANSPORT}",
        f"a=extmap:13 {ORIENTATION}",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
        "a=rtcp-fb:96 transport-cc",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=sendonly",
        "a=msid:s-v s-v",
        "a=ssrc:21 cname:s-v",
        "a=ssrc:22 cname:s-v",
        "a=ssrc-group:FID 21 22",
    ]


def test_the_layers_of_a_picture_are_taken_low_ones_first() -> None:
    offer = parse(LAYERED)

    assert offer.media[1].rids == ("l", "h")
    assert sections(answer(offer, LOCAL, SOURCES))[2][-4:] == [
        "a=recvonly",
        "a=rid:l recv",
        "a=rid:h recv",
        "a=simulcast:recv l;h",
    ]
    assert [offer.media[1].extensions[uri] for uri in (RID, REPAIRED_RID)] == [10, 11]


@pytest.mark.parametrize(
    ("old", "new", "rids"),
    [
        ("a=simulcast:send h;l", "a=simulcast:send ~l,x;h recv q", ("l", "h")),
        ("a=simulcast:send h;l", "a=simulcast:send f;l", ("l",)),
        ("a=rid:h send", "a=rid:h send max-width=640;pt=96", ("l", "h")),
        ("a=rid:h send", "a=rid:h recv", ("l",)),
        ("a=simulcast:send h;l", "a=simulcast:recv h;l", ()),
        ("a=simulcast:send h;l", "a=simulcast:", ()),
        ("a=simulcast:send h;l\r\n", "", ()),
        (RID, "urn:other", ()),
    ],
)
def test_only_our_layers_are_taken_and_only_with_their_extension(old: str, new: str, rids: tuple[str, ...]) -> None:
    assert old in LAYERED

    assert parse(LAYERED.replace(old, new)).media[1].rids == rids


def test_a_picture_in_one_layer_is_answered_as_one() -> None:
    text = answer(parse(CHROMIUM), LOCAL, SOURCES)

    assert not [line for line in text.split("\r\n") if "rid" in line or "simulcast" in line]


def test_the_session_part_is_lite_and_one_bundle() -> None:
    lines = sections(answer(parse(FIREFOX), LOCAL, {}))[0]

    assert lines == [
        "v=0",
        "o=- 7 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE 0 1 2 3",
        "a=msid-semantic: WMS *",
    ]


def test_a_second_camera_is_answered_inactive() -> None:
    offer = CHROMIUM.replace("a=recvonly", "a=sendonly")

    directions = [section[-1] for section in sections(answer(parse(offer), LOCAL, {}))[1:]]

    assert directions == ["a=recvonly", "a=recvonly", "a=inactive", "a=inactive"]


def test_the_first_payload_type_of_ours_is_taken() -> None:
    offer = CHROMIUM.replace("SAVPF 111\r\n", "SAVPF 63 111\r\n").replace(
        "a=rtpmap:111 opus/48000/2", "a=rtpmap:63 red/48000/2\r\na=rtpmap:111 OPUS/48000/2"
    )

    assert parse(offer).media[0].codec.payload_type == 111


def test_redundancy_and_nack_for_voices_are_taken_where_they_are_offered() -> None:
    offer = parse(voice_offer("111/111"))

    lines = sections(answer(offer, LOCAL, {}))[1]

    assert offer.media[0].codec == Codec(111, None, ("nack", "transport-cc"), 63)
    assert offer.media[2].codec == Codec(111, None, ("transport-cc",))
    assert lines[0] == "m=audio 9 UDP/TLS/RTP/SAVPF 63 111"
    assert [line for line in lines if ":111 " in line or ":63 " in line] == [
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 nack",
        "a=rtcp-fb:111 transport-cc",
        "a=fmtp:111 minptime=10;stereo=0;maxaveragebitrate=32000;usedtx=1;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
    ]


@pytest.mark.parametrize("levels", ["", "111/0", "0/0", "111 111"])
def test_redundancy_of_something_else_is_passed_over(levels: str) -> None:
    assert parse(voice_offer(levels)).media[0].codec.red is None


def voice_offer(levels: str) -> str:
    """Chromium's, when the page prefers redundancy and asks for NACK; in the first m-line only."""
    red = f"a=rtpmap:63 red/48000/2\r\na=fmtp:63 {levels}\r\na=rtcp-fb:111 nack\r\na=rtpmap:111 opus/48000/2"
    return CHROMIUM.replace("SAVPF 111\r\n", "SAVPF 111 63\r\n", 1).replace("a=rtpmap:111 opus/48000/2", red, 1)


def test_an_offer_continues_another_of_the_same_connection_only() -> None:
    offer = parse(CHROMIUM)

    assert offer.continues(parse(CHROMIUM.replace("zkhP", "newer").replace(" 2 IN IP4", " 3 IN IP4")))
    assert not offer.continues(parse(CHROMIUM.replace("DE:D9", "DE:DA")))
    assert not offer.continues(parse(CHROMIUM.replace("5709046635967233318", "1")))
    assert not offer.continues(parse(CHROMIUM.replace("a=recvonly", "a=inactive")))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("111", "109"),
        ("a=rtpmap:97 rtx", "a=rtpmap:97 other"),
        ("a=extmap:4 ", "a=extmap:9 "),
        ("a=simulcast:send h;l", "a=simulcast:send l"),
    ],
    ids=["payload type", "repairs", "extension", "layers"],
)
def test_an_offer_of_other_packets_is_another_connection(old: str, new: str) -> None:
    """The slots write what the first offer said."""
    assert old in LAYERED

    assert not parse(LAYERED).continues(parse(LAYERED.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v=0", "v=1"),
        ("o=- 5709046635967233318", "o=- x"),
        ("a=group:BUNDLE 0 1 2 17", "a=group:BUNDLE 0 1 2"),
        ("a=group:BUNDLE 0 1 2 17\r\n", ""),
        ("a=mid:17", "a=mid:0"),
        ("a=mid:17", "a=mid:a b"),
        ("a=mid:17\r\n", ""),
        ("a=setup:actpass", "a=setup:active"),
        ("a=fingerprint:sha-256 DE", "a=fingerprint:md5 DE"),
        ("a=fingerprint:sha-256 DE:", "a=fingerprint:sha-256 "),
        ("a=ice-ufrag:zkhP", "a=ice-ufrag:z"),
        ("a=ice-pwd:AU58", "a=ice-pwd:\u00e9\u00e9"),
        ("m=audio 9", "m=text 9"),
        ("m=audio 9", "m=audio -1"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 RTP/AVP 111"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 UDP/TLS/RTP/SAVPF 128"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 UDP/TLS/RTP/SAVPF \u0661"),
        ("opus/48000/2", "pcmu/8000"),
        ("VP8/90000", "H264/90000"),
    ],
)
def test_a_bad_offer_is_refused(old: str, new: str) -> None:
    assert old in CHROMIUM

    with pytest.raises(Refused, match="bad_sdp"):
        parse(CHROMIUM.replace(old, new))


@pytest.mark.parametrize(
    "offer", ["", "v=0\r\n", "\ud800", None, 7, CHROMIUM + "a=x\r\n" * MAX_BYTES, "\u00e9" * (MAX_BYTES - 1)]
)
def test_what_is_no_offer_or_too_large_is_refused(offer: object) -> None:
    with pytest.raises(Refused, match="bad_sdp"):
        parse(offer)  # type: ignore[arg-type]


def test_an_offer_takes_64_kb_at_most() -> None:
    def padded(size: int) -> str:
        return CHROMIUM + "a=".ljust(size - len(CHROMIUM) - 2, "x") + "\r\n"

    assert parse(padded(65_536)) == parse(CHROMIUM)
    for larger in (padded(65_537), padded(65_536).replace("xx", "x\u00e9", 1)):
        with pytest.raises(Refused, match="bad_sdp"):
            parse(larger)


def test_more_m_lines_than_any_room_needs_are_refused() -> None:
    head, first, *_ = CHROMIUM.split("m=")
    mids = [str(n) for n in range(129)]
    short = "audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:{}\r\na=rtpmap:111 opus/48000/2\r\n"

    with pytest.raises(Refused):
        parse(f"v=0\r\na=group:BUNDLE {' '.join(mids)}\r\n" + "".join("m=" + short.format(mid) for mid in mids))


def sections(text: str) -> list[list[str]]:
    assert text.endswith("\r\n")
    parts = text.removesuffix("\r\n").split("\r\nm=")
    return [parts[0].split("\r\n"), *(("m=" + part).split("\r\n") for part in parts[1:])]
