// @ts-check
/** Planning a session: beside the group's clock, what the planner's own clock will show. The server has the last word. */

/**
 * How far a zone's clocks are ahead of UTC at a moment, in milliseconds.
 * @param {number} at milliseconds since 1970
 * @param {string} zone an IANA name
 */
function ahead(at, zone) {
  const shown = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23",
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(at);
  const part = Object.fromEntries(shown.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second) - at;
}

/**
 * The moment at which a zone's clocks show this; near a change of clocks the second look settles it.
 * @param {number} shown what the clocks show, as if it were UTC
 * @param {string} zone
 */
function moment(shown, zone) {
  return shown - ahead(shown - ahead(shown, zone), zone);
}

/** @param {HTMLFormElement} form */
function showOwn(form) {
  const { zone = "UTC", ownZone = "UTC" } = form.dataset;
  const line = /** @type {HTMLElement} */ (form.querySelector("[data-own]"));
  const day = /** @type {HTMLInputElement} */ (form.elements.namedItem("day")).value;
  const clock = /** @type {HTMLInputElement} */ (form.elements.namedItem("clock")).value;
  const shown = Date.parse(`${day}T${clock.slice(0, 5)}:00Z`);
  line.hidden = zone === ownZone || Number.isNaN(shown);
  if (line.hidden) return;
  const { lang } = document.documentElement;
  const own = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, {
    timeZone: ownZone, weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  line.textContent = `${line.dataset.words} ${own.format(moment(shown, zone))}`;
}

for (const form of document.querySelectorAll("form[data-plan]")) {
  const show = () => showOwn(/** @type {HTMLFormElement} */ (form));
  form.addEventListener("input", show);
  show();
}
