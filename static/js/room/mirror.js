// @ts-check
/** How I look and sound before the room, and through which devices. */

import { capture, DEVICES } from "./capture.js";
import { chime } from "./chime.js";
import { chosenIn, list } from "./choosing.js";
import { Level } from "./level.js";
import { all, icon, mark, one, show, write } from "./page.js";

/**
 * @typedef {import("./capture.js").Device} Device
 * @typedef {import("./preferences.js").Preferences} Preferences
 */

/** Louder than this, a few times in a row, is a voice. */
const HEARD = 0.3;

export class Mirror {
  /**
   * @param {Preferences} preferences
   * @param {Record<Device, boolean>} wanted what opens by itself; later what is open or opening
   */
  constructor(preferences, wanted) {
    this.preferences = preferences;
    this.wanted = wanted;
    /** @type {Partial<Record<Device, MediaStreamTrack>>} */
    this.tracks = {};
    this.loud = 0;
    this.level = new Level((level) => this.drawLevel(level));
    for (const button of all("[data-toggle]")) button.addEventListener("click", () => this.toggle(/** @type {Device} */ (button.dataset.toggle)));
    for (const select of this.selects) select.addEventListener("change", () => this.pick(select));
    one("[data-chime]").addEventListener("click", () => chime(preferences.now.speaker));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.drawSelects());
  }

  async start() {
    await this.open(DEVICES.filter((device) => this.wanted[device]));
  }

  /** @param {Device} device */
  isOn(device) {
    return this.wanted[device] && this.tracks[device]?.readyState === "live";
  }

  /** The open microphone, opened if need be; undefined where it stays closed. */
  async microphone() {
    if (!this.isOn("microphone")) await this.toggle("microphone");
    return this.isOn("microphone") ? this.tracks.microphone : undefined;
  }

  stop() {
    for (const device of DEVICES) this.tracks[device]?.stop();
  }

  get selects() {
    return /** @type {HTMLSelectElement[]} */ (all("select[data-device]"));
  }

  /** @param {Device[]} devices */
  async open(devices) {
    const { tracks, trouble } = await capture(devices, this.preferences.now);
    for (const device of devices) {
      this.take(device, tracks[device]);
      this.draw(device, trouble[device] ?? "");
    }
    await this.drawSelects();
  }

  /** @param {Device} device @param {MediaStreamTrack} [track] */
  take(device, track) {
    this.tracks[device]?.stop();
    this.tracks[device] = track;
    this.wanted[device] = track !== undefined;
    track?.addEventListener("ended", () => {
      this.wanted[device] = false;
      this.draw(device, "gone");
    });
  }

  /** @param {Device} device @param {string} trouble */
  draw(device, trouble) {
    const on = this.isOn(device);
    const button = one(`[data-toggle="${device}"]`);
    button.setAttribute("aria-pressed", String(on));
    icon(button, on ? device : `${device}-off`);
    this.drawTrouble(device, trouble);
    if (device === "microphone") this.level.listen(on ? this.tracks.microphone : undefined);
    else this.drawPicture(on);
  }

  /** What was amiss and is no more is said too, to whoever does not see it. @param {Device} device @param {string} trouble */
  drawTrouble(device, trouble) {
    const words = all(`[data-trouble^="${device}_"]`);
    const mended = one(`[data-mended="${device}"]`);
    const wasAmiss = words.some((each) => !each.hidden);
    for (const each of words) show(each, each.dataset.trouble === `${device}_${trouble}`);
    show(mended, this.isOn(device) && (wasAmiss || !mended.hidden));
  }

  /** @param {boolean} on */
  drawPicture(on) {
    const video = /** @type {HTMLVideoElement} */ (one("[data-preview]"));
    video.muted = true;
    video.srcObject = on && this.tracks.camera ? new MediaStream([this.tracks.camera]) : null;
    if (on) video.play().catch(() => undefined);
    show(video, on);
  }

  /** @param {Device} device */
  async toggle(device) {
    this.wanted[device] = !this.isOn(device);
    if (this.wanted[device]) return this.open([device]);
    this.tracks[device]?.stop();
    this.draw(device, "");
  }

  /** @param {HTMLSelectElement} select */
  pick(select) {
    const device = chosenIn(select);
    this.preferences.set({ [device]: select.value });
    if (device === "speaker") return;
    this.wanted[device] = true;
    return this.open([device]);
  }

  drawSelects() {
    return list(this.selects, this.tracks, this.preferences);
  }

  /** @param {number} level */
  drawLevel(level) {
    const bars = all("[data-level] i");
    bars.forEach((bar, index) => mark(bar, "on", level > index / bars.length));
    this.loud = level > HEARD ? Math.min(this.loud + 1, 5) : this.loud;
    const name = !this.isOn("microphone") ? "silent" : this.loud >= 3 ? "heard" : "speak";
    write(one("[data-level-words]"), one(`[data-level-${name}]`).textContent ?? "");
  }
}
