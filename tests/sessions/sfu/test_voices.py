"""Whose voices are forwarded, packet by packet, 20 ms apart; how many a line carries."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.sfu.estimate import START_BPS
from sessions.sfu.levels import Voice
from sessions.sfu.voices import MORE_AFTER_S, PORTIONS, Floor, Lately, Portion, Share

SILENT, SOFT, LOUD = 127, 45, 15
EVERYBODY = tuple("abcdefgh")


class Room:
    """Everyone sends a packet each 20 ms; `say` gives the levels of those who are not silent."""

    def __init__(self, members: Iterable[str], places: int = 3, leading: str = "") -> None:
        self.members = tuple(members)
        self.voices = {member: Voice() for member in self.members}
        self.floor = Floor(places, self.voices)
        self.floor.admit(self.members, frozenset(leading))
        self.now = 0.0
        self.changes: list[str] = []  # who came in, in order

    def say(self, seconds: float, **levels: int) -> "Room":
        for _ in range(round(seconds * 50)):
            self.now += 0.02
            for member in self.members:
                self.voices[member].hear(levels.get(member, SILENT), self.now)
                if self.floor.claim(member, self.now):
                    self.changes.append(member)
        return self

    @property
    def heard(self) -> set[str]:
        return set(self.floor.heard_by(lambda member: True))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_up_to_four_everyone_hears_all_others_always(count: int) -> None:
    members = EVERYBODY[:count]
    room = Room(members)

    for speaker in members:
        room.say(1.0, **{speaker: LOUD})
        for receiver in members:
            assert set(room.floor.heard_by(receiver.__ne__)) == set(members) - {receiver}


def test_of_four_a_listener_hears_who_speaks() -> None:
    room = Room("abcd").say(0.02, d=LOUD)

    assert room.heard == {"d", "b", "c"} or room.heard == {"d", "a", "b"}


def test_the_first_loud_packet_is_enough_against_silence() -> None:
    assert Room(EVERYBODY).say(0.02, h=LOUD).changes == ["h"]


def test_who_has_been_silent_longest_gives_way() -> None:
    room = Room(EVERYBODY).say(1.0, a=LOUD).say(1.0, b=LOUD).say(1.0, c=LOUD).say(1.0)

    room.say(0.02, h=LOUD)
    assert room.heard == {"b", "c", "h"}
    room.say(1.0, h=LOUD).say(0.02, g=LOUD)
    assert room.heard == {"c", "g", "h"}


def test_who_speaks_is_not_displaced_and_the_fourth_waits_for_a_pause() -> None:
    room = Room(EVERYBODY).say(1.0, a=LOUD, b=SOFT, c=SOFT)

    room.say(2.0, a=LOUD, b=SOFT, c=SOFT, d=LOUD)
    assert room.heard == {"a", "b", "c"}
    room.say(0.6, a=LOUD, c=SOFT, d=LOUD)
    assert room.heard == {"a", "c", "d"}


def test_a_pause_for_breath_costs_no_place() -> None:
    room = Room(EVERYBODY).say(1.0, a=LOUD, b=LOUD, c=LOUD)

    room.say(0.4, a=LOUD, b=LOUD, d=LOUD)

    assert room.heard == {"a", "b", "c"}


def test_a_leader_who_speaks_takes_the_place_of_the_softest_member_who_speaks() -> None:
    room = Room(EVERYBODY, leading="h").say(1.0, a=LOUD, b=SOFT, c=LOUD)

    room.say(0.04, a=LOUD, b=SOFT, c=LOUD, h=LOUD)
    assert room.heard == {"a", "b", "c"}  # a cough is no speech
    room.say(0.02, a=LOUD, b=SOFT, c=LOUD, h=LOUD)
    assert room.heard == {"a", "c", "h"}


def test_a_member_never_displaces_a_leader_who_speaks() -> None:
    room = Room(EVERYBODY, leading="abc").say(1.0, a=SOFT, b=SOFT, c=SOFT)

    room.say(3.0, a=SOFT, b=SOFT, c=SOFT, d=LOUD)

    assert room.heard == {"a", "b", "c"}


def test_one_leader_does_not_displace_another_who_speaks() -> None:
    room = Room(EVERYBODY, leading="abcd").say(1.0, a=SOFT, b=SOFT, c=SOFT)

    assert room.say(3.0, a=SOFT, b=SOFT, c=SOFT, d=LOUD).heard == {"a", "b", "c"}


def test_those_who_have_never_spoken_give_way_from_the_least_important_on() -> None:
    room = Room(EVERYBODY)

    assert [room.say(0.02, **{each: LOUD}).heard for each in "def"] == [set("abd"), set("aed"), set("fed")]


def test_coughs_all_around_do_not_exchange_places_with_every_packet() -> None:
    room = Room(EVERYBODY)

    for n in range(500):
        room.say(0.02, **{EVERYBODY[n % 8]: LOUD})

    assert len(room.changes) <= 10.0 / 0.5 * 3


def test_who_may_not_be_heard_any_more_frees_the_place() -> None:
    room = Room(EVERYBODY).say(1.0, a=LOUD, b=LOUD, c=LOUD)

    room.floor.admit("acdefgh")

    assert room.heard == {"a", "c", "d"}
    assert not room.floor.claim("b", room.now)


def test_a_fifth_who_comes_costs_nobody_of_the_three_who_spoke_the_place() -> None:
    room = Room("abcd").say(1.0, b=LOUD).say(1.0, c=LOUD).say(1.0, d=LOUD)

    room.floor.admit("abcde")

    assert set(room.floor.holders) == {"b", "c", "d"}


def test_on_a_narrow_line_the_louder_of_two_is_heard() -> None:
    room = Room("abc", places=1).say(1.0, a=SOFT)

    assert room.say(0.5, a=SOFT, b=LOUD).heard == {"b"}
    assert room.say(3.0, a=SOFT, b=LOUD).changes == ["b"]


def test_on_a_narrow_line_a_leader_is_heard_though_softer() -> None:
    room = Room("abc", places=1, leading="c").say(1.0, a=LOUD)

    assert room.say(0.5, a=LOUD, c=SOFT).heard == {"c"}
    assert room.say(3.0, a=LOUD, c=SOFT).heard == {"c"}


LEVELS = st.sampled_from([SILENT, 60, 51, 49, SOFT, 30, LOUD])
SCENES = st.lists(st.tuples(st.integers(1, 60), st.fixed_dictionaries(dict.fromkeys(EVERYBODY, LEVELS))), max_size=12)


@given(SCENES, st.integers(1, 3), st.frozensets(st.sampled_from(EVERYBODY), max_size=3))
def test_never_more_than_the_places_and_never_ones_own_voice(
    scenes: list[tuple[int, dict[str, int]]], places: int, leading: frozenset[str]
) -> None:
    room = Room(EVERYBODY, places, "".join(leading))
    for packets, levels in scenes:
        room.say(packets / 50, **levels)
        assert len(set(room.floor.holders)) == len(room.floor.holders) == places
        for receiver in EVERYBODY:
            assert receiver not in room.floor.heard_by(receiver.__ne__)


@given(SCENES, st.fixed_dictionaries(dict.fromkeys(EVERYBODY, LEVELS)), st.integers(1, 3))
def test_nothing_changes_while_nothing_changes(
    scenes: list[tuple[int, dict[str, int]]], levels: dict[str, int], places: int
) -> None:
    room = Room(EVERYBODY, places, leading="a")
    for packets, each in scenes:
        room.say(packets / 50, **each)
    room.say(2.0, **levels)
    room.changes.clear()

    room.say(3.0, **levels)

    assert room.changes == []


@given(SCENES, st.sampled_from(EVERYBODY), st.sampled_from([49, SOFT, LOUD]))
def test_who_speaks_alone_is_forwarded_from_the_onset_on(
    scenes: list[tuple[int, dict[str, int]]], speaker: str, level: int
) -> None:
    room = Room(EVERYBODY, leading="ab")
    for packets, levels in scenes:
        room.say(packets / 50, **levels)
    room.say(0.52)

    room.say(0.02, **{speaker: level})

    assert speaker in room.heard


@given(SCENES, st.sampled_from("ab"))
def test_a_leader_who_speaks_among_members_is_forwarded_within_the_pre_roll(
    scenes: list[tuple[int, dict[str, int]]], leader: str
) -> None:
    room = Room(EVERYBODY, leading="ab")
    for packets, levels in scenes:
        room.say(packets / 50, **levels)

    room.say(0.06, **{**dict.fromkeys("cdefgh", LOUD), leader: SOFT})

    assert leader in room.heard


WHOLE, PLAIN, TWO, ONE = PORTIONS


@pytest.mark.parametrize(
    ("budget_bps", "portion"),
    [
        (1_000_000, WHOLE),
        (240_000, WHOLE),
        (200_000, PLAIN),
        (START_BPS, PLAIN),
        (120_000, TWO),
        (64_000, ONE),
        (0, ONE),
    ],
)
def test_what_a_line_carries(budget_bps: float, portion: Portion) -> None:
    share = Share()

    share.update(budget_bps, 0.0)

    assert share.portion == portion


def test_less_comes_at_once_more_after_a_while_and_with_room_to_spare() -> None:
    share = Share()

    assert share.update(90_000, 0.0)
    assert not share.update(180_000, 1.0)  # from here on there is room
    assert not share.update(90_000, 2.0)  # not any more
    assert not share.update(200_000, 3.0)
    assert not share.update(200_000, 3.0 + MORE_AFTER_S - 0.1)
    assert share.portion == ONE
    assert share.update(200_000, 3.0 + MORE_AFTER_S)
    assert share.portion == PLAIN


def test_a_budget_that_swings_about_the_need_changes_nothing() -> None:
    share = Share()
    share.update(140_000, 0.0)

    changes = [share.update(155_000 + 15_000 * (n % 2), n / 10) for n in range(200)]

    assert not any(changes)


def test_pictures_leave_room_for_one_voice_more_than_spoke_lately() -> None:
    reserved = [[each.reserved_bps(spoke) for spoke in (0, 1, 2, 3)] for each in PORTIONS]

    assert reserved == [
        [80_000, 130_000, 180_000, 180_000],
        [50_000, 100_000, 150_000, 150_000],
        [50_000, 100_000, 100_000, 100_000],
        [50_000, 50_000, 50_000, 50_000],
    ]


def test_how_many_spoke_at_once_is_remembered_for_a_while() -> None:
    lately = Lately()

    seen = []
    for at, count in enumerate([1, 3, 1, *[2] * 16]):
        lately.take(count, float(at))
        seen.append(lately.most)

    assert seen == [1, *[3] * 16, 2, 2]
