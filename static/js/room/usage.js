// @ts-check
/** How much my line carries: both ways, over the last minute. */

/** @typedef {import("./gauge.js").Reading} Reading */

const OVER_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Before that a figure would jump. */
const ENOUGH_MS = 5_000;

export class Usage {
  constructor() {
    /** @type {{ at: number, bytes: number }[]} what was carried up to each look; a new connection counts on from the last */
    this.looks = [];
    /** @type {Reading | null} */
    this.last = null;
  }

  /** @param {Reading} reading @param {number} now in milliseconds */
  add(reading, now) {
    const before = this.looks.at(-1)?.bytes ?? 0;
    const since = reading.peer === this.last?.peer ? reading.carriedBytes - this.last.carriedBytes : 0;
    this.last = reading;
    this.looks.push({ at: now, bytes: before + since });
    while (now - this.looks[0].at > OVER_MS) this.looks.shift();
  }

  /** In two figures, or null while too little was seen. @returns {number | null} megabytes */
  get perHour() {
    const first = this.looks[0];
    const last = this.looks.at(-1);
    if (!first || !last || last.at - first.at < ENOUGH_MS) return null;
    const perMs = (last.bytes - first.bytes) / (last.at - first.at);
    return Number(((perMs * HOUR_MS) / 1e6).toPrecision(2));
  }
}
