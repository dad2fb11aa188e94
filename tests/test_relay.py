"""The relay that deploy/ ships, in Debian's coturn: it leads to the room node and nowhere else (H12)."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sessions.turn import CREDENTIAL_S, Relay, password
from tests.processes import ROOT
from tests.relay import SECRET, RunningRelay, missing, running_relay
from tests.turn_client import (
    ADDITIONAL_FAMILY,
    ADDRESS_FAMILY,
    ALLOCATE,
    CREATE_PERMISSION,
    ERROR_CODE,
    IPV6,
    TCP,
    TRANSPORT,
    UDP,
    XOR_RELAYED_ADDRESS,
    TurnClient,
    message,
)

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

LATE_S = 30  # coturn looks at its own clock now and then only
ROOM_NODE = "203.0.113.7"
FORBIDDEN, WRONG_FAMILY, NO_SUCH_FAMILY, NO_TCP, QUOTA, UNAUTHORIZED = 403, 443, 440, 442, 486, 401
IPV4_PEERS = [
    "0.0.0.0",
    "10.0.0.5",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "203.0.113.6",
    "203.0.113.8",
    "224.0.0.1",
    "255.255.255.255",
    "1.1.1.1",
    "8.8.8.8",
]
IPV6_PEERS = [
    "::",
    "::1",
    "::ffff:10.0.0.5",
    "::ffff:127.0.0.1",
    "::ffff:203.0.113.7",
    "::203.0.113.7",
    "64:ff9b::a00:5",
    "64:ff9b::cb00:7107",
    "2001:db8::1",
    "2606:4700:4700::1111",
    "fc00::1",
    "fe80::1",
    "ff02::1",
]


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRelay]:
    with running_relay(tmp_path_factory.mktemp("relay") / "own", ROOM_NODE) as running:
        yield running


def visitor(relay: RunningRelay, seat: str = "seat", *, age_s: float = 0) -> TurnClient:
    """Who was given a credential `age_s` ago."""
    (offered,) = Relay((relay.url,), SECRET).offered_to(seat, time.time() - age_s)
    return TurnClient(relay.port, offered.username, offered.credential)


def test_the_room_node_is_reached(relay: RunningRelay) -> None:
    with visitor(relay) as turn:
        assert turn.allocate() == 0

        assert (turn.permit(ROOM_NODE), turn.bind_channel(ROOM_NODE)) == (0, 0)


@pytest.mark.parametrize("extra", [[], [(ADDITIONAL_FAMILY, IPV6)]], ids=["IPv4", "IPv6 wanted too"])
def test_nobody_else_is(relay: RunningRelay, extra: list[tuple[int, bytes]]) -> None:
    with visitor(relay) as turn:
        assert turn.allocate(extra=extra) == 0

        answers = {peer: (turn.permit(peer), turn.bind_channel(peer)) for peer in [*IPV4_PEERS, *IPV6_PEERS]}

    refused = dict.fromkeys(IPV4_PEERS, (FORBIDDEN, FORBIDDEN))
    assert answers == refused | dict.fromkeys(IPV6_PEERS, (WRONG_FAMILY, WRONG_FAMILY))


def test_nobody_else_is_even_if_it_had_an_ipv6_address(tmp_path: Path) -> None:
    with running_relay(tmp_path / "own", ROOM_NODE, "--relay-ip=::1") as relay, visitor(relay) as turn:
        assert turn.allocate(extra=[(ADDRESS_FAMILY, IPV6)]) == 0

        answers = {peer: (turn.permit(peer), turn.bind_channel(peer)) for peer in IPV6_PEERS}

    assert answers == dict.fromkeys(IPV6_PEERS, (FORBIDDEN, FORBIDDEN))


def test_one_wrong_peer_among_right_ones_refuses_all(relay: RunningRelay) -> None:
    with visitor(relay) as turn:
        assert turn.allocate() == 0

        assert turn.ask(CREATE_PERMISSION, [], (ROOM_NODE, 1), ("10.0.0.5", 1)) == FORBIDDEN


def test_there_is_no_relay_by_ipv6_or_tcp(relay: RunningRelay) -> None:
    with visitor(relay) as by_ipv6, visitor(relay) as by_tcp:
        assert by_ipv6.allocate(extra=[(ADDRESS_FAMILY, IPV6)]) == NO_SUCH_FAMILY
        assert by_tcp.allocate(transport=TCP) == NO_TCP


def test_a_credential_opens_it_until_it_expires(relay: RunningRelay) -> None:
    with visitor(relay, age_s=CREDENTIAL_S - 60) as young, visitor(relay, age_s=CREDENTIAL_S + LATE_S) as old:
        assert (young.allocate(), old.allocate()) == (0, UNAUTHORIZED)


def test_another_secret_opens_nothing(relay: RunningRelay) -> None:
    username = f"{int(time.time()) + 60}:somebody"

    for secret in ("another secret of at least thirty-two characters", ""):
        with TurnClient(relay.port, username, password(secret, username)) as turn:
            assert turn.allocate() == UNAUTHORIZED


def test_a_seat_has_twelve_places_and_another_seat_its_own(relay: RunningRelay) -> None:
    with ExitStack() as stack:
        own = [stack.enter_context(visitor(relay, "greedy")) for _ in range(14)]
        other = stack.enter_context(visitor(relay, "modest"))

        assert [turn.allocate() for turn in own] == [0] * 12 + [QUOTA] * 2
        assert other.allocate() == 0


def test_all_seats_together_have_so_many_places(tmp_path: Path) -> None:
    with running_relay(tmp_path / "own", ROOM_NODE) as relay, ExitStack() as stack:
        all_ = [stack.enter_context(visitor(relay, f"seat {number // 12}")) for number in range(242)]

        assert [turn.allocate() for turn in all_] == [0] * 240 + [QUOTA] * 2


def test_without_tls_nothing_is_answered(relay: RunningRelay) -> None:
    request = message(ALLOCATE, bytes(12), [(TRANSPORT, UDP)])

    with socket.create_connection(("127.0.0.1", relay.port)) as plain, visitor(relay) as turn:
        plain.sendall(request)
        assert turn.allocate() == 0
        plain.setblocking(False)
        with pytest.raises(BlockingIOError):
            plain.recv(100)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.connect(("127.0.0.1", relay.port))
        datagrams.send(request)
        with pytest.raises(ConnectionRefusedError):
            datagrams.recv(100)


def test_its_log_says_nothing_of_who_came(relay: RunningRelay) -> None:
    with visitor(relay) as turn, visitor(relay, age_s=CREDENTIAL_S + LATE_S) as old:
        assert (turn.allocate(), turn.permit("10.0.0.5"), old.allocate()) == (0, FORBIDDEN, UNAUTHORIZED)

    said = relay.log.read_text()
    assert "TLS supported" in said
    assert not re.search(r"\d+\.\d+\.\d+\.\d+|denied|credentials", said)


def test_the_software_is_not_named(relay: RunningRelay) -> None:
    with visitor(relay) as turn:
        assert turn.allocate() == 0

        assert not any(b"oturn" in value for value in turn.answer.values())
        assert ERROR_CODE not in turn.answer
        assert XOR_RELAYED_ADDRESS in turn.answer


GIVEN = {"MEDIA_ADDRESS": ROOM_NODE, "TURN_SECRET_FILE": __file__, "RELAY_ADDRESS": "127.0.0.1"}


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        (GIVEN | {"MEDIA_ADDRESS": "2001:db8::7"}, "is not an IPv4 address: the relay knows no other."),
        (GIVEN | {"RELAY_ADDRESS": "::1"}, "is not an IPv4 address: the relay knows no other."),
        (GIVEN | {"TURN_SECRET_FILE": "/dev/null"}, "The secret is too short."),
        (GIVEN, "the certificate"),
        ({}, "the IPv4 address of the room node"),
        ({"MEDIA_ADDRESS": ROOM_NODE}, "the file with the secret of the room node"),
    ],
)
def test_it_does_not_start_without_what_it_must_know(environment: dict[str, str], complaint: str) -> None:
    script = str(ROOT / "deploy" / "turnserver.sh")

    done = subprocess.run(["sh", script], env={"PATH": "/usr/bin:/bin"} | environment, capture_output=True, text=True)

    assert done.returncode != 0
    assert complaint in done.stderr
