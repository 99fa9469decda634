"""The keeper of the kiosk's browser, with a real one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Playwright

from voice_faq.errors import SettingsError
from voice_faq.kiosk import browser as kept
from voice_faq.kiosk.browser import FLAGS, BrowserKeeper, find_browser

from .pages import Server, chromium, launch, open_page, played, wait_for_state

pytestmark = pytest.mark.browser


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_browser_that_dies_is_opened_again_and_one_that_is_closed_is_not(server: Server) -> None:
    def pages() -> int:
        return int(httpx.get(server.address + "health").json()["pages"])

    before = pages()
    keeper = BrowserKeeper(chromium(), server.address, (*FLAGS, "--headless"))
    keeper.open()
    wait_until(lambda: pages() == before + 1)
    assert keeper.pid is not None
    os.kill(keeper.pid, signal.SIGKILL)
    wait_until(lambda: keeper.starts == 2 and pages() == before + 1)
    keeper.close()
    wait_until(lambda: pages() == before)
    time.sleep(2)
    assert keeper.starts == 2


def test_the_page_may_hear_and_speak_without_anyone_being_asked(playwright: Playwright, server: Server) -> None:
    browser = launch(playwright, None, *FLAGS, "--use-fake-device-for-media-stream")
    page = open_page(browser, server.address)
    page.locator("#talk").click()
    wait_for_state(page, "listening")
    page.wait_for_timeout(300)
    assert played(page)[1] is not None, "no earcon"
    browser.close()


def test_a_missing_browser_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PROGRAMS", ("no-such-browser",))
    with pytest.raises(SettingsError, match="apt-get install chromium"):
        find_browser()
