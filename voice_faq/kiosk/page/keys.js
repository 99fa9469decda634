// One button, a key, or a switch: held while speaking, or pressed at the beginning and the end; and the other keys.

const TALK_KEYS = [" ", "Enter"];
// Keys that browsers, screen readers and people use for other things.
const OTHER_KEYS = /^(Tab|Escape|Shift|Control|Alt|AltGraph|Meta|CapsLock|NumLock|Fn|Arrow.*|Page.*|Home|End|F[1-9]|F1[0-2]|Audio.*|Dead|Process|Unidentified|ContextMenu|PrintScreen)$/;
const FORBIDDEN = /^[psoujgf]$/i; // with Ctrl: printing, saving, opening, source, downloads, searching
const TYPED_INTO = "input, textarea";
const PRESSABLE = "button, a, input, summary";

/**
 * `actions`: press(by, now, {key, momentary}), release(by, now), key(name) for the keys that are left, which returns
 * whether it used one. Times are those at which the person did it, not those at which the page got to it.
 */
export function listenToPresses(button, actions) {
  let pressed = null; // the key, or the pointer's number
  const press = (by, event, options = {}) => {
    if (pressed !== null) return;
    pressed = by;
    actions.press(by, event.timeStamp, options);
  };
  const release = (by, event) => {
    if (pressed === null || pressed !== by) return;
    pressed = null;
    actions.release(by, event.timeStamp);
  };

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    press(event.pointerId, event);
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    button.addEventListener(type, (event) => release(event.pointerId, event));
  }
  // Screen readers and voice control click without a pointer or a key.
  button.addEventListener("click", (event) => {
    if (event.detail === 0 && pressed === null) actions.press("click", event.timeStamp, { key: true, momentary: true });
  });
  addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    if (event.ctrlKey && FORBIDDEN.test(event.key)) event.preventDefault();
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const focused = document.activeElement;
    if (pressed === event.key) {
      event.preventDefault();
      return;
    }
    if (event.repeat && TALK_KEYS.includes(event.key)) return;
    const typing = focused.matches(TYPED_INTO);
    if ((!typing || /^(Escape|Arrow(Up|Down))$/.test(event.key)) && actions.key(event.key)) {
      event.preventDefault();
      return;
    }
    if (typing || event.repeat) return;
    const elsewhere = focused !== button && focused.matches(PRESSABLE);
    if (TALK_KEYS.includes(event.key) ? elsewhere : OTHER_KEYS.test(event.key)) return;
    event.preventDefault();
    press(event.key, event, { key: true });
  });
  addEventListener("keyup", (event) => {
    if (pressed === event.key) event.preventDefault();
    release(event.key, event);
  });
  addEventListener("blur", (event) => release(pressed, event));
}
