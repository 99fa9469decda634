// Sound in and out: a text in a voice, a question from the microphone.

import { Microphone } from "/page/microphone.js";
import { speech } from "/editor/server.js";

const PROBLEMS = {
  denied: "浏览器没有允许用麦克风。请在地址栏旁边允许。",
  missing: "没有找到麦克风。请插上再试。",
  failed: "麦克风用不了。请检查后再试。",
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
  #microphone = new Microphone((audio) => this.#parts.push(audio));

  /** Rejects with a sentence for people. */
  async begin() {
    this.#parts = [];
    try {
      await this.#microphone.open();
    } catch (problem) {
      throw new Error(PROBLEMS[problem] ?? PROBLEMS.failed);
    }
    this.#microphone.begin();
  }

  /** Resolves to what was said: 16-bit samples, and their rate in Hz. */
  async end() {
    await this.#microphone.end();
    const rate = this.#microphone.rate;
    this.#microphone.close();
    return [new Blob(this.#parts), rate];
  }
}
