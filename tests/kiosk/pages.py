"""A real server, a real Chromium with a recording as its microphone, and the ways to each of the page's states.

``Page.wait_for_function`` must get a function here, ``"() => …"``: an expression is evaluated anew at every look, and
the page's Content-Security-Policy forbids all looks after the first.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.asyncio.client import connect

from voice_faq.audio.recording import Recording
from voice_faq.kiosk.messages import AUDIO_HEADER

MESSAGE = 1_280  # bytes of 16 kHz audio, 40 ms
SIZES = {"portrait": (1080, 1920), "landscape": (1920, 1080), "small": (800, 480), "phone": (390, 844)}
AMBIGUOUS = "退卡"  # a device that works, or one that is broken?
HELD_BACK = "我想把它注销了，给不给发票"  # offered alone by a rule, however sure it is

# Copies what goes to the loudspeaker, with the page's clock, before it is heard.
LISTEN_TO_LOUDSPEAKER = """
(() => {
  // Keeps the microphone's tracks and every sound card; a test may hold the microphone back.
  const open = window.MediaDevices?.prototype.getUserMedia;
  window.tracks = [];
  window.soundCards = [];
  if (open) {
    MediaDevices.prototype.getUserMedia = async function (wanted) {
      await window.heldBack;
      const stream = await open.call(this, wanted);
      window.tracks.push(...stream.getTracks());
      return stream;
    };
  }
  window.AudioContext = class extends AudioContext {
    constructor(...all) {
      super(...all);
      window.soundCards.push(this);
    }
  };
  const connect = AudioNode.prototype.connect;
  window.played = [];
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && !(this instanceof AudioWorkletNode) && !this.isTap) {
      // 85 ms a piece: what a busy page does not take in time is lost to the ear, though it was played.
      const tap = target.context.createScriptProcessor(4096, 1, 1);
      tap.isTap = true;
      tap.onaudioprocess = ({ inputBuffer }) => {
        const samples = Int16Array.from(inputBuffer.getChannelData(0), (x) => Math.max(-1, Math.min(1, x)) * 32767);
        window.played.push([performance.now(), inputBuffer.sampleRate, samples]);
      };
      connect.call(this, tap);
      connect.call(tap, target);
    }
    return connect.call(this, target, ...rest);
  };
  window.takePlayed = (since) => window.played.filter(([at]) => at >= since).map(([at, rate, samples]) =>
    [at, rate, btoa(String.fromCharCode(...new Uint8Array(samples.buffer)))]);
  // Whether something has been heard since then, and nothing for so long.
  window.hasSpoken = (since, quietMs) => {
    const loud = window.played.filter(([at, , samples]) => at >= since && samples.some((x) => Math.abs(x) > 300));
    return loud.length > 0 && performance.now() - loud.at(-1)[0] > quietMs;
  };
})();
"""


@dataclass
class Server:
    """``voice-faq kiosk`` in a process of its own."""

    process: subprocess.Popen[str]
    address: str

    @property
    def socket(self) -> str:
        return self.address.replace("http", "ws") + "conversation"

    @property
    def peak_mib(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


@contextlib.contextmanager
def serving(
    port: int = 0, errors: IO[str] | None = None, *, quick: bool = False, **environment: str
) -> Iterator[Server]:
    """With ``quick`` a recogniser that hears 怎么退卡 in any sound."""
    state = tempfile.TemporaryDirectory(prefix="voice-faq-state-")
    program = ["tests.kiosk.quick_server"] if quick else ["voice_faq", "kiosk", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", *program],
        env={**os.environ, "VOICE_FAQ_KIOSK__PORT": str(port), "VOICE_FAQ_STATE_DIR": state.name, **environment},
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+?/", line)
        assert found, f"the server did not start: {line}"
        yield Server(process, found[0])
    finally:
        with process:  # its end is waited for, and its pipe closed
            process.kill()
        state.cleanup()


def open_page(
    browser: Browser, address: str, size: str = "landscape", *, zoom: int = 1, clock: bool = False, **options: Any
) -> Page:
    """The page, ready for a touch; errors in it fail the test that uses it.

    With ``clock`` its time can be moved; ``options`` are Playwright's for a new page.
    """
    width, height = SIZES[size]
    viewport = {"width": width // zoom, "height": height // zoom}
    page = browser.new_page(viewport=viewport, device_scale_factor=zoom, **options)  # type: ignore[arg-type]
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: pytest.fail(f"error in the page: {error}"))
    page.add_init_script(LISTEN_TO_LOUDSPEAKER)
    if clock:
        page.clock.install()
    page.goto(address)
    _is_ready(page)
    return page


def open_again(page: Page) -> None:
    """As if it had just been opened, but for a clock that was installed; sooner than another page."""
    page.reload()
    _is_ready(page)


def _is_ready(page: Page) -> None:
    expect(page.locator("#examples li").first).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()
    # Until its letters are there, others of other widths are shown.
    page.evaluate(
        """Promise.allSettled(["400", "700"].map((weight) => document.fonts.load(`${weight} 1em "Kiosk Sans"`)))"""
    )


def state(page: Page) -> str:
    return str(page.evaluate("document.body.dataset.state"))


def wait_for_state(page: Page, wanted: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-state", wanted)


def press_down(page: Page) -> None:
    """A finger on the round button."""
    box = page.locator("#talk").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def type_question(page: Page, text: str) -> None:
    page.locator("#browse").click()
    page.locator("#search").fill(text)
    page.locator("#search").press("Enter")


def go_to(page: Page, wanted: str) -> None:
    """Bring a page that has just been opened into a state, as a rider would."""
    if wanted == "attract":
        return
    if wanted == "offline":
        page.route_web_socket("**/conversation", lambda socket: socket.close())
        page.reload()
        expect(page.locator("#offline")).to_be_visible()
        return
    page.locator("#main").click(position={"x": 5, "y": 5})
    wait_for_state(page, "ready")
    if wanted == "browse":
        page.locator("#browse").click()
    elif wanted == "keyboard":
        page.locator("#browse").click()
        page.locator("#keyboard").click()
        for letter in "tuika":
            page.locator(f"[data-letter={letter}]").click()
        expect(page.locator("#groups .card").first).to_contain_text("退卡")
    elif wanted == "answer":
        type_question(page, "我想退掉这张卡")
        expect(page.locator("#captions .heard-now")).to_be_visible()
    elif wanted == "choosing":
        type_question(page, AMBIGUOUS)
        expect(page.locator("#choices .card").first).to_be_visible()
    elif wanted == "rejected":
        type_question(page, "今天天气怎么样")
        wait_for_state(page, "rejected")
    elif wanted == "listening":
        press_down(page)
        wait_for_state(page, "listening")
    elif wanted == "no-microphone":
        page.locator("#talk").click()
        expect(page.locator("#notice")).to_have_text("麦克风坏了，请点问题。")
    elif wanted == "still-there":
        page.clock.install()
        page.clock.fast_forward(31_000)
        expect(page.locator("#still-there")).to_be_visible()
    elif wanted == "low":
        page.locator("#reach").click()
    elif wanted == "not-caught":
        type_question(page, "啊")
        expect(page.locator("#advice")).to_be_visible()
    elif wanted == "large":
        page.locator("#size").click()
        page.locator("#size").click()
    elif wanted == "contrast":
        page.locator("#contrast").click()
    elif wanted == "english":
        page.locator("#language").click()
        page.locator("#browse").click()
        page.locator("[data-entry=support]").click()
        wait_for_state(page, "answer")
    elif wanted == "sound":
        type_question(page, "我想退掉这张卡")
        wait_for_state(page, "answer")
        page.locator("#sound").click()


def played(page: Page, since_ms: float = 0.0) -> tuple[Recording, float | None]:
    """What went to the loudspeaker after ``since_ms`` of the page's clock, and how many ms later its first sound."""
    later = [
        (at, rate, np.frombuffer(base64.b64decode(text), "<i2"))
        for at, rate, text in page.evaluate("takePlayed", since_ms)
    ]
    assert later, "the page has no loudspeaker"
    loud = [at for at, _, samples in later if np.abs(samples.astype(int)).max() > 300]
    recording = Recording(np.concatenate([samples for _, _, samples in later]), int(later[0][1]))
    return recording, loud[0] - since_ms if loud else None


async def ask_as_spoken(server: Server, pcm: bytes) -> tuple[str | None, float]:
    """Ask over a connection of its own, 16 kHz audio as fast as it is said: the entry, and seconds from the end."""
    async with connect(server.socket, ping_interval=None) as page:
        await page.send(json.dumps({"type": "hello", "session": 0, "question": 0}))
        await page.send(json.dumps({"type": "start", "session": 1, "question": 1, "rate": 16_000}))
        began = time.monotonic()
        for start in range(0, len(pcm), MESSAGE):
            await page.send(AUDIO_HEADER.pack(1, 1) + pcm[start : start + MESSAGE])
            await asyncio.sleep(began + (start + MESSAGE) / 32_000 - time.monotonic())
        ended = time.monotonic()
        await page.send(json.dumps({"type": "stop", "session": 1, "question": 1}))
        async for message in page:
            event = json.loads(message)
            if event["type"] == "turn":
                return event["turn"]["entry"], time.monotonic() - ended
    return None, 0.0
