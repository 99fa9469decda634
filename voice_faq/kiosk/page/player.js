// Plays earcons, and answers clause by clause as their addresses arrive.

const RAMP_S = 0.03; // of the volume, so that nothing clicks
const EARCONS = ["listening", "understood", "not_understood", "cancelled", "error"];

export class Player {
  #context = null;
  #volume = null;
  #sounds = new Map();
  #answer = null;
  #pace = 1;
  #level = 1;
  #listeners;

  /** `listeners`: clause(index) when one begins, ended() after the last, failed() when one cannot be heard. */
  constructor(listeners) {
    this.#listeners = listeners;
  }

  get speaking() {
    return this.#answer !== null;
  }

  /** Open the loudspeaker; browsers want a touch or a key first. */
  async open() {
    if (!this.#context) {
      this.#context = new AudioContext({ latencyHint: "interactive" });
      this.#volume = new GainNode(this.#context, { gain: this.#level });
      const limiter = new DynamicsCompressorNode(this.#context, { threshold: -3, ratio: 20, knee: 0, attack: 0.002 });
      this.#volume.connect(limiter).connect(this.#context.destination);
      await Promise.all(EARCONS.map((name) => this.#load(name)));
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

  /** A new answer, whose first clause is heard after `before` has resolved. */
  begin(before) {
    this.stop();
    const answer = new Answer(this.#pace, (element) => this.#route(element), {
      clause: this.#listeners.clause,
      failed: this.#listeners.failed,
      ended: () => {
        this.#answer = null;
        this.#listeners.ended();
      },
    });
    this.#answer = answer;
    before.then(() => answer.release());
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
    this.#answer = null;
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

  async #load(name) {
    try {
      const response = await fetch(`/earcons/${name}.wav`);
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
    const element = new Audio(address);
    element.preload = "auto";
    if (begins) element.currentTime = begins;
    this.#clauses.push(element);
    this.#go();
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
    this.#current?.pause();
    for (const element of this.#clauses) element.removeAttribute("src");
  }

  #go() {
    if (!this.#released || this.#current) return;
    if (this.#next >= this.#total) {
      this.#released = false;
      this.#listeners.ended();
      return;
    }
    const element = this.#clauses[this.#next];
    if (!element) return;
    this.#current = element;
    this.#route(element);
    element.playbackRate = this.#pace;
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
