// @ts-check
/** What goes up: my voice and my picture. Turning a device on or off, or taking another one, negotiates nothing. */

import { prefer } from "./codecs.js";

/**
 * @typedef {import("./capture.js").Device} Device
 * @typedef {import("./devices.js").Devices} Devices
 */

const PICTURE_BPS = 250_000;

export class Sending {
  /** @param {Devices} devices */
  constructor(devices) {
    this.devices = devices;
    /** @type {Partial<Record<Device, RTCRtpSender>>} */
    this.senders = {};
    devices.addEventListener("track", (event) => this.replace(/** @type {CustomEvent} */ (event).detail));
  }

  /** The first m-lines of a new connection. @param {RTCPeerConnection} peer */
  begin(peer) {
    const encodings = [{ maxBitrate: PICTURE_BPS, maxFramerate: 15 }];
    const { microphone, camera } = this.devices.tracks;
    const voice = peer.addTransceiver(microphone ?? "audio", { direction: "sendonly" });
    const picture = peer.addTransceiver(camera ?? "video", { direction: "sendonly", sendEncodings: encodings });
    for (const transceiver of [voice, picture]) prefer(transceiver);
    this.senders = { microphone: voice.sender, camera: picture.sender };
  }

  /** @param {Device} device */
  replace(device) {
    this.senders[device]?.replaceTrack(this.devices.tracks[device] ?? null);
  }

  end() {
    this.senders = {};
  }
}
