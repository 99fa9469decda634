// The form of one entry: notes at each field as one types, suggestions, readings, saving.

import { $, button, doing, make, notice, showNotes } from "/editor/dom.js";
import { play } from "/editor/sound.js";
import { call } from "/editor/server.js";

const TEXTS = ["question", "group", "answer", "screen"];
const NEVER = { id: "", question: "", wordings: [], answer: "" };
const LANGUAGE_NAMES = { en: "英文" };

export class EntryForm {
  #base = null; // as it was read; null where nothing is open
  #new = false;
  #typed = 0;
  #saved;
  #languages = [];

  /** `saved(entry, id)`: the entry as the server has it, null where it was deleted. */
  constructor(saved) {
    this.#saved = saved;
    $("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    for (const field of TEXTS) $(field).addEventListener("input", () => this.#changed(field, $(field).value, $(`${field}-notes`)));
    $("add-wording").addEventListener("click", () => this.#addRow("").focus());
    $("suggest").addEventListener("click", doing(() => this.#suggest()));
    $("delete").addEventListener("click", doing(() => this.#delete()));
    $("pronounce").addEventListener("click", doing(() => this.#pronounce()));
  }

  languages(languages) {
    this.#languages = languages;
    $("translations").replaceChildren(
      ...languages.map((language) =>
        make("details", {}, make("summary", {}, `${LANGUAGE_NAMES[language] ?? language}（屏幕上）`),
          ...["question", "answer"].flatMap((field) => [
            make("label", { htmlFor: `${field}-${language}` }, field === "question" ? "问题" : "答案"),
            make("textarea", { id: `${field}-${language}`, rows: 2, lang: language }),
          ])),
      ),
    );
    $("translations").className = "field";
  }

  get id() {
    return this.#base?.id ?? null;
  }

  get dirty() {
    return this.#base !== null && JSON.stringify(this.#read()) !== JSON.stringify(this.#normal(this.#base));
  }

  /** Show an entry; null for a new one. */
  async open(entry) {
    this.#new = entry === null;
    this.#base = entry ?? NEVER;
    $("form").hidden = false;
    $("no-entry").hidden = true;
    $("form-title").textContent = this.#new ? "新的一条" : this.#base.question;
    $("delete").hidden = this.#new;
    for (const field of TEXTS) $(field).value = this.#base[field] ?? "";
    for (const language of this.#languages) {
      for (const field of ["question", "answer"]) $(`${field}-${language}`).value = this.#base.translations?.[language]?.[field] ?? "";
    }
    $("wordings").replaceChildren();
    for (const wording of this.#base.wordings ?? []) this.#addRow(wording);
    if (!this.#base.wordings?.length) this.#addRow("");
    $("suggestions").replaceChildren();
    $("saved").textContent = "";
    this.#count();
    for (const list of $("form").querySelectorAll(".notes")) {
      list.replaceChildren();
      delete list.dataset.asked;
    }
    const shown = this.#base;
    if (!this.#new) this.#showAll((await call("entry_notes", { fields: this.#read() })).notes, shown);
    await this.#note("answer", this.#base.answer ?? "", $("answer-notes"));
  }

  /**
   * Show the open entry as the server has it by now; false, and nothing done, where that would take away what was typed.
   * What is shown already stays as it is, with what is told about it.
   */
  async refresh(entry) {
    const same = JSON.stringify(this.#normal(entry)) === JSON.stringify(this.#normal(this.#base));
    if (!same && this.dirty) return false;
    if (same) this.#base = entry;
    else await this.open(entry);
    return true;
  }

  close() {
    this.#base = null;
    $("form").hidden = true;
    $("no-entry").hidden = false;
  }

  /** Resolves to whether it is saved, or nothing was to be. */
  async save() {
    if (this.#base === null || (!this.#new && !this.dirty)) return true;
    return (await doing(() => this.#save())()) ?? false;
  }

  async addWording(text) {
    this.#addRow(text);
    this.#count();
  }

  async #save() {
    const fields = this.#read();
    try {
      const { id, ...given } = fields;
      const { entry } = this.#new ? await call("add_entry", { fields: given }) : await call("save_entry", { entry: id, base: this.#base, fields: given });
      this.#new = false;
      this.#base = entry;
      $("form-title").textContent = entry.question;
      $("delete").hidden = false;
      $("saved").textContent = `保存好了（${new Date().toLocaleTimeString("zh-CN")}）`;
      this.#saved(entry, entry.id);
      return true;
    } catch (error) {
      if (error.now === undefined || error.now === null) throw error;
      // What is in the form stays; saving again puts it over what the other person has written.
      const differs = ["question", "group", "answer", "screen"].filter((field) => (error.now[field] ?? "") !== (this.#base[field] ?? ""));
      const theirs = differs.map((field) => `${field === "answer" ? "答案" : field === "question" ? "问题" : field}：${error.now[field] ?? "（空）"}`);
      this.#base = error.now;
      throw new Error(`${error.message}您写的还在这里，没有丢，也没有存。别人写的是：\n${theirs.join("\n") || "问法有变化"}\n再按一次“保存”，就用您写的换掉它。`);
    }
  }

  async #delete() {
    if (!confirm(`删掉“${this.#base.question}”吗？在“以前的样子”里可以恢复。`)) return;
    const id = this.#base.id;
    await call("delete_entry", { entry: id, base: this.#base });
    this.close();
    this.#saved(null, id);
  }

  #normal(entry) {
    const empty = Object.fromEntries(TEXTS.map((field) => [field, entry[field] ?? ""]));
    const translations = this.#languages.length ? { translations: this.#translations((field, language) => entry.translations?.[language]?.[field] ?? "") } : {};
    return { id: entry.id, ...empty, wordings: entry.wordings ?? [], ...translations };
  }

  #read() {
    const fields = { id: this.#base.id };
    for (const field of TEXTS) fields[field] = $(field).value;
    fields.wordings = [...$("wordings").querySelectorAll("input")].map((input) => input.value).filter((text) => text.trim());
    if (this.#languages.length) fields.translations = this.#translations((field, language) => $(`${field}-${language}`).value);
    return fields;
  }

  #translations(value) {
    return Object.fromEntries(this.#languages.map((language) => [language, { question: value("question", language), answer: value("answer", language) }]));
  }

  #addRow(text, after = null) {
    const notes = make("ul", { className: "notes", "aria-live": "polite" });
    const input = make("input", { type: "text", value: text, autocomplete: "off", "aria-label": "问法" });
    const row = make("li", { className: "row" }, input, button("删", () => this.#removeRow(row), { "aria-label": "删掉这种问法" }), notes);
    input.addEventListener("input", () => {
      this.#count();
      this.#changed("wordings", input.value, notes);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter") {
        event.preventDefault();
        this.#addRow("", row).focus();
      } else if (event.key === "Backspace" && !input.value && $("wordings").children.length > 1) {
        event.preventDefault();
        this.#removeRow(row);
      }
    });
    input.addEventListener("paste", (event) => {
      const lines = event.clipboardData.getData("text").split("\n").map((line) => line.trim()).filter(Boolean);
      if (lines.length < 2) return;
      event.preventDefault();
      for (const line of lines.reverse()) this.#addRow(line, row);
      if (!input.value) row.remove();
      this.#count();
    });
    if (after) after.after(row);
    else $("wordings").append(row);
    return input;
  }

  #removeRow(row) {
    const near = (row.previousElementSibling ?? row.nextElementSibling)?.querySelector("input");
    row.remove();
    this.#count();
    (near ?? $("add-wording")).focus();
  }

  #count() {
    const filled = [...$("wordings").querySelectorAll("input")].filter((input) => input.value.trim()).length;
    $("wordings-count").textContent = `（${filled} 种）`;
  }

  async #changed(field, text, notes) {
    $("saved").textContent = "";
    if (notes) await this.#note(field, text, notes);
  }

  /** What the server knows of a text as it is typed; an answer that comes late is dropped. */
  async #note(field, text, list) {
    const number = ++this.#typed;
    list.dataset.asked = number;
    const told = await call("notes", { entry: this.#base.id, field, text }).catch(() => null);
    if (told === null || list.dataset.asked !== String(number)) return;
    showNotes(list, told.notes);
    list.dataset.answered = number;
    if (field === "answer") this.#showReadings(told);
  }

  #showAll(notes, shown) {
    if (shown !== this.#base) return;
    const rows = [...$("wordings").children];
    for (const note of notes) {
      const list = note.index === null ? $(`${note.field}-notes`) : rows[note.index]?.querySelector(".notes");
      // What was typed meanwhile has notes of its own.
      if (list && !list.dataset.asked) list.append(make("li", { className: note.kind }, note.text));
    }
  }

  #showReadings({ figures, clauses }) {
    $("figures").textContent = figures ? `数字会念成：${figures}` : "";
    $("figures").hidden = !figures;
    $("clauses").replaceChildren(
      ...clauses.map(({ text, pinyin }) =>
        make("li", { className: "row" },
          button("听", doing(() => play(text, $("voice").value)), { "aria-label": `听“${text}”` }),
          make("span", {}, `${text} `, make("span", { className: "quiet", lang: "zh-Latn" }, pinyin))),
      ),
    );
  }

  async #suggest() {
    const { wordings } = await call("suggestions", { fields: this.#read() });
    $("suggestions").replaceChildren(
      ...wordings.map((wording) => {
        const item = make("li", {}, button(`＋ ${wording}`, () => {
          this.#addRow(wording);
          this.#count();
          item.remove();
        }));
        return item;
      }),
    );
    if (!wordings.length) notice("想不出别的问法了。先多写几种，或在“整体设置”里加同义词。");
  }

  async #pronounce() {
    await call("pronounce", { word: $("word").value, pinyin: $("pinyin").value });
    $("word").value = $("pinyin").value = "";
    await this.#note("answer", $("answer").value, $("answer-notes"));
  }
}
