// @ts-check
/** What was on before the room, kept in this tab only: a reload goes straight back in, another tab asks again. */

/**
 * `ticks`: what was true of the place I sit in.
 * @typedef {{ microphone: boolean, camera: boolean, ticks?: import("./protocol.js").Tick[] }} Choices
 */

/** @param {string} session */
const key = (session) => `balint.room.${session}`;

/** @param {string} session @returns {Choices | null} */
export function choices(session) {
  try {
    return JSON.parse(sessionStorage.getItem(key(session)) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} session @param {Choices} chosen */
export function choose(session, chosen) {
  sessionStorage.setItem(key(session), JSON.stringify(chosen));
}

/** @param {string} session */
export function forget(session) {
  sessionStorage.removeItem(key(session));
}
