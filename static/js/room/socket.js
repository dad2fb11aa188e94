// @ts-check
/** The seat's WebSocket: heartbeats both ways, and back within a second while the page is in view. */

import { AWAY_AFTER_MS, CLOSE, HEARTBEAT_MS, heartbeat, parse } from "./protocol.js";

/**
 * @typedef {import("./protocol.js").Up} Up
 * @typedef {import("./protocol.js").Down} Down
 */

/** Pauses before each attempt; the last one repeats. A page out of sight waits for HIDDEN_MS: its timers are slow anyway. */
const PAUSES_MS = Object.freeze([0, 300, 600, 1000]);
const HIDDEN_MS = 5_000;
const TOO_FAST_MS = 3_000;
const OPEN_WITHIN_MS = 5_000;
const DOUBT_MS = 600; // a room that is there has answered a heartbeat by then
const ASK_EVERY_MS = 1_000;
const ANSWERED_WITHIN_MS = 4_000;

/** Closed for good: the page says why and does not try again. @type {Readonly<Record<number, string>>} */
const FINAL = Object.freeze({
  [CLOSE.malformed]: "broken",
  [CLOSE.not_logged_in]: "not_logged_in",
  [CLOSE.not_yours]: "not_yours",
  [CLOSE.newer_tab]: "newer_tab",
  [CLOSE.over]: "over",
  [CLOSE.removed]: "removed",
});

export class Socket extends EventTarget {
  /**
   * Events: `down` (detail: the message), `lost` (detail: {tooFast}), `final` (detail: the reason).
   * @param {string} url
   * @param {string} nodeUrl says where the room is now
   */
  constructor(url, nodeUrl) {
    super();
    this.url = url;
    this.nodeUrl = nodeUrl;
    this.attempt = 0;
    this.heardAt = 0;
    this.stopped = false;
    this.isIn = false; // the room has welcomed me
    this.asking = false;
    this.pagesAnswer = true;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {WebSocket | null} silent, and kept until the room has welcomed me on the next one */
    this.former = null;
    this.timer = 0;
    this.beat = setInterval(() => this.keepAlive(), HEARTBEAT_MS / 2);
    document.addEventListener("visibilitychange", () => this.hurry());
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("offline", () => this.socket && this.giveUp(this.socket));
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  open() {
    this.stopped = false;
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.addEventListener("message", (event) => this.hear(socket, event.data));
    socket.addEventListener("close", (event) => this.closed(socket, event.code));
  }

  /** @param {Up} message @returns {boolean} whether it was sent */
  send(message) {
    if (!this.isOpen) return false;
    this.socket?.send(JSON.stringify(message));
    return true;
  }

  /** Say nothing more and do not come back. */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.close();
    this.former?.close();
    this.socket = this.former = null;
  }

  /** @param {WebSocket} socket @param {string} data */
  hear(socket, data) {
    if (socket !== this.socket) return;
    this.heardAt = Date.now();
    const message = parse(data);
    if (message.type === "welcome") this.welcomed();
    this.dispatchEvent(new CustomEvent("down", { detail: message }));
  }

  welcomed() {
    this.attempt = 0;
    this.isIn = true;
    this.former?.close();
    this.former = null;
    if (!this.pagesAnswer) this.ask(); // a room may be back before the pages are
  }

  /** @param {WebSocket} socket @param {number} code */
  closed(socket, code) {
    if (socket !== this.socket || this.stopped) return;
    this.socket = null;
    this.isIn = false;
    if (code in FINAL) {
      this.stopped = true;
      this.dispatchEvent(new CustomEvent("final", { detail: FINAL[code] }));
      return;
    }
    const tooFast = code === CLOSE.too_fast;
    this.dispatchEvent(new CustomEvent("lost", { detail: { tooFast } }));
    this.retry(tooFast ? TOO_FAST_MS : this.pause());
  }

  pause() {
    const pause = PAUSES_MS[Math.min(this.attempt, PAUSES_MS.length - 1)];
    this.attempt += 1;
    return document.hidden ? Math.max(pause, HIDDEN_MS) : pause;
  }

  /** @param {number} ms */
  retry(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.reopen(), ms);
  }

  /** A room may have moved to another node; a node of another origin needs a page that may speak to it. */
  async reopen() {
    if (this.asking) return;
    this.asking = true;
    const url = await this.whereNow();
    this.asking = false;
    if (this.stopped || this.socket) return;
    if (new URL(url).origin !== new URL(this.url).origin) {
      location.reload();
      return;
    }
    this.url = url;
    this.open();
  }

  /** Asked anew each second while nothing comes back: a fresh question is the first to arrive over a line that is back. */
  whereNow() {
    return new Promise((resolve) => {
      const ask = async () => {
        const url = this.stopped ? this.url : await this.ask();
        if (!url) return;
        clearInterval(timer);
        resolve(url);
      };
      const timer = setInterval(ask, ASK_EVERY_MS);
      ask();
    });
  }

  /** @returns {Promise<string>} where the room is, or "" when nothing came back */
  async ask() {
    try {
      const response = await fetch(this.nodeUrl, { signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
      this.pagesAnswer = response.ok;
      return response.ok ? String((await response.json()).url) : this.url;
    } catch (error) {
      this.pagesAnswer = false;
      const silence = error instanceof DOMException && ["TimeoutError", "AbortError"].includes(error.name);
      return silence ? "" : this.url; // refused at once: the pages are away, the room may still be where it was
    }
  }

  keepAlive() {
    const socket = this.socket;
    if (!socket) return;
    const patience = socket.readyState === WebSocket.OPEN ? AWAY_AFTER_MS : OPEN_WITHIN_MS;
    if (Date.now() - this.heardAt > patience) this.giveUp(socket);
    else this.send(heartbeat());
  }

  /** A half-open socket would keep us waiting: leave it behind. @param {WebSocket} socket */
  giveUp(socket) {
    this.closed(socket, 0);
    socket.close();
  }

  /** Something else says that the line is gone: a socket that does not answer is replaced. */
  doubt() {
    const { socket } = this;
    const askedAt = Date.now();
    if (socket && this.send(heartbeat())) setTimeout(() => socket === this.socket && this.heardAt < askedAt && this.replace(socket), DOUBT_MS);
  }

  /** By one over whatever path there is now. It is not closed before: a node that only stood still has my seat taken all the time. @param {WebSocket} silent */
  replace(silent) {
    this.former = silent;
    this.open();
  }

  hurry() {
    if (this.stopped || this.socket || document.hidden) return;
    this.attempt = 0;
    this.retry(0);
  }
}
