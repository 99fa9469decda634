// What is asked by touch, key or typing; answers, and what the page says of its own.

import { HOLD_MS, RESTING, drop, message, notice, say, show } from "/page/machine/state.js";
import { begin, finish, goBack, noticeOf } from "/page/machine/session.js";
import { startQuestion } from "/page/machine/question.js";

const AS_BEFORE = ["repeat", "slower", "faster", "louder", "quieter"]; // the last answer again, its heading stays

/** Ask the server by touch, key or typing; the answer comes as a turn of this number. */
export function request(type, content = () => ({})) {
  return (state, event) => {
    const dropped = drop(state);
    const asking = { ...state, question: dropped.question };
    return { ...dropped, touched: event.now, keys: state.keys || Boolean(event.key), effects: [...dropped.effects, message(asking, type, content(event))] };
  };
}

/** The same with a touch while nobody is there: the session begins with it. */
export function beginWith(handler) {
  return (state, event, settings) => {
    const begun = begin(state, event, { ...settings, spokenGreeting: false });
    const { effects, ...changes } = handler({ ...state, ...begun }, event, settings);
    return { ...begun, ...changes, effects: [...begun.effects, ...effects] };
  };
}

export function present(state, { now, turn, ...content }) {
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
export function speech(state, { now, clauses }) {
  if (!clauses.length) return state.last ? finish(state, { now }) : undefined;
  const voice = state.voices + 1;
  return { voice, voices: voice, answering: voice, sounded: now, effects: [{ do: "speak", voice, clauses }] };
}

export function spokenOut(state, { now }) {
  if (state.last) return finish(state, { now });
  const over = { voice: 0, touched: now, effects: [{ do: "quiet" }] };
  // Whoever has kept the button down through the greeting wants to speak.
  if (state.voice === state.greeting && state.pressed && now - state.pressed.at > HOLD_MS) {
    const { by } = state.pressed;
    return startQuestion({ ...state, ...over }, { now, by });
  }
  return over;
}

export function mute(state, { now }) {
  if (state.last) return finish(state, { now });
  return { voice: 0, touched: now, effects: [{ do: "hush" }, notice("mute", { alarm: true })] };
}

export function stop(state, { now }) {
  const dropped = drop(state);
  if (state.last) return finish(state, { now });
  return { ...dropped, touched: now, effects: [...dropped.effects, message(state, "cancel")] };
}

export const escape = (state, event) => (state.voice ? stop(state, event) : goBack(state, event.now, "ready"));

/** The page says something of its own instead of what is being said. */
export function tell(state, { now, sentences, key = false }) {
  const stopped = stop(state, { now });
  const { effects, ...voice } = say(state, now, ...sentences);
  return { ...stopped, ...voice, keys: state.keys || key, effects: [...stopped.effects, ...effects] };
}

export const help = (state, event, { keptDays }) => tell(state, { ...event, sentences: ["how_to", ...noticeOf(keptDays)], key: true });

export function list(state, event) {
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

export function manner(state, { now, changed, pace, volume }) {
  const told = { do: "manner", pace, volume };
  const announced = { do: "announceManner", changed, pace, volume };
  if (!state.keys || state.voice || !RESTING.includes(state.at)) return { effects: [announced, told] };
  const { effects, ...voice } = say(state, now, changed ? "adjusted" : "at_limit");
  return { ...voice, effects: [announced, told, ...effects] };
}

export const change = (state, { now, command, key = false }) => ({
  touched: now, keys: state.keys || key, effects: [message(state, "change", { command })],
});
