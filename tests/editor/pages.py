"""``voice-faq edit`` in a process of its own, and its page in a real Chromium."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ..browsers import PATIENCE_MS, printing_address


@contextlib.contextmanager
def editing(answers: Path, program: tuple[str, ...] = (sys.executable, "-m", "voice_faq")) -> Iterator[str]:
    """The address that works once."""
    with printing_address([*program, "edit", "--no-browser", str(answers)]) as address:
        yield address


def open_page(browser: Browser, address: str) -> Page:
    """Ready for a click; errors in it fail the test that uses it."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: pytest.fail(f"error in the page: {error}"))
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    expect(page.locator("body[data-ready]")).to_be_attached(timeout=PATIENCE_MS)
    return page


def open_tab(page: Page, name: str) -> None:
    page.locator(f"[data-tab={name}]").click()
    expect(page.locator(f"#tab-{name}")).to_be_visible()
