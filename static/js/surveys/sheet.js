// @ts-check
/** The questions on the page, of which one is shown. The server has drawn them all. */

export class Sheet {
  /** @type {Map<string, HTMLFormElement>} */
  #forms = new Map();
  #main;
  #current;
  #ownTitle = document.title.replace(/^.*(?= · )/, "");

  /** @param {HTMLElement} main */
  constructor(main) {
    this.#main = main;
    for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (main.querySelectorAll("form[data-question]"))) {
      this.#forms.set(form.dataset.question ?? "", form);
    }
    const shown = [...this.#forms.values()].find((form) => !form.hidden);
    if (!shown) throw new Error("the server shows no question");
    this.#current = shown;
  }

  get item() {
    return this.#current.dataset.question ?? "";
  }

  get instrument() {
    return this.#current.dataset.instrument ?? "";
  }

  /** The item that comes next; "" after the last. */
  get next() {
    return this.#one("[data-next]", this.#current).dataset.next ?? "";
  }

  /** @returns {number | null} the point that is chosen */
  get value() {
    const chosen = /** @type {HTMLInputElement | null} */ (this.#current.querySelector("input:checked"));
    return chosen && Number(chosen.value);
  }

  /**
   * @param {number} point
   * @returns {boolean} whether this question offers it
   */
  choose(point) {
    const input = /** @type {HTMLInputElement | null} */ (this.#current.querySelector(`input[value="${point}"]`));
    if (input) input.checked = true;
    return input !== null;
  }

  leaveBlank() {
    for (const input of this.#current.querySelectorAll("input")) input.checked = false;
  }

  /**
   * Show a question and take the reader to it.
   * @param {string} item
   * @returns {boolean} whether there is such a question
   */
  show(item) {
    const form = this.#forms.get(item);
    if (!form) return false;
    this.#markDot(this.value !== null, false);
    this.#current.hidden = true;
    form.hidden = false;
    this.#current = form;
    this.#markDot(false, true);
    this.#tellPlace();
    this.focus();
    return true;
  }

  focus() {
    this.#one("h1", this.#current).focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }

  #tellPlace() {
    const { title = "", place = "", instrument } = this.#current.dataset;
    document.title = title + this.#ownTitle;
    this.#one("[data-place]").textContent = place;
    for (const dots of this.#all("[data-dots]")) dots.hidden = dots.dataset.dots !== instrument;
    for (const tag of this.#all("[data-working]")) tag.hidden = tag.dataset.working !== instrument;
  }

  /**
   * @param {boolean} isDone
   * @param {boolean} isCurrent
   */
  #markDot(isDone, isCurrent) {
    const dot = this.#one(`[data-dot="${this.item}"]`);
    dot.toggleAttribute("data-done", isDone);
    if (isCurrent) dot.setAttribute("aria-current", "step");
    else dot.removeAttribute("aria-current");
  }

  /**
   * @param {string} selector
   * @param {HTMLElement} [within]
   */
  #one(selector, within = this.#main) {
    const found = /** @type {HTMLElement | null} */ (within.querySelector(selector));
    if (!found) throw new Error(`the page lacks ${selector}`);
    return found;
  }

  /** @param {string} selector */
  #all(selector) {
    return /** @type {NodeListOf<HTMLElement>} */ (this.#main.querySelectorAll(selector));
  }
}
