"""What synthetic members send is real: any decoder shows the face and plays the voice."""

import av
import numpy as np
import pytest

from sessions.sfu.encoded import LAYERS, LISTENING, Clip, Frame, Moment, encode
from sessions.sfu.vp8 import FrameIds, describe, starts_key_frame

NO_IDS = FrameIds(0, 0)


@pytest.fixture(scope="module")
def clips() -> tuple[Clip, Clip]:
    return encode(0), encode(1)


def bits_per_second(clip: Clip, rid: str) -> float:
    moments = clip.pictures[rid]
    return 8 * sum(len(piece) for moment in moments for frame in moment for piece in frame) / len(moments)


def shown(moment: Moment) -> list[np.ndarray]:
    """The pictures of a moment that a new decoder shows, as planes of luma."""
    decoder = av.CodecContext.create("vp8", "r")
    return [
        picture.to_ndarray()[: picture.height] for each in moment for picture in decoder.decode(av.Packet(whole(each)))
    ]


def whole(frame: Frame) -> bytes:
    return b"".join(frame)


def test_each_layer_has_its_size_and_its_rate(clips: tuple[Clip, Clip]) -> None:
    for rid, layer in LAYERS.items():
        first = shown(clips[0].pictures[rid][0])

        assert (len(first), first[0].shape) == (layer.fps, (layer.height, layer.width))
    assert 40_000 < bits_per_second(clips[0], "l") < 80_000
    assert 130_000 < bits_per_second(clips[0], "h") < 280_000


def test_any_moment_may_follow_any_other(clips: tuple[Clip, Clip]) -> None:
    """Each begins with a key frame, after which it needs nothing from before."""
    for moments in clips[0].pictures.values():
        first = [starts_key_frame(describe(NO_IDS, starts=True) + frame[0]) for moment in moments for frame in moment]
        assert [at for at, is_key in enumerate(first) if is_key] == list(range(0, len(first), len(moments[0])))
        assert all(len(shown(moment)) == len(moment) for moment in moments)


def test_pieces_fit_a_packet(clips: tuple[Clip, Clip]) -> None:
    moments = [moment for layer in clips[0].pictures.values() for moment in layer]

    assert max(len(piece) for moment in moments for frame in moment for piece in frame) <= 1100


def test_lips_move_with_the_voice(clips: tuple[Clip, Clip]) -> None:
    """While it listens the face only sways and blinks; while it speaks the mouth's darkness comes and goes."""
    pictures = clips[0].pictures["h"]

    def darkest(moment: Moment) -> set[int]:
        return {int((picture[220:300, 240:400] < 80).sum()) // 300 for picture in shown(moment)}

    assert len(darkest(pictures[0])) < len(darkest(pictures[LISTENING]))


def test_people_differ(clips: tuple[Clip, Clip]) -> None:
    one, other = (shown(clip.pictures["h"][0])[0].astype(int) for clip in clips)

    assert abs(one - other).mean() > 10
    assert clips[0].voice != clips[1].voice
    assert encode(0).voice == clips[0].voice


def test_a_voice_is_loud_where_its_level_says_so(clips: tuple[Clip, Clip]) -> None:
    decoder = av.CodecContext.create("libopus", "r")
    voice, quiet = clips[0].voice, clips[0].quiet
    heard = [
        np.abs(sound.to_ndarray()).mean()
        for each in voice
        for sound in decoder.decode(av.Packet(each.payload or quiet))
    ]

    loud = [heard[at] for at, each in enumerate(voice) if each.level < 25]
    still = [heard[at] for at in range(3, len(voice)) if all(each.level == 127 for each in voice[at - 3 : at + 1])]
    assert min(len(loud), len(still)) > 20
    assert np.median(loud) > 30 * max(np.median(still), 1e-5)
    assert {each.level for each in voice if not each.payload} == {127}
