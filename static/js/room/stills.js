// @ts-check
/** The last defence against a frozen face: which pictures have had no new frame for a while. */

/** With LOOK_MS of receiving.js, it is said before a picture has stood still for two seconds. */
const STILL_MS = 1_500;

export class Stills {
  constructor() {
    /** @type {WeakMap<MediaStream, { frame: number, seenAt: number }>} the last frame of each picture, and when it was new */
    this.last = new WeakMap();
  }

  /**
   * @param {MediaStream} stream
   * @param {RTCRtpReceiver} receiver that brings it
   * @param {number} now in milliseconds
   * @returns {boolean} whether it stands still
   */
  look(stream, receiver, now) {
    const frame = receiver.getSynchronizationSources()[0]?.timestamp ?? 0;
    const last = this.last.get(stream);
    if (last?.frame === frame) return now - last.seenAt >= STILL_MS;
    this.last.set(stream, { frame, seenAt: now });
    return false;
  }

  /** No frame was wanted for a while, so nothing follows from its absence. */
  forget() {
    this.last = new WeakMap();
  }
}
