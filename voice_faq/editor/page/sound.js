// Sound in and out: a text in a voice, a question from the microphone.

import { Microphone } from "/page/microphone.js";
import { speech } from "/editor/server.js";

const PROBLEMS = {
  denied: "浏览器没有允许用麦克风。请在地址栏旁边允许。",
  missing: "没有找到麦克风。请插上再试。",
  failed: "麦克风用不了。请检查后再试。",
  lost: "麦克风断开了。请插好再试。",
};
let context = null;
let playing = null;

export async function play(text, voice) {
  context ??= new AudioContext();
  playing?.stop();
  await context.resume();
  const source = context.createBufferSource();
  source.buffer = await context.decodeAudioData(await speech(text, voice));
  source.connect(context.destination);
  source.start();
  playing = source;
}

export class Recorder {
  #parts = [];
  #rate = 0; // Hz
  #lost = false;
  #microphone = new Microphone((audio) => this.#parts.push(audio), () => {
    this.#lost = true;
  });

  /** Rejects with a sentence for people. */
  async begin() {
    this.#parts = [];
    this.#lost = false;
    try {
      this.#rate = await this.#microphone.open();
    } catch (problem) {
      throw new Error(PROBLEMS[problem] ?? PROBLEMS.failed);
    }
    this.#microphone.begin(this);
  }

  /** Resolves to what was said: 16-bit samples, and their rate in Hz. */
  async end() {
    if (!this.#lost) await this.#microphone.end();
    this.#microphone.close();
    if (this.#lost) throw new Error(PROBLEMS.lost);
    return [new Blob(this.#parts), this.#rate];
  }
}
