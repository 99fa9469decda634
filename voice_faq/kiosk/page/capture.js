// Runs beside the audio: cuts the microphone's sound into messages of 16-bit samples, between "on" and "off".

const MESSAGE_S = 0.04;

class Capture extends AudioWorkletProcessor {
  #samples = new Int16Array(Math.round(MESSAGE_S * sampleRate));
  #filled = 0;
  #square = 0;
  #on = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      this.#on = data === "on";
      if (this.#on) {
        this.#filled = this.#square = 0;
      } else {
        this.#post();
        this.port.postMessage(null);
      }
    };
  }

  process([input]) {
    const channel = input[0];
    if (this.#on && channel) {
      for (const value of channel) {
        const sample = Math.max(-1, Math.min(1, value));
        this.#samples[this.#filled++] = Math.round(sample * 32767);
        this.#square += sample * sample;
        if (this.#filled === this.#samples.length) this.#post();
      }
    }
    return true;
  }

  #post() {
    if (this.#filled) {
      const samples = this.#samples.slice(0, this.#filled);
      const level = Math.sqrt(this.#square / this.#filled);
      this.port.postMessage({ audio: samples.buffer, level }, [samples.buffer]);
    }
    this.#filled = this.#square = 0;
  }
}

registerProcessor("capture", Capture);
