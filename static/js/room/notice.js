// @ts-check
/** One quiet sentence above the bar: the most important of what is wrong now, gone when it is right again. */

import { all, one, show, write } from "./page.js";

/** @typedef {import("./words.js").Words} Words */

/** In the order of importance. */
const ORDER = Object.freeze([
  "line",
  "media",
  "sound",
  "refused",
  "heard",
  "someone",
  "microphone",
  "camera",
  "insecure",
  "uplink",
  "voices_only",
  "save_data",
]);

/** A refusal, and that one is heard again, are said for so long; everything else stays until it is over. */
const SAID_MS = 10_000;

export class Notice {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    /** @type {Map<string, string>} topic to sentence */
    this.sentences = new Map();
    this.timer = 0;
  }

  /** @param {string} topic @param {string} name of the words, or "" when it is over */
  set(topic, name) {
    this.put(topic, name && this.words.say(name));
  }

  /** @param {string} code */
  refused(code) {
    clearTimeout(this.timer);
    this.put("refused", code && this.words.refused(code));
    this.timer = setTimeout(() => this.put("refused", ""), SAID_MS);
  }

  /** Nobody heard me, and now they do, without a press of mine. */
  heardAgain() {
    this.set("heard", "heard_again");
    setTimeout(() => this.set("heard", ""), SAID_MS);
  }

  /** @param {string} topic @param {string} sentence */
  put(topic, sentence) {
    if (sentence) this.sentences.set(topic, sentence);
    else this.sentences.delete(topic);
    const first = ORDER.find((name) => this.sentences.has(name)) ?? "";
    one("[data-notice]").dataset.notice = first;
    show(one("[data-notice]"), first !== "");
    for (const button of all("[data-remedy]")) show(button, button.dataset.remedy === first);
    const words = this.sentences.get(first) ?? "";
    if (words && words !== one("[data-notice-words]").textContent) write(one("[data-live]"), words);
    write(one("[data-notice-words]"), words);
  }
}
