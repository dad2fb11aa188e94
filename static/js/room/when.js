// @ts-check
/** Days and times in the zone of whoever sits here, as on all other pages, and spans. */

/** What they have chosen; a browser may stand elsewhere. */
const timeZone = document.querySelector("[data-zone]")?.getAttribute("data-zone") || undefined;

/** @param {number} ms of the server's clock @param {number} offsetMs by how much it is ahead of mine @param {string} language */
export function clockAt(ms, offsetMs, language) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(new Date(ms - offsetMs));
}

/** @param {string} at ISO 8601, or "" @param {string} language */
export function moment(at, language) {
  const parts = /** @type {const} */ ({ weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return at && new Intl.DateTimeFormat(language, { ...parts, timeZone }).format(new Date(at));
}

/** @param {number} ms @returns {string} minutes and seconds */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
