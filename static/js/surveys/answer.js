// @ts-check
/** The questionnaire's page: fingers and keys choose, every choice is sent, one question is shown at a time. */

import { SaveNews } from "./news.js";
import { Outbox } from "./outbox.js";
import { Sheet } from "./sheet.js";

const BEAT_MS = 180; // a chosen point is seen before the page goes on

const main = /** @type {HTMLElement} */ (document.querySelector("#main"));
const token = /** @type {HTMLInputElement} */ (main.querySelector("[name=csrfmiddlewaretoken]")).value;
const news = new SaveNews(main);
const sheet = new Sheet(main);
let isLeaving = false;

const outbox = new Outbox(main.dataset.save ?? "", token, (latest) => {
  news.show(latest);
  if (isLeaving && latest.state === "saved") location.assign(main.dataset.review ?? "");
});

function save() {
  outbox.put({ instrument: sheet.instrument, item: sheet.item, value: sheet.value });
}

/** @param {string} item */
function goTo(item) {
  isLeaving = false;
  if (sheet.show(item)) history.pushState(null, "", `?item=${item}`);
}

/** To the next question; after the last one to the review, once everything is saved. */
function goOn() {
  if (sheet.next) goTo(sheet.next);
  else if (outbox.isEmpty) location.assign(main.dataset.review ?? "");
  else isLeaving = true;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let beat;

function finishBeat() {
  if (beat === undefined) return;
  clearTimeout(beat);
  beat = undefined;
  goOn();
}

main.addEventListener("keydown", (event) => {
  if (!/^[1-9]$/.test(event.key) || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  finishBeat();
  if (!sheet.choose(Number(event.key))) return;
  save();
  beat = setTimeout(finishBeat, BEAT_MS);
});

main.addEventListener("change", save);

main.addEventListener("submit", (event) => {
  event.preventDefault();
  const isBlank = event.submitter?.getAttribute("name") === "blank";
  if (isBlank && sheet.value !== null) {
    sheet.leaveBlank();
    save();
  }
  goOn();
});

main.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("[data-go]");
  if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo(link.dataset.go ?? "");
});

addEventListener("popstate", () => {
  const item = new URLSearchParams(location.search).get("item");
  if (item) sheet.show(item);
});

addEventListener("beforeunload", (event) => {
  if (!outbox.isEmpty) event.preventDefault();
});

history.replaceState(null, "", `?item=${sheet.item}`);
sheet.focus();
