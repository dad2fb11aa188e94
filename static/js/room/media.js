// @ts-check
/** The one peer connection to the room node. It offers once: what goes up, then a fixed pool of slots down. */

import { offer } from "./protocol.js";
import { Receiving } from "./receiving.js";
import { Sending } from "./sending.js";

/**
 * @typedef {import("./devices.js").Devices} Devices
 * @typedef {import("./protocol.js").UpOffer} UpOffer
 */

/** A line that is "disconnected" for so long is dialled anew; Firefox never says "failed". */
const DISCONNECTED_MS = 3_000;
const FAILED_MS = 500;

export class Media extends EventTarget {
  /**
   * Events: `state` (detail: whether voices and pictures run).
   * @param {Devices} devices
   * @param {(message: UpOffer) => boolean} send
   */
  constructor(devices, send) {
    super();
    this.send = send;
    this.sending = new Sending(devices);
    this.receiving = new Receiving();
    /** @type {RTCPeerConnection | null} */
    this.peer = null;
    this.timer = 0;
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
    this.sending.begin(peer);
    this.receiving.begin(peer);
    await peer.setLocalDescription();
    if (peer === this.peer) this.send(offer(peer.localDescription?.sdp ?? ""));
  }

  /** @param {string} sdp */
  async answer(sdp) {
    const peer = this.peer;
    if (peer?.signalingState !== "have-local-offer") return;
    await peer.setRemoteDescription({ type: "answer", sdp });
    if (peer === this.peer) this.receiving.assign(this.receiving.slots);
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
    this.sending.end();
    this.receiving.end();
  }
}
