// The page: who does what when a person touches, presses or speaks.

import { Connection } from "/page/connection.js";
import { Microphone } from "/page/microphone.js";
import { Player } from "/page/player.js";
import { $, Screen } from "/page/screen.js";
import { TalkControl } from "/page/talk.js";

const EXAMPLES = 3;
const EXAMPLES_MS = 6000;
const THINKING_MS = 15000; // longer than any question takes
const WITHOUT_WORDS = 4; // times as long is waited for a first word
const LISTENING = ["preparing", "listening"];
const ALARM = { alarm: true };
const SETTINGS_MS = 500; // between tries to read the settings

const settings = await loadSettings();
const screen = new Screen(settings);
// `number` grows, so that what comes late is known as such; `said` is when the last new word came.
const question = { number: 0, heard: false, said: 0, words: "" };
const answer = { speech: 0, audible: Promise.resolve() };
let thinking = 0;
let touched = performance.now();
let stillThere = null; // when a session that nobody seems to use will end, on performance.now()'s clock
let example = 0;

const microphone = new Microphone((audio, level) => {
  connection.sendAudio(audio);
  screen.level(level);
});

const player = new Player({
  clause: (index) => screen.light(index),
  ended: () => {
    screen.speaking(false);
    active();
    if (answer.last) finish();
  },
  failed: () => screen.notice(screen.texts.mute, ALARM),
});

const connection = new Connection({
  opened: async () => {
    if (!$("offline").open) return;
    // It may have come back with other questions.
    if (JSON.stringify(await loadSettings()) !== JSON.stringify(settings)) location.reload();
    $("offline").close();
    if (screen.state !== "attract") back(screen.texts.lost);
  },
  closed: (busy) => {
    stopQuestion();
    $("offline-title").textContent = screen.texts[busy ? "busy" : "offline"];
    $("offline-text").textContent = screen.texts[busy ? "busyText" : "offlineText"];
    if ($("still-there").open) stay();
    if (!$("offline").open) $("offline").showModal();
  },
  words: ({ text }) => {
    active();
    question.words = text;
    question.said = performance.now();
    screen.words(text);
  },
  turn: present,
  speech: ({ number, clauses }) => {
    answer.speech = number;
    if (answer.turn) screen.captions(clauses);
    if (clauses.length) player.begin(answer.audible);
    screen.speaking(clauses.length > 0);
    answer.turn = false;
    answer.audible = Promise.resolve();
  },
  clause: ({ number, address, begins }) => number === answer.speech && player.add(address, begins),
  spoken: ({ number, clauses }) => number === answer.speech && player.complete(clauses),
  mute: ({ number }) => {
    if (number !== answer.speech) return;
    player.stop();
    screen.speaking(false);
    screen.notice(screen.texts.mute, ALARM);
  },
  manner: ({ changed, ...manner }) => {
    const before = { ...answer.manner };
    obey(manner);
    const { atLimit, pace, volume } = screen.texts;
    screen.announce(!changed ? atLimit : manner.pace === before.pace ? volume(manner.volume) : pace(manner.pace));
  },
  found: ({ number, entries }) => {
    if (number !== searches) return;
    const byId = new Map(settings.entries.map((entry) => [entry.id, entry]));
    screen.listEntries(entries.map((id) => byId.get(id)), { searched: true });
  },
  cancelled: () => {
    stopQuestion();
    back(screen.texts.trouble, ALARM);
  },
  trouble: () => {
    stopQuestion();
    player.earcon("error");
    back(screen.texts.trouble, ALARM);
  },
  reset: obey,
});

async function loadSettings() {
  for (;;) {
    try {
      return await (await fetch("/settings.json")).json();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, SETTINGS_MS));
    }
  }
}

// Sessions

function active() {
  touched = performance.now();
}

/** A person is there. */
function begin() {
  if (screen.state !== "attract") return;
  screen.show("ready");
  $("talk").focus();
  // The microphone takes a moment to open; it is ready by the time that it is needed.
  microphone.open().catch(() => {});
  const opened = player.open();
  if (settings.spokenGreeting) opened.then(() => connection.send("say", { prompt: "greeting" }));
  else screen.announce(screen.texts.session);
}

