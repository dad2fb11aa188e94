"""RTCP read and written; aiortc's own parser is the second opinion."""

import struct

from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket, unpack_remb_fci
from hypothesis import given
from hypothesis import strategies as st

from sessions.sfu.feedback import (
    MAX_LOST,
    MAX_PARTS,
    Nack,
    Pli,
    Reception,
    Remb,
    SenderReport,
    TransportWide,
    read,
    write_nack,
    write_pli,
    write_receiver_report,
    write_remb,
    write_sender_report,
)
from sessions.sfu.transport_cc import Arrivals


def test_a_receiver_report() -> None:
    (packet,) = RtcpPacket.parse(write_receiver_report(1, [Reception(2, 3, -4, 0x10005, 6, 7, 8)]))

    assert isinstance(packet, RtcpRrPacket)
    (block,) = packet.reports
    assert (packet.ssrc, block.ssrc, block.fraction_lost, block.packets_lost) == (1, 2, 3, -4)
    assert (block.highest_sequence, block.jitter, block.lsr, block.dlsr) == (0x10005, 6, 7, 8)


def test_a_sender_report_with_its_name() -> None:
    report, description = RtcpPacket.parse(write_sender_report(SenderReport(1, 2 << 32, 2**32 + 3), 4, 5, "slot-a"))

    assert isinstance(report, RtcpSrPacket)
    info = report.sender_info
    assert (info.ntp_timestamp, info.rtp_timestamp, info.packet_count, info.octet_count) == (2 << 32, 3, 4, 5)
    assert description.chunks[0].items == [(1, b"slot-a")]


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=60, unique=True))
def test_a_nack_asks_for_exactly_these(sequences: list[int]) -> None:
    data = write_nack(1, 2, sorted(sequences))

    (packet,) = RtcpPacket.parse(data)
    assert isinstance(packet, RtcpRtpfbPacket)
    assert sorted(packet.lost) == sorted(sequences)
    assert list(read(data)) == [Nack(2, tuple(sorted(sequences)))]


def test_one_packet_asks_for_so_much_and_no_more() -> None:
    asked = [message for message in read(write_nack(1, 2, range(0, 60, 3)) * 40) if isinstance(message, Nack)]

    assert len(asked) == MAX_PARTS
    assert sum(len(nack.sequences) for nack in asked) == MAX_LOST


def test_a_nack_across_the_wrap() -> None:
    assert list(read(write_nack(1, 2, [0xFFFF, 0x10001]))) == [Nack(2, (0xFFFF, 1))]


def test_a_key_frame_request() -> None:
    (packet,) = RtcpPacket.parse(write_pli(1, 2))

    assert isinstance(packet, RtcpPsfbPacket)
    assert (packet.fmt, packet.ssrc, packet.media_ssrc) == (1, 1, 2)
    assert list(read(write_pli(1, 2))) == [Pli(2)]


@given(st.integers(0, 2**40))
def test_a_bit_rate(bits_per_second: int) -> None:
    (packet,) = RtcpPacket.parse(write_remb(1, bits_per_second, [5, 6]))
    told, sources = unpack_remb_fci(packet.fci)

    assert sources == [5, 6]
    assert told <= bits_per_second <= told * (1 + 2**-17) + 1


def test_a_broken_part_costs_only_what_follows_it() -> None:
    good = struct.pack("!BBHIQIII", 0x80, 200, 6, 9, 8, 7, 0, 0)
    unknown = struct.pack("!BBHI", 0x80, 207, 1, 0)

    assert list(read(good + unknown + write_pli(1, 2) + b"\x80\xc9\xff\xff" + bytes(4))) == [
        SenderReport(9, 8, 7),
        Pli(2),
    ]
    assert list(read(b"\0" * 40)) == []


def test_reception_is_read_from_the_reports_of_receivers_and_of_senders() -> None:
    blocks = [Reception(2, 3, -4, 0x10005, 6, 7, 8), Reception(9, 255, 0x7FFFFF, 1, 0, 0, 0)]
    receivers = write_receiver_report(1, blocks)
    senders = bytearray(write_sender_report(SenderReport(1, 2, 3), 4, 5, "a")[:28] + receivers[8:])
    senders[0], senders[3] = 0x82, 18

    assert list(read(receivers)) == blocks
    assert list(read(bytes(senders))) == [SenderReport(1, 2, 3), *blocks]


def test_a_report_that_claims_more_blocks_than_it_has() -> None:
    report = bytearray(write_receiver_report(1, [Reception(2, 3, 4, 5, 6, 7, 8)]))
    report[0] |= 31

    assert list(read(bytes(report))) == [Reception(2, 3, 4, 5, 6, 7, 8)]


@given(st.integers(0, 2**40))
def test_a_wish_for_less_is_read_as_it_was_written(bits_per_second: int) -> None:
    (remb,) = read(write_remb(1, bits_per_second, [2, 3]))

    assert isinstance(remb, Remb)
    assert bits_per_second * (1 - 2**-17) <= remb.bps <= bits_per_second


def test_transport_wide_feedback_is_handed_on_whole() -> None:
    arrivals = Arrivals()
    arrivals.take(7, 1.0)
    (report,) = arrivals.write(1, 2)

    assert list(read(write_pli(1, 2) + report)) == [Pli(2), TransportWide(report)]
