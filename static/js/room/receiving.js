// @ts-check
/** What comes down: a fixed pool of slots, each carrying whom the node says. */

import { prefer } from "./codecs.js";
import { AUDIO_SLOTS, VIDEO_SLOTS } from "./protocol.js";

/** @typedef {import("./protocol.js").Slot} Slot */

export class Receiving extends EventTarget {
  /** Events: `pictures` (detail: Map of seat to stream). */
  constructor() {
    super();
    /** @type {RTCRtpTransceiver[]} */
    this.transceivers = [];
    /** @type {Slot[]} */
    this.slots = [];
    /** @type {Map<string, MediaStream>} by mid and seat, so that a picture that stays keeps its stream */
    this.streams = new Map();
  }

  /** The last m-lines of a new connection. @param {RTCPeerConnection} peer */
  begin(peer) {
    const kinds = [...Array(AUDIO_SLOTS).fill("audio"), ...Array(VIDEO_SLOTS).fill("video")];
    this.transceivers = kinds.map((kind) => peer.addTransceiver(kind, { direction: "recvonly" }));
    for (const transceiver of this.transceivers) prefer(transceiver);
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
    const track = this.transceivers.find((transceiver) => transceiver.mid === slot.mid)?.receiver.track;
    if (!track) return null;
    const stream = this.streams.get(key) ?? new MediaStream([track]);
    for (const old of this.streams.keys()) if (old.startsWith(`${slot.mid} `) && old !== key) this.streams.delete(old);
    this.streams.set(key, stream);
    return stream;
  }

  /** The audio tracks that can be heard. */
  get voices() {
    return this.transceivers.map((transceiver) => transceiver.receiver.track).filter((track) => track.kind === "audio");
  }

  end() {
    this.transceivers = [];
    this.slots = [];
    this.streams.clear();
  }
}
