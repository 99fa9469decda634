// The form of what belongs to no entry: title, telephone number, synonyms, readings, prompts.

import { $, doing, make } from "/editor/dom.js";
import { call } from "/editor/server.js";

const PROMPT_NAMES = {
  greeting: "打招呼", not_caught: "没听清", not_known: "答不上来", not_known_again: "又答不上来", clarify: "反问（{choices} 换成几个问题）",
  confirm: "反问（{question} 换成一个问题）", nothing_to_repeat: "没有可重复的", help: "帮助", adjusted: "调好了", at_limit: "到头了", choose: "请选一个", still_there: "还在吗",
  listening: "没有问什么", who: "问是谁", welcome: "不客气", goodbye: "再见",
};

// Section of faq.yaml → its element.
const FIELDS = { title: "faq-title", hotline: "hotline", out_of_scope: "out-of-scope", synonyms: "synonyms", pronunciations: "pronunciations" };

export class WholeForm {
  #sections = {}; // as they were read
  #prompts = {};

  /** `saved()` is called when all of it is saved. */
  constructor(saved) {
    const save = doing(async () => {
      await this.#save();
      await saved();
      $("whole-saved").textContent = "保存好了";
    });
    $("whole").addEventListener("submit", (event) => {
      event.preventDefault();
      save();
    });
    $("whole").addEventListener("input", () => ($("whole-saved").textContent = ""));
  }

  get dirty() {
    return this.#changedSections().length > 0 || Object.keys(this.#changedPrompts()).length > 0;
  }

  show({ sections, prompts }) {
    this.#sections = sections ?? {};
    this.#prompts = prompts ?? {};
    $("faq-title").value = this.#sections.title ?? "";
    $("hotline").value = this.#sections.hotline ?? "";
    $("out-of-scope").value = (this.#sections.out_of_scope ?? []).join("\n");
    $("synonyms").value = (this.#sections.synonyms ?? []).map((group) => group.join("、")).join("\n");
    $("pronunciations").value = Object.entries(this.#sections.pronunciations ?? {}).map(([word, pinyin]) => `${word} ${pinyin}`).join("\n");
    $("prompts").replaceChildren(
      ...Object.entries(this.#prompts).flatMap(([name, text]) => [
        make("label", { htmlFor: `prompt-${name}` }, PROMPT_NAMES[name] ?? name),
        make("textarea", { id: `prompt-${name}`, rows: 2, value: text, data: { prompt: name } }),
      ]),
    );
    $("prompts").className = "field";
  }

  /** Show what is in the files by now; what was typed stays. False, and nothing done, where both were changed. */
  refresh({ sections = {}, prompts = {} }) {
    if (JSON.stringify([sections, prompts]) === JSON.stringify([this.#sections, this.#prompts])) return true;
    if (this.#clashes({ sections, prompts }).length) return false;
    this.#showAround({ sections, prompts });
    return true;
  }

  async #save() {
    try {
      for (const [name, value] of this.#changedSections()) {
        await call("save_section", { name, base: this.#sections[name] ?? null, value });
      }
      const changed = this.#changedPrompts();
      if (Object.keys(changed).length) await call("save_prompts", { base: this.#prompts, changed });
    } catch (error) {
      if (error.now === undefined) throw error;
      const fresh = await call("open");
      const clashes = this.#clashes(fresh);
      this.#showAround(fresh);
      throw new Error(`别人刚才改过了：\n${clashes.join("\n")}\n您写的还在这里，没有丢，也没有存。再按一次“保存设置”，就用您写的换掉它。`);
    }
  }

  /** What somebody else has written where something was typed here, in words. */
  #clashes({ sections = {}, prompts = {} }) {
    const differs = (one, other) => JSON.stringify(one ?? null) !== JSON.stringify(other ?? null);
    const told = (id) => document.querySelector(`label[for="${id}"]`).textContent;
    return [
      ...this.#changedSections().filter(([name]) => differs(sections[name], this.#sections[name])).map(([name]) => [told(FIELDS[name]), sections[name]]),
      ...Object.keys(this.#changedPrompts()).filter((name) => differs(prompts[name], this.#prompts[name])).map((name) => [told(`prompt-${name}`), prompts[name]]),
    ].map(([label, theirs]) => `${label}：${typeof theirs === "string" ? theirs : JSON.stringify(theirs ?? "（空）")}`);
  }

  /** Show what is in the files around what was typed. */
  #showAround(fresh) {
    const names = [...this.#changedSections().map(([name]) => FIELDS[name]), ...Object.keys(this.#changedPrompts()).map((name) => `prompt-${name}`)];
    const typed = names.map((id) => [id, $(id).value]);
    this.show(fresh);
    for (const [id, value] of typed) if ($(id)) $(id).value = value;
  }

  /** Name and value of each section that is not as it was read. */
  #changedSections() {
    const lines = (id) => $(id).value.split("\n").map((line) => line.trim()).filter(Boolean);
    const typed = {
      title: $("faq-title").value.trim(),
      hotline: $("hotline").value.trim(),
      out_of_scope: lines("out-of-scope"),
      synonyms: lines("synonyms").map((line) => line.split(/[、，,]/).map((word) => word.trim()).filter(Boolean)),
      pronunciations: Object.fromEntries(lines("pronunciations").map((line) => [line.split(/\s+/)[0], line.split(/\s+/).slice(1).join(" ")])),
    };
    return Object.entries(typed).filter(([name, value]) => {
      const base = this.#sections[name] ?? null;
      const empty = base === null && Object.keys(value).length === 0;
      return !empty && JSON.stringify(value) !== JSON.stringify(base);
    });
  }

  #changedPrompts() {
    const changed = {};
    for (const text of $("prompts").querySelectorAll("textarea")) {
      const typed = text.value.trim();
      if (typed !== this.#prompts[text.dataset.prompt]) changed[text.dataset.prompt] = typed;
    }
    return changed;
  }
}
