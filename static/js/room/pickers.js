// @ts-check
/** The choice of devices inside the room. */

import { chime } from "./chime.js";
import { chosenIn, list } from "./choosing.js";
import { all, one, show } from "./page.js";

/**
 * @typedef {import("./devices.js").Devices} Devices
 * @typedef {import("./preferences.js").Preferences} Preferences
 */

export class Pickers {
  /** @param {Devices} devices @param {Preferences} preferences */
  constructor(devices, preferences) {
    this.devices = devices;
    this.preferences = preferences;
    this.selects = /** @type {HTMLSelectElement[]} */ (all("#devices select"));
    this.blur = /** @type {HTMLInputElement} */ (one("[data-blur]"));
    for (const select of this.selects) select.addEventListener("change", () => this.pick(select));
    this.blur.addEventListener("change", () => this.pickBlur());
    one("[data-chime]").addEventListener("click", () => chime(preferences.now.speaker));
    devices.addEventListener("track", () => this.draw());
    navigator.mediaDevices?.addEventListener("devicechange", () => this.draw());
    this.draw();
  }

  /** @param {HTMLSelectElement} select */
  pick(select) {
    const device = chosenIn(select);
    this.preferences.set({ [device]: select.value });
    if (device !== "speaker") this.devices.pick(device);
  }

  pickBlur() {
    this.preferences.set({ blur: this.blur.checked });
    this.devices.blur();
  }

  async draw() {
    const some = await list(this.selects, this.devices.tracks, this.preferences);
    show(one("[data-no-devices]"), !some);
    show(/** @type {Element} */ (this.blur.closest("label")), canBlur(this.devices.tracks.camera));
    this.blur.checked = this.preferences.now.blur;
  }
}

/** The platform's own blur: offered where a camera can have it and can go without. @param {MediaStreamTrack} [camera] */
function canBlur(camera) {
  const offered = camera?.getCapabilities?.().backgroundBlur ?? [];
  return offered.includes(true) && offered.includes(false);
}
