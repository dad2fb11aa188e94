"""How much somebody spoke, in four words beside an equal share."""

import pytest

from sessions.bands import Band, bands


def test_bands_stand_beside_an_equal_share() -> None:
    spoken = {"lea": 240, "max": 119, "pia": 121, "nora": 481, "tom": 4, "ines": 5, "jon": 470}

    assert sum(spoken.values()) / len(spoken) == pytest.approx(205.7, abs=0.1)
    assert bands(spoken) == {
        "lea": Band.SOME,
        "max": Band.SOME,
        "pia": Band.SOME,
        "nora": Band.MUCH,
        "tom": Band.NONE,
        "ines": Band.LITTLE,
        "jon": Band.MUCH,
    }


@pytest.mark.parametrize(
    ("seconds", "band"),
    [
        (0, Band.NONE),
        (4, Band.NONE),
        (5, Band.LITTLE),
        (49, Band.LITTLE),
        (50, Band.SOME),
        (200, Band.SOME),
        (201, Band.MUCH),
    ],
)
def test_half_a_share_is_some_and_twice_a_share_is_not_yet_much(seconds: int, band: Band) -> None:
    others = {"lea": 100, "cole": 100, "pia": 300 - seconds}

    assert bands(others | {"max": seconds, "nora": 0})["max"] is band  # 500 s, five people


@pytest.mark.parametrize("spoken", [{}, {"lea": 0, "max": 0}])
def test_a_silent_room_has_no_bands_above_none(spoken: dict[str, int]) -> None:
    assert bands(spoken) == dict.fromkeys(spoken, Band.NONE)


def test_a_whole_session_alone_is_some() -> None:
    assert bands({"lea": 3600}) == {"lea": Band.SOME}
