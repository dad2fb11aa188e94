// @ts-check
/** Trying voice and line while no room is open, or before its doors open. */

import { Mirror } from "./mirror.js";
import { Preferences } from "./preferences.js";
import { Tryout } from "./tryout.js";

/** The doors open while one waits. @param {string} opensAt */
function wait(opensAt) {
  const ms = new Date(opensAt).getTime() - Date.now();
  if (ms < 24 * 3_600_000) setTimeout(() => location.reload(), Math.max(ms, 0) + 1_000);
}

const preferences = new Preferences();
new Tryout(new Mirror(preferences, { microphone: false, camera: false }), preferences);
const early = document.querySelector("[data-opens-at]");
if (early instanceof HTMLElement) wait(early.dataset.opensAt ?? "");