/** The person has gone. */
function finish() {
  answer.last = false;
  stopQuestion();
  player.stop();
  screen.speaking(false);
  microphone.close();
  connection.send("reset");
  stillThere = null;
  screen.state = "attract";
  screen.clear();
}

function back(notice = "", how = {}) {
  screen.show("ready");
  screen.notice(notice, how);
}

function stay() {
  stillThere = null;
  $("still-there").close();
  stopAnswer(); // the question whether anybody is there
  active();
}

function watchIdleness() {
  const now = performance.now();
  const busy = ["attract", "thinking", ...LISTENING].includes(screen.state) || $("offline").open;
  if (busy || (player.speaking && stillThere === null)) {
    active();
  } else if (stillThere === null && now - touched > settings.idleSeconds * 1000) {
    stillThere = now + settings.graceSeconds * 1000;
    $("still-there").showModal();
    connection.send("say", { prompt: "still_there" });
  }
  if (stillThere !== null) {
    $("seconds-left").textContent = Math.max(0, Math.ceil((stillThere - now) / 1000));
    if (now > stillThere) finish();
  }
}

// Questions

async function startQuestion() {
  if (LISTENING.includes(screen.state)) return;
  const number = ++question.number;
  begin();
  player.stop();
  screen.speaking(false);
  screen.notice("");
  screen.words("");
  screen.show("preparing");
  try {
    await Promise.all([microphone.open(), player.open(), connection.whenOpen()]);
  } catch (problem) {
    if (number !== question.number) return;
    player.earcon("error");
    back(screen.texts.microphone[problem] ?? screen.texts.microphone.failed, ALARM);
    return;
  }
  if (number !== question.number) return;
  connection.send("start", { rate: microphone.rate, number });
  screen.show("listening");
  screen.announce(screen.texts.listening);
  await player.earcon("listening");
  if (number !== question.number) return;
  question.heard = true;
  question.words = "";
  question.said = performance.now();
  microphone.begin();
}

async function endQuestion() {
  if (screen.state === "preparing" || (screen.state === "listening" && !question.heard)) {
    cancelQuestion(screen.texts.tooShort);
    return;
  }
  if (screen.state !== "listening") return;
  screen.show("thinking");
  const number = question.number;
  question.heard = false;
  thinking = setTimeout(() => screen.state === "thinking" && back(screen.texts.trouble, ALARM), THINKING_MS);
  await microphone.end();
  screen.level(0);
  if (number === question.number) connection.send("stop");
}

/** A question that nobody holds the button for ends some time after its last word, or when there never was one. */
function watchEndOfQuestion() {
  if (!question.heard || talk.held || !settings.endPointingSeconds) return;
  const patience = settings.endPointingSeconds * (question.words ? 1 : WITHOUT_WORDS);
  if (performance.now() - question.said > patience * 1000) endQuestion();
}

/** Hear no more; what has been heard is not used. */
function stopQuestion() {
  question.number += 1;
  question.heard = false;
  clearTimeout(thinking);
  microphone.drop();
  screen.level(0);
}

function cancelQuestion(why) {
  stopQuestion();
  connection.send("cancel");
  player.earcon("cancelled");
  back(why);
}

function stopAnswer() {
  player.stop();
  screen.speaking(false);
  connection.send("cancel");
}

function goBack() {
  stopQuestion();
  stopAnswer();
  back();
}

// Answers

const AS_BEFORE = ["repeat", "slower", "faster", "louder", "quieter"]; // the last answer again, its heading stays

function present({ number, turn, question: title, screen: details, choices, ...manner }) {
  // The answer to something that was given up for a new question.
  if (number === null ? LISTENING.includes(screen.state) : number !== question.number) return;
  stopQuestion();
  active();
  obey(manner);
  player.stop();
  screen.notice("");
  answer.last = turn.command === "quit";
  answer.turn = true;
  if (turn.command === "stop") {
    back();
    return;
  }
  answer.audible = settings.earcons
    ? player.earcon(turn.decision === "reject" ? "not_understood" : "understood")
    : Promise.resolve();
  screen.heard(turn.input === "microphone" ? turn.transcript : "");
  if (turn.decision === "clarify") {
    screen.choices(choices);
    screen.show("choosing");
  } else if (turn.decision === "reject" || turn.command === "no") {
    screen.rejected(turn.transcript !== "");
    screen.show("rejected");
  } else {
    if (!AS_BEFORE.includes(turn.command)) screen.answer(title, details);
    screen.show("answer");
  }
  $("main").scrollTop = 0;
}

