// The control room's page: asks every few seconds, shows what has changed, and keeps what somebody is doing.

import { $, button, doing, make, notice } from "/editor/dom.js";
import { call, enter } from "/fleet/server.js";

const EVERY_MS = 5_000;
const WORDS = { well: "正常", busy: "在换内容", trouble: "有故障", away: "失联" };
const MARKS = { well: "✓", busy: "↻", trouble: "!", away: "×" };
const PARTS = {
  kiosk: "终端程序没有应答", microphone: "麦克风", loudspeaker: "扬声器", recogniser: "识别", recognizer: "识别", voice: "语音",
  page: "网页", disk: "硬盘", content: "内容", settings: "设置", browser: "浏览器",
};
const STEPS = { loading: "正在接收", checking: "正在检查", refused: "没有接受", waiting: "在等" };
const COMMANDS = { reload: "重新读入", restart: "重新启动", volume: "音量", test: "试问" };

const chosen = new Set();
let seen = null;

const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)}%` : "—");
const date = (seconds) => new Date(seconds * 1000).toLocaleString("zh-CN", { hour12: false });

function ago(seconds) {
  if (seconds === null) return "从来没有";
  if (seconds < 90) return "刚才";
  if (seconds < 5400) return `${Math.round(seconds / 60)} 分钟前`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} 小时前`;
  return `${Math.round(seconds / 86400)} 天前`;
}

function told(kiosk) {
  const parts = kiosk.trouble.map((name) => PARTS[name] ?? name);
  if (kiosk.step) parts.push(`${STEPS[kiosk.step] ?? kiosk.step}${kiosk.reason ? `：${kiosk.reason}` : ""}`);
  return [...parts, ...kiosk.notes].join("；");
}

/** Put rows in their places without touching those that are as they were, so that focus and choices stay. */
function fill(element, rows, draw) {
  const old = new Map([...element.children].map((child) => [child.dataset.key, child]));
  const drawn = rows.map(([key, value]) => {
    const shape = JSON.stringify(value);
    const kept = old.get(key);
    if (kept?.dataset.shape === shape) return kept;
    const fresh = draw(value);
    fresh.dataset.key = key;
    fresh.dataset.shape = shape;
    return fresh;
  });
  drawn.forEach((child, n) => {
    if (element.children[n] !== child) element.insertBefore(child, element.children[n] ?? null);
  });
  while (element.children.length > drawn.length) element.lastChild.remove();
}

function showSummary() {
  const states = { well: 0, busy: 0, trouble: 0, away: 0 };
  for (const kiosk of seen.kiosks) states[kiosk.state] += 1;
  const parts = Object.entries(states).filter(([, number]) => number).map(([state, number]) => `${WORDS[state]} ${number}`);
  const text = `${seen.kiosks.length} 台终端：${parts.join("，") || "还没有一台报到"}`;
  if ($("summary").textContent !== text) $("summary").textContent = text;
}

function showPlaces() {
  const only = $("only-trouble").checked;
  const bad = (station) => station.kiosks.some((kiosk) => kiosk.state === "trouble" || kiosk.state === "away");
  const lines = seen.places
    .map(({ line, stations }) => ({ line, stations: only ? stations.filter(bad) : stations }))
    .filter(({ stations }) => stations.length);
  fill($("places"), lines.map((line) => [line.line, line]), ({ line, stations }) =>
    make("div", { className: "line" }, make("h3", {}, line), make("div", { className: "stations" }, ...stations.map(drawStation))),
  );
}

function drawStation({ station, kiosks }) {
  const cells = kiosks.map(({ name, state }) =>
    button(MARKS[state], () => find(name), {
      className: `cell ${state}`, title: `${name}：${WORDS[state]}`, "aria-label": `${name}：${WORDS[state]}`,
    }),
  );
  return make("div", { className: "station" }, make("p", {}, station), make("div", { className: "cells" }, ...cells));
}

function find(name) {
  $("filter").value = name;
  $("state").value = "";
  openTab("kiosks");
  showKiosks();
  $("filter").focus();
}

