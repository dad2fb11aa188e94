// @ts-check
/** Whether the answers are saved, in words that stand on the page. */

/** @typedef {import("./outbox.js").News} News */

export class SaveNews {
  #saved;
  #savedWords;
  #unsaved;
  #trouble;
  #troubleWords;
  #say;
  #sentences;

  /** @param {HTMLElement} main */
  constructor(main) {
    const one = (/** @type {string} */ name) => /** @type {HTMLElement} */ (main.querySelector(`[data-${name}]`));
    this.#saved = one("saved");
    this.#savedWords = one("saved-words");
    this.#unsaved = one("unsaved");
    this.#trouble = one("trouble");
    this.#troubleWords = one("trouble-words");
    this.#say = one("say");
    this.#sentences = { offline: one("offline").textContent, logged_out: one("logged-out").textContent };
  }

  /** @param {News} news */
  show({ state, words }) {
    const isSaved = state === "saved";
    this.#saved.hidden = !isSaved;
    this.#unsaved.hidden = isSaved;
    if (isSaved) this.#savedWords.textContent = `${this.#saved.dataset.words} ${words}`;
    if (state !== "waiting") this.#showTrouble(this.#sentence(state, words));
  }

  /**
   * @param {News["state"]} state
   * @param {string} words
   */
  #sentence(state, words) {
    if (state === "offline") return this.#sentences.offline ?? "";
    if (state === "logged_out") return words || (this.#sentences.logged_out ?? "");
    return state === "refused" ? words : "";
  }

  /** @param {string} sentence "" when all is well */
  #showTrouble(sentence) {
    if (this.#troubleWords.textContent === sentence) return;
    const wasTrouble = !this.#trouble.hidden;
    this.#troubleWords.textContent = sentence;
    this.#trouble.hidden = sentence === "";
    if (sentence || wasTrouble) this.#say.textContent = sentence || this.#savedWords.textContent;
  }
}
