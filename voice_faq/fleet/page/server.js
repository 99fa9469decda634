// Asks the control room's server; the key that the printed address was exchanged for stays in this tab.

const KEY = "voice-faq-fleet-key";

/** Exchange the address's token; resolves to whether this tab may go on. */
export async function enter() {
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", "/");
    const response = await fetch("/enter", { method: "POST", body: JSON.stringify({ token }) });
    if (response.ok) sessionStorage.setItem(KEY, (await response.json()).key);
  }
  return sessionStorage.getItem(KEY) !== null;
}

/** One of the server's actions, with its arguments. */
export async function call(name, values = {}) {
  let response;
  try {
    response = await fetch(`/api/${name}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${sessionStorage.getItem(KEY)}` },
      body: JSON.stringify(values),
    });
  } catch {
    throw new Error("连不上控制室的程序。请看看 voice-faq fleet serve 是不是还在运行。");
  }
  if (response.ok) return response.json();
  throw new Error((await response.json().catch(() => ({ error: "出错了。请再试一次。" }))).error);
}
