"""Syllable-like voices for synthetic members: no words, but the pitch, vowels and pauses of somebody who speaks.

Harmonics of a person's pitch, weighed by the two formants of one vowel per syllable (Peterson and Barney 1952, table
II, rounded), in phrases of less than STANZA_S with a breath behind each.
"""

import math
import random

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
FRAME_S = 0.02
STANZA_S = 2  # a voice may fall silent wherever such a stretch ends
STANZAS = 3
PITCHES_HZ = (205, 226, 112, 186, 126, 242, 212, 103)
VOWELS_HZ = ((730, 1090), (530, 1840), (270, 2290), (570, 840), (300, 870), (660, 1720), (490, 1350))
HARMONICS = 18
PEAK = 0.5

Samples = NDArray[np.float32]


def speak(person: int) -> Samples:
    """STANZAS * STANZA_S of this person's voice, between -1 and 1; the same at each call."""
    chance = random.Random(person)  # noqa: S311
    stanzas = [_stanza(PITCHES_HZ[person % len(PITCHES_HZ)], chance) for _ in range(STANZAS)]
    voice = np.concatenate(stanzas)
    return (PEAK * voice / np.abs(voice).max()).astype(np.float32)


def _stanza(pitch_hz: float, chance: random.Random) -> Samples:
    stanza = np.zeros(STANZA_S * RATE_HZ, np.float32)
    at_s, end_s = 0.04, STANZA_S - chance.uniform(0.25, 0.5)
    while at_s < end_s - 0.12:
        length_s = min(chance.uniform(0.12, 0.24), end_s - at_s)
        falling = pitch_hz * (1.12 - 0.2 * at_s / STANZA_S) * chance.uniform(0.95, 1.05)
        syllable = _syllable(falling, length_s, chance.choice(VOWELS_HZ))
        first = int(at_s * RATE_HZ)
        stanza[first : first + len(syllable)] += syllable
        at_s += length_s + chance.uniform(0.01, 0.06)
    return stanza


def _syllable(pitch_hz: float, length_s: float, formants_hz: tuple[int, int]) -> Samples:
    time_s = np.arange(int(length_s * RATE_HZ), dtype=np.float32) / RATE_HZ
    harmonics = np.arange(1, HARMONICS + 1)[:, None]
    gains = sum(1 / (1 + ((harmonics * pitch_hz - formant) / 90) ** 2) for formant in formants_hz) + 0.02
    vibrato = 2 * np.sin(math.tau * 5 * time_s)
    waves = np.sin(math.tau * harmonics * pitch_hz * time_s + harmonics * vibrato * 0.05)
    envelope = np.sin(math.pi * time_s / length_s) ** 0.6
    return ((gains * waves).sum(0) * envelope).astype(np.float32)


def levels(voice: Samples) -> list[int]:
    """Loudness of each frame in -dBov: 0 is the loudest, 127 digital silence (RFC 6464)."""
    frames = voice.reshape(-1, int(FRAME_S * RATE_HZ))
    power = np.maximum((frames.astype(np.float64) ** 2).mean(1), 1e-13)
    return [min(127, round(-10 * math.log10(each))) for each in power]
