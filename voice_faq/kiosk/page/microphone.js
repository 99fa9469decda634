// The microphone: open for a session, heard only while a question is asked.

const RATE = 16000;
const TAIL_MS = 60; // what was said last is still on its way through the sound card

export class Microphone {
  #open = null; // {promise, stream, context, node} of the one that is open or opening
  #owner = null; // what the sound belongs to
  #flushed = null;
  #heard;
  #lost;

  /**
   * `heard(audio, level, owner)`: an ArrayBuffer of 16-bit samples, their RMS level, 0 to 1, and what `begin` was given.
   * `lost()`: it was open and does not work any more.
   */
  constructor(heard, lost) {
    this.#heard = heard;
    this.#lost = lost;
  }

  /** Resolves with its rate in Hz once it is open; rejects with "denied", "missing", "failed" or "closed". */
  open() {
    if (!this.#open) {
      const opening = { stream: null, context: null, node: null };
      this.#open = opening;
      opening.promise = this.#start(opening).catch((error) => {
        const closed = this.#open !== opening;
        release(opening);
        if (!closed) this.#open = null;
        throw closed ? "closed" : problem(error);
      });
    }
    return this.#open.promise;
  }

  /** From now on what is heard counts, and belongs to `owner`. */
  begin(owner) {
    this.#owner = owner;
    this.#open?.node?.port.postMessage("on");
  }

  /** Resolves when the last of the question has been handed on. */
  async end() {
    await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
    const node = this.#open?.node;
    if (!node) return;
    await new Promise((resolve) => {
      this.#flushed = resolve;
      node.port.postMessage("off");
    });
  }

  /** Hear no more at once. */
  drop() {
    this.#owner = null;
    this.#open?.node?.port.postMessage("off");
  }

  /** Give the microphone back, also one that is still opening. */
  close() {
    const opened = this.#open;
    this.#open = this.#owner = null;
    if (opened) release(opened);
    this.#flushed?.();
  }

  async #start(opening) {
    const stillWanted = () => {
      if (this.#open !== opening) throw new DOMException("closed meanwhile", "AbortError");
    };
    if (!navigator.mediaDevices) throw new DOMException("no media devices", "NotFoundError");
    // The recogniser has learnt rooms and noise; what a browser takes away from speech, it has not.
    const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    opening.stream = await navigator.mediaDevices.getUserMedia({ audio });
    stillWanted();
    opening.stream.getTracks()[0].addEventListener("ended", () => {
      if (this.#open !== opening) return;
      this.close();
      this.#lost();
    });
    let source;
    try {
      opening.context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
      source = opening.context.createMediaStreamSource(opening.stream);
    } catch {
      // Browsers that do not resample a microphone give its own rate; the server resamples.
      opening.context = new AudioContext();
      source = opening.context.createMediaStreamSource(opening.stream);
    }
    await opening.context.audioWorklet.addModule("/page/capture.js");
    stillWanted();
    const node = new AudioWorkletNode(opening.context, "capture", { channelCount: 1, channelCountMode: "explicit" });
    node.port.onmessage = ({ data }) => {
      if (!data) this.#flushed?.();
      else if (this.#owner) this.#heard(data.audio, data.level, this.#owner);
    };
    source.connect(node).connect(opening.context.destination); // silent; keeps the node running
    await opening.context.resume();
    stillWanted();
    opening.node = node;
    return opening.context.sampleRate;
  }
}

function release({ stream, context }) {
  for (const track of stream?.getTracks() ?? []) track.stop();
  if (context && context.state !== "closed") context.close();
}

function problem(error) {
  if (["NotAllowedError", "SecurityError"].includes(error.name)) return "denied";
  if (["NotFoundError", "OverconstrainedError"].includes(error.name)) return "missing";
  return "failed";
}
