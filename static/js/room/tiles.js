// @ts-check
/** Which pictures this page shows, and how high. The node is told, so that nothing comes down that nobody looks at. */

import { all } from "./page.js";
import { tiles } from "./protocol.js";

/**
 * @typedef {import("./preferences.js").Preferences} Preferences
 * @typedef {import("./protocol.js").Tile} Tile
 * @typedef {import("./protocol.js").UpTiles} UpTiles
 */

/** At most twice a second. */
const APART_MS = 500;

/** Pixels of the screen; the small layer of a picture is as high. */
const SAVING_HEIGHT = 180;

export class Tiles {
  /** @param {Preferences} preferences @param {(message: UpTiles) => boolean} send */
  constructor(preferences, send) {
    this.preferences = preferences;
    this.send = send;
    this.stated = "";
    this.statedAt = -APART_MS;
    this.timer = 0;
    /** @type {WeakSet<Element>} */
    this.known = new WeakSet();
    /** @type {WeakSet<Element>} */
    this.outOfSight = new WeakSet();
    this.size = new ResizeObserver(() => this.soon());
    this.sight = new IntersectionObserver((entries) => this.see(entries));
    document.addEventListener("visibilitychange", () => this.soon());
    preferences.addEventListener("change", () => this.soon());
  }

  /** A new socket has been told nothing yet; its room is drawn in a moment. */
  forget() {
    this.stated = "";
  }

  /** After the circle was drawn: its seats may be others. */
  watch() {
    for (const face of faces()) if (!this.known.has(face)) this.observe(face);
    this.soon();
  }

  /** @param {HTMLElement} face */
  observe(face) {
    this.known.add(face);
    this.size.observe(face);
    this.sight.observe(face);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  see(entries) {
    for (const { target, isIntersecting } of entries) this.outOfSight[isIntersecting ? "delete" : "add"](target);
    this.soon();
  }

  soon() {
    if (this.timer) return;
    const wait = this.statedAt + APART_MS - performance.now();
    this.timer = setTimeout(() => this.state(), Math.max(0, wait));
  }

  state() {
    this.timer = 0;
    const now = this.tiles();
    const words = JSON.stringify(now);
    if (words === this.stated || !this.send(tiles(now))) return;
    this.stated = words;
    this.statedAt = performance.now();
  }

  /** @returns {Tile[]} */
  tiles() {
    const { voicesOnly, saveData } = this.preferences.now;
    if (voicesOnly || document.hidden) return [];
    const most = saveData ? SAVING_HEIGHT : Infinity;
    return [...this.heights()].map(([seat, height]) => ({ seat, height: Math.min(height, most) }));
  }

  /** In pixels of the screen, of the highest picture where a seat has two: on a phone who speaks stands large in the middle. */
  heights() {
    /** @type {Map<string, number>} */
    const heights = new Map();
    for (const face of faces().filter((face) => !this.outOfSight.has(face))) {
      const { seat, speaks } = /** @type {HTMLElement} */ (face.closest("[data-seat], [data-speaks]")).dataset;
      const of = seat ?? speaks ?? "";
      const height = Math.round(face.offsetHeight * devicePixelRatio);
      if (height > 0) heights.set(of, Math.max(height, heights.get(of) ?? 0));
    }
    return heights;
  }
}

/** Everyone's but mine, which does not come down. */
const faces = () => all("[data-seats] [data-seat]:not([data-self]) [data-face], [data-speaks] [data-face]");
