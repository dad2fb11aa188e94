// @ts-check
/** Care for my voice where my line up is slow: the high picture rests first, then the low one; later each is tried again. */

import { LAYERS } from "./sending.js";

/**
 * @typedef {import("./devices.js").Devices} Devices
 * @typedef {import("./gauge.js").Gauge} Gauge
 * @typedef {import("./gauge.js").Reading} Reading
 * @typedef {import("./sending.js").Sending} Sending
 */

/**
 * `layers` of my picture go up: 2, 1, or 0 when it rests; `tried` says that the last change was a trial of one more. Times in milliseconds:
 * `since` the last change, `poorAt` the last poor reading, `patienceMs` to wait before a trial. `lost` is smoothed; `leastTripMs` is my line's when it is idle.
 * @typedef {{ layers: number, tried: boolean, since: number, poorFor: number, poorAt: number, patienceMs: number, lost: number, leastTripMs: number }} Care
 */

/** What a line must be able to carry for so many layers beside a voice with its spare copy (RFC 2198). By number of layers. */
const NEEDS_BPS = Object.freeze([0, 140_000, 230_000]);

/** Below this there is no room for any picture: what a voice with its spare copy takes, and a little. */
const LEAST_BPS = 110_000;

/** The share of lost packets from which so many layers are too many. A voice alone is beyond our help, and only waits. */
const LOST = Object.freeze([0.2, 0.17, 0.12]);
const LOST_BADLY = 0.25;

/** What a full queue adds to the way there and back. */
const LATE_MS = 600;

/** An estimate dips now and then: a line is short of room for the low layer when it loses some or holds some back as well. */
const STRAINED_LOST = 0.03;
const STRAINED_MS = 150;

/** Poor for so many readings is no accident. After a change the line needs a moment, and its estimate a longer one. */
const POOR_FOR = 3;
const SETTLED_MS = 3_000;
const ESTIMATED_MS = 6_000;

/** A trial that fails within PROVEN_MS doubles the patience; as long a calm with all layers forgets it. */
const FIRST_MS = 10_000;
const MOST_MS = 160_000;
const PROVEN_MS = 20_000;
const FORGOTTEN_MS = 60_000;

/** @param {number} now @returns {Care} */
export const carefree = (now) => ({ ...unmeasured(now), layers: LAYERS.length, tried: false, patienceMs: FIRST_MS });

/** What another connection makes anew. @param {number} now */
const unmeasured = (now) => ({ since: now, poorFor: 0, poorAt: now, lost: 0, leastTripMs: Infinity });

/**
 * PURE: the care after one more reading.
 * @param {Care} care
 * @param {Pick<Reading, "roomBps" | "lost" | "tripMs">} reading
 * @param {number} now
 * @returns {Care}
 */
export function next(care, reading, now) {
  const measured = { ...care, lost: (care.lost + (reading.lost ?? 0)) / 2, leastTripMs: Math.min(care.leastTripMs, reading.tripMs ?? Infinity) };
  return isPoor(measured, reading, now) ? poorer(measured, reading, now) : calmer(measured, now);
}

/** @param {Care} care @param {Pick<Reading, "roomBps" | "tripMs">} reading @param {number} now */
function isPoor(care, reading, now) {
  const { layers, since } = care;
  if (isHopeless(care, reading)) return true;
  if (now - since < SETTLED_MS) return false;
  const narrow = [false, isNarrow(care, reading), isBelow(NEEDS_BPS[2], reading)][layers];
  return (narrow && now - since >= ESTIMATED_MS) || heldMs(care, reading) > LATE_MS || care.lost > LOST[layers];
}

/**
 * A trial of the low layer is judged at once: a line that carries it says so from the first second, another one has a full queue in the fourth.
 * @param {Care} care @param {Pick<Reading, "roomBps">} reading
 */
const isHopeless = ({ layers, tried }, reading) => tried && layers === 1 && isBelow(LEAST_BPS, reading);

/** Has it no room even for the low layer? @param {Care} care @param {Pick<Reading, "roomBps" | "tripMs">} reading */
function isNarrow(care, reading) {
  const strained = care.lost > STRAINED_LOST || heldMs(care, reading) > STRAINED_MS;
  return isBelow(strained ? NEEDS_BPS[1] : LEAST_BPS, reading);
}

/** @param {number} bps @param {Pick<Reading, "roomBps">} reading */
const isBelow = (bps, { roomBps }) => roomBps !== null && roomBps < bps;

/** What the line holds back now. @param {Care} care @param {Pick<Reading, "tripMs">} reading */
const heldMs = ({ leastTripMs }, { tripMs }) => (tripMs === null ? 0 : tripMs - leastTripMs);

/** @param {Care} care @param {Pick<Reading, "roomBps" | "tripMs">} reading @param {number} now @returns {Care} */
function poorer(care, reading, now) {
  const poorFor = care.poorFor + 1;
  if (poorFor < POOR_FOR || care.layers === 0) return { ...care, poorFor, poorAt: now };
  const badly = care.lost > LOST_BADLY || isNarrow(care, reading);
  const failed = care.tried && now - care.since < PROVEN_MS;
  const patienceMs = failed ? Math.min(2 * care.patienceMs, MOST_MS) : care.patienceMs;
  return { ...care, layers: badly ? 0 : care.layers - 1, tried: false, since: now, poorFor: 0, poorAt: now, patienceMs, lost: 0 };
}

/** @param {Care} care @param {number} now @returns {Care} */
function calmer(care, now) {
  const calmMs = now - Math.max(care.since, care.poorAt);
  const calm = { ...care, poorFor: 0 };
  if (care.layers === LAYERS.length) return calmMs < FORGOTTEN_MS ? calm : { ...calm, patienceMs: FIRST_MS };
  return calmMs < care.patienceMs ? calm : { ...calm, layers: care.layers + 1, tried: true, since: now };
}

export class Uplink extends EventTarget {
  /** Events: `change`, when my picture comes to rest, or is tried again. @param {Gauge} gauge @param {Sending} sending @param {Devices} devices */
  constructor(gauge, sending, devices) {
    super();
    this.sending = sending;
    this.devices = devices;
    this.care = carefree(performance.now());
    this.rests = false;
    /** @type {RTCPeerConnection | null} */
    this.peer = null;
    gauge.addEventListener("reading", (event) => this.measure(/** @type {CustomEvent} */ (event).detail));
    devices.addEventListener("change", () => this.follow());
  }

  /** @param {Reading} reading */
  measure(reading) {
    const now = performance.now();
    if (reading.peer !== this.peer) this.care = { ...this.care, ...unmeasured(now) };
    this.peer = reading.peer;
    if (this.devices.mine.camera) this.care = next(this.care, reading, now);
    this.follow();
  }

  /** A camera that was off begins without a care. */
  follow() {
    const now = performance.now();
    if (!this.devices.mine.camera) this.care = carefree(now);
    this.sending.carry(this.care.layers);
    const before = this.rests;
    this.rests = this.care.layers === 0;
    if (this.rests !== before) this.dispatchEvent(new Event("change"));
  }
}
