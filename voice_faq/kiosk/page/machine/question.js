// A spoken question, from the press to the last word, and what comes between.

import {
  AGAIN_MS, HOLD_MS, LET_GO_MS, LONGER_MS, LONGEST_PRESS_MS, PREPARING_MS, REPLY_MS, THINKING_MS, WITHOUT_WORDS,
  drop, message, notice, restingPlace, say, show,
} from "/page/machine/state.js";
import { begin, goBack, nothingHeard } from "/page/machine/session.js";

export function startQuestion(state, event) {
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
export function firm(handler) {
  return (state, event, settings) => {
    const second = state.pressed && state.pressed.by !== event.by && event.now - state.pressed.at < LONGEST_PRESS_MS;
    if (second) return undefined;
    const { now } = event;
    return again(state, event) ? { pressedLast: now } : { ...handler(state, event, settings), pressedLast: now };
  };
}

/** The first press. Where the kiosk greets, it greets; the question begins with the next press or with a long one. */
export function firstPress(state, event, settings) {
  if (!settings.spokenGreeting) return startQuestion(state, event);
  return { ...begin(state, event, settings), pressed: event.momentary ? null : { by: event.by, at: event.now } };
}

export function release(state, { by, now }) {
  return state.pressed?.by === by ? { pressed: null, pressedLast: now } : undefined;
}

export function releaseWhilePreparing(state, event, { talk }) {
  const released = release(state, event);
  if (!released || talk !== "hold") return released;
  return { ...nothingHeard(state, event.now, { held: true }), ...released };
}

export function listen(state, { now, rate }) {
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

export const endOrGiveUp = (state, { now }) => (state.hearing ? end(state, now) : goBack(state, now));

export function releaseWhileListening(state, event, { talk }) {
  const released = release(state, event);
  if (!released || talk === "tap") return released;
  const { now } = event;
  const held = now - state.pressed.at > HOLD_MS;
  if (!held && talk === "hold") return { ...nothingHeard(state, now, { held: true }), ...released };
  if (!held) return released;
  if (state.words) return { ...end(state, now), ...released };
  return { ...released, letGo: true, since: now }; // what was said last may still become words
}

export function watchListening(state, { now }, { talk, endPointingSeconds, longestQuestionSeconds }) {
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
export function fail(state, { now, problem = "failed" }) {
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

export function trouble(state, { now }) {
  const back = goBack(state, now, restingPlace(state), { do: "earcon", name: "error" }, notice("trouble", { alarm: true }));
  if (!state.keys) return back;
  const { effects, ...voice } = say({ ...state, ...back }, now, "trouble");
  return { ...back, ...voice, effects: [...back.effects, ...effects] };
}

export function watchPreparing(state, { now }) {
  return now - state.since > PREPARING_MS ? fail(state, { now }) : undefined;
}

export function watchThinking(state, { now }) {
  return now - state.since > THINKING_MS ? trouble(state, { now }) : undefined;
}
