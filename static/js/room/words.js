// @ts-check
/** The sentences of the page, kept in its templates so that gettext translates them. */

/** @typedef {Record<string, string | number>} Fill */

export class Words {
  constructor() {
    this.language = document.documentElement.lang || "en";
    this.scenes = collect("scene", "scene");
    this.acts = collect("act", "actWords");
    this.sayings = collect("room", "say");
    this.refusals = collect("refused", "say");
  }

  /** @param {string} name @param {Fill} [fill] */
  say(name, fill) {
    return filled(text(this.sayings.get(name)), fill);
  }

  /** @param {string} name @param {Fill} fill */
  scene(name, fill) {
    const scene = this.scenes.get(name);
    const part = (/** @type {string} */ tag) => filled(text(scene?.querySelector(tag)), fill);
    const choices = [...(scene?.querySelectorAll("li") ?? [])].map((choice) => filled(text(choice), fill));
    return { title: part("b"), phone: part("em"), words: part("p"), short: part("i"), choices };
  }

  /** @param {string} name @param {Fill} fill */
  act(name, fill) {
    const act = this.acts.get(name);
    return { label: filled(text(act?.querySelector("b")), fill), small: filled(text(act?.querySelector("small")), fill) };
  }

  /** @param {string} code */
  refused(code) {
    return text(this.refusals.get(code) ?? this.refusals.get("other"));
  }

  /** @param {string} phase the name of a step, as the head shows it */
  step(phase) {
    return text(document.querySelector(`[data-step="${phase}"] span`));
  }
}

/**
 * @param {string} name of the template
 * @param {string} key the data attribute that names each sentence in it
 * @returns {Map<string, HTMLElement>}
 */
function collect(name, key) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector(`[data-words-of="${name}"]`));
  const elements = /** @type {HTMLElement[]} */ ([...template.content.children]);
  return new Map(elements.map((element) => [element.dataset[key] ?? "", element]));
}

/** @param {Element | null | undefined} element */
const text = (element) => element?.textContent ?? "";

/** @param {string} sentence @param {Fill} [fill] */
const filled = (sentence, fill = {}) => sentence.replace(/\{(\w+)\}/g, (_, name) => String(fill[name] ?? ""));
