// @ts-check
/** What comes down: a fixed pool of slots, each carrying whom the node says. */

import { prefer } from "./codecs.js";
import { AUDIO_SLOTS, VIDEO_SLOTS } from "./protocol.js";
import { Stills } from "./stills.js";

/** @typedef {import("./protocol.js").Slot} Slot */

/**
 * Somebody's picture, to be turned clockwise by `turn` degrees. `pause` says why it does not run: "line" mine is slow, "theirs" is, "still" it stands still and nobody said why, "rests" it is my own.
 * @typedef {{ stream: MediaStream, turn: Slot["turn"], pause: Slot["pause"] | "still" | "rests" }} Picture
 */

const LOOK_MS = 400;

export class Receiving extends EventTarget {
  /** Events: `pictures`, when another one comes, or one pauses or goes on. */
  constructor() {
    super();
    /** @type {RTCRtpTransceiver[]} */
    this.transceivers = [];
    /** @type {Slot[]} */
    this.slots = [];
    /** @type {Map<string, MediaStream>} by mid and seat, so that a picture that stays keeps its stream */
    this.streams = new Map();
    /** @type {Map<string, Picture>} by seat */
    this.pictures = new Map();
    this.stills = new Stills();
    setInterval(() => this.look(), LOOK_MS);
    document.addEventListener("visibilitychange", () => this.stills.forget());
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
    this.look(true);
  }

  /** Draws anew where something differs. @param {boolean} [anew] */
  look(anew = false) {
    const pictures = new Map(this.slots.flatMap((slot) => this.pictureOf(slot)));
    const differs = [...pictures].some(([seat, { pause }]) => pause !== this.pictures.get(seat)?.pause);
    this.pictures = pictures;
    if (anew || differs) this.dispatchEvent(new Event("pictures"));
  }

  /** @param {Slot} slot @returns {[string, Picture][]} one, or none */
  pictureOf(slot) {
    if (slot.kind !== "video" || !slot.seat) return [];
    const receiver = this.transceivers.find((transceiver) => transceiver.mid === slot.mid)?.receiver;
    if (!receiver) return [];
    const stream = this.streamOf(slot, receiver.track);
    const still = this.stills.look(stream, receiver, performance.now());
    return [[slot.seat, { stream, turn: slot.turn, pause: slot.pause || (still ? "still" : "") }]];
  }

  /** A slot that goes to another seat gets a new stream, so that nobody's last picture stands under another name. @param {Slot} slot @param {MediaStreamTrack} track */
  streamOf(slot, track) {
    const key = `${slot.mid} ${slot.seat}`;
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
    this.pictures = new Map();
    this.streams.clear();
    this.stills.forget();
  }
}
