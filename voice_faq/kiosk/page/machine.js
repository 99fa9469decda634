// What the page is doing: a table of states and events. Nothing here touches a browser; what is to be done comes out as
// effects. Whatever comes from the server, the microphone or the loudspeaker names the session, the question or the
// voice that it belongs to; what belongs to another one has nowhere to land.

export const HOLD_MS = 400; // a press that lasts longer is held
export const AGAIN_MS = 400; // after a press or its release, in which another press is the same one, trembling
export const PREPARING_MS = 15000; // for the microphone to open
export const THINKING_MS = 30000; // longer than any question takes, on a busy machine too
export const SILENT_MS = 10000; // without a sound, after which nothing is being spoken any more
export const WITHOUT_WORDS = 4; // times as long is waited for a first word
export const LET_GO_MS = 1200; // without a new word, after which a question ends that was held before its first word
export const REPLY_MS = 60000; // after 还在吗 in which 是的 is a reply to it
const LONGEST_PRESS_MS = 60000; // after which a finger that nobody saw go has gone
const LONGER_MS = 5000; // than a question may be, in which the server must have ended it

export const STATES = [
  "attract", "ready", "browse", "preparing", "listening", "thinking", "answer", "choosing", "rejected", "asking",
  "offline",
];
export const EVENTS = [
  // a person
  "touch", "press", "release", "escape", "browse", "group", "back", "cancel", "stop", "repeat", "change", "show",
  "choose", "ask", "search", "details", "help", "walk", "finish", "stay",
  // the clock
  "tick",
  // the microphone and the loudspeaker
  "microphoneReady", "microphoneFailed", "invited", "flushed", "sounding", "spokenOut", "muted",
  // the server
  "opened", "closed", "words", "turn", "silence", "stayed", "speech", "clause", "spoken", "mute", "manner", "found",
  "cancelled", "trouble", "content",
];
const RESTING = ["ready", "browse", "answer", "choosing", "rejected"]; // a person reads, hears, or thinks of a question
const AS_BEFORE = ["repeat", "slower", "faster", "louder", "quieter"]; // the last answer again, its heading stays

export const FIRST = Object.freeze({
  at: "attract",
  before: "attract", // where it goes back to without a word
  session: 1, // that there is, or will be next
  question: 0, // of all sessions; grows with every request and with everything that is given up
  pressed: null, // {by, at}: what holds the talk button down, and since when
  pressedLast: -Infinity, // or let go
  letGo: false, // whether the button was held, and let go before the first word
  hearing: false, // whether the microphone's sound counts
  words: "",
  since: 0, // when the state began, or the last new word came
  touched: 0, // last sign of a person
  asked: -Infinity, // when 还在吗 was said
  voices: 0, // spoken so far
  voice: 0, // being spoken, 0 for none
  answering: 0, // the voice that is the server's
  sounded: 0, // when it was last heard to go on
  greeting: 0, // the voice that is the greeting
  last: false, // whether the session ends with what is being spoken
  keys: false, // whether the person uses keys, and may not see the page
  busy: false, // whether there is a server, but no place
  stale: false, // whether the server has other questions and answers than the page shows
});

/**
 * The state after an event, and what is to be done: [state, effects]. `event` has a type of EVENTS, `now` in ms, and
 * what the type needs; `settings` are the page's. An effect has its name in `do`.
 */
export function step(state, event, settings) {
  if (["session", "question", "voice"].some((number) => event[number] !== undefined && event[number] !== state[number])) {
    return [state, []];
  }
  const change = TABLE[state.at][event.type]?.(state, event, settings);
  if (!change) return [state, []];
  const { effects = [], ...changes } = change;
  return [Object.freeze({ ...state, ...changes }), effects];
}

// What the handlers are made of

const message = (state, type, content = {}) => ({
  do: "send", message: { type, session: state.session, question: state.question, ...content },
});
const notice = (text, { alarm = false } = {}) => ({ do: "notice", text, alarm });
const restingPlace = (state) => (RESTING.includes(state.at) ? state.at : state.at === "attract" ? "ready" : state.before);

/** Speak sentences of the page itself. */
function say(state, now, ...sentences) {
  const voice = state.voices + 1;
  return { voice, voices: voice, sounded: now, effects: [{ do: "say", voice, sentences }] };
}

/** Nothing of what is going on counts any more: the numbers move on, the microphone and the voice end. */
function drop(state) {
  return {
    question: state.question + 1, voice: 0, hearing: false, letGo: false, words: "", last: false,
    effects: [{ do: "hush" }, { do: "dropMicrophone" }],
  };
}

