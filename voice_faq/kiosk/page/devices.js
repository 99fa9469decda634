// What the page knows of its microphone and its loudspeaker: "works", "denied", "missing" or "failed", and null before
// it knows anything. The server tells it to those who look after the kiosk.

export class Devices {
  #microphone = null;
  #loudspeaker = null;
  #there = { audioinput: true, audiooutput: true };

  constructor() {
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#count());
    this.#count();
  }

  /** What came of opening the microphone. */
  set microphone(state) {
    this.#microphone = state;
  }

  /** What came of playing. */
  set loudspeaker(state) {
    this.#loudspeaker = state;
  }

  /** {microphone, loudspeaker}: what the system does not list is missing, whatever worked before. */
  get state() {
    return {
      microphone: this.#there.audioinput ? this.#microphone : "missing",
      loudspeaker: this.#there.audiooutput ? this.#loudspeaker : "missing",
    };
  }

  async #count() {
    const listed = await navigator.mediaDevices?.enumerateDevices().catch(() => null);
    if (!listed) return;
    for (const kind of Object.keys(this.#there)) this.#there[kind] = listed.some((device) => device.kind === kind);
    // What was missing and has come back is known again when it is used.
    if (!this.#there.audioinput || this.#microphone === "missing") this.#microphone = null;
  }
}
