// @ts-check
/** What goes up: my voice and my picture. Turning a device on or off, or taking another one, negotiates nothing. */

import { prefer } from "./codecs.js";

/**
 * @typedef {import("./capture.js").Device} Device
 * @typedef {import("./devices.js").Devices} Devices
 */

/** The picture twice, low and high (RFC 8853): the node chooses for each who receives it. */
const LAYERS = Object.freeze([
  { rid: "l", scaleResolutionDownBy: 2, maxBitrate: 60_000, maxFramerate: 12 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 220_000, maxFramerate: 15 },
]);

/** For a browser that sends but one. */
const ONE = Object.freeze([{ maxBitrate: 220_000, maxFramerate: 15 }]);

/** @type {RTCRtpEncodingParameters[]} */
const VOICE = [{ priority: "high" }];

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
    const { microphone, camera } = this.devices.tracks;
    const voice = peer.addTransceiver(microphone ?? "audio", { direction: "sendonly", sendEncodings: VOICE });
    const picture = addPicture(peer, camera ?? "video");
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

/** @param {RTCPeerConnection} peer @param {MediaStreamTrack | string} camera */
function addPicture(peer, camera) {
  try {
    return peer.addTransceiver(camera, { direction: "sendonly", sendEncodings: [...LAYERS] });
  } catch {
    return peer.addTransceiver(camera, { direction: "sendonly", sendEncodings: [...ONE] });
  }
}
