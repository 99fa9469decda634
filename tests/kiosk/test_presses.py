"""Presses as people make them, on real pages: each ends in a question that was heard, or in silence."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page, async_playwright

from voice_faq.audio.recording import Recording, write_wav

from .pages import RATE, chromium, serving

pytestmark = pytest.mark.browser
PAGES = 4
PRESSES = int(os.environ.get("PRESSES", "10"))  # of each page; 250 make the thousand, in about half an hour
SOUND_S, SILENCE_S = 0.5, 3.0
WAYS = ("tap", "slow tap", "hold", "double", "drag", "two fingers")
ENDED = "() => ['ready', 'answer', 'rejected', 'choosing', 'browse'].includes(document.body.dataset.state)"


def noisy_now_and_then(file: Path) -> Path:
    """A microphone in which somebody speaks for SOUND_S and is silent for SILENCE_S, again and again."""
    noise = np.random.default_rng(1).normal(0, 6_000, int(SOUND_S * RATE)).clip(-32_000, 32_000).astype(np.int16)
    write_wav(file, Recording(np.concatenate([noise, np.zeros(int(SILENCE_S * RATE), np.int16)]), RATE))
    return file


async def press(page: Page, way: str, chance: random.Random) -> None:
    box = await page.locator("#talk").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] * chance.uniform(0.3, 0.7), box["y"] + box["height"] * chance.uniform(0.3, 0.7)

    async def hold(ms: float) -> None:
        await page.mouse.move(x, y)
        await page.mouse.down()
        await asyncio.sleep(ms / 1000)

    if way == "two fingers":
        touch = await page.context.new_cdp_session(page)
        fingers = [{"x": x, "y": y, "id": 1}, {"x": x + 9, "y": y + 9, "id": 2}]
        await touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers[:1]})
        await asyncio.sleep(chance.uniform(0.02, 0.3))
        await touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers})
        await asyncio.sleep(chance.uniform(0.02, 0.8))
        await touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        await touch.detach()
        return
    lengths = {"tap": (60, 300), "slow tap": (300, 1000), "hold": (1000, 1500), "double": (60, 200), "drag": (100, 900)}
    await hold(chance.uniform(*lengths[way]))
    if way == "drag":
        await page.mouse.move(x + chance.uniform(-400, 400), y - chance.uniform(0, 400), steps=4)
    await page.mouse.up()
    if way == "double":
        await asyncio.sleep(chance.uniform(0.05, 0.25))
        await hold(chance.uniform(60, 200))
        await page.mouse.up()


async def use(page: Page, address: str, seed: int) -> Counter[str]:
    chance = random.Random(seed)
    ended: Counter[str] = Counter()
    await page.goto(address)
    await page.locator("#main").click(position={"x": 5, "y": 5})
    for _ in range(PRESSES):
        way = chance.choice(WAYS)
        await page.evaluate("() => { document.getElementById('notice').textContent = ''; }")
        await press(page, way, chance)
        await page.wait_for_function(ENDED, timeout=60_000)
        state, told = await page.evaluate(
            "[document.body.dataset.state, document.getElementById('notice').textContent]"
        )
        outcome = "heard" if state == "answer" else "silent" if state == "ready" else state
        ended[outcome if "按住" not in told else f"{way}: {told}"] += 1
        await asyncio.sleep(0.45)  # longer than a trembling finger takes
        if state == "answer":
            await page.locator("#back").click()
    return ended


async def all_pages(address: str, microphone: Path) -> Counter[str]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}",
            ],
        )  # fmt: skip
        pages = [await browser.new_page(viewport={"width": 800, "height": 480}, has_touch=True) for _ in range(PAGES)]
        ended = await asyncio.gather(*(use(page, address, seed) for seed, page in enumerate(pages)))
        await browser.close()
    return sum(ended, Counter())


def test_presses_end_in_a_heard_question_or_in_silence(tmp_path: Path) -> None:
    microphone = noisy_now_and_then(tmp_path / "microphone.wav")
    with serving(quick=True, VOICE_FAQ_KIOSK__END_POINTING_S="0.25") as server, ThreadPoolExecutor(1) as pool:
        ended = pool.submit(asyncio.run, all_pages(server.address, microphone)).result()
    assert set(ended) == {"heard", "silent"}, ended
    assert ended.total() == PAGES * PRESSES
    assert min(ended.values()) > PRESSES // 5, ended
