// @ts-check
/** The debrief's form beside the circle: fetched when it is first needed, and saved without leaving the room. */

import { all, mark, one, show, write } from "./page.js";

/**
 * @typedef {import("./protocol.js").DownRoom} Room
 * @typedef {import("./side.js").Sides} Sides
 * @typedef {import("./words.js").Words} Words
 */

const AS_FETCH = Object.freeze({ "X-Requested-With": "fetch" });

export class Debrief {
  /** @param {Words} words @param {Sides} sides */
  constructor(words, sides) {
    this.words = words;
    this.sides = sides;
    this.body = one("[data-debrief-body]");
    this.url = this.body.dataset.debriefBody ?? "";
    this.asked = false;
    this.body.addEventListener("submit", (event) => this.submit(event));
    this.body.addEventListener("input", () => this.change(true));
  }

  /** @param {Room} room */
  draw(room) {
    const due = room.phase === "debrief";
    show(one('[data-toggles="debrief"]'), due);
    if (!due) this.sides.closeIf("debrief");
    else if (!this.asked) void this.ask();
  }

  async ask() {
    this.asked = true;
    this.sides.offer("debrief");
    await this.fetch({ headers: AS_FETCH });
  }

  /** @param {RequestInit} request */
  async fetch(request) {
    try {
      await this.take(await fetch(this.url, request));
    } catch {
      this.say("debrief_away");
    }
  }

  /** The form, or in JSON that it is saved. @param {Response} response */
  async take(response) {
    if (response.headers.get("Content-Type")?.startsWith("application/json")) return this.saved(await response.json());
    if (![200, 400, 409].includes(response.status)) return this.say(response.status === 401 ? "debrief_log_in" : "debrief_away");
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    this.body.replaceChildren(...page.body.childNodes);
    this.change(response.status !== 200);
    if (response.status !== 200) this.body.querySelector("[role=alert], [aria-invalid]")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {{ saved: string, revision: number }} answer */
  saved({ saved, revision }) {
    /** @type {HTMLInputElement} */ (one('[name="revision"]', this.body)).value = String(revision);
    this.change(false);
    write(one("[data-saved]", this.body), this.words.say("saved", { time: saved }));
  }

  /** Instead of the form, or beside it where something is written. @param {string} word */
  say(word) {
    const said = this.body.querySelector("[data-saved]") ?? this.body;
    write(said, this.words.say(word));
  }

  /** @param {boolean} unsaved */
  change(unsaved) {
    mark(this.body, "unsaved", unsaved);
    for (const words of all("[data-not-saved]")) show(words, unsaved);
  }

  /** @param {SubmitEvent} event */
  submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    void this.fetch({ method: "POST", headers: AS_FETCH, body: new FormData(form, event.submitter) });
  }
}
