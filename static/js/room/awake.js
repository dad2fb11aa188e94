// @ts-check
/** A phone must not fall asleep in the middle of a case. */

export class Awake {
  constructor() {
    /** @type {Promise<WakeLockSentinel | undefined> | undefined} */
    this.lock = undefined;
  }

  /** To be asked again whenever the page comes into sight: out of sight, browsers take the lock back. */
  hold() {
    this.lock = navigator.wakeLock?.request("screen").catch(() => undefined);
  }

  async release() {
    await (await this.lock)?.release();
  }
}
