// The state of the machine, and what its changes are made of.

export const HOLD_MS = 400; // a press that lasts longer is held
export const AGAIN_MS = 400; // after a press or its release, in which another press is the same one, trembling
export const PREPARING_MS = 15000; // for the microphone to open
export const THINKING_MS = 30000; // longer than any question takes, on a busy machine too
export const SILENT_MS = 10000; // without a sound, after which nothing is being spoken any more
export const WITHOUT_WORDS = 4; // times as long is waited for a first word
export const LET_GO_MS = 1200; // without a new word, after which a question ends that was held before its first word
export const REPLY_MS = 60000; // after 还在吗 in which 是的 is a reply to it
export const LONGEST_PRESS_MS = 60000; // after which a finger that nobody saw go has gone
export const LONGER_MS = 5000; // than a question may be, in which the server must have ended it

export const RESTING = ["ready", "browse", "answer", "choosing", "rejected"]; // a person reads, hears, or thinks of a question

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

export const message = (state, type, content = {}) => ({
  do: "send", message: { type, session: state.session, question: state.question, ...content },
});
export const notice = (text, { alarm = false } = {}) => ({ do: "notice", text, alarm });
export const restingPlace = (state) => (RESTING.includes(state.at) ? state.at : state.at === "attract" ? "ready" : state.before);

/** Speak sentences of the page itself. */
export function say(state, now, ...sentences) {
  const voice = state.voices + 1;
  return { voice, voices: voice, sounded: now, effects: [{ do: "say", voice, sentences }] };
}

/** Nothing of what is going on counts any more: the numbers move on, the microphone and the voice end. */
export function drop(state) {
  return {
    question: state.question + 1, voice: 0, hearing: false, letGo: false, words: "", last: false,
    effects: [{ do: "hush" }, { do: "dropMicrophone" }],
  };
}

export function show(at, now, changes = {}, ...effects) {
  return { at, before: at, since: now, touched: now, ...changes, effects: [...(changes.effects ?? []), { do: "show", at }, ...effects] };
}
