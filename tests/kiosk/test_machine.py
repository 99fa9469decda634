"""The page's machine, without a page: every event in every state. Chromium only lends its JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .pages import Server

pytestmark = pytest.mark.browser
CHECKS = (Path(__file__).parent / "machine_checks.js").read_text(encoding="utf-8")
NAMES = re.findall(r'^    "([^"]+)": \(\) =>', CHECKS, flags=re.M)


@pytest.fixture(scope="module")
def javascript(deaf_browser: Browser, server: Server) -> Iterator[Page]:
    page = deaf_browser.new_page()
    page.goto(server.address + "health")
    modules = "...await import('/page/machine.js'), ...await import('/page/machine/state.js')"
    page.evaluate(f"async () => {{ window.checks = ({CHECKS})({{ {modules} }}); }}")
    assert page.evaluate("Object.keys(window.checks)") == NAMES
    yield page
    page.close()


def test_a_press_counts_from_when_it_was_made_however_late_the_page_gets_to_it(javascript: Page) -> None:
    late = javascript.evaluate(
        """async () => {
            const { listenToPresses } = await import("/page/keys.js");
            const told = [];
            const tell = (by, now) => told.push(now);
            listenToPresses(document.createElement("button"), { press: tell, release: tell, key: () => false });
            const made = ["keydown", "keyup"].map((type) => new KeyboardEvent(type, { key: "x", bubbles: true }));
            for (const began = performance.now(); performance.now() - began < 300; );
            for (const event of made) document.body.dispatchEvent(event);
            return made.map((event, i) => told[i] - event.timeStamp);
        }"""
    )
    assert late == [0, 0]


@pytest.mark.parametrize("name", NAMES)
def test_machine(javascript: Page, name: str) -> None:
    javascript.evaluate("name => window.checks[name]()", name)
