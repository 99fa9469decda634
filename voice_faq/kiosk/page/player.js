// Plays earcons, and answers clause by clause as their addresses arrive.

import { inMemory } from "/page/elements.js";

const RAMP_S = 0.03; // of the volume, so that nothing clicks
const EARCONS = ["listening", "understood", "not_understood", "cancelled", "error"];
const KEPT = ["offline", "busy", "trouble", "no_microphone"]; // sentences that must be heard without the server

export class Player {
  #context = null;
  #volume = null;
  #sounds = new Map();
  #answer = null;
  #sentence = null;
  #pace = 1;
  #level = 1;
  #listeners;

  #spoken;

  /**
   * `content` is the name of what the page shows. `listeners`, each with the number of the voice first: clause(voice,
   * index) when one begins, sounding(voice) while it goes on, ended(voice) after the last, failed(voice) when one
   * cannot be heard.
   */
  constructor(content, listeners) {
    this.#spoken = (name) => `/spoken/${name}?content=${content}`;
    this.#listeners = listeners;
  }

  /** Open the loudspeaker; browsers want a touch or a key first. */
  async open() {
    if (!this.#context) {
      this.#context = new AudioContext({ latencyHint: "interactive" });
      this.#volume = new GainNode(this.#context, { gain: this.#level });
      const limiter = new DynamicsCompressorNode(this.#context, { threshold: -3, ratio: 20, knee: 0, attack: 0.002 });
      this.#volume.connect(limiter).connect(this.#context.destination);
      for (const name of KEPT) this.#load(name, this.#spoken(name));
      await Promise.all(EARCONS.map((name) => this.#load(name, `/earcons/${name}.wav`)));
    }
    await this.#context.resume();
  }

  /** Play a short sound; resolves when it has been heard. */
  earcon(name) {
    const buffer = this.#sounds.get(name);
    if (!buffer || this.#context.state !== "running") return Promise.resolve();
    const source = new AudioBufferSourceNode(this.#context, { buffer });
    source.connect(this.#volume);
    return new Promise((resolve) => {
      source.onended = resolve;
      source.start();
    });
  }

  /** A new voice, whose first clause is heard after `before` has resolved. */
  begin(voice, before = Promise.resolve()) {
    this.stop();
    const answer = new Answer(this.#pace, (element) => this.#route(element), {
      clause: (index) => this.#listeners.clause(voice, index),
      sounding: () => this.#listeners.sounding(voice),
      failed: () => this.#listeners.failed(voice),
      ended: () => {
        this.#answer = null;
        this.#listeners.ended(voice);
      },
    });
    this.#answer = answer;
    before.then(() => answer.release());
  }

  /** A voice that says sentences of the server's, one after another. */
  say(voice, sentences) {
    const kept = sentences.length === 1 && KEPT.includes(sentences[0]) ? this.#sounds.get(sentences[0]) : undefined;
    if (kept && this.#context.state === "running") {
      this.stop();
      const sentence = new AudioBufferSourceNode(this.#context, { buffer: kept });
      sentence.connect(this.#volume);
      sentence.onended = () => this.#sentence === sentence && this.#listeners.ended(voice);
      sentence.start();
      this.#sentence = sentence;
      return;
    }
    this.begin(voice);
    for (const name of sentences) this.add(this.#spoken(name), 0);
    this.complete(sentences.length);
  }

  /** The next clause: the address of its audio, and the second at which it begins there. */
  add(address, begins) {
    this.#answer?.add(address, begins);
  }

  /** No more than `clauses` will come. */
  complete(clauses) {
    this.#answer?.complete(clauses);
  }

  /** Silence, at once. */
  stop() {
    this.#answer?.stop();
    const sentence = this.#sentence;
    this.#answer = this.#sentence = null;
    sentence?.stop();
  }

  /** Speed, 1 as recorded; the pitch stays. */
  set pace(pace) {
    this.#pace = pace;
    if (this.#answer) this.#answer.pace = pace;
  }

  /** Amplitude, 1 as recorded. */
  set volume(volume) {
    this.#level = volume;
    this.#volume?.gain.setTargetAtTime(volume, this.#context.currentTime, RAMP_S);
  }

  #route(element) {
    if (this.#context?.state === "running") this.#context.createMediaElementSource(element).connect(this.#volume);
    else element.volume = Math.min(1, this.#level);
  }

  async #load(name, address) {
    try {
      const response = await fetch(address, { cache: "no-store" });
      this.#sounds.set(name, await this.#context.decodeAudioData(await response.arrayBuffer()));
    } catch {
      // An earcon that does not come is not missed as much as an answer that waits for it.
    }
  }
}

/** The clauses of one answer, each played when the one before has ended. */
class Answer {
  #clauses = [];
  #current = null;
  #next = 0;
  #total = Infinity;
  #released = false;
  #stopped = false;
  #broken = new Set(); // that could not be fetched
  #pace;
  #route;
  #listeners;

  constructor(pace, route, listeners) {
    this.#pace = pace;
    this.#route = route;
    this.#listeners = listeners;
  }

  set pace(pace) {
    this.#pace = pace;
    if (this.#current) this.#current.playbackRate = pace;
  }

  add(address, begins) {
    const element = new Audio();
    element.preload = "auto";
    this.#clauses.push(element);
    inMemory(address).then(
      (copy) => {
        if (this.#stopped) {
          URL.revokeObjectURL(copy);
          return;
        }
        element.src = copy;
        if (begins) element.currentTime = begins;
        this.#go();
      },
      () => {
        this.#broken.add(element);
        this.#go();
      },
    );
  }

  complete(total) {
    this.#total = total;
    this.#go();
  }

  release() {
    this.#released = true;
    this.#go();
  }

  stop() {
    this.#released = false;
    this.#stopped = true;
    this.#current?.pause();
    this.#forget();
  }

  #forget() {
    for (const element of this.#clauses) {
      if (element.src) URL.revokeObjectURL(element.src);
      element.removeAttribute("src");
    }
  }

  #go() {
    if (!this.#released || this.#current) return;
    if (this.#next >= this.#total) {
      this.#released = false;
      this.#stopped = true;
      this.#forget();
      this.#listeners.ended();
      return;
    }
    const element = this.#clauses[this.#next];
    if (!element || (!element.src && !this.#broken.has(element))) return;
    this.#current = element;
    if (this.#broken.has(element)) {
      this.#over(element, true);
      return;
    }
    this.#route(element);
    element.playbackRate = this.#pace;
    element.addEventListener("timeupdate", () => this.#current === element && this.#listeners.sounding());
    element.addEventListener("ended", () => this.#over(element));
    element.addEventListener("error", () => this.#over(element, true));
    element.play().then(
      () => this.#current === element && this.#listeners.clause(this.#clauses.indexOf(element)),
      (error) => error.name === "NotAllowedError" && this.#over(element, true),
    );
  }

  #over(element, failed = false) {
    if (this.#current !== element || !this.#released) return;
    this.#current = null;
    this.#next += 1;
    if (failed) this.#listeners.failed();
    this.#go();
  }
}
