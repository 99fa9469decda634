// One button, a key, or a switch: held while speaking, or pressed at the beginning and the end.

const HOLD_MS = 400; // a press that lasts longer is held
const TALK_KEYS = [" ", "Enter"];
// Keys that browsers, screen readers and people use for other things.
const OTHER_KEYS = /^(Tab|Escape|Shift|Control|Alt|AltGraph|Meta|CapsLock|NumLock|Fn|Arrow.*|Page.*|Home|End|F[1-9]|F1[0-2]|Audio.*|Dead|Process|Unidentified)$/;
const TYPED_INTO = "input, textarea";
const PRESSABLE = "button, a, input, summary";

export class TalkControl {
  #mode;
  #actions;
  #pressed = null; // the key, or "pointer"
  #held = null; // whether the press that began a question has lasted

  /**
   * `mode`: "both", "hold" or "tap". `actions`: listening() says whether a question is being heard; start(), end(),
   * tooShort() when a button that must be held was only tapped; key(name) gets the keys that are left and returns
   * whether it used them.
   */
  constructor(button, mode, actions) {
    this.#mode = mode;
    this.#actions = actions;
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      this.#press("pointer");
    });
    for (const type of ["pointerup", "pointercancel"]) button.addEventListener(type, () => this.#release("pointer"));
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    // Screen readers and voice control click without a pointer or a key.
    button.addEventListener("click", (event) => {
      if (event.detail === 0 && !this.#pressed) this.#tap();
    });
    addEventListener("keydown", (event) => this.#keyDown(event, button));
    addEventListener("keyup", (event) => {
      if (this.#pressed === event.key) event.preventDefault();
      this.#release(event.key);
    });
    addEventListener("blur", () => this.#release(this.#pressed));
  }

  /** Whether somebody keeps it pressed. */
  get held() {
    return this.#pressed !== null;
  }

  #keyDown(event, button) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const focused = document.activeElement;
    if (this.#pressed === event.key) {
      event.preventDefault();
      return;
    }
    if (event.repeat) return;
    if (!focused.matches(TYPED_INTO) || event.key === "Escape") {
      if (this.#actions.key(event.key)) {
        event.preventDefault();
        return;
      }
    }
    if (focused.matches(TYPED_INTO)) return;
    const elsewhere = focused !== button && focused.matches(PRESSABLE);
    if (TALK_KEYS.includes(event.key) ? elsewhere : OTHER_KEYS.test(event.key)) return;
    event.preventDefault();
    this.#press(event.key);
  }

  #tap() {
    if (this.#actions.listening()) this.#actions.end();
    else this.#actions.start();
  }

  #press(by) {
    if (this.#pressed) return;
    this.#pressed = by;
    if (this.#actions.listening()) {
      this.#actions.end();
      return;
    }
    const since = performance.now();
    this.#held = () => performance.now() - since > HOLD_MS;
    this.#actions.start();
  }

  #release(by) {
    if (!this.#pressed || this.#pressed !== by) return;
    this.#pressed = null;
    const held = this.#held?.();
    this.#held = null;
    if (held === undefined || this.#mode === "tap") return;
    if (held) this.#actions.end();
    else if (this.#mode === "hold") this.#actions.tooShort();
  }
}