function obey({ pace, volume }) {
  answer.manner = { pace, volume };
  player.pace = pace;
  player.volume = volume;
}

// Search

let searches = 0;

function search() {
  const text = $("search").value.trim();
  searches += 1;
  if (text) connection.send("search", { text, number: searches });
  else screen.listEntries(settings.entries);
}

function openList() {
  if (screen.state === "attract") begin();
  stopQuestion();
  stopAnswer();
  screen.notice("");
  $("search").value = "";
  search();
  screen.show("browse");
  $("main").scrollTop = 0;
}

// Touches and keys

const talk = new TalkControl($("talk"), settings.talk, {
  listening: () => LISTENING.includes(screen.state),
  start: startQuestion,
  end: endQuestion,
  tooShort: () => cancelQuestion(screen.texts.tooShort),
  key: (key) => {
    if (key === "Escape") {
      if (LISTENING.includes(screen.state)) cancelQuestion(screen.texts.cancelled);
      else if (player.speaking) stopAnswer();
      else if (screen.state !== "attract") goBack();
      return true;
    }
    if (screen.state === "choosing" && "123".includes(key)) {
      connection.send("choose", { number: Number(key) });
      return true;
    }
    return false;
  },
});

addEventListener("pointerdown", active, { capture: true });
addEventListener("keydown", (event) => {
  active();
  const leaving = event.target.closest("#leave") && [" ", "Enter"].includes(event.key);
  if (stillThere !== null && event.key !== "Tab" && !leaving) {
    event.preventDefault();
    stay();
  }
}, { capture: true });

addEventListener("click", ({ target }) => {
  const pressed = target.closest("button");
  if (stillThere !== null && !pressed) stay();
  else if (pressed?.dataset.entry) connection.send("show", { entry: pressed.dataset.entry });
  else if (pressed?.dataset.number) connection.send("choose", { number: Number(pressed.dataset.number) });
  else if (pressed?.dataset.letter || pressed?.hasAttribute("data-erase")) {
    $("search").value = pressed.dataset.letter ? $("search").value + pressed.dataset.letter : $("search").value.slice(0, -1);
    search();
  } else if (!pressed && !target.closest("dialog")) begin();
});

const PRESSED = {
  browse: openList,
  back: goBack,
  cancel: () => cancelQuestion(screen.texts.cancelled),
  stop: stopAnswer,
  repeat: () => connection.send("repeat"),
  slower: () => connection.send("change", { command: "slower" }),
  faster: () => connection.send("change", { command: "faster" }),
  quieter: () => connection.send("change", { command: "quieter" }),
  louder: () => connection.send("change", { command: "louder" }),
  finish,
  leave: finish,
  stay,
  language: () => screen.translate(screen.language === "zh" ? "en" : "zh"),
  reach: () => screen.reach(document.body.dataset.reach !== "low"),
  keyboard: () => screen.showLetters($("letters").hidden),
};
for (const [id, action] of Object.entries(PRESSED)) $(id).addEventListener("click", action);

$("search").addEventListener("input", search);
$("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  const text = $("search").value.trim();
  if (text) connection.send("ask", { text });
});
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("cancel", (event) => event.preventDefault());
}

function nextExamples() {
  const all = settings.examples;
  screen.examples(Array.from({ length: Math.min(EXAMPLES, all.length) }, (_, i) => all[(example + i) % all.length]));
  example = (example + EXAMPLES) % all.length;
}

nextExamples();
if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
  setInterval(() => screen.state === "attract" && nextExamples(), EXAMPLES_MS);
}
setInterval(watchIdleness, 250);
setInterval(watchEndOfQuestion, 100);
screen.reach(false);
screen.show("attract");
