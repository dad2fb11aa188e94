// @ts-check
/** What takes my microphone or camera away in the middle: unplugged, revoked, a call. It is said, and one touch mends it. */

import { DEVICES } from "./capture.js";

/**
 * @typedef {import("./capture.js").Device} Device
 * @typedef {import("./devices.js").Devices} Devices
 */

/** A browser mutes a track for a blink when it changes the camera; a call lasts longer. */
const PAUSED_MS = 1_000;

export class Repair {
  /** @param {Devices} devices */
  constructor(devices) {
    this.devices = devices;
    this.default = "";
    devices.addEventListener("track", (event) => this.follow(/** @type {CustomEvent} */ (event).detail));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.followDefault());
    document.addEventListener("visibilitychange", () => document.hidden || DEVICES.forEach((device) => this.look(device)));
    for (const device of DEVICES) this.heed(device);
    this.followDefault();
  }

  /** @param {Device} device */
  follow(device) {
    const track = this.devices.tracks[device];
    track?.addEventListener("ended", () => track === this.devices.tracks[device] && this.gone(device));
    for (const change of ["mute", "unmute"]) track?.addEventListener(change, () => this.changed(device, track));
  }

  /** The browser says why only when asked. @param {Device} device */
  async gone(device) {
    const state = (await permission(device))?.state ?? "granted";
    this.devices.tell(device, state === "granted" ? "gone" : "denied");
  }

  /** @param {Device} device @param {MediaStreamTrack} track */
  changed(device, track) {
    if (track !== this.devices.tracks[device]) return;
    this.devices.dispatchEvent(new Event("change"));
    if (track.muted) setTimeout(() => this.look(device), PAUSED_MS);
    else this.look(device);
  }

  /** Is it held by something else, a call for instance? @param {Device} device */
  look(device) {
    const track = this.devices.tracks[device];
    if (track?.readyState !== "live") return;
    if (track.muted && track.enabled) this.devices.tell(device, "paused");
    else if (!track.muted && this.devices.troubles[device] === "paused") this.devices.tell(device, "");
  }

  /** Allowed or forbidden while we are here. @param {Device} device */
  async heed(device) {
    const status = await permission(device);
    status?.addEventListener("change", () => {
      if (status.state === "denied" && this.devices.tracks[device]) this.devices.tell(device, "denied");
    });
  }

  /** Headphones came or went: who has chosen no microphone speaks into the one that their computer now takes first. */
  async followDefault() {
    const found = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const first = found.find((each) => each.kind === "audioinput" && each.deviceId === "default")?.groupId ?? "";
    const changed = Boolean(this.default && first && first !== this.default);
    this.default = first || this.default;
    if (changed && !this.devices.preferences.now.microphone && this.devices.isOn("microphone")) await this.devices.pick("microphone");
  }
}

/** Null where the browser does not tell. @param {Device} device @returns {Promise<PermissionStatus | null>} */
async function permission(device) {
  try {
    return await navigator.permissions.query({ name: /** @type {PermissionName} */ (device) });
  } catch {
    return null;
  }
}
