// @ts-check
/** Everybody's voice: a playing element for each audio slot, since Chromium plays no remote track without one. */

import { one } from "./page.js";

export class Sound extends EventTarget {
  /** Events: `change`, when the browser begins or ceases to keep the sound back. */
  constructor() {
    super();
    this.parent = one("[data-sound]");
    this.blocked = false;
  }

  /** @param {MediaStreamTrack[]} tracks */
  play(tracks) {
    this.parent.replaceChildren(...tracks.map(element));
    this.start();
  }

  /** Also after "Let me hear". */
  start() {
    this.setBlocked(false);
    for (const audio of /** @type {HTMLCollectionOf<HTMLAudioElement>} */ (this.parent.children)) {
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
