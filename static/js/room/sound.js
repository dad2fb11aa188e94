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
    preferences.addEventListener("change", () => this.send());
  }

  get elements() {
    return /** @type {HTMLAudioElement[]} */ ([...this.parent.children]);
  }

  /** To the loudspeaker that was chosen. */
  send() {
    for (const audio of this.elements) sendTo(audio, this.preferences.now.speaker);
  }

  /** @param {MediaStreamTrack[]} tracks */
  play(tracks) {
    this.parent.replaceChildren(...tracks.map(element));
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