function show(at, now, changes = {}, ...effects) {
  return { at, before: at, since: now, touched: now, ...changes, effects: [...(changes.effects ?? []), { do: "show", at }, ...effects] };
}

// A session

/** Whoever does not see the notice that questions are kept hears it. */
const noticeOf = (keptDays) => (keptDays ? ["kept"] : []);

function begin(state, { now, key = false, language }, { spokenGreeting, keptDays }) {
  const greeting = spokenGreeting ? say(state, now, "greeting", ...noticeOf(keptDays)) : { effects: [{ do: "announce", text: "session" }] };
  return show(
    "ready", now,
    { voice: 0, ...greeting, greeting: greeting.voice ?? 0, keys: key, effects: [{ do: "hush" }, { do: "begin", language }] },
    ...greeting.effects,
  );
}

function finish(state, { now }) {
  const dropped = drop(state);
  const told = state.keys && !state.last ? say(state, now, "ended") : { effects: [] };
  return {
    ...FIRST, stale: state.stale, voices: state.voices, pressedLast: state.pressedLast, ...told, session: state.session + 1, question: dropped.question,
    since: now, touched: now,
    effects: [...dropped.effects, message(state, "reset"), { do: "closeMicrophone" }, { do: "wipe" }, { do: "show", at: "attract" }, ...told.effects],
  };
}

/** Where the person was before the question, without a word. */
function goBack(state, now, to = restingPlace(state), ...effects) {
  const dropped = drop(state);
  return show(to, now, { ...dropped, effects: [...dropped.effects, message(state, "cancel"), notice("")] }, ...effects);
}

/** The same with a word for those who do not see that nothing came of it. */
function nothingHeard(state, now, { held = false } = {}) {
  const back = goBack(state, now, restingPlace(state), { do: "earcon", name: "cancelled" }, notice(held ? "holdOn" : "noWords"));
  if (!state.keys) return back;
  const { effects, ...voice } = say({ ...state, ...back }, now, "no_words");
  return { ...back, ...voice, effects: [...back.effects, ...effects] };
}

function close(state, { now, busy = false }) {
  const dropped = drop(state);
  const wiped = state.at === "attract" || (state.at === "offline" && state.before === "attract");
  const told = wiped || state.at === "offline" ? { effects: [] } : say(state, now, busy ? "busy" : "offline");
  const listening = state.voice && state.voice === state.answering;
  return {
    ...dropped, ...told, at: "offline", before: wiped ? "attract" : "ready", busy, pressed: null,
    touched: listening ? now : state.touched,
    since: state.at === "offline" ? state.since : now,
    effects: [...dropped.effects, { do: "offline", busy }, { do: "show", at: "offline" }, ...told.effects],
  };
}

/** A connection that is there again is nobody's touch: one that comes and goes keeps no session alive. */
function open(state, { now }) {
  const online = { do: "online" };
  if (state.before === "attract") return { at: "attract", effects: [online, { do: "show", at: "attract" }] };
  return show("ready", now, { voice: 0, touched: state.touched, effects: [{ do: "hush" }, online] }, notice("lost"));
}

/** Whoever presses a key nevertheless may not see why nothing comes of it. */
const tellWhy = (state, { now }) => say(state, now, state.busy ? "busy" : "offline");

// A spoken question

function startQuestion(state, event) {
  const { now, by, key = false } = event;
  const dropped = drop(state);
  const inSession = state.at !== "attract";
  return {
    ...dropped, at: "preparing", before: restingPlace(state), since: now, touched: now, keys: state.keys || key,
    pressed: event.momentary ? null : { by, at: now },
    effects: [
      ...(inSession ? [] : [{ do: "begin" }]), ...dropped.effects, notice(""), { do: "words", text: "" },
      { do: "show", at: "preparing" }, { do: "openMicrophone", question: dropped.question },
    ],
  };
}

const again = (state, { now }) => now - state.pressedLast < AGAIN_MS;

/** What a press does, unless it is the one before, trembling, or a second finger beside the first. */
function firm(handler) {
  return (state, event, settings) => {
    const second = state.pressed && state.pressed.by !== event.by && event.now - state.pressed.at < LONGEST_PRESS_MS;
    if (second) return undefined;
    const { now } = event;
    return again(state, event) ? { pressedLast: now } : { ...handler(state, event, settings), pressedLast: now };
  };
}

/** The first press. Where the kiosk greets, it greets; the question begins with the next press or with a long one. */
function firstPress(state, event, settings) {
  if (!settings.spokenGreeting) return startQuestion(state, event);
  return { ...begin(state, event, settings), pressed: event.momentary ? null : { by: event.by, at: event.now } };
}

