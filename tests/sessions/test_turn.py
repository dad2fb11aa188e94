"""The relay's credentials: what a browser is given, and what a relay that knows the secret makes of it."""

import base64
import hmac
from datetime import timedelta

from sessions import protocol
from sessions.models import Session
from sessions.sfu import MediaNode
from sessions.turn import CREDENTIAL_S, NO_RELAY, Relay, password
from tests.sessions.circle import LEA, MAX, Circle

NOW_S = 1_795_180_000.9
RELAY = Relay(("turns:turn.example.org:443?transport=tcp", "turn:turn.example.org"), "a secret")


def test_a_credential_is_signed_and_says_when_it_expires() -> None:
    (offered,) = RELAY.offered_to(MAX, NOW_S)

    signed = base64.b64encode(hmac.digest(b"a secret", offered.username.encode(), "sha1")).decode()
    assert offered == protocol.IceServer(RELAY.urls, offered.username, signed)
    assert offered.username.startswith(f"{1_795_180_000 + CREDENTIAL_S}:")


def test_a_known_signature() -> None:
    """RFC 2202, test case 2."""
    assert base64.b64decode(password("Jefe", "what do ya want for nothing?")).hex() == (
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    )


def test_the_name_is_the_seats_own_at_any_time_and_does_not_say_whose() -> None:
    names = [
        relay.offered_to(seat, now_s)[0].username.partition(":")[2]
        for relay, seat, now_s in (
            (RELAY, MAX, NOW_S),
            (RELAY, MAX, NOW_S + 60),
            (RELAY, LEA, NOW_S),
            (Relay(RELAY.urls, "another"), MAX, NOW_S),
        )
    ]

    assert names[0] == names[1]
    assert len(set(names)) == 3
    assert not any(seat in name for seat in (MAX, LEA) for name in names)


def test_a_credential_outlives_the_longest_session() -> None:
    longest = Session.DOORS_OPEN + timedelta(minutes=Session.LONGEST_MINUTES)

    assert timedelta(seconds=CREDENTIAL_S) >= longest + timedelta(hours=1)


def test_without_a_relay_nothing_is_offered() -> None:
    assert NO_RELAY.offered_to(MAX, NOW_S) == ()


def test_the_secret_is_not_shown() -> None:
    assert "a secret" not in repr(RELAY)


async def test_each_who_comes_is_given_their_own(node: MediaNode) -> None:
    circle = Circle(node, RELAY)

    lines = circle.come(LEA, MAX)

    now_s = circle.live.wall_ms() / 1000
    for seat, line in zip((LEA, MAX), lines, strict=True):
        (server,) = line.came[0].ice_servers
        expires_at_s = int(server.username.partition(":")[0])
        assert now_s + CREDENTIAL_S - 60 < expires_at_s <= now_s + CREDENTIAL_S
        assert (server,) == RELAY.offered_to(seat, expires_at_s - CREDENTIAL_S)
    await circle.close()
