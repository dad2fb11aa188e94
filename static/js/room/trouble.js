// @ts-check
/** Whoever gets nothing from the room for ten seconds reads what is missing and what to try. */

import { all, one, show, write } from "./page.js";

/**
 * @typedef {import("./media.js").Media} Media
 * @typedef {import("./socket.js").Socket} Socket
 * @typedef {"" | "line" | "moving" | "voices"} Missing
 */

const PATIENCE_MS = 10_000;

export class Trouble {
  /** @param {Socket} socket @param {Media} media */
  constructor(socket, media) {
    this.socket = socket;
    this.media = media;
    this.panel = one("[data-trouble]");
    this.rightAt = Date.now();
    this.closed = false;
  }

  /** @param {boolean} waits at the door, where no voices come @returns {Missing} */
  missing(waits) {
    if (!this.socket.isIn) return this.socket.pagesAnswer ? "moving" : "line";
    return waits || this.media.isConnected ? "" : "voices";
  }

  /** Without the pages, loading would leave the browser's own page in place of this one. */
  get canLoad() {
    return navigator.onLine && this.socket.pagesAnswer;
  }

  /** Called each second. @param {boolean} waits */
  look(waits) {
    const missing = this.missing(waits);
    if (!missing) {
      this.rightAt = Date.now();
      this.closed = false;
    }
    this.draw(Date.now() - this.rightAt >= PATIENCE_MS && !this.closed ? missing : "");
  }

  /** Leave me alone until it is right again. */
  close() {
    this.closed = true;
    this.draw("");
  }

  /** @param {Missing} missing */
  draw(missing) {
    for (const offer of all("[data-loads]", this.panel)) show(offer, this.canLoad);
    if (this.panel.dataset.trouble === missing) return;
    this.panel.dataset.trouble = missing;
    show(this.panel, missing !== "");
    for (const part of all("[data-missing]", this.panel)) show(part, part.dataset.missing === missing);
    if (missing) write(one("[data-live]"), one(`[data-missing="${missing}"] h2`, this.panel).textContent ?? "");
  }
}
