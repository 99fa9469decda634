// Small helpers for elements.

export const $ = (id) => document.getElementById(id);

/** An element with properties, data and children. */
export function make(tag, { data = {}, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function button(text, pressed, properties = {}) {
  const element = make("button", { type: "button", ...properties }, text);
  element.addEventListener("click", pressed);
  return element;
}

/** Notes as a list's items. */
export function showNotes(list, notes) {
  list.replaceChildren(...notes.map(({ kind, text }) => make("li", { className: kind }, text)));
}

export function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

/** Run what a person asked for; what goes wrong is said. */
export function doing(action) {
  return async (...values) => {
    notice("");
    try {
      return await action(...values);
    } catch (error) {
      notice(error.message);
      return undefined;
    }
  };
}
