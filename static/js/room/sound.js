// @ts-check
/** Everybody's voice: a playing element for each audio slot, since Chromium plays no remote track without one. */

import { sendTo } from "./chime.js";
import { one } from "./page.js";

/** @typedef {import("./preferences.js").Preferences} Preferences */

export class Sound extends EventTarget {
  /** Events: `change`, when the browser begins or ceases to keep the sound back. @param {Preferences} preferences */
  constructor(preferences) {
    super();
    this.parent = one("[data-sound]");
    this.preferences = preferences;
    this.blocked = false;
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

  /** Tracks that are playing already play on without a gap. @param {MediaStreamTrack[]} tracks */
  play(tracks) {
    if (tracks.some((track, index) => track !== this.tracks[index])) this.parent.replaceChildren(...tracks.map(element));
    this.tracks = tracks;
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

  stop() {
    this.tracks = [];
    this.parent.replaceChildren();
  }
}

/** @param {MediaStreamTrack} track */
function element(track) {
  const audio = document.createElement("audio");
  audio.autoplay = true;
  audio.srcObject = new MediaStream([track]);
  return audio;
}
