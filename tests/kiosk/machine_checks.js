// Checks of the page's machine, run by test_machine.py: each gets the module, and a little to stand on.

({ FIRST, STATES, EVENTS, TABLE, step, HOLD_MS, AGAIN_MS, SILENT_MS, WITHOUT_WORDS }) => {
  const SETTINGS = {
    talk: "both", endPointingSeconds: 3, longestQuestionSeconds: 60, idleSeconds: 30, graceSeconds: 20, spokenGreeting: false,
  };
  const RESTING = ["ready", "browse", "answer", "choosing", "rejected"];
  const USUAL = ["press", "release", "microphoneReady", "invited", "words", "turn", "show"];
  const turn = (content = {}) => ({
    type: "turn", choices: [], nearest: [], caught: true, manner: { pace: 1, volume: 1 },
    turn: { decision: "answer", entry: "refund", command: null, transcript: "", input: "", ...content },
  });
  const CONTENT = {
    press: { by: "x" }, release: { by: "x" }, group: { group: 0 }, change: { command: "slower" }, show: { entry: "refund" },
    choose: { number: 1 }, ask: { text: "退卡" }, search: { text: "tui", number: 1 }, details: { sentences: ["details/refund"] },
    walk: { sentences: ["number/1", "group/0"] }, microphoneReady: { rate: 16000 }, microphoneFailed: { problem: "missing" },
    closed: { busy: false }, words: { text: "退卡" }, turn: turn(), speech: { clauses: ["好。"] },
    clause: { index: 0, address: "/live/x", begins: 0 }, spoken: { clauses: 1 }, manner: { changed: true, pace: 1, volume: 1 },
    found: { number: 1, entries: ["refund"] },
  };

  /** A page that is used: keeps the state, the time and all effects. */
  class Used {
    constructor(settings = {}) {
      this.settings = { ...SETTINGS, ...settings };
      this.state = FIRST;
      this.now = 1000;
      this.effects = [];
    }
    do(type, content = {}) {
      const [state, effects] = step(this.state, { now: this.now, type, ...content }, this.settings);
      this.state = state;
      this.effects.push(...effects);
      return effects;
    }
    /** What belongs to the question that is on. */
    on(type, content = {}) {
      const { session, question } = this.state;
      return this.do(type, { ...CONTENT[type], session, question, ...content });
    }
    wait(ms) {
      for (const until = this.now + ms; this.now < until; ) {
        this.now = Math.min(until, this.now + 100);
        this.do("tick");
      }
    }
    press(by = "x", content = {}) { return this.do("press", { by, ...content }); }
    release(by = "x") { return this.do("release", { by }); }
    hold(ms, by = "x") { this.press(by); this.wait(ms); this.release(by); }
    opens() { this.do("microphoneReady", { question: this.state.question, rate: 16000 }); this.do("invited", { question: this.state.question }); }
    is(at, why = "") { if (this.state.at !== at) throw new Error(`${why} is ${this.state.at}, not ${at}`); }
    /** Nothing of a session is left. */
    get over() { return this.state.at === "attract" || (this.state.at === "offline" && this.state.before === "attract"); }
    sent(type) { return this.effects.filter((effect) => effect.do === "send" && effect.message.type === type); }
    did(name) { return this.effects.filter((effect) => effect.do === name); }
  }
  const expect = (truth, why) => { if (!truth) throw new Error(why); };

  /** The page in each of its states. */
  function inState(at, settings) {
    const page = new Used(settings);
    if (at === "attract") return page;
    page.do("touch");
    page.wait(1000);
    if (["answer", "choosing", "rejected"].includes(at)) {
      page.do("ask", { text: "退卡" });
      page.do("turn", { ...turn({ decision: { answer: "answer", choosing: "clarify", rejected: "reject" }[at] }), session: page.state.session, question: page.state.question });
      page.on("speech");
      page.on("clause");
    } else if (at === "browse") page.do("browse");
    else if (at === "asking") page.wait(31_000);
    else if (at === "offline") page.do("closed", { busy: false });
    else if (at !== "ready") {
      page.press();
      page.wait(100);
      page.release();
      if (at !== "preparing") page.opens();
      if (at === "thinking") { page.wait(1000); page.press(); page.wait(60); page.release(); }
    }
    page.is(at);
    page.effects = [];
    return page;
  }

  /** What holds in every state, however it came about. */
  function holds(before, state, effects, event) {
    const where = `${before.at} + ${event.type} → ${state.at}`;
    expect(STATES.includes(state.at), where);
    expect(Object.isFrozen(state), `${where}: not frozen`);
    expect(Object.keys(state).sort().join() === Object.keys(FIRST).sort().join(), `${where}: ${Object.keys(state)}`);
    expect(state.question >= before.question && state.session >= before.session && state.voices >= before.voices, `${where}: a number went back`);
    expect(!state.hearing || state.at === "listening", `${where}: hears`);
    const silent = ["preparing", "listening", "thinking"].includes(state.at);
    expect(!(silent && state.voice), `${where}: speaks into the microphone`);
    for (const { do: name, message } of effects) {
      expect(typeof name === "string", `${where}: ${JSON.stringify(effects)}`);
      if (name === "send") expect(message.session <= state.session && message.question <= state.question, where);
    }
    if (state.at === "attract" && before.at !== "attract" && before.at !== "offline") {
      expect(state.session > before.session, `${where}: the same session`);
      for (const wanted of ["wipe", "hush", "closeMicrophone"]) expect(effects.some((effect) => effect.do === wanted), `${where}: no ${wanted}`);
    }
  }

  return {
    "every event in every state leads to a state": () => {
      for (const at of STATES) {
        expect(TABLE[at], at);
        for (const type of Object.keys(TABLE[at])) expect(EVENTS.includes(type), `${at} knows an event of no name: ${type}`);
        for (const type of EVENTS) {
          const page = inState(at);
          const { session, question, voice } = page.state;
          for (const numbers of [{}, { session, question }, { voice }]) {
            const event = { now: page.now + 500, type, ...CONTENT[type], ...numbers };
            const [state, effects] = step(page.state, event, page.settings);
            holds(page.state, state, effects, event);
          }
        }
      }
    },

    "what is late or double or of another rider lands nowhere": () => {
      for (const at of STATES) {
        for (const type of EVENTS) {
          const page = inState(at);
          const { session, question, voice } = page.state;
          for (const numbers of [{ session: session - 1, question }, { session: session + 1, question }, { session, question: question - 1 }, { session, question: question + 1 }, { voice: voice + 1 }]) {
            const [state, effects] = step(page.state, { now: page.now, type, ...CONTENT[type], ...numbers }, page.settings);
            expect(state === page.state && !effects.length, `${at}: ${type} ${JSON.stringify(numbers)}`);
          }
        }
      }
    },

    "whatever was done before a session ends by itself": () => {
      for (const at of STATES) {
        for (const type of [null, ...EVENTS]) {
          const page = inState(at);
          const { session, question } = page.state;
          if (type) page.do(type, { ...CONTENT[type], session, question });
          page.wait(180_000);
          expect(page.over, `${at} + ${type}: after three minutes ${page.state.at}`);
        }
      }
    },

    "a connection that comes and goes keeps no session alive": () => {
      for (const every of [3_000, 12_000, 25_000]) {
        for (const at of STATES) {
          const page = inState(at);
          for (let waited = 0; waited < 180_000 && !page.over; waited += every) {
            page.wait(every - 500);
            page.do("closed", { busy: false });
            page.wait(500);
            page.do("opened");
          }
          expect(page.over, `${at}, away every ${every} ms: after three minutes ${page.state.at}`);
        }
      }
      const answered = inState("answer");
      for (let heard = 0; heard < 45; heard += 1) {
        answered.do("sounding", { voice: answered.state.voice });
        answered.wait(1_000);
      }
      answered.do("closed", { busy: false });
      answered.wait(2_000);
      answered.do("opened");
      answered.wait(20_000);
      answered.is("ready", "whoever listened to an answer");
    },

    "ten thousand things in any order": () => {
      let seed = 7;
      const random = (n) => { seed = (seed * 48271) % 2147483647; return Math.floor((seed / 2147483647) * n); };
      const reached = new Set();
      for (const talk of ["both", "hold", "tap"]) {
        const page = new Used({ talk, spokenGreeting: talk === "tap" });
        for (let i = 0; i < 10_000; i += 1) {
          const long = !random(100);
          page.now += long ? 31_000 : random(900);
          const type = long ? "tick" : random(2) ? EVENTS[random(EVENTS.length)] : USUAL[random(USUAL.length)];
          if (type === "closed" && random(5)) continue;
          const { session, question, voice } = page.state;
          const numbers = random(3) ? { session, question } : random(2) ? { voice } : { session: session - random(2), question: question - random(2) };
          const decided = type === "turn" ? turn({ decision: ["answer", "clarify", "reject"][random(3)] }) : {};
          const event = { now: page.now, type, ...CONTENT[type], ...decided, by: ["x", 1, 2][random(3)], ...numbers };
          const [state, effects] = step(page.state, event, page.settings);
          holds(page.state, state, effects, event);
          page.state = state;
          reached.add(state.at);
        }
      }
      expect(reached.size === STATES.length, `reached only ${[...reached].join()}`);
    },

    "a new content comes when nobody is there": () => {
      for (const at of STATES) {
        const page = inState(at);
        page.do("content");
        page.wait(200);
        if (at === "attract") {
          expect(page.did("renew").length === 1, "not renewed at once, or again and again");
          continue;
        }
        expect(!page.did("renew").length, `renewed while ${at}`);
        if (at === "offline") page.do("opened");
        page.do("finish");
        page.wait(200);
        page.is("attract", at);
        expect(page.did("renew").length === 1, `not renewed after ${at}`);
      }
      const spoken = inState("attract", { spokenGreeting: true });
      spoken.do("touch", { key: true });
      spoken.do("content");
      spoken.do("finish");
      spoken.wait(200);
      expect(spoken.state.voice && !spoken.did("renew").length, "renewed while it is said that the session has ended");
      spoken.do("spokenOut", { voice: spoken.state.voice });
      spoken.wait(200);
      expect(spoken.did("renew").length === 1, "not renewed after that was said");
    },

    "a short press, a long one, a double one and two fingers all begin one question": () => {
      const ways = {
        short: (page) => page.hold(60),
        "450 ms": (page) => page.hold(450),
        "1,000 ms": (page) => page.hold(1000),
        "1,500 ms": (page) => page.hold(1500),
        double: (page) => { page.hold(80); page.wait(150); page.hold(80); },
        "slow double": (page) => { page.hold(120); page.wait(390); page.press(); page.wait(50); page.release(); },
        triple: (page) => { for (let i = 0; i < 3; i += 1) { page.hold(60); page.wait(120); } },
        "two fingers": (page) => { page.press(1); page.wait(90); page.press(2); page.wait(500); page.release(1); page.release(2); },
      };
      for (const [name, way] of Object.entries(ways)) {
        for (const opensAfter of [0, 2000]) {
          const page = new Used();
          if (opensAfter) { way(page); page.wait(opensAfter); page.opens(); }
          else { const open = page.press.bind(page); page.press = (...all) => { const done = open(...all); if (page.state.at === "preparing") page.opens(); return done; }; way(page); }
          page.is("listening", `${name}, microphone after ${opensAfter} ms:`);
          page.wait(500);
          page.on("words");
          page.wait(3200);
          page.is("thinking", `${name}, after the last word:`);
          expect(page.sent("start").length === 1, name);
        }
      }
    },

    "a question that is held ends when the button is let go": () => {
      const page = new Used();
      page.press();
      page.opens();
      page.wait(1500);
      page.on("words");
      page.release();
      page.is("thinking");
      page.on("flushed");
      expect(page.sent("stop").length === 1, "not sent");
    },

    "a short question that becomes words only after the button is let go ends soon": () => {
      const page = new Used();
      page.press();
      page.opens();
      page.wait(700);
      page.release();
      page.is("listening");
      page.wait(300);
      page.on("words");
      page.wait(1400);
      page.is("thinking");
    },

    "without a word it goes back to where it was, and refuses nothing": () => {
      for (const at of RESTING) {
        const page = inState(at);
        page.wait(500);
        page.hold(200);
        page.opens();
        page.wait(3000 * WITHOUT_WORDS + 500);
        page.is("thinking");
        page.on("flushed");
        page.on("silence");
        page.is(at);
        expect(!page.did("say").length && !page.did("present").length, `${at}: speaks`);
      }
    },

    "where the button must be held a tap is told so, and nowhere else": () => {
      for (const talk of ["both", "tap", "hold"]) {
        const page = inState("ready", { talk });
        page.hold(200);
        page.opens();
        page.wait(20_000);
        const told = page.did("notice").some(({ text }) => text === "holdOn");
        expect(told === (talk === "hold"), talk);
      }
    },

    "where the button is tapped letting it go ends nothing": () => {
      const page = inState("ready", { talk: "tap" });
      page.press();
      page.opens();
      page.wait(1000);
      page.on("words");
      page.release();
      page.is("listening");
      page.wait(500);
      page.press();
      page.is("thinking");
    },

    "the greeting is heard before the first question, and never into the microphone": () => {
      const page = new Used({ spokenGreeting: true });
      page.press();
      page.is("ready");
      expect(page.state.voice && page.state.voice === page.state.greeting, "no greeting");
      page.wait(60);
      page.release();
      page.wait(3000);
      page.do("sounding", { voice: page.state.voice });
      page.press();
      page.is("preparing");
      expect(!page.state.voice, "still greets");
    },

    "where questions are kept, those who do not see the notice hear it": () => {
      const said = (settings) => {
        const page = new Used({ spokenGreeting: true, ...settings });
        page.press();
        page.release();
        page.wait(500);
        page.do("help");
        return page.did("say").map((effect) => effect.sentences.join());
      };
      expect(said({}).join(" ") === "greeting how_to", said({}).join(" "));
      expect(said({ keptDays: 30 }).join(" ") === "greeting,kept how_to,kept", said({ keptDays: 30 }).join(" "));
    },

    "whoever keeps the button down through the greeting may speak after it": () => {
      const page = new Used({ spokenGreeting: true });
      page.press();
      page.wait(2500);
      page.do("spokenOut", { voice: page.state.voice });
      page.is("preparing");
      page.opens();
      page.wait(1500);
      page.on("words");
      page.release();
      page.is("thinking");
    },

    "the last rider's turn is dropped after the end, and after going back": () => {
      for (const leave of ["finish", "back"]) {
        const page = inState("browse");
        page.do("show", { entry: "refund" });
        const { session, question } = page.state;
        page.do(leave);
        const { at } = page.state;
        page.effects = [];
        for (const type of ["turn", "speech", "clause", "spoken"]) page.do(type, { ...CONTENT[type], session, question });
        page.is(at);
        expect(!page.effects.length, JSON.stringify(page.effects));
      }
    },

    "a voice that is not heard to go on is given up": () => {
      const page = inState("answer");
      expect(page.state.voice, "silent");
      page.wait(5000);
      page.do("sounding", { voice: page.state.voice });
      page.wait(SILENT_MS - 500);
      expect(page.state.voice, "given up too soon");
      page.wait(1000);
      expect(!page.state.voice && page.did("notice").some(({ text }) => text === "mute"), "nothing is said");
    },

    "a lost microphone leads to the list at once": () => {
      for (const at of ["preparing", "listening"]) {
        const page = inState(at);
        page.do("microphoneFailed", { problem: "missing" });
        page.is("browse");
        expect(page.did("notice").some(({ text, alarm }) => text === "noMicrophone" && alarm), at);
        expect(page.did("say")[0].sentences[0] === "no_microphone", at);
        expect(page.sent("microphone").length === 1, at);
      }
    },

    "a yes to the question whether anybody is there is a reply, and later it is none": () => {
      const page = inState("asking");
      page.press("x", { key: true });
      page.is("preparing");
      page.release();
      page.opens();
      expect(page.sent("start")[0].message.reply === true, "not a reply");
      page.on("stayed");
      page.is("ready");
      page.wait(5000);
      page.press();
      page.opens();
      expect(page.sent("start")[1].message.reply === false, "a reply to nothing");
    },

    "errors are spoken to whoever uses keys": () => {
      const page = inState("ready");
      page.press("x", { key: true });
      page.release();
      page.opens();
      page.wait(12_500);
      page.on("silence");
      expect(page.did("say").some(({ sentences }) => sentences[0] === "no_words"), "no words");
      page.wait(500);
      page.do("closed", { busy: false });
      expect(page.did("say").some(({ sentences }) => sentences[0] === "offline"), "offline");
      page.do("opened");
      page.do("finish");
      expect(page.did("say").some(({ sentences }) => sentences[0] === "ended"), "ended");
      page.is("attract");
    },

    "a key that is pressed without a server, or without a place, is told why nothing comes of it": () => {
      for (const [busy, sentence] of [[false, "offline"], [true, "busy"]]) {
        for (const at of ["attract", "ready"]) {
          const page = inState(at);
          page.do("closed", { busy });
          page.wait(1000);
          page.effects = [];
          page.press("x", { key: true });
          page.release();
          expect(page.did("say").some(({ sentences }) => sentences.join() === sentence), `${at}, ${sentence}: silent`);
          page.do("muted", { voice: page.state.voice });
          page.is("offline");
          expect(!page.state.voice && !page.did("notice").length, `${at}, ${sentence}: a notice is left for the next`);
        }
      }
    },

    "what is not caught sounds unlike what has no answer": () => {
      const sound = (caught) => {
        const page = inState("ready");
        page.do("ask", { text: "退卡" });
        page.on("turn", { turn: { ...turn().turn, decision: "reject" }, caught });
        page.is("rejected");
        return page.did("earcon").map(({ name }) => name).join();
      };
      expect(sound(true) && sound(false) && sound(true) !== sound(false), `${sound(true)}, ${sound(false)}`);
    },

    "that a session has begun is announced after the page has changed": () => {
      const page = new Used();
      page.do("touch");
      const names = page.effects.map((effect) => effect.do);
      expect(names.indexOf("announce") > names.lastIndexOf("show"), names.join());
    },

    "a goodbye ends the session when it has been said": () => {
      const page = inState("ready");
      page.do("ask", { text: "退出" });
      page.on("turn", { turn: { ...turn().turn, decision: "command", command: "quit" } });
      page.on("speech");
      page.is("answer");
      page.do("spokenOut", { voice: page.state.voice });
      page.is("attract");
    },
  };
}
