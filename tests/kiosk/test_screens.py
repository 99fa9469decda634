"""Every state as a picture in build/screens; ``make screens`` draws it at all four sizes, for docs/kiosk.md too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .pages import SIZES, Server, go_to, open_page

pytestmark = pytest.mark.browser
SCREENS = Path(__file__).parents[2] / "build" / "screens"
STATES = [
    "attract", "ready", "browse", "keyboard", "answer", "sound", "choosing", "rejected", "not-caught", "listening",
    "low", "large", "contrast", "english", "still-there",
]  # fmt: skip


@pytest.mark.parametrize("size", SIZES if os.environ.get("SCREENS") == "all" else ["landscape"])
def test_every_state_is_drawn(size: str, browser: Browser, deaf_browser: Browser, server: Server) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    for state in [*STATES, "no-microphone", "dark", "offline"]:
        if state == "low" and size != "portrait":
            continue  # all of such a screen is within reach
        page = open_page(deaf_browser if state == "no-microphone" else browser, server.address, size)
        if state == "dark":
            page.evaluate("document.documentElement.dataset.theme = 'dark'")
            go_to(page, "answer")
        else:
            go_to(page, state)
        page.wait_for_timeout(100)
        picture = page.screenshot(path=SCREENS / f"{state}-{size}.png")
        assert len(picture) > 5_000, "an empty picture"
        page.close()