function release(state, { by, now }) {
  return state.pressed?.by === by ? { pressed: null, pressedLast: now } : undefined;
}

function releaseWhilePreparing(state, event, { talk }) {
  const released = release(state, event);
  if (!released || talk !== "hold") return released;
  return { ...nothingHeard(state, event.now, { held: true }), ...released };
}

function listen(state, { now, rate }) {
  const reply = now - state.asked < REPLY_MS;
  return {
    at: "listening", since: now, words: "", hearing: false,
    effects: [
      message(state, "start", { rate, reply }), { do: "show", at: "listening" },
      { do: "invite", question: state.question },
    ],
  };
}

function end(state, now) {
  return {
    at: "thinking", since: now, touched: now, hearing: false,
    effects: [{ do: "show", at: "thinking" }, { do: "endMicrophone", question: state.question }],
  };
}

const endOrGiveUp = (state, { now }) => (state.hearing ? end(state, now) : goBack(state, now));

function releaseWhileListening(state, event, { talk }) {
  const released = release(state, event);
  if (!released || talk === "tap") return released;
  const { now } = event;
  const held = now - state.pressed.at > HOLD_MS;
  if (!held && talk === "hold") return { ...nothingHeard(state, now, { held: true }), ...released };
  if (!held) return released;
  if (state.words) return { ...end(state, now), ...released };
  return { ...released, letGo: true, since: now }; // what was said last may still become words
}

function watchListening(state, { now }, { talk, endPointingSeconds, longestQuestionSeconds }) {
  if (!state.hearing) return now - state.since > PREPARING_MS ? fail(state, { now }) : undefined;
  const quiet = now - state.since;
  if (quiet > longestQuestionSeconds * 1000 + LONGER_MS) return end(state, now);
  if (state.pressed) return undefined;
  if (state.letGo && (state.words || talk === "hold")) {
    if (quiet > LET_GO_MS) return state.words ? end(state, now) : nothingHeard(state, now, { held: true });
    return undefined;
  }
  if (!endPointingSeconds) return undefined;
  return quiet > endPointingSeconds * 1000 * (state.words ? 1 : WITHOUT_WORDS) ? end(state, now) : undefined;
}

/** The microphone does not work: the questions can still be touched, and walked through by key. */
function fail(state, { now, problem = "failed" }) {
  const dropped = drop(state);
  const { effects, ...voice } = say(state, now, "no_microphone");
  return show(
    "browse", now,
    {
      ...dropped, ...voice, pressed: null,
      effects: [...dropped.effects, { do: "earcon", name: "error" }, message(state, "cancel"), message(state, "microphone", { problem }), { do: "list" }],
    },
    notice("noMicrophone", { alarm: true }), ...effects,
  );
}

function trouble(state, { now }) {
  const back = goBack(state, now, restingPlace(state), { do: "earcon", name: "error" }, notice("trouble", { alarm: true }));
  if (!state.keys) return back;
  const { effects, ...voice } = say({ ...state, ...back }, now, "trouble");
  return { ...back, ...voice, effects: [...back.effects, ...effects] };
}

// Answers

/** Ask the server by touch, key or typing; the answer comes as a turn of this number. */
function request(type, content = () => ({})) {
  return (state, event) => {
    const dropped = drop(state);
    const asking = { ...state, question: dropped.question };
    return { ...dropped, touched: event.now, keys: state.keys || Boolean(event.key), effects: [...dropped.effects, message(asking, type, content(event))] };
  };
}

/** The same with a touch while nobody is there: the session begins with it. */
function beginWith(handler) {
  return (state, event, settings) => {
    const begun = begin(state, event, { ...settings, spokenGreeting: false });
    const { effects, ...changes } = handler({ ...state, ...begun }, event, settings);
    return { ...begun, ...changes, effects: [...begun.effects, ...effects] };
  };
}

function present(state, { now, turn, ...content }) {
  const at = turn.decision === "clarify" ? "choosing" : turn.decision === "reject" || turn.command === "no" ? "rejected" : "answer";
  const heard = { voice: 0, hearing: false, letGo: false, last: turn.command === "quit" };
  const quiet = [{ do: "hush" }, { do: "dropMicrophone" }, { do: "manner", ...content.manner }, notice("")];
  if (turn.command === "stop") return show("ready", now, { ...heard, effects: quiet });
  if (turn.command === "back") return show("ready", now, { ...heard, effects: quiet });
  const name = at === "rejected" && !content.caught ? "not_understood" : "understood";
  const same = AS_BEFORE.includes(turn.command);
  return show(at, now, { ...heard, effects: [...quiet, { do: "earcon", name, before: true }, { do: "present", at, turn, same, ...content }] });
}

