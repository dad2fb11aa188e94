// @ts-check
/** What goes up: my voice and my picture. Turning a device on or off, or taking another one, negotiates nothing. */

import { prefer } from "./codecs.js";

/**
 * @typedef {import("./capture.js").Device} Device
 * @typedef {import("./devices.js").Devices} Devices
 */

/** The picture twice, low and high (RFC 8853): the node chooses for each who receives it. */
export const LAYERS = Object.freeze([
  { rid: "l", scaleResolutionDownBy: 2, maxBitrate: 60_000, maxFramerate: 12 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 220_000, maxFramerate: 15 },
]);

/** @type {RTCRtpEncodingParameters[]} */
const VOICE = [{ priority: "high" }];

export class Sending {
  /** @param {Devices} devices */
  constructor(devices) {
    this.devices = devices;
    /** @type {Partial<Record<Device, RTCRtpSender>>} */
    this.senders = {};
    this.layers = LAYERS.length;
    devices.addEventListener("track", (event) => this.replace(/** @type {CustomEvent} */ (event).detail));
  }

  /** The first m-lines of a new connection. @param {RTCPeerConnection} peer */
  begin(peer) {
    const { microphone, camera } = this.devices.tracks;
    const voice = peer.addTransceiver(microphone ?? "audio", { direction: "sendonly", sendEncodings: VOICE });
    const picture = addPicture(peer, camera ?? "video", this.layers);
    for (const transceiver of [voice, picture]) prefer(transceiver);
    this.senders = { microphone: voice.sender, camera: picture.sender };
  }

  /** @param {Device} device */
  replace(device) {
    const replaced = this.senders[device]?.replaceTrack(this.devices.tracks[device] ?? null);
    replaced?.catch(() => undefined); // its connection may just have been closed
  }

  /** Sends the lowest `layers` of my picture, or none; said once a second, so that what fails is tried again. @param {number} layers */
  carry(layers) {
    if (layers === this.layers) return;
    const sender = this.senders.camera;
    const carries = () => sender === this.senders.camera && (this.layers = layers);
    if (!sender) return carries();
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) Object.assign(encoding, carried(encoding.rid, layers));
    sender.setParameters(parameters).then(carries, () => undefined);
  }

  end() {
    this.senders = {};
  }
}

/** In one layer where a browser knows no more. @param {RTCPeerConnection} peer @param {MediaStreamTrack | string} camera @param {number} layers */
function addPicture(peer, camera, layers) {
  const encodings = LAYERS.map((layer) => ({ ...layer, ...carried(layer.rid, layers) }));
  try {
    return peer.addTransceiver(camera, { direction: "sendonly", sendEncodings: encodings });
  } catch {
    return peer.addTransceiver(camera, { direction: "sendonly", sendEncodings: [{ maxFramerate: 15, ...carried("", layers) }] });
  }
}

/** What `layers` mean to an encoding; one without a name is all of the picture. @param {string | undefined} rid @param {number} layers */
function carried(rid, layers) {
  const place = LAYERS.findIndex((layer) => layer.rid === rid);
  if (place >= 0) return { active: place < layers };
  return { active: layers > 0, maxBitrate: LAYERS[Math.max(layers, 1) - 1].maxBitrate };
}
