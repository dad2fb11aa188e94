// @ts-check
/** The page that stands in place of the room when it is over here. */

import { all, one, show } from "./page.js";

/** @param {string} reason */
export function farewell(reason) {
  for (const dialog of /** @type {HTMLDialogElement[]} */ (all("dialog"))) if (dialog.open) dialog.close();
  show(one("[data-room]"), false);
  show(one("[data-farewell]"), true);
  for (const section of all("[data-reason]")) show(section, section.dataset.reason === reason);
  const heading = one(`[data-reason="${reason}"] h1`);
  document.title = `${heading.textContent} · Balint`;
  heading.focus();
}
