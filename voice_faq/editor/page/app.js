// The editor: which tab and which entry is shown, and what has changed behind the page's back.

import { $, button, doing, make, notice } from "/editor/dom.js";
import { EntryForm } from "/editor/entry.js";
import { Publishing } from "/editor/publish.js";
import { call, download, enter, importTable } from "/editor/server.js";
import { setUpTrying } from "/editor/try.js";
import { WholeForm } from "/editor/whole.js";

const PULSE_MS = 2000;
const BUSY_PULSE_MS = 400;
const NO_GROUP = "没有分组";

let shown = null; // what the server last gave
let version = "";
let pulse = 0;

const form = new EntryForm((entry, id) => {
  const place = shown.entries.findIndex((one) => one.id === id);
  if (entry === null) shown.entries.splice(place, 1);
  else if (place < 0) shown.entries.push(entry);
  else shown.entries[place] = entry;
  list();
});
const wholeForm = new WholeForm(() => load());
const publishing = new Publishing(() => shown.entries, () => beat());

async function load() {
  shown = await call("open");
  tellLearning(shown);
  version = shown.version;
  $("folder").textContent = `答案文件夹：${shown.folder}`;
  $("title").textContent = shown.sections?.title ?? "编辑问答";
  document.title = `${$("title").textContent}（编辑）`;
  $("mistakes").textContent = shown.mistakes && `文件里有写错的地方，先改好才能继续。在“以前的样子”里可以恢复。\n${shown.mistakes}`;
  $("mistakes").hidden = !shown.mistakes;
  $("outside").hidden = true;
  form.languages(shown.languages);
  $("voice").replaceChildren(...shown.voices.map(({ name, voice }) => make("option", { value: name }, `${name}（${voice}）`)), make("option", { value: "" }, "系统语音"));
  $("exports").replaceChildren(...Object.entries(shown.formats).map(([kind, name]) => button(`${kind}（${name}）`, doing(() => save(kind)))));
  list();
  wholeForm.show(shown);
  await showAgain();
}

/** What is open is shown as it is by now, unless somebody has typed into it: then false. */
async function showAgain() {
  if (!form.id) return true;
  const entry = shown.entries.find(({ id }) => id === form.id);
  if (entry) return form.refresh(entry);
  if (form.dirty) return false;
  form.close();
  return true;
}

function list() {
  const groups = new Map();
  for (const entry of shown.entries) {
    const name = entry.group ?? NO_GROUP;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(entry);
  }
  const parts = [];
  for (const [name, entries] of groups) {
    if (groups.size > 1) parts.push(make("h3", {}, name));
    for (const entry of entries) {
      parts.push(make("button", { type: "button", data: { entry: entry.id, text: `${entry.question} ${(entry.wordings ?? []).join(" ")}`.toLowerCase() } }, entry.question));
    }
  }
  $("list").replaceChildren(...parts);
  $("groups").replaceChildren(...[...groups.keys()].filter((name) => name !== NO_GROUP).map((name) => make("option", { value: name })));
  mark();
  filter();
}

