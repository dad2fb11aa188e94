// @ts-check
/** A test of the line through the room node: what I send comes back to me alone, and I count what arrives. */

import { prefer, setOffer } from "./codecs.js";
import { Drawn } from "./drawn.js";
import { between, look } from "./linestats.js";
import { CLOSE, offer, parse, sendBack, VIDEO_SLOTS } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").Down} Down
 * @typedef {import("./linestats.js").Span} Span
 * @typedef {"connecting" | "voice" | "up" | "down"} Stage
 * @typedef {{ up_bps: number, down_bps: number, rtt_ms: number, jitter_ms: number, loss_pct: number }} Measured
 */

const OPEN_MS = 10_000;
const MEDIA_MS = 8_000;
const CLIMB_MS = 2_400;
const VOICE_MS = 2_500;
const SETTLE_MS = 700;
const STEP_MS = 1_000;

/** The own picture as large as it ever is, and as small as one picture of many. */
const LARGE_BPS = 450_000;
const SMALL_BPS = 65_000;

/** How many small pictures come back, step by step: in the end they weigh as much as a full circle. */
const STEPS = Object.freeze([2, 5, 8, 11, VIDEO_SLOTS]);

/** A step is carried when so much of it arrives. A few more tries are left for the whole test: new pictures begin
 * with the next whole frame, and a busy device draws too little for a while. */
const CARRIED = 0.85;
const TRIES = 4;

/** A line that loses so much is looked at twice. */
const LOSSY_PCT = 5;

/** No media came through at all. @type {Readonly<Measured>} */
const NOTHING = Object.freeze({ up_bps: 0, down_bps: 0, rtt_ms: 0, jitter_ms: 0, loss_pct: 100 });

/** Why the node closed a test, by the name of its words. @type {Readonly<Record<number, string>>} */
const CLOSED = Object.freeze({ [CLOSE.busy]: "busy", [CLOSE.newer_tab]: "newer_tab", [CLOSE.not_logged_in]: "not_logged_in" });

/** The test itself could not be made; `message` names its words. */
export class NoTest extends Error {}

export class LineTest {
  /** @param {string} url @param {(stage: Stage, done: number) => void} tell `done` from 0 to 1 */
  constructor(url, tell) {
    this.url = url;
    this.tell = tell;
    this.drawn = new Drawn();
    this.stopped = "";
    this.tries = TRIES;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {RTCPeerConnection | null} */
    this.peer = null;
    /** @type {RTCRtpSender | null} */
    this.picture = null;
  }

  /** @returns {Promise<Measured>} raises NoTest */
  async run() {
    try {
      this.tell("connecting", 0);
      await this.drawn.start();
      return (await this.connect()) ? await this.measure() : NOTHING;
    } finally {
      this.drawn.stop();
      this.peer?.close();
      this.socket?.close();
    }
  }

