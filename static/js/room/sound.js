// @ts-check
/** Everybody's voice: a playing element for each audio slot, since Chromium plays no remote track without one. */

import { sendTo } from "./chime.js";
import { one } from "./page.js";
import { AUDIO_SLOTS } from "./protocol.js";

/** @typedef {import("./preferences.js").Preferences} Preferences */

const PAUSED_MS = 500;

/** The first slots carry the circle, the two others an aside and the leaders' own line. */
const CIRCLE_SLOTS = AUDIO_SLOTS - 2;
const QUIETER = 0.35;

export class Sound extends EventTarget {
  /** Events: `change`, when the browser begins or ceases to keep the sound back. @param {Preferences} preferences */
  constructor(preferences) {
    super();
    this.parent = one("[data-sound]");
    this.preferences = preferences;
    this.blocked = false;
    this.quieter = false;
    /** @type {MediaStreamTrack[]} */
    this.tracks = [];
    preferences.addEventListener("change", () => this.send());
  }

  get elements() {
    return /** @type {HTMLAudioElement[]} */ ([...this.parent.children]);
  }

  /** To the loudspeaker that was chosen. */
  send() {
    for (const audio of this.elements) sendTo(audio, this.preferences.now.speaker);
  }

  /** The circle goes on more quietly while somebody speaks to me alone. @param {boolean} quieter */
  quieten(quieter) {
    this.quieter = quieter;
    this.elements.forEach((audio, index) => (audio.volume = quieter && index < CIRCLE_SLOTS ? QUIETER : 1));
  }

  /** Tracks that are playing already play on without a gap. @param {MediaStreamTrack[]} tracks */
  play(tracks) {
    if (tracks.some((track, index) => track !== this.tracks[index])) this.parent.replaceChildren(...tracks.map((track) => this.element(track)));
    this.tracks = tracks;
    this.quieten(this.quieter);
    this.send();
    this.start();
  }

  /** Also after "Let me hear". */
  start() {
    this.setBlocked(false);
    for (const audio of this.elements) {
      audio.play().catch((error) => error.name === "NotAllowedError" && this.setBlocked(true));
    }
  }

  /** @param {boolean} blocked */
  setBlocked(blocked) {
    if (this.blocked === blocked) return;
    this.blocked = blocked;
    this.dispatchEvent(new Event("change"));
  }

  /** What a call has stopped goes on after it, if need be by a touch. @param {MediaStreamTrack} track */
  element(track) {
    const audio = document.createElement("audio");
    audio.autoplay = true;
    audio.srcObject = new MediaStream([track]);
    audio.addEventListener("pause", () => setTimeout(() => audio.isConnected && this.start(), PAUSED_MS));
    return audio;
  }

  stop() {
    this.tracks = [];
    this.parent.replaceChildren();
  }
}
