"""Distinguishable fake devices: each person is a tone and a colour, and a page can tell which tones it receives.

Chromium's own fake microphone beeps alike in every page, so `getUserMedia` is given an oscillator and a painted canvas;
everything after it (encoding, ICE, DTLS, SRTP, the room node, decoding, playing) is real.
"""

from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page

TONES_HZ = {"Lea": 440, "Pia": 700, "Max": 1000, "Cole": 1400}
COLOURS = {"Lea": "#b03030", "Pia": "#30a040", "Max": "#3050b0", "Cole": "#a08030"}

# A tone counts as heard from here: the oscillator is played at -12 dB, an absent tone measures below -90 dB.
HEARD_DB = -60

DEVICES = """
(([hertz, colour]) => {
  const peers = (window.testPeers = []);
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...args) { super(...args); peers.push(this); }
  };
  let context;
  const voice = () => {
    context ??= new AudioContext();
    const tone = new OscillatorNode(context, { frequency: hertz });
    const gain = new GainNode(context, { gain: 0.25 });
    const out = new MediaStreamAudioDestinationNode(context);
    tone.connect(gain).connect(out);
    tone.start();
    return out.stream.getAudioTracks();
  };
  const picture = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const brush = canvas.getContext("2d");
    let turn = 0;
    setInterval(() => {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 640, 360);
      brush.fillStyle = "#fff";
      brush.fillRect((turn += 7) % 600, 160, 40, 40);
    }, 66);
    return canvas.captureStream(15).getVideoTracks();
  };
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) =>
    new MediaStream([...(audio ? voice() : []), ...(video ? picture() : [])]);

  const ears = new Map();
  const ear = (track) => {
    if (!ears.has(track)) {
      context ??= new AudioContext();
      const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
      new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(analyser);
      ears.set(track, analyser);
    }
    return ears.get(track);
  };
  const live = () => peers.filter((peer) => peer.connectionState === "connected").at(-1);
  window.testLoudness = (frequencies) => {
    const tracks = (live()?.getReceivers() ?? []).map(({ track }) => track).filter(({ kind }) => kind === "audio");
    const spectra = tracks.map((track) => {
      const bins = new Float32Array(ear(track).frequencyBinCount);
      ear(track).getFloatFrequencyData(bins);
      return bins;
    });
    const bin = (hertz) => Math.round((hertz * 8192) / context.sampleRate);
    const near = (bins, hertz) => Math.max(...bins.slice(bin(hertz) - 2, bin(hertz) + 3));
    const loudest = (hertz) => Math.max(-200, ...spectra.map((bins) => near(bins, hertz)));
    return Object.fromEntries(Object.entries(frequencies).map(([name, hertz]) => [name, loudest(hertz)]));
  };
  window.testReceived = async () => {
    const rows = [...((await live()?.getStats()) ?? new Map()).values()].filter(({ type }) => type === "inbound-rtp");
    const values = (kind, field) => rows.filter((row) => row.kind === kind && row[field] > 0).map((row) => row[field]);
    return { frames: values("video", "framesDecoded"), energy: values("audio", "totalAudioEnergy") };
  };
})
"""


def give_devices(page: Page, name: str) -> None:
    """Before its first navigation: this page's microphone is a tone, its camera a colour."""
    page.add_init_script(f"{DEVICES}([{TONES_HZ[name]}, '{COLOURS[name]}'])")


def heard_by(page: Page) -> frozenset[str]:
    """Whose tones arrive at this page now."""
    loudness: Mapping[str, float] = page.evaluate("tones => window.testLoudness(tones)", TONES_HZ)
    return frozenset(name for name, decibels in loudness.items() if decibels > HEARD_DB)


def received_by(page: Page) -> dict[str, list[float]]:
    """Decoded frames and audio energy, one number for each stream that carried any."""
    received: dict[str, list[float]] = page.evaluate("() => window.testReceived()")
    return received


def wait_until(page: Page, what: str, condition: Callable[[], Any], seconds: float = 15) -> None:
    """Poll until the condition holds; a failure says what was waited for."""
    for _ in range(round(seconds * 10)):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"waited {seconds:g} s in vain: {what}")