/** The server is about to speak. */
function speech(state, { now, clauses }) {
  if (!clauses.length) return state.last ? finish(state, { now }) : undefined;
  const voice = state.voices + 1;
  return { voice, voices: voice, answering: voice, sounded: now, effects: [{ do: "speak", voice, clauses }] };
}

function spokenOut(state, { now }) {
  if (state.last) return finish(state, { now });
  const over = { voice: 0, touched: now, effects: [{ do: "quiet" }] };
  // Whoever has kept the button down through the greeting wants to speak.
  if (state.voice === state.greeting && state.pressed && now - state.pressed.at > HOLD_MS) {
    const { by } = state.pressed;
    return startQuestion({ ...state, ...over }, { now, by });
  }
  return over;
}

function mute(state, { now }) {
  if (state.last) return finish(state, { now });
  return { voice: 0, touched: now, effects: [{ do: "hush" }, notice("mute", { alarm: true })] };
}

function stop(state, { now }) {
  const dropped = drop(state);
  if (state.last) return finish(state, { now });
  return { ...dropped, touched: now, effects: [...dropped.effects, message(state, "cancel")] };
}

const escape = (state, event) => (state.voice ? stop(state, event) : goBack(state, event.now, "ready"));

/** The page says something of its own instead of what is being said. */
function tell(state, { now, sentences, key = false }) {
  const stopped = stop(state, { now });
  const { effects, ...voice } = say(state, now, ...sentences);
  return { ...stopped, ...voice, keys: state.keys || key, effects: [...stopped.effects, ...effects] };
}

const help = (state, event, { keptDays }) => tell(state, { ...event, sentences: ["how_to", ...noticeOf(keptDays)], key: true });

function list(state, event) {
  const { now, key = false, group } = event;
  const dropped = drop(state);
  const keys = state.keys || key;
  const spoken = keys ? say(state, now, ...(group === undefined ? ["list"] : [`group/${group}`, "list_group"])) : { effects: [] };
  return show(
    "browse", now,
    { ...dropped, keys, ...spoken, effects: [...dropped.effects, message(state, "cancel"), notice(""), { do: "list", group }] },
    { do: "focus", id: "browse-title" }, ...spoken.effects,
  );
}

function manner(state, { now, changed, pace, volume }) {
  const told = { do: "manner", pace, volume };
  const announced = { do: "announceManner", changed, pace, volume };
  if (!state.keys || state.voice || !RESTING.includes(state.at)) return { effects: [announced, told] };
  const { effects, ...voice } = say(state, now, changed ? "adjusted" : "at_limit");
  return { ...voice, effects: [announced, told, ...effects] };
}

const change = (state, { now, command, key = false }) => ({
  touched: now, keys: state.keys || key, effects: [message(state, "change", { command })],
});

// Is anybody there?

function watchRest(state, { now }, { idleSeconds, graceSeconds }) {
  if (state.voice && now - state.sounded > SILENT_MS) return mute(state, { now });
  if (state.voice) return undefined;
  if (now - state.touched > (idleSeconds + graceSeconds) * 1000) return finish(state, { now });
  if (now - state.touched <= idleSeconds * 1000) return undefined;
  const { effects, ...voice } = say(state, now, "still_there");
  return {
    ...voice, at: "asking", before: state.at, since: now, asked: now, pressed: null,
    effects: [{ do: "show", at: "asking" }, ...effects],
  };
}

function watchAsking(state, { now }, { graceSeconds }) {
  const left = Math.max(0, Math.ceil((state.since + graceSeconds * 1000 - now) / 1000));
  if (now - state.since > graceSeconds * 1000) return finish(state, { now });
  const silent = state.voice && now - state.sounded > SILENT_MS;
  return { ...(silent ? { voice: 0 } : {}), effects: [...(silent ? [{ do: "hush" }] : []), { do: "secondsLeft", left }] };
}

function stay(state, { now }) {
  return {
    at: state.before, since: now, touched: now, voice: 0,
    effects: [{ do: "hush" }, { do: "show", at: state.before }],
  };
}

/** 是的，在的。 */
function stayed(state, { now }) {
  const back = goBack(state, now, restingPlace(state), { do: "earcon", name: "understood" });
  return { ...back, asked: -Infinity };
}

function watchPreparing(state, { now }) {
  return now - state.since > PREPARING_MS ? fail(state, { now }) : undefined;
}

