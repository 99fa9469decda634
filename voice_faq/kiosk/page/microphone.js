// The microphone: open for a session, heard only while a question is asked.

const RATE = 16000;
const TAIL_MS = 60; // what was said last is still on its way through the sound card

export class Microphone {
  #stream = null;
  #context = null;
  #node = null;
  #opening = null;
  #flushed = null;
  #heard;

  /** `heard(audio, level)`: an ArrayBuffer of 16-bit samples, and their RMS level, 0 to 1. */
  constructor(heard) {
    this.#heard = heard;
  }

  /** Hz; known once it is open. */
  get rate() {
    return this.#context.sampleRate;
  }

  /** Resolves once it is open; rejects with "denied", "missing" or "failed". */
  open() {
    this.#opening ??= this.#open().catch((error) => {
      this.close();
      throw problem(error);
    });
    return this.#opening;
  }

  /** From now on what is heard counts. */
  begin() {
    this.#node.port.postMessage("on");
  }

  /** Resolves when the last of the question has been handed on. */
  async end() {
    await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
    await this.#off();
  }

  /** Hear no more at once. */
  drop() {
    this.#off();
  }

  /** Give the microphone back. */
  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    this.#stream = this.#context = this.#node = this.#opening = null;
  }

  #off() {
    if (!this.#node) return Promise.resolve();
    return new Promise((resolve) => {
      this.#flushed = resolve;
      this.#node.port.postMessage("off");
    });
  }

  async #open() {
    if (!navigator.mediaDevices) throw new DOMException("no media devices", "NotFoundError");
    // The recogniser has learnt rooms and noise; what a browser takes away from speech, it has not.
    const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    this.#stream = await navigator.mediaDevices.getUserMedia({ audio });
    this.#stream.getTracks()[0].addEventListener("ended", () => this.close());
    let source;
    try {
      this.#context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
      source = this.#context.createMediaStreamSource(this.#stream);
    } catch {
      // Browsers that do not resample a microphone give its own rate; the server resamples.
      this.#context = new AudioContext();
      source = this.#context.createMediaStreamSource(this.#stream);
    }
    await this.#context.audioWorklet.addModule("/page/capture.js");
    const node = new AudioWorkletNode(this.#context, "capture", { channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }) => {
      if (data) this.#heard(data.audio, data.level);
      else this.#flushed?.();
    };
    source.connect(node).connect(this.#context.destination); // silent; keeps the node running
    await this.#context.resume();
    this.#node = node;
  }
}

function problem(error) {
  if (["NotAllowedError", "SecurityError"].includes(error.name)) return "denied";
  if (["NotFoundError", "OverconstrainedError"].includes(error.name)) return "missing";
  return "failed";
}
