// @ts-check
/** A first guess at a new person's time zone: the browser's own, where the form knows it. */

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const field of /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("[data-guess-zone]"))) {
  if ([...field.options].some((option) => option.value === zone)) field.value = zone;
}
