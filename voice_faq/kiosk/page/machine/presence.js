// Is anybody there?

import { SILENT_MS, restingPlace, say } from "/page/machine/state.js";
import { finish, goBack } from "/page/machine/session.js";
import { mute } from "/page/machine/answer.js";

export function watchRest(state, { now }, { idleSeconds, graceSeconds }) {
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

export function watchAsking(state, { now }, { graceSeconds }) {
  const left = Math.max(0, Math.ceil((state.since + graceSeconds * 1000 - now) / 1000));
  if (now - state.since > graceSeconds * 1000) return finish(state, { now });
  const silent = state.voice && now - state.sounded > SILENT_MS;
  return { ...(silent ? { voice: 0 } : {}), effects: [...(silent ? [{ do: "hush" }] : []), { do: "secondsLeft", left }] };
}

export function stay(state, { now }) {
  return {
    at: state.before, since: now, touched: now, voice: 0,
    effects: [{ do: "hush" }, { do: "show", at: state.before }],
  };
}

/** 是的，在的。 */
export function stayed(state, { now }) {
  const back = goBack(state, now, restingPlace(state), { do: "earcon", name: "understood" });
  return { ...back, asked: -Infinity };
}

/** Without a server too, nothing of one person is left for the next. */
export function watchOffline(state, { now }, { idleSeconds, graceSeconds }) {
  if (state.voice && now - state.sounded > SILENT_MS) return { voice: 0, effects: [{ do: "hush" }] };
  if (state.before === "attract" || now - state.since <= (idleSeconds + graceSeconds) * 1000) return undefined;
  const gone = finish({ ...state, keys: false }, { now });
  return { ...gone, at: "offline", before: "attract", effects: [...gone.effects, { do: "show", at: "offline" }] };
}

/** Nobody is there, and nothing is being said: now the page may come again. */
export function watchAttract(state, { now }) {
  if (state.voice) return now - state.sounded > SILENT_MS ? { voice: 0, effects: [{ do: "hush" }] } : undefined;
  return state.stale && !state.pressed ? { stale: false, effects: [{ do: "renew" }] } : undefined;
}
