"""What synthetic members send, encoded once: VP8 in two simulcast layers and Opus, cut into packets.

A picture is a row of moments, each a second that begins with a key frame, so that any may follow any other and nobody
waits longer than that for one: LISTENING of them with a closed mouth, then one for each second of the voice. It takes
about 0.4 s for one person.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from sessions.sfu import speech
from sessions.sfu.faces import HEIGHT, WIDTH, Face, Planes

LISTENING = 2
PIECE_BYTES = 1100
QUIET_FRAMES = 4  # a gap between two syllables is shorter; in a longer one Opus sends nothing (DTX)
VOICE_BPS = 32_000
VOICE_OPTIONS = {"application": "voip", "frame_duration": "20", "fec": "1", "packet_loss": "10"}
PICTURE_OPTIONS = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}

Frame = tuple[bytes, ...]  # one picture, in pieces that fit a packet behind its descriptor
Moment = tuple[Frame, ...]


class Layer(NamedTuple):
    width: int
    height: int
    fps: int
    quantizer: int  # the same for all frames: with a rate instead, each key frame would be coarse and mended after


LAYERS = {"l": Layer(320, 180, 12, 12), "h": Layer(640, 360, 15, 5)}  # about 60 and 220 kb/s


class Sound(NamedTuple):
    """20 ms of a voice: one Opus packet, or b"" while it pauses; loudness in -dBov."""

    payload: bytes
    level: int


@dataclass(frozen=True, slots=True)
class Clip:
    """One person. `pictures` by rid, each LISTENING + len(voice) / 50 moments; `quiet` is Opus' packet of silence."""

    voice: tuple[Sound, ...]
    quiet: bytes
    pictures: dict[str, tuple[Moment, ...]]


def encode(person: int) -> Clip:
    """The same person looks and sounds the same each time."""
    samples = speech.speak(person)
    levels = speech.levels(samples)
    packets = _voice(samples)
    face = Face(person)
    quiet = bytes((packets[0][0] & 0xFC,))  # a frame without content: RFC 6716, section 3.1
    voice = tuple(Sound(b"" if _pauses(levels, at) else packets[at], each) for at, each in enumerate(levels))
    return Clip(voice, quiet, {rid: _picture(face, levels, layer) for rid, layer in LAYERS.items()})


def _pauses(levels: list[int], at: int) -> bool:
    return at >= QUIET_FRAMES and min(levels[at - QUIET_FRAMES : at + 1]) == 127


def _voice(samples: speech.Samples) -> list[bytes]:
    encoder: AudioCodecContext = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = speech.RATE_HZ, "mono", "flt"
    encoder.bit_rate, encoder.options = VOICE_BPS, VOICE_OPTIONS
    step, packets = int(speech.RATE_HZ * speech.FRAME_S), []
    for at in range(0, len(samples), step):
        frame = av.AudioFrame.from_ndarray(samples[None, at : at + step], "flt", "mono")
        frame.sample_rate, frame.pts = speech.RATE_HZ, at
        packets += encoder.encode(frame)
    return [bytes(each) for each in [*packets, *encoder.encode(None)]]


def _picture(face: Face, levels: list[int], layer: Layer) -> tuple[Moment, ...]:
    encoder: VideoCodecContext = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = layer.width, layer.height, "yuv420p"
    encoder.options = PICTURE_OPTIONS | dict.fromkeys(("qmin", "qmax"), str(layer.quantizer))
    encoder.bit_rate, encoder.thread_count = 1_000_000, 1
    encoder.time_base, encoder.framerate = Fraction(1, layer.fps), Fraction(layer.fps)
    encoder.gop_size = 10 * layer.fps
    moments = [()] * (LISTENING + len(levels) // 50)
    for number in range(len(moments) * layer.fps):
        at_s = number / layer.fps
        frame = _frame(face.frame(at_s, _openness(levels, at_s - LISTENING)), layer)
        frame.pts = number
        frame.pict_type = PictureType.NONE if number % layer.fps else PictureType.I
        (packet,) = encoder.encode(frame)
        moments[number // layer.fps] += (_pieces(bytes(packet)),)
    return tuple(moments)


def _openness(levels: list[int], at_s: float) -> float:
    """How far the mouth is open; it is closed from 40 dB below the loudest down, and before the voice begins."""
    level = levels[int(at_s * 50)] if at_s >= 0 else 127
    return max(0.0, 1 - max(0, level - 14) / 26)


def _frame(planes: Planes, layer: Layer) -> av.VideoFrame:
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, drawn in zip(frame.planes, planes, strict=True):
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : drawn.shape[1]] = drawn
    return frame if layer.width == WIDTH else frame.reformat(layer.width, layer.height)


def _pieces(encoded: bytes) -> Frame:
    """Of about equal size: a small last one would cost a whole packet too."""
    count = -(-len(encoded) // PIECE_BYTES)
    size = -(-len(encoded) // count)
    return tuple(encoded[at : at + size] for at in range(0, len(encoded), size))
