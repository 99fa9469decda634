// What is shown: one screen at a time, its texts in the chosen language, and the answer's captions.

import { $, card, element, inMemory, letterKeys } from "/page/elements.js";
import { facts, fill } from "/page/facts.js";
import { TEXTS } from "/page/texts.js";

const CHINESE = "zh";
const RING_GAIN = 6; // speech has an RMS level of about 0.1
const TELEPHONE = "(pointer: coarse) and (max-width: 599px)"; // where a number can be called
const WIPED = ["words", "heard-words", "answer-title", "translation", "captions", "rejected-captions", "details-text", "facts", "choices", "nearest", "status", "seconds-left", "found"];
const NOTHING = { entry: null, choices: [], nearest: [], caught: true };

export class Screen {
  language = CHINESE;
  state = "attract";
  /** What the answer or the choice on the screen is about. */
  #content = NOTHING;
  #settings;
  #entries;
  #languages;
  #listed = { entries: null, searched: false, group: null };
  #notice = ["", {}];

  constructor(settings) {
    this.#settings = settings;
    this.#entries = new Map(settings.entries.map((entry) => [entry.id, entry]));
    this.#languages = [CHINESE, ...new Set(["en", ...settings.languages])];
    document.documentElement.dataset.theme = settings.theme;
    document.title = settings.title;
    $("title").textContent = settings.title;
    $("operator").textContent = settings.operator ?? "";
    if (settings.logo) {
      $("logo").src = "/logo";
      $("logo").hidden = false;
    }
    for (const number of document.querySelectorAll(".hotline-number")) fill(number, settings.hotline, this.#calls);
    if (!settings.keptDays) $("kept").remove();
    $("letters").append(...letterKeys());
    $("languages").append(
      ...this.#languages.map((language) => card(languageName(language), { language }, { lang: tag(language), className: "" })),
    );
    new ResizeObserver(() => this.#showThatItGoesOn()).observe($("main"));
    $("main").addEventListener("scroll", () => this.#showThatItGoesOn(), { passive: true });
    this.listEntries();
    this.translate(CHINESE);
    this.size(0);
  }

  get texts() {
    return TEXTS[this.language] ?? TEXTS.en;
  }

  get #calls() {
    return { calls: matchMedia(TELEPHONE).matches };
  }

  /** What keys can walk through. */
  get shown() {
    const { entry, choices, nearest } = this.#content;
    return {
      groups: this.#settings.groups, group: this.#listed.searched ? -1 : this.#listed.group,
      listed: this.#listed.entries.map(({ id }) => id), choices, nearest, entry,
      details: Boolean(entry && this.#entries.get(entry).screen),
    };
  }

  /** The next language that there is. */
  otherLanguage() {
    const { length } = this.#languages;
    return this.#languages[(this.#languages.indexOf(this.language) + 1) % length];
  }

  /** All labels, questions and answers in a language. */
  translate(language) {
    this.language = language;
    document.documentElement.lang = tag(language);
    for (const labelled of document.querySelectorAll("[data-text]")) labelled.textContent = this.texts[labelled.dataset.text];
    const other = this.otherLanguage();
    $("language").textContent = languageName(other);
    $("language").lang = tag(other);
    $("tools").setAttribute("aria-label", this.texts.tools);
    $("how-to-talk").textContent = this.texts.how[this.#settings.talk];
    if (this.#settings.keptDays) $("kept").textContent = this.texts.kept(this.#settings.keptDays);
    $("letters").setAttribute("aria-label", this.texts.letters);
    $("manner").setAttribute("aria-label", this.texts.sound);
    $("letters").querySelector("[data-erase]").textContent = this.texts.erase;
    $("close-keyboard").textContent = this.texts.closeKeyboard;
    for (const place of ["ready-groups", "rejected-groups"]) {
      const { groups } = this.#settings;
      $(place).replaceChildren(...(groups.length > 1 ? groups.map((_, group) => this.#groupCard(group)) : []));
    }
    this.#drawList();
    this.#drawContent();
    this.notice(...this.#notice);
    this.show(this.state);
  }

  /** Change to a state of the machine; 还在吗 and 正在重新连接 lie over the state before. */
  show(at) {
    if (at === "asking") {
      $("still-there").showModal();
      return;
    }
    if (at !== "offline") {
      if ($("still-there").open) $("still-there").close();
      this.#showSection(at);
    } else if ($("still-there").open) $("still-there").close();
  }

  #showSection(state) {
    const changed = state !== this.state;
    this.state = state;
    document.body.dataset.state = state;
    const focused = document.activeElement;
    for (const part of document.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(state);
    // From one group there is a way to all of them.
    if (state === "browse") $("browse").hidden = this.#listed.group === null && !this.#listed.searched;
    if (state !== "browse") this.showLetters(false);
    if (state !== "answer") this.showManner(false);
    const listening = state === "listening";
    const busy = state === "thinking" || state === "preparing";
    const { talk, done, wait } = this.texts;
    $("talk-label").textContent = listening ? done[this.#settings.talk] : busy ? wait : talk[this.#settings.talk];
    $("talk-icon").setAttribute("href", listening ? "#icon-done" : busy ? "#icon-wait" : "#icon-microphone");
    if (listening || busy) $("listening-title").textContent = this.texts[state];
    if (changed) {
      $("main").scrollTop = 0;
      this.announce(this.#told(state));
    }
    // What had the focus may have gone; the button is always there.
    if (focused && focused !== document.body && focused.checkVisibility && !focused.checkVisibility()) $("talk").focus();
    this.#showThatItGoesOn();
  }

  /** A state for those who do not see it; the answer itself is spoken. */
  #told(state) {
    const { texts } = this;
    const { entry, choices, caught } = this.#content;
    switch (state) {
      case "browse": return texts.allQuestions;
      case "preparing": case "thinking": return texts[state];
      case "listening": return texts.listening;
      case "choosing": return [this.#offering().title, ...choices.map((id, i) => `${i + 1} ${this.#question(id).text}`)].join(" ");
      case "answer": return entry ? texts.answered(this.#question(entry).text) : "";
      case "rejected": return texts[caught ? "rejected" : "notCaught"];
      default: return "";
    }
  }

  /** What stands around the offered questions. */
  #offering() {
    const { texts } = this;
    return this.#content.choices.length === 1
      ? { title: texts.confirming, hint: texts.confirmingHint, none: texts.notThis }
      : { title: texts.choosing, hint: texts.choosingHint, none: texts.noneOfThem };
  }

  /** A sentence for those who do not see the page; never an answer, which is spoken. */
  announce(text) {
    $("status").textContent = text;
  }

  /** Something that a person has to know, by its name among the texts, in sight until the next; none for "". */
  notice(name, { alarm = false } = {}) {
    this.#notice = [name, { alarm }];
    $("notice").textContent = name ? this.texts[name] : "";
    $("notice").classList.toggle("alarm", alarm);
    $("notice").hidden = !name;
  }

  words(text) {
    $("words").textContent = text;
  }

  /** The microphone's level, 0 to 1. */
  level(level) {
    $("talk").style.setProperty("--level", Math.min(1, level * RING_GAIN).toFixed(3));
  }

  /** What became of a question: `turn` as the server has it, the entries that it offers instead of an answer. */
  present({ turn, same, choices, nearest, caught }) {
    const spoken = turn.input === "microphone" ? turn.transcript : "";
    $("heard-words").textContent = spoken;
    $("heard").hidden = !spoken;
    const entry = same ? this.#content.entry : turn.entry;
    this.#content = { entry, choices, nearest, caught };
    this.#drawContent();
  }

  #drawContent() {
    const { entry: id, choices, nearest, caught } = this.#content;
    const entry = this.#entries.get(id);
    const translation = entry?.translations[this.language];
    const title = entry && this.#question(id);
    $("answer-title").textContent = title?.text ?? "";
    $("answer-title").lang = title?.lang ?? "";
    $("answer-title").hidden = !title;
    $("translation").hidden = !translation;
    $("captions").classList.toggle("quiet", Boolean(translation));
    fill($("translation"), translation?.answer ?? "", this.#calls);
    const { cards, rest } = facts(translation ? "" : (entry?.screen ?? ""));
    const more = translation || !entry ? [] : facts(entry.answer).cards;
    this.#drawFacts(cards.length ? cards : translation ? facts(translation.answer).cards : more);
    fill($("details-text"), rest, this.#calls);
    $("details").hidden = !rest;
    $("take-away").hidden = !entry;
    $("qr").alt = title ? this.texts.qr(title.text) : "";
    this.#drawCode(id);
    $("answer-side").hidden = !entry;
    const offering = this.#offering();
    $("choosing-title").textContent = offering.title;
    $("choosing-hint").textContent = offering.hint;
    $("none-of-them").textContent = offering.none;
    $("choices").replaceChildren(...choices.map((choice, i) => this.#questionCard(choice, { number: i + 1 })));
    $("nearest").replaceChildren(...nearest.map((near) => this.#questionCard(near)));
    $("nearest-label").hidden = !nearest.length;
    const { texts } = this;
    $("rejected-title").textContent = texts[caught ? "rejected" : "notCaught"];
    $("rejected-icon").setAttribute("href", caught ? "#icon-unknown" : "#icon-ear");
    document.querySelector(".rejected").dataset.caught = String(caught);
    $("advice").textContent = caught ? "" : texts.advice;
    $("advice").hidden = $("type-instead").hidden = caught;
  }

  async #drawCode(id) {
    const { language } = this;
    if ($("qr").src) URL.revokeObjectURL($("qr").src);
    $("qr").removeAttribute("src");
    if (!id) return;
    const picture = await inMemory(`/take-away/${language}/${id}.svg?content=${this.#settings.content}`).catch(() => null);
    if (picture && this.#content.entry === id && this.language === language && !$("qr").src) $("qr").src = picture;
    else if (picture) URL.revokeObjectURL(picture);
  }

  #drawFacts(cards) {
    $("facts").hidden = !cards.length;
    $("facts").replaceChildren(
      ...cards.map(({ label, value }) => {
        const shown = element("dd");
        fill(shown, value, this.#calls);
        return element("div", {}, element("dt", { textContent: label ?? this.texts.telephone }), shown);
      }),
    );
  }

  captions(clauses) {
    for (const place of [$("captions"), $("rejected-captions")]) {
      place.replaceChildren(
        ...clauses.map((text) => {
          const clause = element("span");
          fill(clause, text);
          return clause;
        }),
      );
    }
    this.#showThatItGoesOn();
  }

  /** Light up the clause that is heard; -1 for none. */
  light(index) {
    for (const place of [$("captions"), $("rejected-captions")]) {
      [...place.children].forEach((clause, i) => clause.classList.toggle("heard-now", i === index));
      // Whoever reads a translation is not led away from it.
      if (!place.matches(".quiet")) place.children[index]?.scrollIntoView({ block: "nearest" });
    }
  }

  speaking(speaking) {
    $("stop").disabled = !speaking;
    if (!speaking) this.light(-1);
  }

  /** Questions as people ask them. */
  examples(entries) {
    for (const place of ["examples", "suggestions"]) {
      $(place).replaceChildren(
        ...entries.map((entry) => {
          const translated = entry.translations[this.language];
          return card(translated?.question ?? `${entry.asked}？`, { entry: entry.id }, { lang: translated ? tag(this.language) : "zh-CN" });
        }),
      );
    }
  }

  /** All entries in their groups, one group, or those found, in the order given. */
  listEntries({ found = null, group = null } = {}) {
    const all = this.#settings.entries;
    const name = group === null ? null : this.#settings.groups[group];
    const entries = found ? found.map((id) => this.#entries.get(id)) : name === null ? all : all.filter((entry) => entry.group === name);
    this.#listed = { entries, searched: found !== null, group };
    this.#drawList();
  }

  #drawList() {
    const { entries, searched, group } = this.#listed;
    const byGroup = new Map();
    for (const entry of entries) {
      const index = searched ? null : this.#settings.groups.indexOf(entry.group);
      byGroup.set(index, [...(byGroup.get(index) ?? []), entry]);
    }
    const parts = [];
    for (const [index, members] of byGroup) {
      const headed = index !== null && this.#settings.groups.length > 1;
      if (headed) parts.push(element("h3", {}, ...(group === null ? this.#groupCard(index, "group").children : [this.#groupName(index).text])));
      parts.push(element("ul", { className: "cards" }, ...members.map(({ id }) => this.#questionCard(id))));
    }
    $("groups").replaceChildren(...parts);
    $("found").textContent = searched ? this.texts.found(entries.length) : "";
    this.#showThatItGoesOn();
  }

  #question(id) {
    const entry = this.#entries.get(id);
    const translated = entry.translations[this.language]?.question;
    return { text: translated ?? entry.question, lang: translated ? tag(this.language) : "zh-CN" };
  }

  #groupName(index) {
    const name = this.#settings.groups[index];
    const translated = this.#settings.entries.find((entry) => entry.group === name && entry.translations[this.language]?.group);
    if (translated) return { text: translated.translations[this.language].group, lang: tag(this.language) };
    return { text: name, lang: "zh-CN" };
  }

  #questionCard(id, data = { entry: id }) {
    const { text, lang } = this.#question(id);
    return card(text, data, { lang });
  }

  #groupCard(group, className = "card group") {
    const { text, lang } = this.#groupName(group);
    return card(text, { group }, { lang, className });
  }

  /** Nothing of one person is there for the next. */
  clear() {
    this.#content = NOTHING;
    for (const id of WIPED) $(id).replaceChildren();
    this.notice("");
    this.level(0);
    $("search").value = "";
    this.showLetters(false);
    this.showManner(false);
    this.reach(false);
    this.size(0);
    this.contrast(false);
    this.listEntries();
    this.translate(CHINESE);
    document.activeElement?.blur();
    $("main").scrollTop = 0;
  }

  /** Whether the buttons are where a seated person reaches them. */
  reach(low) {
    document.body.dataset.reach = low ? "low" : "all";
    $("reach").setAttribute("aria-pressed", String(low));
  }

  /** Text size by step, 0 to 2; without one, the next. */
  size(step = (Number(document.documentElement.dataset.size) + 1) % this.texts.sizes.length) {
    document.documentElement.dataset.size = step;
    return this.texts.sizes[step];
  }

  contrast(high = document.documentElement.dataset.contrast !== "high") {
    document.documentElement.dataset.contrast = high ? "high" : "normal";
    $("contrast").setAttribute("aria-pressed", String(high));
  }

  showLetters(shown) {
    $("letters").hidden = !shown;
    document.body.dataset.keyboard = shown ? "open" : "closed";
    $("keyboard").setAttribute("aria-expanded", String(shown));
  }

  showManner(shown) {
    $("manner").hidden = !shown;
    $("sound").setAttribute("aria-expanded", String(shown));
  }

  /** Whether there is more below than can be seen. */
  #showThatItGoesOn() {
    const main = $("main");
    main.classList.toggle("goes-on", main.scrollTop + main.clientHeight < main.scrollHeight - 8);
    // Keys can scroll it where nothing in it can have the focus.
    if (main.scrollHeight > main.clientHeight) main.tabIndex = 0;
    else main.removeAttribute("tabindex");
  }
}

function tag(language) {
  return language === CHINESE ? "zh-CN" : language;
}

function languageName(language) {
  const name = language === CHINESE ? "中文" : new Intl.DisplayNames([language], { type: "language" }).of(language);
  return name[0].toUpperCase() + name.slice(1);
}
