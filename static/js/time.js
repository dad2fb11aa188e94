// @ts-check
/** Times in the viewer's own zone, beside the zone of the group; and a first guess of a zone in a form. */

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
/** English without a country means day before month here, as on the server's side. */
const LANGUAGE = document.documentElement.lang.replace(/^en$/, "en-GB");

/**
 * @param {Date} moment
 * @param {string} [zone] an IANA name; the viewer's own if absent
 * @param {boolean} [withDay]
 */
function wallTime(moment, zone, withDay = false) {
  const day = /** @type {const} */ ({ weekday: "long", day: "numeric", month: "long" });
  const clock = /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone });
  return new Intl.DateTimeFormat(LANGUAGE, withDay ? { ...day, ...clock } : clock).format(moment);
}

/**
 * A time with data-zone keeps its words and gets the viewer's own beside them, with the day where that differs.
 * A time without data-zone is simply said in the viewer's zone.
 * @param {HTMLTimeElement} element
 */
function sayLocally(element) {
  const moment = new Date(element.dateTime);
  const { local, zone } = element.dataset;
  if (Number.isNaN(moment.getTime())) return;
  if (!zone) {
    element.textContent = wallTime(moment, OWN_ZONE, true);
    return;
  }
  const sameTime = wallTime(moment, zone, true) === wallTime(moment, OWN_ZONE, true);
  const sameDay = moment.toLocaleDateString("en", { timeZone: zone }) === moment.toLocaleDateString("en");
  const own = document.createElement("span");
  own.className = "own-time";
  own.textContent = sameTime ? `, ${local}` : `, ${wallTime(moment, OWN_ZONE, !sameDay)} ${local}`;
  element.after(own);
}

/** @param {HTMLInputElement | HTMLSelectElement} field */
function guessZone(field) {
  const known = !(field instanceof HTMLSelectElement) || [...field.options].some((option) => option.value === OWN_ZONE);
  if (known) field.value = OWN_ZONE;
}

for (const element of document.querySelectorAll("time[data-local]")) {
  sayLocally(/** @type {HTMLTimeElement} */ (element));
}
for (const field of document.querySelectorAll("[data-guess-zone]")) {
  guessZone(/** @type {HTMLInputElement | HTMLSelectElement} */ (field));
}
