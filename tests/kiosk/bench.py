"""How fast the kiosk is, in a real browser and over many connections: ``python -m tests.kiosk.bench``."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from voice_faq.audio.recording import read_recording, resampled

from ..browsers import launch, question_file, spoken_s
from ..conftest import DATA
from .pages import Server, ask_as_spoken, open_page, played, press_down, serving

QUESTION = "canonical-refund"
TIMES = 15
PAGES = 20

WATCH = """
  addEventListener("pointerup", () => { window.released ??= performance.now(); }, { capture: true });
  new MutationObserver(() => {
    if (document.body.dataset.state === "answer") requestAnimationFrame(() => { window.shown ??= performance.now(); });
    if (document.querySelector("#captions .heard-now")) window.speaking ??= performance.now();
  }).observe(document.body, { subtree: true, attributes: true });
"""


def after_release(server: Server) -> None:
    """From the moment that the button is let go."""
    shown, heard, spoken = [], [], []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = launch(playwright, question_file(QUESTION, Path(folder)))
        for _ in range(TIMES):
            page = open_page(browser, server.address)
            page.evaluate(f"() => {{ {WATCH} }}")
            press_down(page)
            page.wait_for_timeout(spoken_s(QUESTION) * 1000 + 200)
            page.mouse.up()
            expect(page.locator("#captions .heard-now")).to_be_visible()
            page.wait_for_timeout(400)
            released, at, speaking = page.evaluate("[window.released, window.shown, window.speaking]")
            first_ms = played(page, released)[1]
            assert first_ms is not None
            shown.append(at - released)
            heard.append(first_ms)
            spoken.append(speaking - released)
            page.close()
        browser.close()
    for what, values in (("answer on the screen", shown), ("first sound", heard), ("first word of the answer", spoken)):
        print(f"button released to {what}: median {statistics.median(values):.0f} ms, longest {max(values):.0f} ms")


def many_at_once(server: Server) -> None:
    """All end their question at the same moment."""
    said = resampled(read_recording(DATA / "recordings" / f"{QUESTION}.flac"), 16_000)
    pcm = said.samples.astype("<i2").tobytes()

    async def all_of_them() -> list[tuple[str | None, float]]:
        return await asyncio.gather(*(ask_as_spoken(server, pcm) for _ in range(PAGES)))

    answered = [one for _ in range(3) for one in asyncio.run(all_of_them())]
    assert {entry for entry, _ in answered} == {"refund"}
    waits = sorted(wait for _, wait in answered)
    p95 = waits[int(0.95 * len(waits))]
    print(f"{PAGES} connections at once: median {statistics.median(waits) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms")


def main() -> None:
    """Print the figures."""
    with serving() as server:
        after_release(server)
        many_at_once(server)
        print(f"memory of the server at its peak: {server.peak_mib:.0f} MiB")


if __name__ == "__main__":
    main()
