// @ts-check
/** Whether voices and pictures still come: the first sign of a line that is gone, seconds before the browser says so. */

/**
 * @typedef {import("./receiving.js").Receiving} Receiving
 */

const LOOK_MS = 200;
/** A silent voice sends every 400 ms; nothing for so long was no accident. */
const QUIET_MS = 800;
/** What stopped longer ago was perhaps everybody's choice. */
const LATELY_MS = 10_000;

export class Pulse extends EventTarget {
  /** Events: `quiet`, when nothing comes any more. @param {Receiving} receiving */
  constructor(receiving) {
    super();
    this.receiving = receiving;
    this.newest = 0;
    this.cameAt = -LATELY_MS;
    this.told = true;
    setInterval(() => this.look(performance.now()), LOOK_MS);
  }

  /** Has it stopped, a moment ago? */
  get hasStopped() {
    const quietMs = performance.now() - this.cameAt;
    return quietMs >= QUIET_MS && quietMs < LATELY_MS;
  }

  /** @param {number} now in milliseconds */
  look(now) {
    const newest = Math.max(0, ...this.receiving.transceivers.map(({ receiver }) => receiver.getSynchronizationSources()[0]?.timestamp ?? 0));
    if (newest !== this.newest) {
      this.newest = newest;
      this.cameAt = now;
      this.told = newest === 0;
    } else if (!this.told && now - this.cameAt >= QUIET_MS) {
      this.told = true;
      this.dispatchEvent(new Event("quiet"));
    }
  }
}
