// @ts-check
/** The choice of microphone, camera and loudspeaker, as the browser lists them now. */

import { chime } from "./chime.js";
import { all, one, show } from "./page.js";

/**
 * @typedef {import("./devices.js").Devices} Devices
 * @typedef {import("./preferences.js").Preferences} Preferences
 */

/** @typedef {"microphone" | "camera" | "speaker"} Choosable */

/** @type {Readonly<Record<Choosable, MediaDeviceKind>>} */
const KINDS = Object.freeze({ microphone: "audioinput", camera: "videoinput", speaker: "audiooutput" });

export class Pickers {
  /** @param {Devices} devices @param {Preferences} preferences */
  constructor(devices, preferences) {
    this.devices = devices;
    this.preferences = preferences;
    this.selects = /** @type {HTMLSelectElement[]} */ (all("#devices select"));
    for (const select of this.selects) select.addEventListener("change", () => this.pick(select));
    one("[data-chime]").addEventListener("click", () => chime(preferences.now.speaker));
    devices.addEventListener("track", () => this.draw());
    navigator.mediaDevices?.addEventListener("devicechange", () => this.draw());
    this.blur = new Blur(devices, preferences);
    this.draw();
  }

  /** @param {HTMLSelectElement} select */
  pick(select) {
    const device = /** @type {Choosable} */ (select.dataset.device);
    this.preferences.set({ [device]: select.value });
    if (device !== "speaker") this.devices.pick(device);
  }

  /** Browsers name devices only to a page that has opened one. */
  async draw() {
    const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    for (const select of this.selects) {
      const device = /** @type {Choosable} */ (select.dataset.device);
      const known = found.filter((other) => other.kind === KINDS[device] && other.label);
      fill(select, known, this.current(device));
      show(/** @type {Element} */ (select.closest(".field")), known.length > 0 && (device !== "speaker" || canChooseSpeaker));
    }
    show(one("[data-no-devices]"), !found.some((device) => device.label));
    this.blur.draw();
  }

  /** @param {Choosable} device */
  current(device) {
    const track = device === "speaker" ? undefined : this.devices.tracks[device];
    return track?.getSettings().deviceId || this.preferences.now[device];
  }
}

/** The platform's own: offered where the camera can have it and can go without. */
class Blur {
  /** @param {Devices} devices @param {Preferences} preferences */
  constructor(devices, preferences) {
    this.devices = devices;
    this.preferences = preferences;
    this.box = /** @type {HTMLInputElement} */ (one("[data-blur]"));
    this.box.addEventListener("change", () => this.turn());
  }

  draw() {
    const track = /** @type {any} */ (this.devices.tracks.camera);
    const offered = track?.getCapabilities?.().backgroundBlur ?? [];
    show(/** @type {Element} */ (this.box.closest("label")), offered.includes(true) && offered.includes(false));
    this.box.checked = this.preferences.now.blur;
  }

  turn() {
    this.preferences.set({ blur: this.box.checked });
    this.devices.blur();
  }
}

const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;

/** @param {HTMLSelectElement} select @param {MediaDeviceInfo[]} known @param {string} current */
function fill(select, known, current) {
  select.replaceChildren(...known.map(({ label, deviceId }) => new Option(label, deviceId, false, deviceId === current)));
}
