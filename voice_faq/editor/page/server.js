// Asks the server; the key that the printed address was exchanged for stays in this tab.

const KEY = "voice-faq-key";

/** What to say of the program behind the page; another one's page says it in other words. */
export const program = { unreachable: "连不上编辑程序。请看看终端里它是不是还在运行。" };

export class Refused extends Error {
  constructor(message, now) {
    super(message);
    this.now = now; // what somebody else has made of it; undefined where nobody has
  }
}

/** Exchange the address's token; resolves to whether this tab may edit. */
export async function enter() {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", "/");
    const response = await fetch("/enter", { method: "POST", body: JSON.stringify({ token }) });
    if (response.ok) sessionStorage.setItem(KEY, (await response.json()).key);
  }
  return sessionStorage.getItem(KEY) !== null;
}

async function ask(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${sessionStorage.getItem(KEY)}` },
      body,
    });
  } catch {
    throw new Refused(program.unreachable);
  }
  if (response.ok) return response;
  const told = await response.json().catch(() => ({ error: "出错了。请再试一次。" }));
  throw new Refused(told.error, response.status === 409 ? (told.now ?? null) : undefined);
}

/** One of the server's actions, with its arguments. */
export async function call(name, values = {}) {
  return (await ask(`/api/${name}`, JSON.stringify(values))).json();
}

/** What a table would change; with the `plan` of that answer it is done. */
export async function importTable(file, exact, plan = "") {
  const query = new URLSearchParams({ name: file.name, exact: exact ? "1" : "0", plan });
  const content = await file.arrayBuffer().catch(() => {
    throw new Error("这个表格读不了，可能选好以后又改过，或者挪走了。请再选一次。");
  });
  return (await ask(`/api/import?${query}`, content)).json();
}

export async function download(kind) {
  return (await ask(`/api/export/${kind}`)).blob();
}

export async function hear(audio, rate) {
  return (await ask(`/api/hear?rate=${rate}`, audio)).json();
}

/** A text in a voice, as the bytes of a WAV. */
export async function speech(text, voice) {
  return (await ask("/api/speak", JSON.stringify({ text, voice }))).arrayBuffer();
}
