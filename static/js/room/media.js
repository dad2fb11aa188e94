// @ts-check
/** The one peer connection to the room node. It offers once: my voice and picture up, a fixed pool of slots down. */

import { DEVICES } from "./capture.js";
import { AUDIO_SLOTS, offer, VIDEO_SLOTS } from "./protocol.js";

/**
 * @typedef {import("./capture.js").Device} Device
 * @typedef {import("./devices.js").Devices} Devices
 * @typedef {import("./protocol.js").Slot} Slot
 * @typedef {import("./protocol.js").UpOffer} UpOffer
 */

const PICTURE_BPS = 250_000;

/** A line that is "disconnected" for so long is dialled anew; Firefox never says "failed". */
const DISCONNECTED_MS = 3_000;
const FAILED_MS = 500;

export class Media extends EventTarget {
  /**
   * Events: `pictures` (detail: Map of seat to stream), `state` (detail: whether voices and pictures run).
   * @param {Devices} devices
   * @param {(message: UpOffer) => boolean} send
   */
  constructor(devices, send) {
    super();
    this.devices = devices;
    this.send = send;
    /** @type {RTCPeerConnection | null} */
    this.peer = null;
    /** @type {Slot[]} */
    this.slots = [];
    /** @type {Map<string, MediaStream>} by mid, so that a picture that stays keeps its stream */
    this.streams = new Map();
    this.timer = 0;
    devices.addEventListener("track", (event) => this.replace(/** @type {CustomEvent} */ (event).detail));
  }

  get isConnected() {
    return this.peer?.connectionState === "connected";
  }

  /** A new peer connection in place of any old one. */
  async connect() {
    this.close();
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [] });
    this.peer = peer;
    peer.addEventListener("connectionstatechange", () => this.watch(peer));
    this.addTransceivers(peer);
    await peer.setLocalDescription();
    if (peer === this.peer) this.send(offer(peer.localDescription?.sdp ?? ""));
  }

  /** @param {RTCPeerConnection} peer */
  addTransceivers(peer) {
    const encodings = [{ maxBitrate: PICTURE_BPS, maxFramerate: 15 }];
    peer.addTransceiver(this.devices.tracks.microphone ?? "audio", { direction: "sendonly" });
    peer.addTransceiver(this.devices.tracks.camera ?? "video", { direction: "sendonly", sendEncodings: encodings });
    for (let slot = 0; slot < AUDIO_SLOTS; slot++) peer.addTransceiver("audio", { direction: "recvonly" });
    for (let slot = 0; slot < VIDEO_SLOTS; slot++) peer.addTransceiver("video", { direction: "recvonly" });
    for (const transceiver of peer.getTransceivers()) prefer(transceiver);
  }

  /** @param {string} sdp */
  async answer(sdp) {
    const peer = this.peer;
    if (peer?.signalingState !== "have-local-offer") return;
    await peer.setRemoteDescription({ type: "answer", sdp });
    if (peer === this.peer) this.assign(this.slots);
  }

  /** Which seat each slot carries now. @param {Slot[]} slots */
  assign(slots) {
    this.slots = slots;
    const pictures = slots.filter((slot) => slot.kind === "video" && slot.seat).map((slot) => /** @type {const} */ ([slot.seat, this.streamOf(slot)]));
    this.dispatchEvent(new CustomEvent("pictures", { detail: new Map(pictures.filter(([, stream]) => stream)) }));
  }

  /** A slot that goes to another seat gets a new stream, so that nobody's last picture stands under another name. @param {Slot} slot */
  streamOf(slot) {
    const key = `${slot.mid} ${slot.seat}`;
    const track = this.peer?.getTransceivers().find((transceiver) => transceiver.mid === slot.mid)?.receiver.track;
    if (!track) return null;
    const stream = this.streams.get(key) ?? new MediaStream([track]);
    for (const old of this.streams.keys()) if (old.startsWith(`${slot.mid} `) && old !== key) this.streams.delete(old);
    this.streams.set(key, stream);
    return stream;
  }

  /** The audio tracks that can be heard. */
  get voices() {
    const receivers = this.peer?.getTransceivers().filter((transceiver) => transceiver.direction === "recvonly") ?? [];
    return receivers.map((transceiver) => transceiver.receiver.track).filter((track) => track.kind === "audio");
  }

  /** @param {Device} device */
  replace(device) {
    const sender = this.peer?.getTransceivers()[DEVICES.indexOf(device)]?.sender;
    sender?.replaceTrack(this.devices.tracks[device] ?? null);
  }

  /** @param {RTCPeerConnection} peer */
  watch(peer) {
    if (peer !== this.peer) return;
    clearTimeout(this.timer);
    const state = peer.connectionState;
    const patience = state === "failed" ? FAILED_MS : state === "disconnected" ? DISCONNECTED_MS : 0;
    if (patience) this.timer = setTimeout(() => this.connect(), patience);
    if (["connected", "failed", "disconnected"].includes(state)) {
      this.dispatchEvent(new CustomEvent("state", { detail: state === "connected" }));
    }
  }

  close() {
    clearTimeout(this.timer);
    this.peer?.close();
    this.peer = null;
    this.slots = [];
    this.streams.clear();
  }
}

/** Opus, and VP8 with its retransmission: what the node forwards. @param {RTCRtpTransceiver} transceiver */
function prefer(transceiver) {
  const { kind } = transceiver.receiver.track;
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  transceiver.setCodecPreferences(codecs.filter((codec) => /\/(opus|vp8|rtx)$/i.test(codec.mimeType)));
}
