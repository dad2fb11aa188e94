// @ts-check
/** Days and times as this browser's zone has them. */

/** @param {string} iso @param {string} language @returns {string} a day and a time, or "" for no time */
export function when(iso, language) {
  if (!iso) return "";
  const parts = /** @type {Intl.DateTimeFormatOptions} */ ({ weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  return new Intl.DateTimeFormat(language, { ...parts, hourCycle: "h23" }).format(new Date(iso));
}

/** @param {number} ms of the server's clock @param {number} offsetMs by how much it is ahead of mine @param {string} language */
export function clockAt(ms, offsetMs, language) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(ms - offsetMs));
}

/** @param {number} ms @returns {string} minutes and seconds */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
