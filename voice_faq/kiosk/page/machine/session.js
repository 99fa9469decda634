// A session begins and ends; the server goes and comes back.

import { FIRST, drop, message, notice, restingPlace, say, show } from "/page/machine/state.js";

/** Whoever does not see the notice that questions are kept hears it. */
export const noticeOf = (keptDays) => (keptDays ? ["kept"] : []);

export function begin(state, { now, key = false, language }, { spokenGreeting, keptDays }) {
  const greeting = spokenGreeting ? say(state, now, "greeting", ...noticeOf(keptDays)) : { effects: [{ do: "announce", text: "session" }] };
  return show(
    "ready", now,
    { voice: 0, ...greeting, greeting: greeting.voice ?? 0, keys: key, effects: [{ do: "hush" }, { do: "begin", language }] },
    ...greeting.effects,
  );
}

export function finish(state, { now }) {
  const dropped = drop(state);
  const told = state.keys && !state.last ? say(state, now, "ended") : { effects: [] };
  return {
    ...FIRST, stale: state.stale, voices: state.voices, pressedLast: state.pressedLast, ...told, session: state.session + 1, question: dropped.question,
    since: now, touched: now,
    effects: [...dropped.effects, message(state, "reset"), { do: "closeMicrophone" }, { do: "wipe" }, { do: "show", at: "attract" }, ...told.effects],
  };
}

/** Where the person was before the question, without a word. */
export function goBack(state, now, to = restingPlace(state), ...effects) {
  const dropped = drop(state);
  return show(to, now, { ...dropped, effects: [...dropped.effects, message(state, "cancel"), notice("")] }, ...effects);
}

/** The same with a word for those who do not see that nothing came of it. */
export function nothingHeard(state, now, { held = false } = {}) {
  const back = goBack(state, now, restingPlace(state), { do: "earcon", name: "cancelled" }, notice(held ? "holdOn" : "noWords"));
  if (!state.keys) return back;
  const { effects, ...voice } = say({ ...state, ...back }, now, "no_words");
  return { ...back, ...voice, effects: [...back.effects, ...effects] };
}

export function close(state, { now, busy = false }) {
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
export function open(state, { now }) {
  const online = { do: "online" };
  if (state.before === "attract") return { at: "attract", effects: [online, { do: "show", at: "attract" }] };
  return show("ready", now, { voice: 0, touched: state.touched, effects: [{ do: "hush" }, online] }, notice("lost"));
}

/** Whoever presses a key nevertheless may not see why nothing comes of it. */
export const tellWhy = (state, { now }) => say(state, now, state.busy ? "busy" : "offline");
