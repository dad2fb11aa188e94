// @ts-check
/** Elements by their data attributes, and changes that touch the page only where something differs. */

/** @param {string} selector @param {ParentNode} [root] @returns {HTMLElement} */
export function one(selector, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** @param {string} selector @param {ParentNode} [root] @returns {HTMLElement[]} */
export const all = (selector, root = document) => /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);

/** @param {string} name @returns {HTMLElement} a fresh copy of the template's only element */
export function copy(name) {
  const template = /** @type {HTMLTemplateElement} */ (document.querySelector(`[data-template="${name}"]`));
  return /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
}

/** @param {Element} element @param {string} words */
export function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** @param {Element} element @param {boolean} shown */
export const show = (element, shown) => void element.toggleAttribute("hidden", !shown);

/**
 * Set a data attribute, or take it away.
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string | number | boolean} value false and "" take it away; true leaves it empty
 */
export function mark(element, name, value) {
  const wanted = value === true ? "" : value === false || value === "" ? undefined : String(value);
  if (element.dataset[name] === wanted) return;
  if (wanted === undefined) delete element.dataset[name];
  else element.dataset[name] = wanted;
}

/** @param {Element} element inside which the one icon changes @param {string} name */
export function icon(element, name) {
  const use = /** @type {Element} */ (element.querySelector("use"));
  const href = `${document.body.dataset.icons}#${name}`;
  if (use.getAttribute("href") !== href) use.setAttribute("href", href);
}

/**
 * One child for each item, in order; children are kept by key, so that focus and pictures stay where they are.
 * @template Item
 * @param {HTMLElement} parent
 * @param {ReadonlyArray<Item>} items
 * @param {(item: Item) => string} keyOf
 * @param {(item: Item) => HTMLElement} make
 * @returns {HTMLElement[]} the children, in the order of items
 */
export function keep(parent, items, keyOf, make) {
  const old = new Map(all(":scope > [data-key]", parent).map((child) => [child.dataset.key, child]));
  const children = items.map((item) => {
    const child = old.get(keyOf(item)) ?? make(item);
    child.dataset.key = keyOf(item);
    return child;
  });
  for (const [key, child] of old) if (!items.some((item) => keyOf(item) === key)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  return children;
}

/**
 * Draw a list. Where the row that had the focus goes, the focus goes `home`.
 * @param {HTMLElement} list
 * @param {HTMLElement} home
 * @param {() => void} draw
 */
export function holdFocus(list, home, draw) {
  const had = list.contains(document.activeElement);
  draw();
  if (had && !list.contains(document.activeElement)) home.focus();
}
