"""Members whose only way is TCP, and strangers who connect there."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest

from benchmarks.mutants import mutants
from sessions.sfu import tcp
from sessions.sfu.allowance import Allowance
from sessions.sfu.tcp import network_of
from tests.sessions.sfu.call import Call, picture, until
from tests.sessions.sfu.tcp_member import TcpMember, framed, frames

PATIENCE_S = 8.0
ELSEWHERE = "127.0.0.2"


@pytest.fixture
def strangers() -> Iterator[list[socket.socket]]:
    """Their ends of the connections, closed in the end."""
    ends: list[socket.socket] = []
    yield ends
    for end in ends:
        end.close()


def stranger(call: Call, ends: list[socket.socket], host: str = "127.0.0.1") -> socket.socket:
    end = socket.create_connection(("127.0.0.1", call.node.port.number), timeout=PATIENCE_S, source_address=(host, 0))
    ends.append(end)
    return end


async def closed(end: socket.socket) -> bool:
    """Returns when the node has closed this connection; what it may have sent before is dropped."""

    def read() -> bool:
        try:
            return end.recv(4096) == b""
        except ConnectionResetError:
            return True

    return await asyncio.to_thread(read)


async def by_tcp(call: Call, name: str, **options: object) -> TcpMember:
    member = TcpMember(**options)
    await call.enter(name, member)
    call.room.hear(frozenset(call.members))
    call.room.show(frozenset(call.members))
    await until(lambda: call.peer(name).open)
    return member


async def they_hear_each_other(call: Call, one: str, other: str) -> None:
    for sender, receiver in ((one, other), (other, one)):
        said = f"{sender} says {time.monotonic()}".encode()
        call.members[sender].send_audio(said)
        await until(lambda receiver=receiver, sender=sender: call.got(receiver, sender, "audio"))
        assert call.got(receiver, sender, "audio")[-1] == said


async def test_voices_and_pictures_go_both_ways(call: Call) -> None:
    await call.join("lea")
    pia = await by_tcp(call, "pia")

    await they_hear_each_other(call, "lea", "pia")
    pia.send_video(picture("pia", key=True))
    await until(lambda: call.got("lea", "pia", "video") == [picture("pia", key=True)])


async def test_who_pushed_back_is_not_heard_by_tcp_either(call: Call) -> None:
    (pia,) = await call.join("pia")
    lea = await by_tcp(call, "lea")
    await they_hear_each_other(call, "lea", "pia")
    before = call.got("lea", "pia", "audio").copy()

    call.room.hear(frozenset({"lea"}))
    for _ in range(50):
        pia.send_audio(b"secret")
    await until(lambda: call.node.totals()["audio_received_unheard"] == 50)
    await call.settle("lea")

    assert call.got("lea", "pia", "audio") == before
    assert b"secret" not in [payload for received in lea.received.values() for payload in received]
    assert call.node.totals()["audio_forwarded_unheard"] == 0


async def test_frames_that_come_in_pieces_are_whole_again(call: Call) -> None:
    await call.join("lea")
    await by_tcp(call, "pia", in_pieces=True)

    await they_hear_each_other(call, "lea", "pia")


async def test_a_restart_goes_on_by_tcp_with_the_same_keys(call: Call) -> None:
    await call.join("lea")
    pia = await by_tcp(call, "pia")
    keys = call.peer("pia").srtp

    answer = await call.room.join("pia", pia.restart_ice())
    await pia.connect(answer)

    assert f"tcp 1520435199 127.0.0.1 {call.node.port.number} typ host tcptype passive" in answer
    assert call.peer("pia").srtp is keys
    await they_hear_each_other(call, "lea", "pia")


async def test_nothing_waits_for_more_to_send(call: Call) -> None:
    await by_tcp(call, "pia")

    connection = call.peer("pia").address[2]

    end = connection._transport.get_extra_info("socket")
    assert end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_who_reads_too_slowly_loses_packets_and_no_one_else_does(call: Call) -> None:
    _, max_ = await call.join("lea", "max")
    pia = await by_tcp(call, "pia")
    connection = call.peer("pia").address[2]
    call.peer("max").voice_allowance = Allowance(burst=1e9, per_second=0, now=0.0)
    pia.deaf = True

    while not call.node.totals()["unsent"]:
        max_.send_audio(bytes(1000))
        await call.settle("max")
    max_.send_audio(b"and this")

    await until(lambda: call.got("lea", "max", "audio")[-1] == b"and this")
    assert connection._transport.get_write_buffer_size() <= tcp.WAITING_BYTES + 2000


async def test_who_leaves_is_hung_up_and_forgotten(call: Call) -> None:
    pia = await by_tcp(call, "pia")

    call.room.leave("pia")

    await until(lambda: pia.ended)
    assert (call.node.totals()["tcp"], call.node._by_address) == (0, {})


async def test_a_connection_that_breaks_leaves_nothing_but_the_member(call: Call) -> None:
    pia = await by_tcp(call, "pia")

    pia.line.socket.shutdown(socket.SHUT_RDWR)

    await until(lambda: call.node.totals()["tcp"] == 0)
    assert (call.peer("pia").paths, call.node._by_address) == ({}, {})


async def test_another_connection_of_a_member_takes_over(call: Call) -> None:
    """As after an ICE restart in another network; the former one is closed by its browser."""
    await call.join("lea")
    pia = await by_tcp(call, "pia")
    former = call.peer("pia").address

    pia.move()

    await until(lambda: call.peer("pia").address != former)
    await until(lambda: call.node.totals()["tcp"] == 1)
    await they_hear_each_other(call, "lea", "pia")


@pytest.mark.parametrize(
    "begins",
    [b"\0\x05hello", b"\x09\0" + bytes(0x900), framed(b"GET / HTTP/1.1\r\n"), framed(bytes(20))],
    ids=["too small", "too large", "http", "no check"],
)
async def test_a_connection_that_begins_otherwise_is_closed(call: Call, strangers: list, begins: bytes) -> None:
    end = stranger(call, strangers)

    end.sendall(begins)

    assert await closed(end)


@pytest.mark.parametrize("size", [3, 0x1000], ids=["too small", "too large"])
async def test_a_frame_of_no_size_closes_and_nothing_of_it_is_read(call: Call, strangers: list, size: int) -> None:
    raised: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: raised.append(context))
    end = stranger(call, strangers)

    end.sendall(framed(bytes(size)))

    assert await closed(end)
    assert raised == []


async def test_a_check_with_a_wrong_password_closes(call: Call, strangers: list) -> None:
    (lea,) = await call.join("lea")
    lea._password = b"x" * 36
    end = stranger(call, strangers)

    end.sendall(framed(lea.check_request()))

    assert await closed(end)


async def test_who_says_nothing_is_closed_soon_and_a_member_later(call: Call, strangers: list) -> None:
    await by_tcp(call, "pia")
    silent, slow = stranger(call, strangers), stranger(call, strangers)
    slow.sendall(b"\0")
    await until(lambda: call.node.totals()["tcp"] == 3)

    call.node.tcp.sweep(time.monotonic() + tcp.FIRST_S + 1)
    assert await closed(silent)
    assert await closed(slow)
    assert call.node.totals()["tcp"] == 1

    call.node.tcp.sweep(time.monotonic() + tcp.IDLE_S + 1)
    assert call.node.totals()["tcp"] == 0


async def test_one_network_has_so_many_connections_and_no_more(call: Call, strangers: list) -> None:
    call.node.tcp.max_per_network = 4
    first = [stranger(call, strangers) for _ in range(4)]
    await until(lambda: call.node.totals()["tcp"] == 4)

    assert await closed(stranger(call, strangers))
    await by_tcp(call, "pia", host=ELSEWHERE)

    assert call.node.totals()["tcp"] == 5
    assert len(first) == 4


async def test_refused_strangers_count_for_a_while(call: Call, strangers: list) -> None:
    """Or one host could keep the node busy with connections that it closes at once."""
    call.node.tcp.max_per_network = 1
    first = stranger(call, strangers)
    first.sendall(framed(bytes(20)))
    assert await closed(first)

    assert await closed(stranger(call, strangers))
    call.node.tcp.sweep(time.monotonic() + tcp.FIRST_S + 1)
    await by_tcp(call, "pia")


async def test_when_all_places_are_taken_a_stranger_makes_room_and_no_member(call: Call, strangers: list) -> None:
    call.node.tcp.max_connections = 2
    await by_tcp(call, "pia")
    end = stranger(call, strangers)
    await until(lambda: call.node.totals()["tcp"] == 2)

    await by_tcp(call, "max")

    assert await closed(end)
    assert await closed(stranger(call, strangers))
    await they_hear_each_other(call, "max", "pia")


async def test_who_connects_again_and_again_is_kept_waiting_outside(call: Call, strangers: list) -> None:
    await call.join("lea", "pia")
    call.node.tcp.accepts = Allowance(burst=5, per_second=0, now=0.0)

    for _ in range(12):
        stranger(call, strangers)
    await until(lambda: call.node.totals()["tcp"])
    await asyncio.sleep(3 * tcp.REST_S)
    await they_hear_each_other(call, "lea", "pia")
    came = call.node.totals()["tcp"]

    call.node.tcp.accepts = Allowance(burst=50, per_second=50, now=0.0)
    await until(lambda: call.node.totals()["tcp"] == 12)
    assert came == 5


async def test_a_members_mutants_raise_nothing_and_disturb_nobody(call: Call) -> None:
    await call.join("lea", "max")
    pia = await by_tcp(call, "pia")
    pia.line.socket.setblocking(True)

    for number, frame in enumerate(mutants(pia.check_request(), bytes((0x80, 111)) + bytes(40))):
        if len(frame) >= tcp.SMALLEST_FRAME:
            pia.send_raw(frame)
        if number % 50 == 49:
            await call.settle("lea")

    await they_hear_each_other(call, "lea", "max")


def test_frames_are_read_as_written() -> None:
    assert frames(framed(b"one") + framed(b"") + b"\0\x09two") == ([b"one", b""], b"\0\x09two")


def test_a_network_is_an_address_or_the_half_of_one() -> None:
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1") == "2001:0db8:0001:0002"
