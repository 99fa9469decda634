// The WebSocket to the server: comes back by itself when it is lost.

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 4000;
const BUSY = 1013;

export class Connection {
  #socket = null;
  #welcome = false; // whether the server has let us in
  #wait = FIRST_WAIT_MS;
  #listeners;
  #waiting = [];
  #unsent = [];

  /** `listeners`: opened(), closed(busy) and one function for each type of the server's events. */
  constructor(listeners) {
    this.#listeners = listeners;
    this.#open();
  }

  /** Resolves when the server can be asked. */
  whenOpen() {
    return this.#welcome ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Send a message, as soon as the server lets us in; one that the connection is lost with is gone. */
  send(type, content = {}) {
    const message = JSON.stringify({ type, ...content });
    if (this.#welcome) this.#socket.send(message);
    else this.#unsent.push(message);
  }

  /** Send audio of the question, an ArrayBuffer of 16-bit samples. */
  sendAudio(buffer) {
    if (this.#welcome) this.#socket.send(buffer);
  }

  #open() {
    const socket = new WebSocket(`ws://${location.host}/conversation`);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { type, ...content } = JSON.parse(data);
      if (type === "welcome") {
        this.#wait = FIRST_WAIT_MS;
        this.#welcome = true;
        for (const message of this.#unsent.splice(0)) socket.send(message);
        for (const resolve of this.#waiting.splice(0)) resolve();
        this.#listeners.opened();
      } else {
        this.#listeners[type]?.(content);
      }
    });
    socket.addEventListener("close", ({ code }) => {
      this.#welcome = false;
      this.#unsent = [];
      this.#listeners.closed(code === BUSY);
      setTimeout(() => this.#open(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    });
  }
}
