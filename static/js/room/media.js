// @ts-check
/** The one peer connection to the room node: dialled once, led over another path when its own breaks, dialled anew when that fails. */

import { setOffer } from "./codecs.js";
import { offer } from "./protocol.js";
import { Pulse } from "./pulse.js";
import { Receiving } from "./receiving.js";
import { Sending } from "./sending.js";

/**
 * @typedef {import("./devices.js").Devices} Devices
 * @typedef {import("./socket.js").Socket} Socket
 */

/** A path that is quiet for so long is given up for another one; Firefox never says "failed". */
const DISCONNECTED_MS = 3_000;
/**
 * So long another path may take to bring voices before it is looked for again: a browser learns of a new network only after some two seconds.
 * Then a new connection is made, which may take CONNECTED_MS.
 */
const SEARCHES_MS = Object.freeze([800, 800, 1_200, 4_000]);
const CONNECTED_MS = 10_000;
const FAILED_MS = 500;

export class Media extends EventTarget {
  /**
   * Events: `state` (detail: whether voices and pictures run).
   * @param {Devices} devices
   * @param {Socket} socket
   */
  constructor(devices, socket) {
    super();
    this.socket = socket;
    this.sending = new Sending(devices);
    this.receiving = new Receiving();
    /** @type {RTCIceServer[]} */
    this.iceServers = [];
    /** @type {RTCPeerConnection | null} */
    this.peer = null;
    this.searches = 0; // for another path, since voices came
    this.unanswered = 0;
    this.timer = 0;
    this.pulse = new Pulse(this.receiving);
    this.pulse.addEventListener("quiet", () => this.socket.doubt());
    onNewNetwork(() => this.restart());
  }

  /** Worth another path: keys, slots and pictures are still good. */
  get isAlive() {
    return this.peer?.connectionState === "connected" || this.peer?.connectionState === "disconnected";
  }

  /** The socket is new, perhaps from another address. @param {boolean} known whether the node still has my connection */
  begin(known) {
    this.unanswered = 0;
    return known && this.isAlive ? this.restart() : this.connect();
  }

  /** A new peer connection in place of any old one. Without a socket nobody could be told: a new socket begins anew. */
  async connect() {
    if (!this.socket.isOpen) return;
    this.close();
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: this.iceServers });
    this.peer = peer;
    peer.addEventListener("connectionstatechange", () => this.watch(peer));
    this.sending.begin(peer);
    this.receiving.begin(peer);
    this.within(CONNECTED_MS, () => this.connect());
    await this.offer(peer);
  }

  /** Look for another path; the former one carries on until there is one (RFC 8445, section 9). */
  restart() {
    this.searches = 0;
    return this.search();
  }

  async search() {
    const before = this.searches;
    this.searches = 0;
    if (!this.peer || !this.isAlive || !this.socket.isOpen) return;
    this.searches = before + 1;
    this.within(SEARCHES_MS[before], () => this.settle());
    this.peer.restartIce();
    await this.offer(this.peer);
  }

  get isConnected() {
    return this.peer?.connectionState === "connected";
  }

  /** Was another path found, or looked for long enough? */
  settle() {
    const found = this.isConnected && !this.pulse.hasStopped;
    if (!found && this.searches < SEARCHES_MS.length) return void this.search();
    this.searches = 0;
    if (!this.isConnected) this.connect();
  }

  /** The node cannot read my offer: it would not read it later either. */
  refused() {
    this.unanswered -= 1;
    clearTimeout(this.timer);
  }

  /** Where none can be made, the connection was closed meanwhile, or a timer runs out. @param {RTCPeerConnection} peer */
  async offer(peer) {
    const made = await setOffer(peer).then(() => true, () => false);
    if (made && peer === this.peer && this.socket.send(offer(peer.localDescription?.sdp ?? ""))) this.unanswered += 1;
  }

  /** Answers come in the order of the offers; only the last one fits. @param {string} sdp */
  async answer(sdp) {
    this.unanswered -= 1;
    const peer = this.peer;
    if (this.unanswered > 0 || peer?.signalingState !== "have-local-offer") return;
    const fits = await peer.setRemoteDescription({ type: "answer", sdp }).then(() => true, () => false);
    if (peer !== this.peer) return;
    if (fits) this.receiving.assign(this.receiving.slots);
    else this.within(FAILED_MS, () => this.connect());
  }

  /** @param {RTCPeerConnection} peer */
  watch(peer) {
    if (peer !== this.peer) return;
    const state = peer.connectionState;
    if (state === "connected") this.arrived();
    if (state === "disconnected") this.interrupted();
    if (state === "failed") this.within(FAILED_MS, () => this.connect());
    if (["connected", "failed", "disconnected"].includes(state)) {
      this.dispatchEvent(new CustomEvent("state", { detail: state === "connected" }));
    }
  }

  /** The socket may hang on an address that is gone: then a new one looks for another path at once. */
  interrupted() {
    if (!this.searches) this.within(DISCONNECTED_MS, () => this.restart());
    this.socket.doubt();
  }

  arrived() {
    clearTimeout(this.timer);
    this.searches = 0;
  }

  /** What happens next unless voices come before. @param {number} ms @param {() => unknown} then */
  within(ms, then) {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, ms);
  }

  close() {
    clearTimeout(this.timer);
    this.searches = 0;
    this.peer?.close();
    this.peer = null;
    this.sending.end();
    this.receiving.end();
  }
}

/** From one network into another. Where `connection` exists it also changes with each guess at the speed. @param {() => void} then */
function onNewNetwork(then) {
  const { connection } = /** @type {Navigator & { connection?: EventTarget & { type?: string } }} */ (navigator);
  let type = connection?.type;
  window.addEventListener("online", then);
  connection?.addEventListener("change", () => {
    if (connection.type === type) return;
    type = connection.type;
    then();
  });
}
