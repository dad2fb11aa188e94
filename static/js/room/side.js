// @ts-check
/** What opens beside the circle, or over it on a phone: one sheet at a time, and never by itself over a face. */

import { all, mark, one, show } from "./page.js";

/** As in room_lead.css: from here on a sheet stands beside the circle. */
const BESIDE = "(min-width: 64rem) and (min-height: 38.01rem)";

export class Sides {
  constructor() {
    this.room = one("[data-room]");
    /** @type {HTMLElement | null} by whose press it is open */
    this.from = null;
    document.addEventListener("keydown", (event) => this.press(event));
  }

  get opened() {
    return this.room.dataset.side ?? "";
  }

  /** @param {string} name @param {HTMLElement | null} from */
  toggle(name, from) {
    if (this.opened === name) this.close();
    else this.open(name, from);
  }

  /** @param {string} name @param {HTMLElement | null} from whose press opens it: the focus goes in */
  open(name, from) {
    this.from = from;
    this.draw(name);
    if (from) one("[data-first]", sheet(name)).focus();
  }

  /** It opens by itself only where it covers nobody, and where nothing else is open. @param {string} name */
  offer(name) {
    if (!this.opened && matchMedia(BESIDE).matches) this.open(name, null);
  }

  close() {
    const inside = this.opened !== "" && sheet(this.opened).contains(document.activeElement);
    this.draw("");
    if (inside) (this.from?.isConnected && !this.from.hidden ? this.from : one("#main")).focus();
  }

  /** @param {string} name */
  closeIf(name) {
    if (this.opened === name) this.close();
  }

  /** The circle has another width at once: no chair travels for it. @param {string} name */
  draw(name) {
    mark(this.room, "side", name);
    mark(this.room, "settles", true);
    requestAnimationFrame(() => requestAnimationFrame(() => mark(this.room, "settles", false)));
    for (const each of all("[data-sheet]")) show(each, each.dataset.sheet === name);
    for (const button of all("[data-toggles]")) button.setAttribute("aria-expanded", String(button.dataset.toggles === name));
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) this.close();
  }
}

/** @param {string} name */
const sheet = (name) => one(`[data-sheet="${name}"]`);
