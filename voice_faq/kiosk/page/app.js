// The page: turns what people, the server, the microphone and the loudspeaker do into the machine's events, and does
// what the machine says.

import { Connection } from "/page/connection.js";
import { Devices } from "/page/devices.js";
import { $ } from "/page/elements.js";
import { listenToPresses } from "/page/keys.js";
import { step } from "/page/machine.js";
import { FIRST } from "/page/machine/state.js";
import { items, spoken } from "/page/menu.js";
import { Microphone } from "/page/microphone.js";
import { Player } from "/page/player.js";
import { Screen } from "/page/screen.js";

const EXAMPLES = 3;
const EXAMPLES_MS = 6000;
const TICK_MS = 100;
const SETTINGS_MS = 500; // between tries to read the settings

const settings = await loadSettings();
const screen = new Screen(settings);
let state = FIRST;
let walked = -1; // which of the items has been walked to
let audible = Promise.resolve(); // when the answer may begin to be heard
let manner = {};
let searches = 0;
let found = null; // the entries that were found for what is typed

const microphone = new Microphone(
  (audio, level, owner) => {
    connection.sendAudio(audio, owner);
    screen.level(level);
  },
  () => {
    screen.level(0);
    devices.microphone = "missing";
    dispatch({ type: "microphoneFailed", problem: "missing" });
  },
);
const player = new Player(settings.content, {
  clause: (voice, index) => {
    devices.loudspeaker = "works";
    if (voice === state.answering) screen.light(index);
    dispatch({ type: "sounding", voice });
  },
  sounding: (voice) => dispatch({ type: "sounding", voice }),
  ended: (voice) => dispatch({ type: "spokenOut", voice }),
  failed: (voice) => {
    devices.loudspeaker = "failed";
    dispatch({ type: "muted", voice });
  },
});
const devices = new Devices();
const connection = new Connection((event) => dispatch(event), settings.content, () => devices.state);

async function loadSettings() {
  for (;;) {
    try {
      return await (await fetch("/settings.json")).json();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, SETTINGS_MS));
    }
  }
}

// Events and effects

const waiting = [];
let stepping = false;

/** One event after another, also those that an effect brings about. */
function dispatch(event) {
  waiting.push({ now: performance.now(), ...event });
  if (stepping) return;
  stepping = true;
  try {
    while (waiting.length) {
      const [next, effects] = step(state, waiting.shift(), settings);
      state = next;
      for (const effect of effects) EFFECTS[effect.do](effect);
    }
  } finally {
    stepping = false;
  }
}

