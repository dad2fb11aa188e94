// @ts-check
/** Times of the day as this browser's zone has them, and spans. */

/** @param {number} ms of the server's clock @param {number} offsetMs by how much it is ahead of mine @param {string} language */
export function clockAt(ms, offsetMs, language) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(ms - offsetMs));
}

/** @param {number} ms @returns {string} minutes and seconds */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
