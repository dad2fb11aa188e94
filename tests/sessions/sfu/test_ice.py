"""Connectivity checks: which are answered, and what they tell."""

from aioice import stun

from sessions.sfu.ice import Credentials, answer_check, candidates

PASSWORD = "0123456789abcdefghijkl"
HERE = ("192.0.2.1", 5000)


def request(username: str = "ours:theirs", password: str = PASSWORD, *, nominates: bool = False) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = username
    if nominates:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


def test_an_authentic_check_is_answered_with_where_it_came_from() -> None:
    check = answer_check(request(), HERE, {"ours": PASSWORD}.get)

    assert check is not None
    reply = stun.parse_message(check.reply)
    assert (check.ufrag, check.nominates) == ("ours", False)
    assert reply.attributes["XOR-MAPPED-ADDRESS"] == HERE
    assert reply.check_message_integrity(PASSWORD.encode())


def test_a_nomination_is_seen() -> None:
    check = answer_check(request(nominates=True), HERE, {"ours": PASSWORD}.get)

    assert check is not None
    assert check.nominates


def test_checks_of_others_and_with_wrong_passwords_are_passed_over() -> None:
    assert answer_check(request(password="x" * 22), HERE, {"ours": PASSWORD}.get) is None
    assert answer_check(request(username="another:one"), HERE, {"ours": PASSWORD}.get) is None


def test_unsigned_and_odd_messages_are_passed_over() -> None:
    unsigned = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": "ours:theirs"})
    indication = stun.Message(stun.Method.BINDING, stun.Class.INDICATION, attributes={"USERNAME": "ours:theirs"})
    indication.add_message_integrity(PASSWORD.encode())

    for message in (unsigned, indication, stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST)):
        assert answer_check(bytes(message), HERE, {"ours": PASSWORD}.get) is None


def test_a_short_number_in_a_check_is_passed_over() -> None:
    """aioice raises struct.error for it, which is no ValueError."""
    broken = bytes.fromhex("000100082112a442") + bytes(12) + bytes.fromhex("00240001ff000000")

    assert answer_check(broken, HERE, {"ours": PASSWORD}.get) is None


def test_credentials_are_new_each_time_and_long_enough() -> None:
    first, second = Credentials.new(), Credentials.new()

    assert first != second
    assert len(first.password) >= 22


def test_the_candidate_lines() -> None:
    assert candidates("192.0.2.9", 8002) == (
        "candidate:1 1 udp 2130706431 192.0.2.9 8002 typ host",
        "candidate:2 1 tcp 1520435199 192.0.2.9 8002 typ host tcptype passive",
    )
