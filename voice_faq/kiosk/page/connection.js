// The WebSocket to the server: comes back by itself when it is lost, or when the server says nothing any more.

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 4000;
const BEAT_MS = 5000; // between signs to the server that the page is there
const WATCH_MS = 1000;
const MOST_MISSED = 12; // times that was looked for a message in vain; the server sends one every 4 s
const BUSY = 1013;

export class Connection {
  #socket = null;
  #welcome = false; // whether the server has let us in
  #wait = FIRST_WAIT_MS;
  #missed = 0;
  #listener;
  #unsent = [];
  #content;

  /**
   * `listener(event)` gets what the server sends, and {type: "opened"} and {type: "closed", busy}. `content` is the name
   * of what the page shows; `told()` is what each sign to the server tells besides.
   */
  constructor(listener, content, told) {
    this.#listener = listener;
    this.#content = content;
    this.#open();
    setInterval(() => this.#watch(), WATCH_MS);
    setInterval(() => this.#welcome && this.send({ type: "alive", session: 0, question: 0, ...told() }), BEAT_MS);
  }

  /** Send a message, as soon as the server lets us in; one that the connection is lost with is gone. */
  send(message) {
    const text = JSON.stringify(message);
    if (this.#welcome) this.#socket.send(text);
    else this.#unsent.push(text);
  }

  /** Send audio of a question, an ArrayBuffer of 16-bit samples; both numbers go before it. */
  sendAudio(buffer, { session, question }) {
    if (!this.#welcome) return;
    const message = new Uint8Array(8 + buffer.byteLength);
    const header = new DataView(message.buffer);
    header.setUint32(0, session, true);
    header.setUint32(4, question, true);
    message.set(new Uint8Array(buffer), 8);
    this.#socket.send(message);
  }

  #watch() {
    this.#missed += 1;
    if (this.#missed > MOST_MISSED) this.#lose(this.#socket, false);
  }

  /** Give a connection up without waiting for the other side to agree. */
  #lose(socket, busy) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#missed = 0;
    this.#welcome = false;
    this.#unsent = [];
    socket?.close();
    this.#listener({ type: "closed", busy });
    setTimeout(() => this.#open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }

  #open() {
    const socket = new WebSocket(`ws://${location.host}/conversation`);
    this.#socket = socket;
    this.#missed = 0;
    socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "hello", session: 0, question: 0, content: this.#content })));
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      this.#missed = 0;
      const event = JSON.parse(data);
      if (event.type === "welcome") {
        this.#wait = FIRST_WAIT_MS;
        this.#welcome = true;
        for (const text of this.#unsent.splice(0)) socket.send(text);
        this.#listener({ type: "opened" });
      } else if (event.type === "content") {
        this.#listener({ type: "content" }); // of no session and no question
      } else if (event.type !== "alive") {
        this.#listener(event);
      }
    });
    socket.addEventListener("close", ({ code }) => this.#lose(socket, code === BUSY));
  }
}
