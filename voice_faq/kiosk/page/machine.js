// What the page is doing: a table of states and events. Nothing here touches a browser; what is to be done comes out as
// effects. Whatever comes from the server, the microphone or the loudspeaker names the session, the question or the
// voice that it belongs to; what belongs to another one has nowhere to land.

import { message, restingPlace } from "/page/machine/state.js";
import { begin, close, finish, goBack, nothingHeard, open, tellWhy } from "/page/machine/session.js";
import {
  endOrGiveUp, fail, firm, firstPress, listen, release, releaseWhileListening, releaseWhilePreparing, startQuestion,
  trouble, watchListening, watchPreparing, watchThinking,
} from "/page/machine/question.js";
import {
  beginWith, change, escape, help, list, manner, mute, present, request, speech, spokenOut, stop, tell,
} from "/page/machine/answer.js";
import { stay, stayed, watchAsking, watchAttract, watchOffline, watchRest } from "/page/machine/presence.js";

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

// The table

const sounding = (_, { now }) => ({ sounded: now });
const heardWords = (state, { now, text }) => ({ words: text, since: now, touched: now, effects: [{ do: "words", text }] });
const search = (state, { now, text, number }) => ({ touched: now, effects: [message(state, "search", { text, number })] });
const pass = (name) => (_, { now, type, ...content }) => ({ effects: [{ do: name, ...content }] });

const stale = () => ({ stale: true }); // the person who is there goes on with what the page shows

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