const EFFECTS = {
  send: ({ message }) => connection.send(message),
  show: ({ at }) => {
    walked = -1;
    screen.show(at);
  },
  begin: ({ language }) => {
    if (language) {
      screen.translate(language);
      nextExamples(0);
    }
    if (document.activeElement === document.body) $("talk").focus();
    // The microphone takes a moment to open; it is ready by the time that it is needed.
    microphone.open().catch(() => {});
    player.open();
  },
  wipe: () => {
    found = null;
    screen.clear();
    nextExamples(0);
  },
  hush: () => {
    player.stop();
    screen.speaking(false);
  },
  quiet: () => screen.speaking(false),
  say: ({ voice, sentences }) => {
    screen.speaking(true);
    player.open().then(() => state.voice === voice && player.say(voice, sentences));
  },
  speak: ({ voice, clauses }) => {
    screen.captions(clauses);
    screen.speaking(true);
    player.begin(voice, audible);
    audible = Promise.resolve();
  },
  clause: ({ address, begins }) => player.add(address, begins),
  complete: ({ clauses }) => player.complete(clauses),
  earcon: ({ name, before }) => {
    if (before && !settings.earcons) return;
    const over = player.earcon(name);
    if (before) audible = over;
  },
  openMicrophone: async ({ question }) => {
    try {
      const [rate] = await Promise.all([microphone.open(), player.open()]);
      devices.microphone = "works";
      dispatch({ type: "microphoneReady", question, rate });
    } catch (problem) {
      if (problem === "closed") return;
      devices.microphone = problem === "denied" || problem === "missing" ? problem : "failed";
      dispatch({ type: "microphoneFailed", question, problem: devices.state.microphone });
    }
  },
  invite: async ({ question }) => {
    await player.earcon("listening");
    dispatch({ type: "invited", question });
  },
  hear: () => microphone.begin({ session: state.session, question: state.question }),
  endMicrophone: async ({ question }) => {
    await microphone.end();
    screen.level(0);
    dispatch({ type: "flushed", question });
  },
  dropMicrophone: () => {
    microphone.drop();
    screen.level(0);
  },
  closeMicrophone: () => microphone.close(),
  notice: ({ text, alarm }) => screen.notice(text, { alarm }),
  announce: ({ text }) => screen.announce(screen.texts[text]),
  manner: ({ pace, volume }) => {
    manner = { pace, volume };
    player.pace = pace;
    player.volume = volume;
  },
  announceManner: ({ changed, pace, volume }) => {
    const { atLimit, pace: speed, volume: loudness } = screen.texts;
    screen.announce(!changed ? atLimit : pace === manner.pace ? loudness(volume) : speed(pace));
  },
  words: ({ text }) => screen.words(text),
  present: (content) => {
    screen.present(content);
    screen.show(content.at);
  },
  list: ({ group = null }) => {
    $("search").value = "";
    found = null;
    screen.listEntries({ group });
  },
  found: ({ number, entries }) => {
    if (number !== searches) return;
    found = entries;
    walked = -1;
    screen.listEntries({ found: entries });
  },
  focus: ({ id }) => $(id).focus(),
  offline: ({ busy }) => {
    $("offline-title").textContent = screen.texts[busy ? "busy" : "offline"];
    $("offline-text").textContent = screen.texts[busy ? "busyText" : "offlineText"];
    if (!$("offline").open) $("offline").showModal();
  },
  online: async () => {
    if (!$("offline").open) return;
    $("offline").close();
    // It may have come back with other questions.
    if (JSON.stringify(await loadSettings()) !== JSON.stringify(settings)) location.reload();
  },
  renew: async () => {
    if (JSON.stringify(await loadSettings()) === JSON.stringify(settings)) return;
    if (state.at === "attract") location.reload();
    else dispatch({ type: "content" }); // somebody has come meanwhile
  },
  secondsLeft: ({ left }) => {
    $("seconds-left").textContent = left;
  },
};

// Touches

addEventListener("pointerdown", () => {
  if (!["attract", "asking"].includes(state.at)) dispatch({ type: "touch" });
}, { capture: true });

addEventListener("click", ({ target, detail }) => {
  const pressed = target.closest("button, a, input");
  const key = detail === 0; // by a key or a screen reader
  const { entry, number, group, language, letter, erase } = pressed?.dataset ?? {};
  if (!pressed) {
    if (!target.closest("#offline")) dispatch({ type: "touch" });
  } else if (entry) dispatch({ type: "show", entry, key });
  else if (number) dispatch({ type: "choose", number: Number(number), key });
  else if (group) dispatch({ type: "group", group: Number(group), key });
  else if (language) dispatch({ type: "touch", language });
  else if (letter || erase !== undefined) type(letter);
  else PRESSED[pressed.id]?.(key);
});

const event = (type, content = {}) => (key) => dispatch({ type, key, ...content });
const PRESSED = {
  browse: event("browse"),
  back: event("back"),
  cancel: event("cancel"),
  stop: event("stop"),
  repeat: event("repeat"),
  slower: event("change", { command: "slower" }),
  faster: event("change", { command: "faster" }),
  quieter: event("change", { command: "quieter" }),
  louder: event("change", { command: "louder" }),
  finish: event("finish"),
  leave: event("finish"),
  stay: event("stay"),
  "read-details": (key) => dispatch({ type: "details", key, sentences: [`details/${screen.shown.entry}`] }),
  "type-instead": (key) => {
    dispatch({ type: "browse", key });
    screen.showLetters(true);
    $("search").focus();
  },
  sound: () => screen.showManner($("manner").hidden),
  language: () => {
    if (state.at === "attract") dispatch({ type: "touch", language: screen.otherLanguage() });
    else screen.translate(screen.otherLanguage());
    nextExamples(0);
  },
  size: () => screen.announce(screen.size()),
  contrast: () => screen.contrast(),
  reach: () => screen.reach(document.body.dataset.reach !== "low"),
  keyboard: () => screen.showLetters($("letters").hidden),
  "close-keyboard": () => screen.showLetters(false),
};