function mark() {
  for (const one of $("list").querySelectorAll("button")) {
    if (one.dataset.entry === form.id) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

function filter() {
  const wanted = $("filter").value.trim().toLowerCase();
  for (const one of $("list").querySelectorAll("button")) one.hidden = !one.dataset.text.includes(wanted);
}

/** Save what is open, and show another entry; null for a new one. */
const openEntry = doing(async (id) => {
  if (!(await form.save())) return;
  const opening = form.open(id === null ? null : shown.entries.find((entry) => entry.id === id));
  mark();
  $("question").focus();
  await opening;
});

async function save(kind) {
  const link = make("a", { href: URL.createObjectURL(await download(kind)), download: kind === "rhasspy" ? "sentences.ini" : kind === "rasa" ? "nlu.yml" : `问答.${kind}` });
  link.click();
  URL.revokeObjectURL(link.href);
}

const preview = doing(async () => {
  const file = $("table").files[0];
  $("preview").replaceChildren();
  $("import").hidden = true;
  if (!file) return;
  const kinds = { new: "新增", changed: "修改", same: "不变", trouble: "不能导入" };
  const { told, remarks, nothing, rows, plan } = await importTable(file, $("exact").checked);
  $("import").dataset.plan = plan;
  $("preview").replaceChildren(
    make("p", {}, make("strong", {}, told)),
    ...remarks.map((remark) => make("p", { className: "quiet" }, remark)),
    make("ul", {}, ...rows.map((row) => make("li", { className: row.kind === "trouble" ? "worse" : "" }, `${kinds[row.kind]}　${row.where}　${row.question}`, make("ul", { className: "quiet" }, ...row.told.map((text) => make("li", {}, text)))))),
  );
  $("import").hidden = nothing;
});

const applyImport = doing(async () => {
  try {
    await importTable($("table").files[0], $("exact").checked, $("import").dataset.plan);
  } catch (error) {
    await preview();
    throw error;
  }
  $("import").hidden = true;
  $("table").value = "";
  form.close();
  await load();
  $("preview").replaceChildren(make("p", { className: "better" }, "导入好了。"));
});

const OPENED = {
  unanswered: async () => {
    const { questions } = await call("unanswered");
    $("unanswered-none").textContent = questions === null ? "现在什么都没有记：自助机默认不留下任何人说的话。" : questions.length ? "" : "没有。问的都答上来了。";
    $("unanswered").replaceChildren(...(questions ?? []).map(unansweredRow));
  },
  publish: async () => publishing.open(await call("open")),
  history: async () => {
    const { copies } = await call("history");
    $("copies").replaceChildren(
      ...copies.map(({ name, file, made, before }) =>
        make("li", { className: "row" }, make("span", {}, `${made}　${file}　“${before}”之前`), button("恢复成这样", doing(async () => {
          const { mistakes } = await call("restore", { name });
          await load();
          await OPENED.history();
          notice(mistakes);
        }), { "aria-label": `恢复成 ${made} 的 ${file}` }))),
    );
    if (!copies.length) $("copies").append(make("li", { className: "quiet" }, "还没有改过。"));
  },
};

function unansweredRow({ text, times }) {
  const select = make("select", { "aria-label": `“${text}”是哪一条的问法` },
    ...shown.entries.map(({ id, question }) => make("option", { value: id }, question)));
  const done = async () => {
    await call("forget_unanswered", { text });
    await OPENED.unanswered();
  };
  return make("li", { className: "row" },
    make("span", {}, `${text}（${times} 次）`), select,
    button("加成这一条的问法", doing(async () => {
      const entry = shown.entries.find(({ id }) => id === select.value);
      const { entry: saved } = await call("save_entry", { entry: entry.id, base: entry, fields: { wordings: [...(entry.wordings ?? []), text] } });
      Object.assign(entry, saved);
      await done();
    })),
    button("不用管", doing(done)));
}

const openTab = doing(async (name) => {
  if (!(await form.save())) return;
  for (const one of $("tabs").querySelectorAll("button")) {
    if (one.dataset.tab === name) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== `tab-${name}`;
  await OPENED[name]?.();
});

/** Ask what has changed: a job's progress, the files, what is being learned. */
async function beat() {
  clearTimeout(pulse);
  let busy = false;
  try {
    const now = await call("pulse");
    busy = now.job?.state === "running";
    tellLearning(now);
    if (now.version !== version) $("outside").hidden = await reread();
    if (publishing.show(now.job)) {
      const opened = await call("open");
      shown.voices = opened.voices;
      await publishing.open(opened);
    }
  } catch (error) {
    notice(error.message);
  }
  pulse = setTimeout(beat, busy ? BUSY_PULSE_MS : PULSE_MS);
}

function tellLearning({ learning }) {
  $("learning").textContent = learning ? "正在学习新的问法……" : "";
}

/** What was changed elsewhere, or by ourselves, is simply shown; false where it would take away what somebody has typed. */
async function reread() {
  const fresh = await call("open");
  const same = JSON.stringify(fresh.entries) === JSON.stringify(shown.entries);
  shown = fresh;
  version = fresh.version;
  if (!same) list();
  $("mistakes").textContent = fresh.mistakes;
  $("mistakes").hidden = !fresh.mistakes;
  const wholeIsShown = wholeForm.refresh(fresh);
  return (await showAgain()) && wholeIsShown;
}

if (await enter()) {
  setUpTrying();
  $("tabs").addEventListener("click", ({ target }) => target.dataset.tab && openTab(target.dataset.tab));
  $("list").addEventListener("click", ({ target }) => target.dataset.entry && openEntry(target.dataset.entry));
  $("new-entry").addEventListener("click", () => openEntry(null));
  $("filter").addEventListener("input", filter);
  $("table").addEventListener("change", preview);
  $("table").addEventListener("click", () => ($("table").value = "")); // or the same file could not be chosen again
  $("exact").addEventListener("change", preview);
  $("import").addEventListener("click", applyImport);
  $("reload").addEventListener("click", doing(async () => {
    form.close();
    await load();
  }));
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
    event.preventDefault();
    form.save();
  });
  addEventListener("beforeunload", (event) => (form.dirty || wholeForm.dirty) && event.preventDefault());
  await doing(load)();
  document.body.dataset.ready = "";
  beat();
} else {
  notice("这个地址已经用过了，或者不完整。请打开终端里打印的地址；关掉了网页，就在终端里重新运行 voice-faq edit。");
}
