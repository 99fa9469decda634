// Before the kiosks get it: the exam with the difference to the last one, recordings, the model.

import { $, button, doing, make } from "/editor/dom.js";
import { call } from "/editor/server.js";

const NAMES = { voice: "录音", model: "编译语音模型", evaluation: "考试" };
const OUT_OF_SCOPE = "-";
const SAVE_MS = 600;

export class Publishing {
  #entries = () => [];
  #version = "";
  #shownJob = "";
  #saving = 0;
  #asked;

  /** `entries()`: all entries now; `asked()` is called when a job was started. */
  constructor(entries, asked) {
    this.#entries = entries;
    this.#asked = asked;
    $("add-exam").addEventListener("click", () => this.#addRow("", "").focus());
    $("run-exam").addEventListener("click", doing(async () => {
      await this.#save();
      await this.#start("evaluation", {});
    }));
    $("record").addEventListener("click", doing(() => {
      const [engine, voice] = $("engine").value.split(":");
      return this.#start("voice", { pack: $("pack").value, engine, voice });
    }));
    $("compile").addEventListener("click", doing(() => this.#start("model", {})));
    $("stop-job").addEventListener("click", doing(() => call("stop_job")));
  }

  async open({ voices, neural }) {
    $("record").disabled = false;
    $("packs").replaceChildren(...voices.map(({ name, voice, clauses }) => make("li", {}, `${name}：${voice}，录了 ${clauses} 句`)));
    if (!voices.length) $("packs").append(make("li", { className: "quiet" }, "还没有录音，由系统语音现念。"));
    $("engine").replaceChildren(
      make("option", { value: "pyttsx3:" }, "系统语音"),
      ...neural.map((name) => make("option", { value: `kokoro:${name}` }, `神经语音 ${name}`)),
    );
    $("model-note").textContent = (await call("model_note")).note ?? "语音模型和答案一致，不用编译。";
    const { rows, version, last } = await call("evaluation");
    this.#version = version;
    $("exam").replaceChildren();
    for (const [question, expected] of rows) this.#addRow(question, expected);
    if (last && !$("exam-result").childElementCount) this.#result({ ...last, before: null });
  }

  /** What the server says of the running job; resolves to true when one has just ended. */
  show(job) {
    const state = JSON.stringify([job?.kind, job?.state, job?.done]);
    const ended = job && job.state !== "running" && this.#shownJob !== state && this.#shownJob.includes('"running"');
    this.#shownJob = state;
    $("job").hidden = !job;
    if (!job) return false;
    const told = { running: "正在进行", done: "做完了", stopped: "停下了", failed: `没有做成：${job.error}` }[job.state];
    const count = job.total ? `（${job.done}/${job.total}）` : "";
    $("job-text").textContent = `${NAMES[job.kind]}：${told}${job.state === "running" ? count : ""}`;
    $("stop-job").hidden = $("job-progress").hidden = job.state !== "running";
    if (job.total) {
      $("job-progress").max = job.total;
      $("job-progress").value = job.done;
    } else $("job-progress").removeAttribute("value");
    if (ended && job.kind === "evaluation" && job.state === "done") this.#result(job.result);
    return ended;
  }

  async #start(kind, values) {
    this.show(await call("start_job", { kind, arguments: values }));
    this.#asked();
  }

  #addRow(question, expected) {
    const input = make("input", { type: "text", value: question, autocomplete: "off", "aria-label": "考题" });
    const select = make("select", { "aria-label": "该回答哪一条" },
      make("option", { value: "" }, "选该回答的条目"),
      make("option", { value: OUT_OF_SCOPE }, "（不该回答）"),
      ...this.#entries().map(({ id, question: text }) => make("option", { value: id }, text)));
    select.value = expected;
    const row = make("li", { className: "row" }, input, select, button("删", () => {
      row.remove();
      this.#saveSoon();
    }, { "aria-label": "删掉这一题" }));
    for (const part of [input, select]) part.addEventListener("input", () => this.#saveSoon());
    $("exam").append(row);
    return input;
  }

  #saveSoon() {
    clearTimeout(this.#saving);
    this.#saving = setTimeout(doing(() => this.#save()), SAVE_MS);
  }

  async #save() {
    clearTimeout(this.#saving);
    const rows = [...$("exam").children].map((row) => [row.querySelector("input").value, row.querySelector("select").value]);
    this.#version = (await call("save_evaluation", { version: this.#version, rows })).version;
  }

  #result({ figures, rows, before }) {
    const names = new Map(this.#entries().map(({ id, question }) => [id, question]));
    const right = ({ expected, entry }) => (entry ?? OUT_OF_SCOPE) === expected;
    const earlier = new Map((before?.rows ?? []).map((row) => [row.question, right(row)]));
    const changes = rows.filter((row) => earlier.has(row.question) && earlier.get(row.question) !== right(row));
    const percent = (share) => `${Math.round(share * 100)}%`;
    const line = (row) => `${row.question} → ${row.entry ? names.get(row.entry) ?? row.entry : "没有回答"}`;
    $("exam-result").replaceChildren(
      make("p", {}, `共 ${rows.length} 题，对 ${rows.filter(right).length} 题；该回答的答对 ${percent(figures.answered_right)}，答错 ${percent(figures.wrong)}。`),
      before
        ? make("p", {}, changes.length ? `和上次比，有 ${changes.length} 题变了：` : "和上次一样。")
        : make("p", { className: "quiet" }, "还没有上次的结果可以比。"),
      make("ul", {}, ...changes.map((row) => make("li", { className: right(row) ? "better" : "worse" }, `${right(row) ? "变好" : "变差"}：${line(row)}`))),
      make("h3", {}, "没答对的"),
      make("ul", {}, ...rows.filter((row) => !right(row)).map((row) => make("li", {}, line(row)))),
    );
  }
}
