// @ts-check
/** A test of the line through the room node: what I send comes back to me alone, and I count what arrives. */

import { prefer } from "./codecs.js";
import { Drawn } from "./drawn.js";
import { between, look } from "./linestats.js";
import { CLOSE, offer, parse, sendBack, VIDEO_SLOTS } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").Down} Down
 * @typedef {import("./linestats.js").Span} Span
 * @typedef {"connecting" | "voice" | "up" | "down"} Stage
 * @typedef {{ up_bps: number, down_bps: number, rtt_ms: number, jitter_ms: number, loss_pct: number }} Measured
 */

const OPEN_MS = 6_000;
const MEDIA_MS = 8_000;
const VOICE_MS = 2_500;
const UP_MS = 3_500;
const SETTLE_MS = 700;
const STEP_MS = 1_100;

/** The own picture as large as it ever is, and as small as one picture of many. */
const LARGE_BPS = 450_000;
const SMALL_BPS = 65_000;

/** How many small pictures come back, step by step: in the end they weigh as much as a full circle. */
const STEPS = Object.freeze([1, 3, 5, 8, 11, VIDEO_SLOTS]);

/** A step is carried when so much of it arrives, and the way back and forth took so much longer at most. */
const CARRIED = 0.85;
const GROWN_MS = 300;

/** No media came through at all. @type {Readonly<Measured>} */
const NOTHING = Object.freeze({ up_bps: 0, down_bps: 0, rtt_ms: 0, jitter_ms: 0, loss_pct: 100 });

/** The test itself could not be made; `message` names its words. */
export class NoTest extends Error {}

export class LineTest {
  /** @param {string} url @param {(stage: Stage, done: number) => void} tell `done` from 0 to 1 */
  constructor(url, tell) {
    this.tell = tell;
    this.socket = new WebSocket(url);
    this.peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.drawn = new Drawn();
    /** @type {RTCRtpSender | null} */
    this.picture = null;
  }

  /** @returns {Promise<Measured>} raises NoTest */
  async run() {
    try {
      this.tell("connecting", 0);
      await this.drawn.start();
      if (!(await this.connect())) return NOTHING;
      return await this.measure();
    } finally {
      this.drawn.stop();
      this.peer.close();
      this.socket.close();
    }
  }

  /** @returns {Promise<boolean>} whether media flow */
  async connect() {
    const welcome = await this.next("welcome");
    this.peer.setConfiguration({ ...this.peer.getConfiguration(), iceServers: [...welcome.ice_servers] });
    this.addTransceivers();
    await this.peer.setLocalDescription();
    this.socket.send(JSON.stringify(offer(this.peer.localDescription?.sdp ?? "")));
    await this.peer.setRemoteDescription({ type: "answer", sdp: (await this.next("answer")).sdp });
    return this.connected();
  }

  addTransceivers() {
    this.peer.addTransceiver(this.drawn.voice, { direction: "sendonly" });
    const sendEncodings = [{ active: false, maxBitrate: LARGE_BPS, maxFramerate: 15 }];
    this.picture = this.peer.addTransceiver(this.drawn.picture, { direction: "sendonly", sendEncodings }).sender;
    this.peer.addTransceiver("audio", { direction: "recvonly" });
    for (let slot = 0; slot < VIDEO_SLOTS; slot++) this.peer.addTransceiver("video", { direction: "recvonly" });
    for (const transceiver of this.peer.getTransceivers()) prefer(transceiver);
  }

  /**
   * @template {Down["type"]} Type
   * @param {Type} type
   * @returns {Promise<Extract<Down, { type: Type }>>} the next message of this type
   */
  next(type) {
    return new Promise((resolve, reject) => {
      const stop = (/** @type {string} */ words) => reject(new NoTest(words));
      setTimeout(() => stop("unreachable"), OPEN_MS);
      this.socket.addEventListener("close", ({ code }) => stop(wordsOf(code)));
      this.socket.addEventListener("message", ({ data }) => {
        const message = parse(data);
        if (message.type === type) resolve(/** @type {Extract<Down, { type: Type }>} */ (message));
      });
    });
  }

  /** @returns {Promise<boolean>} */
  connected() {
    return new Promise((resolve) => {
      setTimeout(() => resolve(false), MEDIA_MS);
      this.peer.addEventListener("connectionstatechange", () => {
        if (this.peer.connectionState === "connected") resolve(true);
        if (this.peer.connectionState === "failed") resolve(false);
      });
    });
  }

  /** The voice alone, then a large picture up, then small ones down. @returns {Promise<Measured>} */
  async measure() {
    this.tell("voice", 0.05);
    const voice = await this.span(SETTLE_MS, VOICE_MS);
    this.tell("up", 0.25);
    await this.send(LARGE_BPS);
    const up = await this.span(UP_MS / 2, UP_MS / 2);
    await this.send(SMALL_BPS);
    const down_bps = await this.descend(voice);
    const { rtt_ms, jitter_ms, loss_pct } = voice;
    return { up_bps: Math.max(voice.up_bps, up.up_bps), down_bps, rtt_ms, jitter_ms, loss_pct };
  }

  /** The most that came back while the line stayed as calm as with the voice alone. @param {Span} calm */
  async descend(calm) {
    let best = calm.down_bps;
    for (const [step, pictures] of STEPS.entries()) {
      this.tell("down", 0.45 + (0.55 * step) / STEPS.length);
      this.socket.send(JSON.stringify(sendBack(pictures)));
      const span = await this.span(SETTLE_MS, STEP_MS);
      const carried = isCarried(span, pictures, calm);
      best = Math.max(best, carried ? span.down_bps : span.down_bps * CARRIED);
      if (!carried) break;
    }
    return best;
  }

  /** What was carried in a while, after a shorter one. @param {number} settle_ms @param {number} ms */
  async span(settle_ms, ms) {
    await pause(settle_ms);
    const before = await look(this.peer);
    await pause(ms);
    return between(before, await look(this.peer));
  }

  /** @param {number} maxBitrate */
  async send(maxBitrate) {
    const parameters = this.picture?.getParameters();
    if (!parameters?.encodings.length) return;
    Object.assign(parameters.encodings[0], { active: true, maxBitrate });
    await this.picture?.setParameters(parameters);
  }
}

/** @param {Span} span @param {number} pictures @param {Span} calm */
function isCarried(span, pictures, calm) {
  const expected_bps = span.pictureUp_bps * pictures * (1 - calm.loss_pct / 100) ** 2;
  return span.pictureDown_bps >= CARRIED * expected_bps && span.rtt_ms <= calm.rtt_ms + GROWN_MS;
}

/** @param {number} code */
function wordsOf(code) {
  const words = { [CLOSE.busy]: "busy", [CLOSE.newer_tab]: "newer_tab", [CLOSE.not_logged_in]: "not_logged_in" };
  return words[code] ?? "unreachable";
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
