// Pieces of the page.

export const $ = (id) => document.getElementById(id);

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A question or a group to be touched; `data` is what the touch means: entry, group or number. */
export function card(text, data, { lang, className = "card" } = {}) {
  const button = element("button", { type: "button", className, ...(lang ? { lang } : {}) });
  Object.assign(button.dataset, data);
  if (data.number) button.append(element("span", { className: "number-badge", textContent: data.number }), " ");
  button.append(text);
  return element("li", {}, button);
}

export function letterKeys() {
  const keys = [...LETTERS].map((letter) => {
    const key = element("button", { type: "button", textContent: letter, lang: "en" });
    key.dataset.letter = letter;
    return key;
  });
  const erase = element("button", { type: "button" });
  erase.dataset.erase = "";
  const close = element("button", { type: "button", id: "close-keyboard" });
  return [...keys, erase, close];
}

/**
 * The address of a copy in memory: what shows which answer was heard is never kept on disk, not even its name.
 * Rejects where there is none.
 */
export async function inMemory(address) {
  const response = await fetch(address, { cache: "no-store" });
  if (!response.ok) throw new Error(address);
  return URL.createObjectURL(await response.blob());
}