  /** @returns {Promise<boolean>} whether media flow */
  async connect() {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.addEventListener("close", ({ code }) => (this.stopped = wordsOf(code)));
    const { ice_servers } = await next(socket, "welcome");
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [...ice_servers] });
    this.peer = peer;
    this.addTransceivers(peer);
    await setOffer(peer);
    socket.send(JSON.stringify(offer(peer.localDescription?.sdp ?? "")));
    await peer.setRemoteDescription({ type: "answer", sdp: (await next(socket, "answer")).sdp });
    return connected(peer);
  }

  /** @param {RTCPeerConnection} peer */
  addTransceivers(peer) {
    peer.addTransceiver(this.drawn.voice, { direction: "sendonly" });
    const sendEncodings = [{ maxBitrate: LARGE_BPS, maxFramerate: 15 }];
    this.picture = peer.addTransceiver(this.drawn.picture, { direction: "sendonly", sendEncodings }).sender;
    peer.addTransceiver("audio", { direction: "recvonly" });
    for (let slot = 0; slot < VIDEO_SLOTS; slot++) peer.addTransceiver("video", { direction: "recvonly" });
    for (const transceiver of peer.getTransceivers()) prefer(transceiver);
  }

  /** A large picture up, then the voice alone, then small pictures down. @returns {Promise<Measured>} */
  async measure() {
    this.tell("up", 0.05);
    const up = await this.climb();
    this.tell("voice", 0.35);
    await this.send(0);
    const voice = await this.calm();
    await this.send(SMALL_BPS);
    const down_bps = await this.descend(voice);
    const { rtt_ms, jitter_ms, loss_pct } = voice;
    return { up_bps: Math.max(voice.up_bps, up.up_bps), down_bps, rtt_ms, jitter_ms, loss_pct };
  }

  /** The picture grows as the browser comes to trust the line; a slow start gets more time. */
  async climb() {
    const first = await this.span(CLIMB_MS, STEP_MS);
    return first.pictureUp_bps >= CARRIED * LARGE_BPS ? first : this.span(CLIMB_MS, STEP_MS);
  }

  /** The voice alone; what the picture left behind in a narrow line may take a while to drain. */
  async calm() {
    const first = await this.span(SETTLE_MS, VOICE_MS);
    if (first.loss_pct <= LOSSY_PCT) return first;
    const second = await this.span(0, VOICE_MS);
    return second.loss_pct < first.loss_pct ? second : first;
  }

  /** The most that came back while the line stayed as calm as with the voice alone. @param {Span} calm */
  async descend(calm) {
    let best = calm.down_bps;
    for (const [step, pictures] of STEPS.entries()) {
      this.tell("down", 0.55 + (0.45 * step) / STEPS.length);
      this.socket?.send(JSON.stringify(sendBack(pictures)));
      const span = await this.step(pictures, calm);
      best = Math.max(best, span.down_bps * (isCarried(span, pictures, calm) ? 1 : CARRIED));
      if (!isCarried(span, pictures, calm)) break;
    }
    return best;
  }

  /** @param {number} pictures @param {Span} calm */
  async step(pictures, calm) {
    const isFair = (/** @type {Span} */ span) => span.pictureUp_bps >= CARRIED * SMALL_BPS && isCarried(span, pictures, calm);
    let span = await this.span(SETTLE_MS, STEP_MS);
    for (; this.tries > 0 && !isFair(span); this.tries--) span = await this.span(0, STEP_MS);
    return span;
  }

  /** What was carried in a while, after a shorter one. @param {number} settle_ms @param {number} ms */
  async span(settle_ms, ms) {
    await pause(settle_ms);
    const before = await this.look();
    await pause(ms);
    return between(before, await this.look());
  }

  /** Browsers draw nothing for a page out of sight: its numbers would be wrong. */
  async look() {
    if (this.stopped || document.hidden) throw new NoTest(this.stopped || "hidden");
    return look(/** @type {RTCPeerConnection} */ (this.peer));
  }

  /** @param {number} bps of the picture, 0 none */
  async send(bps) {
    const parameters = this.picture?.getParameters();
    if (!parameters?.encodings.length) return;
    Object.assign(parameters.encodings[0], { active: bps > 0, ...(bps && { maxBitrate: bps }) });
    await this.picture?.setParameters(parameters);
  }
}

/** @param {Span} span @param {number} pictures @param {Span} calm */
const isCarried = (span, pictures, calm) => span.pictureDown_bps >= CARRIED * span.pictureUp_bps * pictures * (1 - calm.loss_pct / 100) ** 2;

/**
 * @template {Down["type"]} Type
 * @param {WebSocket} socket
 * @param {Type} type
 * @returns {Promise<Extract<Down, { type: Type }>>} the next message of this type
 */
function next(socket, type) {
  return new Promise((resolve, reject) => {
    const stop = (/** @type {string} */ words) => reject(new NoTest(words));
    setTimeout(() => stop("unreachable"), OPEN_MS);
    socket.addEventListener("close", ({ code }) => stop(wordsOf(code)));
    socket.addEventListener("message", ({ data }) => {
      const message = parse(data);
      if (message.type === type) resolve(/** @type {Extract<Down, { type: Type }>} */ (message));
    });
  });
}

/** @param {RTCPeerConnection} peer @returns {Promise<boolean>} whether it gets through */
function connected(peer) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), MEDIA_MS);
    peer.addEventListener("connectionstatechange", () => {
      if (peer.connectionState === "connected") resolve(true);
      if (peer.connectionState === "failed") resolve(false);
    });
  });
}

/** @param {number} code */
const wordsOf = (code) => CLOSED[code] ?? "unreachable";

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