// Presses and keys

listenToPresses($("talk"), {
  press: (by, now, { key = false, momentary = false }) => dispatch({ type: "press", by, now, key, momentary }),
  release: (by, now) => dispatch({ type: "release", by, now }),
  key: (name) => {
    if (state.at === "offline") return false;
    if (state.at === "asking") {
      const stays = /^(Escape|Arrow.*|[0-9])$/.test(name);
      if (stays) dispatch({ type: "stay" });
      return stays;
    }
    if (name === "Escape") dispatch({ type: "escape" });
    else if (name === "0") dispatch({ type: "help", key: true });
    else if (name === "ArrowDown" || name === "ArrowUp") walk(name === "ArrowDown" ? 1 : -1);
    else if (name === "Enter" && walked >= 0) choose(walked);
    else if (/^[1-9]$/.test(name)) return choose(Number(name) - 1);
    else return false;
    return true;
  },
});

/** Up and down through what can be chosen. */
function walk(direction) {
  const all = items(state.at, screen.shown);
  if (!all.length) return;
  if (state.at === "attract") {
    dispatch({ type: "walk", key: true });
    return;
  }
  const at = walked < 0 && direction < 0 ? all.length - 1 : (walked + direction + all.length) % all.length;
  dispatch({ type: "walk", key: true, sentences: spoken(all[at], at) });
  place(all[at])?.focus();
  walked = at;
}

function choose(index) {
  const item = items(state.at, screen.shown)[index];
  if (item) dispatch({ ...item.event, key: true });
  return Boolean(item);
}

/** Where an item can be touched. */
function place({ event: { type, entry, number, group } }) {
  const wanted = entry !== undefined ? `[data-entry="${entry}"]` : number !== undefined ? `[data-number="${number}"]` : group !== undefined ? `[data-group="${group}"]` : `#${type}`;
  return [...document.querySelectorAll(wanted)].find((one) => one.checkVisibility());
}

addEventListener("focusin", ({ target }) => {
  const all = items(state.at, screen.shown);
  if (walked >= 0 && place(all[walked]) !== target) walked = -1;
});

// Search

function search() {
  const text = $("search").value.trim();
  searches += 1;
  found = null;
  if (text) dispatch({ type: "search", text, number: searches });
  else screen.listEntries();
}

function type(letter) {
  $("search").value = letter ? $("search").value + letter : $("search").value.slice(0, -1);
  search();
}

$("search").addEventListener("input", search);
$("search").addEventListener("keydown", (pressed) => {
  if (pressed.key !== "Enter" || pressed.isComposing) return;
  const text = $("search").value.trim();
  if (!text || walked >= 0) return;
  pressed.preventDefault();
  pressed.stopPropagation(); // or the same key chooses what it walks to
  const pinyin = /^[\x20-\x7e]+$/.test(text);
  if (found?.length === 1) dispatch({ type: "show", entry: found[0], key: true });
  else if (pinyin && found?.length) walk(1);
  else dispatch({ type: "ask", text, key: true });
});

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("cancel", (cancelled) => cancelled.preventDefault());
}

// The clock

let example = 0;

function nextExamples(by = EXAMPLES) {
  const all = settings.entries;
  example = (example + by) % all.length;
  screen.examples(Array.from({ length: Math.min(EXAMPLES, all.length) }, (_, i) => all[(example + i) % all.length]));
}

nextExamples(0);
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
  setInterval(() => state.at === "attract" && nextExamples(), EXAMPLES_MS);
}
setInterval(() => dispatch({ type: "tick" }), TICK_MS);
screen.reach(false);
screen.show("attract");
