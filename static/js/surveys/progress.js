// @ts-check
/** How far a job is: asks once a second, says each new stage, and shows the page anew at the end. */

/** @typedef {{open: boolean, percent: number, words: string}} Progress */

const PAUSE_MS = 1000;

/**
 * @param {HTMLElement} box
 * @param {Progress} progress
 */
function show(box, progress) {
  const bar = box.querySelector("progress");
  const words = box.querySelector("[data-words]");
  if (bar) bar.value = progress.percent;
  // Only a changed text is announced again.
  if (words && words.textContent !== progress.words) words.textContent = progress.words;
}

/** @param {HTMLElement} box */
async function follow(box) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    if (document.hidden) continue;
    try {
      const answer = await fetch(box.dataset.progress ?? "", { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) return location.reload();
      /** @type {Progress} */
      const progress = await answer.json();
      if (!progress.open) return location.reload();
      show(box, progress);
    } catch {
      // The line is away: ask again.
    }
  }
}

for (const box of document.querySelectorAll("[data-progress]")) {
  if (box instanceof HTMLElement) follow(box);
}
