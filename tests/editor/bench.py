"""How soon a keystroke has its note in the editor's page: ``python -m tests.editor.bench --entries 1000``."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect, sync_playwright

from voice_faq.authoring import yaml_text
from voice_faq.authoring.starting import start_folder
from voice_faq.language.numbers import read_digits

from ..kiosk.pages import launch
from .pages import editing, open_page

WORDINGS = ("{}号窗口怎么走", "{}号窗口在哪里", "去{}号窗口", "我找{}号窗口", "{}号窗口办什么", "请问{}号窗口")
KEYSTROKES = 60
MOST_MS = 100.0  # at the 95th percentile


def large_folder(folder: Path, entries: int) -> Path:
    """A folder of so many entries."""
    file = start_folder(folder) / "faq.yaml"
    lines = [file.read_text(encoding="utf-8")]
    for number in range(entries):
        said = read_digits(f"{number:04d}")
        wordings = [wording.format(said) for wording in WORDINGS]
        fields = {"question": f"{said}号窗口在什么地方", "wordings": wordings, "answer": f"{said}号窗口在大厅。"}
        lines.append("  - " + yaml_text.rendered({"id": f"window-{number}", **fields}, 4).lstrip())
    file.write_text("".join(lines), encoding="utf-8")
    return folder


def latencies(page: Page) -> list[float]:
    """Milliseconds from each keystroke in a wording to the note for just that text, in the page."""
    return list(
        page.evaluate(
            """async (count) => {
                const field = document.querySelector("#wordings input");
                const notes = field.closest("li").querySelector(".notes");
                const found = [];
                for (let i = 0; i < count; i++) {
                    const answered = new Promise((resolve) => {
                        const watch = new MutationObserver(() => {
                            if (notes.dataset.answered !== notes.dataset.asked) return;
                            watch.disconnect();
                            resolve();
                        });
                        watch.observe(notes, { attributes: true });
                    });
                    const began = performance.now();
                    field.value += "请问零零一号窗口怎么走"[i % 11];
                    if (i % 11 === 10) field.value = "请";
                    field.dispatchEvent(new Event("input", { bubbles: true }));
                    await answered;
                    found.push(performance.now() - began);
                }
                return found;
            }""",
            KEYSTROKES,
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1000)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        folder = large_folder(Path(work) / "faq", entries)
        began = time.perf_counter()
        with editing(folder) as address:
            browser = launch(playwright, None)
            page = open_page(browser, address)
            print(f"{entries} entries: page open after {time.perf_counter() - began:.1f} s")
            expect(page.locator("#learning")).to_have_text("", timeout=600_000)
            print(f"learned after {time.perf_counter() - began:.1f} s")
            page.locator("#list button").last.click()
            page.locator("#wordings-notes li").first.wait_for()
            measured = latencies(page)
            began = time.perf_counter()
            page.locator("#answer").fill("在楼上。")
            page.locator("#save").click()
            page.locator("#saved", has_text="保存好了").or_(page.locator("#notice:not([hidden])")).first.wait_for()
            print(f"saved after {time.perf_counter() - began:.2f} s")
            browser.close()
    p50, p95 = np.percentile(measured, (50, 95))
    print(f"keystroke to note: p50 {p50:.0f} ms, p95 {p95:.0f} ms ({'ok' if p95 <= MOST_MS else 'TOO SLOW'})")


if __name__ == "__main__":
    main()
