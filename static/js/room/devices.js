// @ts-check
/** What I send: my two tracks, on or off. Off is silence and black at once; nothing is renegotiated. */

import { capture, DEVICES, pictureOf } from "./capture.js";
import { choose } from "./choices.js";

/**
 * @typedef {import("./capture.js").Device} Device
 * @typedef {import("./choices.js").Choices} Choices
 * @typedef {import("./preferences.js").Preferences} Preferences
 */

export class Devices extends EventTarget {
  /**
   * Events: `change`; `track` (detail: the device whose track is another); `trouble` (detail: {device, why}, "" when over).
   * @param {string} session
   * @param {Choices} choices
   * @param {Preferences} preferences
   */
  constructor(session, choices, preferences) {
    super();
    this.session = session;
    this.choices = choices;
    this.preferences = preferences;
    /** @type {Partial<Record<Device, MediaStreamTrack>>} */
    this.tracks = {};
    /** @type {Partial<Record<Device, string>>} why it cannot be used now */
    this.troubles = {};
    /** @type {Choices | null} what was on when someone came in */
    this.before = null;
    this.isOver = false;
  }

  get mine() {
    return { microphone: this.isOn("microphone"), camera: this.isOn("camera"), someone: this.before !== null };
  }

  /** @param {Device} device */
  isOn(device) {
    const track = this.tracks[device];
    return track?.enabled === true && track.readyState === "live" && !track.muted;
  }

  /** Open what was chosen before the room. */
  async start() {
    await this.capture(DEVICES.filter((device) => this.choices[device]));
  }

  /** @param {Device} device */
  async toggle(device) {
    this.before = null;
    this.tell(device, "");
    await this.turn(device, !this.isOn(device));
    this.remember();
  }

  /** One touch: what was lost is opened anew, and on. @param {Device} device */
  async mend(device) {
    this.before = null;
    this.tracks[device]?.stop();
    await this.capture([device]);
    this.remember();
  }

  /** One touch: both off at once. A second one brings back what was on. */
  async someoneCameIn() {
    const before = this.before;
    this.before = before ? null : this.mine;
    for (const device of DEVICES) await this.turn(device, before ? before[device] : false);
  }

  /** @param {Device} device @param {boolean} on */
  async turn(device, on) {
    const track = this.tracks[device];
    if (track?.readyState === "live") track.enabled = on;
    else if (on) return this.capture([device]);
    this.dispatchEvent(new Event("change"));
  }

  /** Another one was chosen. A telephone opens one camera at a time, so the former closes first; one that is off stays off. @param {Device} device */
  async pick(device) {
    const on = this.isOn(device);
    this.tracks[device]?.stop();
    if (on) await this.capture([device]);
  }

  /** As preferred now. */
  blur() {
    return this.tracks.camera?.applyConstraints(pictureOf(this.preferences.now.blur));
  }

  /** @param {Device[]} wanted */
  async capture(wanted) {
    const { tracks, trouble } = await capture(wanted, this.preferences.now);
    if (this.before || this.isOver) return stop(tracks); // meanwhile someone came in, or I left
    for (const device of DEVICES) if (tracks[device]) this.take(device, /** @type {MediaStreamTrack} */ (tracks[device]));
    for (const device of wanted) this.tell(device, trouble[device] ?? "");
    this.dispatchEvent(new Event("change"));
  }

  /** Two touches while a device was opening have opened it twice. @param {Device} device @param {MediaStreamTrack} track */
  take(device, track) {
    this.tracks[device]?.stop();
    track.contentHint = device === "microphone" ? "speech" : "motion";
    this.tracks[device] = track;
    track.addEventListener("ended", () => this.dispatchEvent(new Event("change")));
    this.dispatchEvent(new CustomEvent("track", { detail: device }));
  }

  /** @param {Device} device @param {string} why "" when it is over */
  tell(device, why) {
    this.troubles[device] = why;
    this.dispatchEvent(new CustomEvent("trouble", { detail: { device, why } }));
  }

  remember() {
    const { ticks } = this.choices;
    choose(this.session, { microphone: this.isOn("microphone"), camera: this.isOn("camera"), ticks });
  }

  stop() {
    this.isOver = true;
    stop(this.tracks);
    this.tracks = {};
  }
}

/** @param {Partial<Record<Device, MediaStreamTrack>>} tracks */
function stop(tracks) {
  for (const device of DEVICES) tracks[device]?.stop();
}
