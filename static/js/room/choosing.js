// @ts-check
/** The lists of microphones, cameras and loudspeakers, as the browser names them now. */

import { show } from "./page.js";

/**
 * @typedef {import("./capture.js").Device} Device
 * @typedef {import("./preferences.js").Preferences} Preferences
 * @typedef {Device | "speaker"} Choosable
 */

/** @type {Readonly<Record<Choosable, MediaDeviceKind>>} */
const KINDS = Object.freeze({ microphone: "audioinput", camera: "videoinput", speaker: "audiooutput" });

/** @param {HTMLSelectElement} select */
export const chosenIn = (select) => /** @type {Choosable} */ (select.dataset.device);

/**
 * Browsers name devices only to a page that has opened one.
 * @param {HTMLSelectElement[]} selects
 * @param {Partial<Record<Choosable, MediaStreamTrack>>} tracks what is open
 * @param {Preferences} preferences
 * @returns {Promise<boolean>} whether there is anything to choose
 */
export async function list(selects, tracks, preferences) {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const named = found.filter(({ label }) => label);
  for (const select of selects) {
    const device = chosenIn(select);
    const current = tracks[device]?.getSettings().deviceId || preferences.now[device];
    fill(select, named.filter(({ kind }) => kind === KINDS[device] && isChoosable(device)), current);
  }
  return named.length > 0;
}

/** @param {HTMLSelectElement} select @param {MediaDeviceInfo[]} known @param {string} current */
function fill(select, known, current) {
  select.replaceChildren(...known.map(({ label, deviceId }) => new Option(label, deviceId, false, deviceId === current)));
  show(/** @type {Element} */ (select.closest(".field")), known.length > 0);
}

/** Not every browser lets a page choose the loudspeaker. @param {Choosable} device */
const isChoosable = (device) => device !== "speaker" || "setSinkId" in HTMLMediaElement.prototype;
