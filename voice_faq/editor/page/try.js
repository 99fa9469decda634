// The try-it box: what was heard, what is decided, and why.

import { $, button, doing, make } from "/editor/dom.js";
import { call, hear } from "/editor/server.js";
import { play, Recorder } from "/editor/sound.js";

export function setUpTrying() {
  const recorder = new Recorder();
  let talking = false;

  const turn = (on) => {
    talking = on;
    $("try-talk").setAttribute("aria-pressed", String(on));
    $("try-talk").textContent = on ? "说完了，再按一下" : "按一下，说话问";
  };

  $("try").addEventListener("submit", doing(async (event) => {
    event.preventDefault();
    show(await call("ask", { text: $("try-text").value }));
  }));

  $("try-talk").addEventListener("click", doing(async () => {
    $("try-talk").disabled = true;
    try {
      if (talking) {
        turn(false);
        $("try-result").textContent = "正在听写……";
        show(await hear(...(await recorder.end())));
      } else {
        await recorder.begin();
        turn(true);
      }
    } catch (error) {
      $("try-result").textContent = "";
      throw error;
    } finally {
      $("try-talk").disabled = false;
    }
  }));
}

function show({ turn, decision, question, choices, why, learning }) {
  const heard = turn.transcript || "（没有听到话）";
  const others = turn.alternatives.slice(1).map(({ text }) => text);
  $("try-result").replaceChildren(
    make("p", {}, `听到：${heard}${others.length ? `（也可能是：${others.join("；")}）` : ""}`),
    make("p", {}, make("strong", {}, question ? `${decision}：${question}` : decision)),
    ...(choices.length ? [make("p", {}, `可能是：${choices.join("；")}`)] : []),
    make("p", {}, turn.answer, " ", button("听", doing(() => play(turn.answer, $("voice").value)))),
    ...(learning ? [make("p", { className: "quiet" }, "刚保存的问法还在学习，过几秒再问会更准。")] : []),
    make("h3", {}, "为什么"),
    make("ul", {}, ...why.map((sentence) => make("li", {}, sentence))),
  );
}