function showKiosks() {
  const words = $("filter").value.trim().toLowerCase();
  const state = $("state").value;
  const rows = seen.kiosks.filter((kiosk) => {
    const text = `${kiosk.name} ${kiosk.line} ${kiosk.station} ${kiosk.version} ${told(kiosk)}`.toLowerCase();
    return (!state || kiosk.state === state) && text.includes(words);
  });
  const drawn = rows.map((kiosk) => [kiosk.name, { ...kiosk, seen: 0, ago: ago(kiosk.ago), health: null }]);
  fill($("kiosks"), drawn, drawKiosk);
  for (const box of $("kiosks").querySelectorAll("input")) box.checked = chosen.has(box.value);
  showChosen();
}

function drawKiosk(kiosk) {
  const box = make("input", { type: "checkbox", value: kiosk.name, "aria-label": `选中 ${kiosk.name}` });
  box.addEventListener("change", () => {
    if (box.checked) chosen.add(kiosk.name);
    else chosen.delete(kiosk.name);
    showChosen();
  });
  const content = kiosk.wanted ? `${kiosk.version || "没有"} → ${kiosk.wanted}` : kiosk.version;
  const more = told(kiosk);
  return make(
    "tr", {},
    make("td", {}, box),
    make("th", { scope: "row" }, kiosk.name),
    make("td", {}, [kiosk.line, kiosk.station].filter(Boolean).join(" ")),
    make("td", {}, make("span", { className: `word ${kiosk.state}` }, WORDS[kiosk.state]), more ? `：${more}` : ""),
    make("td", {}, content),
    make("td", { className: "number" }, String(kiosk.questions)),
    make("td", { className: "number" }, percent(kiosk.refused, kiosk.questions)),
    make("td", {}, kiosk.ago),
  );
}

function showChosen() {
  $("chosen").textContent = String(chosen.size);
  const boxes = [...$("kiosks").querySelectorAll("input")];
  $("all").checked = boxes.length > 0 && boxes.every((box) => box.checked);
  for (const press of $("tell").querySelectorAll("button")) press.disabled = chosen.size === 0;
}

function showCommands() {
  fill($("commands"), seen.commands.map((one) => [one.id, { ...one, late: seen.now > one.until }]), (one) => {
    const what = `${COMMANDS[one.name]}${one.argument ? ` ${one.argument}` : ""}`;
    const became = one.good === null ? (one.late ? "没有应答" : "在等应答") : one.told;
    return make("li", {}, `${one.kiosk}　${what}　${became}`);
  });
}

function showRollout() {
  const now = seen.rollout;
  for (const name of ["go-on", "stop", "back"]) $(name).hidden = true;
  if (!now) {
    fill($("rollout"), [["none", ""]], () => make("p", {}, "还没有发布过内容。"));
    return;
  }
  const going = now.state === "running" || now.state === "held";
  $("go-on").hidden = !going;
  $("stop").hidden = !going;
  $("back").hidden = now.state === "asked" || now.state === "back";
  const parts = [
    ["title", `${now.version}：${now.told}${going ? `，第 ${now.ring + 1} 批` : ""}`],
    ...(now.reason ? [["reason", now.reason]] : []),
    ...now.rings.map((ring, n) => [`ring${n}`, `第 ${n + 1} 批：${ring.kiosks} 台里 ${ring.have} 台换好了`]),
    ["refused", `答不上来：以前 ${percent(now.before.refused, now.before.questions)}（${now.before.questions} 问），` +
      `换上以后 ${percent(now.after.refused, now.after.questions)}（${now.after.questions} 问）`],
    ["ill", `换上以后出故障 ${now.ill} 台，失联 ${now.silent} 台`],
  ];
  fill($("rollout"), parts, (text) => make("p", {}, text));
}

function showHistory() {
  fill($("history"), seen.history.map((one) => [String(one.id), one]), (one) =>
    make("li", {}, `${date(one.begun)}　${one.version}　${one.told}${one.reason ? `（${one.reason}）` : ""}`),
  );
}