function watchThinking(state, { now }) {
  return now - state.since > THINKING_MS ? trouble(state, { now }) : undefined;
}

/** Without a server too, nothing of one person is left for the next. */
function watchOffline(state, { now }, { idleSeconds, graceSeconds }) {
  if (state.voice && now - state.sounded > SILENT_MS) return { voice: 0, effects: [{ do: "hush" }] };
  if (state.before === "attract" || now - state.since <= (idleSeconds + graceSeconds) * 1000) return undefined;
  const gone = finish({ ...state, keys: false }, { now });
  return { ...gone, at: "offline", before: "attract", effects: [...gone.effects, { do: "show", at: "offline" }] };
}

// The table

const sounding = (_, { now }) => ({ sounded: now });
const heardWords = (state, { now, text }) => ({ words: text, since: now, touched: now, effects: [{ do: "words", text }] });
const search = (state, { now, text, number }) => ({ touched: now, effects: [message(state, "search", { text, number })] });
const pass = (name) => (_, { now, type, ...content }) => ({ effects: [{ do: name, ...content }] });

const stale = () => ({ stale: true }); // the person who is there goes on with what the page shows

/** Nobody is there, and nothing is being said: now the page may come again. */
function watchAttract(state, { now }) {
  if (state.voice) return now - state.sounded > SILENT_MS ? { voice: 0, effects: [{ do: "hush" }] } : undefined;
  return state.stale && !state.pressed ? { stale: false, effects: [{ do: "renew" }] } : undefined;
}

const everywhere = { content: stale, closed: close, sounding, spokenOut, muted: mute };
const ofAnswer = (handler) => (state, event) => (state.voice && state.voice === state.answering ? handler(state, event) : undefined);
const spoken = { clause: ofAnswer(pass("clause")), spoken: ofAnswer(pass("complete")), mute: ofAnswer(mute) };
const inSession = { ...everywhere, finish, manner, touch: (_, { now }) => ({ touched: now }) };
const resting = {
  ...inSession, ...spoken, press: firm(startQuestion), release, escape, browse: list, group: list, back: (s, e) => goBack(s, e.now, "ready"),
  stop, repeat: request("repeat"), change, show: request("show", ({ entry }) => ({ entry })),
  choose: request("choose", ({ number }) => ({ number })), ask: request("ask", ({ text }) => ({ text })),
  search, details: tell, help, walk: tell, tick: watchRest, turn: present, speech, found: pass("found"),
  cancelled: trouble, trouble,
};
const give = (state, { now }) => goBack(state, now, restingPlace(state), { do: "earcon", name: "cancelled" });
const asked = { ...inSession, escape: give, cancel: give, back: give, cancelled: trouble, trouble, turn: present };

export const TABLE = {
  attract: {
    ...everywhere, touch: begin, press: firm(firstPress), release, browse: beginWith(list), group: beginWith(list),
    show: beginWith(request("show", ({ entry }) => ({ entry }))), help: beginWith(help), walk: beginWith(list),
    tick: watchAttract,
  },
  ready: resting,
  browse: resting,
  answer: resting,
  choosing: resting,
  rejected: resting,
  preparing: {
    ...asked, press: firm((s, e) => goBack(s, e.now)), release: releaseWhilePreparing, microphoneReady: listen,
    microphoneFailed: fail, tick: watchPreparing, browse: list, group: list,
  },
  listening: {
    ...asked, press: firm(endOrGiveUp), release: releaseWhileListening, microphoneFailed: fail, tick: watchListening,
    invited: (_, { now }) => ({ hearing: true, since: now, effects: [{ do: "hear" }, { do: "announce", text: "listening" }] }),
    words: heardWords, silence: (state, { now }) => nothingHeard(state, now), stayed,
  },
  thinking: {
    ...asked, press: firm(startQuestion), release, browse: list, group: list, flushed: (state) => ({ effects: [message(state, "stop")] }),
    words: heardWords, silence: (state, { now }) => nothingHeard(state, now), stayed, tick: watchThinking,
  },
  asking: {
    ...everywhere, ...spoken, finish, stay, touch: stay, escape: stay, help: stay, walk: stay, back: stay, press: firm(startQuestion), release,
    tick: watchAsking, manner,
  },
  offline: {
    ...everywhere, opened: open, press: firm(tellWhy), release, muted: () => ({ voice: 0, effects: [{ do: "hush" }] }),
    tick: watchOffline,
  },
};
for (const at of STATES.filter((name) => name !== "offline")) TABLE[at] = { ...TABLE[at], opened: pass("online") };
