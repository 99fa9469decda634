// What is shown: one screen at a time, its texts in the chosen language, and the answer's captions.

import { TEXTS } from "/page/texts.js";

const LANGUAGES = { zh: "zh-CN", en: "en" };
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const RING_GAIN = 6; // speech has an RMS level of about 0.1

export const $ = (id) => document.getElementById(id);

export class Screen {
  language = "zh";
  state = "attract";
  #settings;

  constructor(settings) {
    this.#settings = settings;
    document.documentElement.dataset.theme = settings.theme;
    document.title = settings.title;
    $("title").textContent = settings.title;
    $("operator").textContent = settings.operator ?? "";
    if (settings.logo) {
      $("logo").src = "/logo";
      $("logo").hidden = false;
    }
    for (const number of document.querySelectorAll(".hotline-number")) number.textContent = settings.hotline;
    this.#addLetters();
    this.translate("zh");
  }

  get texts() {
    return TEXTS[this.language];
  }

  /** All labels in a language, "zh" or "en". */
  translate(language) {
    this.language = language;
    document.documentElement.lang = LANGUAGES[language];
    for (const element of document.querySelectorAll("[data-text]")) {
      element.textContent = this.texts[element.dataset.text];
    }
    const other = language === "zh" ? "en" : "zh";
    $("language").textContent = { zh: "中文", en: "English" }[other];
    $("language").lang = LANGUAGES[other];
    $("how-to-talk").textContent = this.texts.how[this.#settings.talk];
    $("letters").setAttribute("aria-label", this.texts.letters);
    $("letters").querySelector("[data-erase]").textContent = this.texts.erase;
    this.listEntries(this.#settings.entries);
    this.show(this.state);
  }

  /** Change to a state, one of the `data-for` names of the page. */
  show(state) {
    this.state = state;
    document.body.dataset.state = state;
    const focused = document.activeElement;
    for (const element of document.querySelectorAll("[data-for]")) {
      element.hidden = !element.dataset.for.split(" ").includes(state);
    }
    $("finish").hidden = $("reach").hidden = state === "attract";
    $("browse").hidden = state === "browse" || state === "listening";
    const busy = state === "thinking" || state === "preparing";
    const listening = state === "listening";
    const { talk, talkAgain, done, wait } = this.texts;
    $("talk-label").textContent = listening ? done : busy ? wait : ["attract", "ready", "browse"].includes(state) ? talk : talkAgain;
    $("talk-icon").setAttribute("href", listening ? "#icon-done" : busy ? "#icon-wait" : "#icon-microphone");
    if (listening || busy) $("listening-title").textContent = this.texts[state];
    // What had the focus may have gone; the button is always there.
    if (focused && focused !== document.body && focused.checkVisibility && !focused.checkVisibility()) $("talk").focus();
  }

  /** A sentence for those who do not see the page; never an answer, which is spoken. */
  announce(text) {
    $("status").textContent = text;
  }

  /** Something that a person has to know, in sight until the next state; none for an empty text. */
  notice(text, { alarm = false } = {}) {
    $("notice").textContent = text;
    $("notice").classList.toggle("alarm", alarm);
    $("notice").hidden = !text;
  }

  words(text) {
    $("words").textContent = text;
  }

  /** The microphone's level, 0 to 1. */
  level(level) {
    $("talk").style.setProperty("--level", Math.min(1, level * RING_GAIN).toFixed(3));
  }

  heard(words) {
    $("heard-words").textContent = words;
    $("heard").hidden = !words;
  }

  answer(title, details) {
    $("answer-title").textContent = title ?? "";
    $("answer-title").hidden = !title;
    $("details-text").textContent = details ?? "";
    $("details").hidden = !details;
  }

  rejected(understood) {
    $("rejected-title").textContent = this.texts[understood ? "rejected" : "nothingHeard"];
  }

  captions(clauses) {
    for (const place of [$("captions"), $("rejected-captions")]) {
      place.replaceChildren(
        ...clauses.map((text) => {
          const clause = document.createElement("span");
          clause.textContent = text;
          return clause;
        }),
      );
    }
  }

  /** Light up the clause that is heard; -1 for none. */
  light(index) {
    for (const place of [$("captions"), $("rejected-captions")]) {
      [...place.children].forEach((clause, i) => clause.classList.toggle("heard-now", i === index));
      place.children[index]?.scrollIntoView({ block: "nearest" });
    }
  }

  speaking(speaking) {
    $("stop").disabled = !speaking;
    if (!speaking) this.light(-1);
  }

  choices(questions) {
    $("choices").replaceChildren(...questions.map((question, i) => card(question, { number: i + 1 })));
  }

  examples(examples) {
    $("examples").replaceChildren(...examples.map(({ text }) => listItem(text)));
    $("suggestions").replaceChildren(...examples.map(({ text, entry }) => card(text, { entry })));
  }

  /** Entries as cards, in their groups, or in the order given where they were searched for. */
  listEntries(entries, { searched = false } = {}) {
    const groups = new Map();
    for (const entry of entries) {
      const group = searched ? "" : (entry.group ?? this.texts.otherQuestions);
      groups.set(group, [...(groups.get(group) ?? []), entry]);
    }
    const parts = [];
    for (const [name, members] of groups) {
      if (name && groups.size > 1) {
        const heading = document.createElement("h3");
        heading.textContent = name;
        parts.push(heading);
      }
      const list = document.createElement("ul");
      list.className = "cards";
      list.append(...members.map(({ id, question }) => card(question, { entry: id })));
      parts.push(list);
    }
    $("groups").replaceChildren(...parts);
    $("found").textContent = searched ? this.texts.found(entries.length) : "";
  }

  /** Nothing of one person is there for the next. */
  clear() {
    for (const id of ["words", "heard-words", "answer-title", "captions", "rejected-captions", "details-text", "choices", "status", "seconds-left"]) {
      $(id).replaceChildren();
    }
    this.notice("");
    this.level(0);
    $("search").value = "";
    this.showLetters(false);
    this.reach(false);
    $("still-there").close();
    this.translate("zh");
    document.activeElement?.blur();
    $("main").scrollTop = 0;
  }

  /** Whether the buttons are where a seated person reaches them. */
  reach(low) {
    document.body.dataset.reach = low ? "low" : "all";
    $("reach").setAttribute("aria-pressed", String(low));
  }

  showLetters(shown) {
    $("letters").hidden = !shown;
    $("keyboard").setAttribute("aria-expanded", String(shown));
  }

  #addLetters() {
    const keys = [...LETTERS].map((letter) => {
      const key = document.createElement("button");
      key.type = "button";
      key.textContent = letter;
      key.dataset.letter = letter;
      key.lang = "en";
      return key;
    });
    const erase = document.createElement("button");
    erase.type = "button";
    erase.dataset.erase = "";
    $("letters").append(...keys, erase);
  }
}

function listItem(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function card(text, data) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "card";
  Object.assign(button.dataset, data); // entry: its id, or number: which of the choices
  if (data.number) {
    const number = document.createElement("span");
    number.className = "number";
    number.textContent = data.number;
    button.append(number, " ");
  }
  button.append(text);
  item.append(button);
  return item;
}