function showCounts() {
  const days = new Map();
  for (const { day, decision, times } of seen.counts) {
    if (!days.has(day)) days.set(day, { answer: 0, clarify: 0, reject: 0 });
    days.get(day)[decision] = times;
  }
  const rows = [...days].sort().reverse().map(([day, counts]) => [day, { day, ...counts }]);
  fill($("days"), rows, ({ day, answer, clarify, reject }) => {
    const all = answer + clarify + reject;
    return make(
      "tr", {},
      make("th", { scope: "row" }, day),
      ...[all, answer, clarify, reject].map((number) => make("td", { className: "number" }, String(number))),
      make("td", {}, percent(reject, all)),
    );
  });
  fill($("entries"), seen.entries.map((one) => [one.entry, one]), ({ entry, times }) => make("li", {}, `${entry}　${times} 次`));
  fill($("gaps"), seen.gaps.map((one) => [one.text, one]), ({ text, times, kiosks }) =>
    make("li", {}, `${text}　${times} 次，${kiosks} 台终端`),
  );
}

function show() {
  showSummary();
  showPlaces();
  showKiosks();
  showCommands();
  showRollout();
  showHistory();
  showCounts();
}

async function refresh() {
  seen = await call("overview");
  show();
}

async function showArchives() {
  const picked = new FormData($("publish")).get("archive");
  const archives = await call("archives");
  const drawn = archives.map((one) => {
    const choice = make("input", { type: "radio", name: "archive", value: one.file, disabled: Boolean(one.error) });
    choice.checked = one.file === picked;
    const text = one.error
      ? `${one.file}：${one.error}`
      : `${one.version}（签名 ${one.signed_by}，${one.made.slice(0, 16).replace("T", " ")}，${(one.size / 1e6).toFixed(1)} MB）`;
    return make("p", {}, make("label", { className: "inline" }, choice, text));
  });
  $("archives").replaceChildren(...(drawn.length ? drawn : [make("p", {}, "还没有内容包。请先运行 voice-faq fleet pack。")]));
}

function openTab(name) {
  for (const tab of document.querySelectorAll("[data-tab]")) {
    if (tab.dataset.tab === name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
    $(`tab-${tab.dataset.tab}`).hidden = tab.dataset.tab !== name;
  }
}

for (const tab of document.querySelectorAll("[data-tab]")) {
  tab.addEventListener("click", doing(async () => {
    openTab(tab.dataset.tab);
    if (tab.dataset.tab === "publish") await showArchives();
  }));
}
$("only-trouble").addEventListener("change", showPlaces);
$("filter").addEventListener("input", showKiosks);
$("state").addEventListener("change", showKiosks);
$("all").addEventListener("change", () => {
  for (const box of $("kiosks").querySelectorAll("input")) {
    if ($("all").checked) chosen.add(box.value);
    else chosen.delete(box.value);
  }
  showKiosks();
});

const tell = doing(async (name, argument = "") => {
  await call("command", { kiosks: [...chosen], name, argument });
  await refresh();
});

$("tell-reload").addEventListener("click", () => tell("reload"));
$("tell-restart").addEventListener("click", () => {
  if (window.confirm(`重新启动 ${chosen.size} 台终端？正在用的乘客会被打断。`)) tell("restart");
});
for (const [name, field] of [["volume", "volume"], ["test", "question"]]) {
  $(`tell-${name}`).addEventListener("submit", (event) => {
    event.preventDefault();
    if (chosen.size) tell(name, $(field).value);
  });
}

$("publish").addEventListener("submit", (event) => {
  event.preventDefault();
  doing(async () => {
    const file = new FormData($("publish")).get("archive");
    if (!file) throw new Error("请先选一个内容包。");
    if (!window.confirm("发布这个内容？先换少数几台，没有变差再换下一批。")) return;
    await call("publish", { file, url: $("url").value.trim() });
    await refresh();
  })();
});

for (const [id, name, question] of [
  ["go-on", "go_on", "不再等，直接发给下一批？"],
  ["stop", "stop", "停下？换上的终端先不动。"],
  ["back", "back", "让换上的终端都退回以前的内容？"],
]) {
  $(id).addEventListener("click", doing(async () => {
    if (!window.confirm(question)) return;
    await call(name);
    await refresh();
  }));
}

async function goOn() {
  try {
    await refresh();
    if ($("notice").dataset.lost) {
      notice("");
      delete $("notice").dataset.lost;
    }
  } catch (error) {
    notice(error.message);
    $("notice").dataset.lost = "1";
  }
  setTimeout(goOn, EVERY_MS);
}

if (await enter()) {
  await goOn();
  document.body.dataset.ready = "";
} else {
  notice("这个页面要从终端里打印的地址打开。");
}
