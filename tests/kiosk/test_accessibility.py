"""What people with disabilities need of the page, as far as a machine can check it: axe-core, sizes, reach, zoom."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import Browser, Page, expect

from ..browsers import axe_violations
from .pages import SIZES, Server, go_to, open_again, open_page, serving, wait_for_state

pytestmark = pytest.mark.browser
STATES = [
    "attract", "ready", "browse", "keyboard", "answer", "sound", "choosing", "rejected", "not-caught", "listening",
    "low", "large", "contrast", "still-there",
]  # fmt: skip
TARGET = 64  # px


def violations(page: Page) -> list[str]:
    # The page is used where no link leads away and no other page is; it has no headings to skip.
    return axe_violations(page, "wcag2aaa", color_contrast_enhanced=True, target_size=True)


def in_theme(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_any_theme_language_or_at_double_zoom(
    state: str, browser: Browser, server: Server
) -> None:
    for zoom in (1,) if state == "low" else (1, 2):  # zoomed in, all is within reach
        themes = ("light", "dark") if zoom == 1 else ("light",)  # colours do not change with the zoom
        page = open_page(browser, server.address, "portrait" if state == "low" else "landscape", zoom=zoom)
        go_to(page, state)
        for theme in themes:
            in_theme(page, theme)
            page.wait_for_timeout(100)
            assert violations(page) == [], f"{theme}, zoom {zoom}"
        if state != "still-there":  # nothing behind the question can be pressed
            page.evaluate("document.getElementById('language').click()")
            for theme in themes:
                in_theme(page, theme)
                page.wait_for_timeout(100)
                assert violations(page) == [], f"English, {theme}, zoom {zoom}"
        page.close()


def test_axe_finds_nothing_where_the_microphone_or_the_server_is_missing(deaf_browser: Browser, server: Server) -> None:
    page = open_page(deaf_browser, server.address)
    go_to(page, "no-microphone")
    for theme in ("light", "dark"):
        in_theme(page, theme)
        assert violations(page) == []
    go_to(page, "offline")
    for theme in ("light", "dark"):
        in_theme(page, theme)
        assert violations(page) == []
    page.close()


def test_axe_finds_nothing_while_the_server_thinks(browser: Browser) -> None:
    with serving() as slow:
        page = open_page(browser, slow.address)
        page.locator("#talk").click()
        wait_for_state(page, "listening")
        page.wait_for_timeout(800)
        os.kill(slow.process.pid, signal.SIGSTOP)
        page.locator("#talk").click()
        wait_for_state(page, "thinking")
        expect(page.locator("#status")).to_have_text("正在想…")
        for theme in ("light", "dark"):
            in_theme(page, theme)
            assert violations(page) == []
        os.kill(slow.process.pid, signal.SIGCONT)
        expect(page.locator("body")).not_to_have_attribute("data-state", "thinking")
        page.close()


@pytest.mark.parametrize("size", SIZES)
def test_targets_are_large_and_nothing_runs_over_the_side(size: str, browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, size)
    for state in ("ready", "keyboard", "answer", "choosing", "rejected"):
        open_again(page)
        go_to(page, state)
        small = page.evaluate(
            """least => [...document.querySelectorAll("button, input")].filter((e) => e.checkVisibility())
                .map((e) => [e.id || e.textContent, e.getBoundingClientRect()])
                .filter(([, box]) => Math.min(box.width, box.height) < least).map(([name]) => name)""",
            TARGET,
        )
        assert small == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        talk = page.locator("#talk").bounding_box()
        assert talk is None if state == "keyboard" and SIZES[size][1] < 900 else talk is not None
        assert talk is None or talk["y"] + talk["height"] <= SIZES[size][1]
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_what_the_round_button_says_lies_within_it_and_its_sign_can_be_seen(
    size: str, deaf_browser: Browser, server: Server
) -> None:
    page = open_page(deaf_browser, server.address, size)
    texts = page.evaluate(
        """async () => Object.values((await import("/page/texts.js")).TEXTS)
            .flatMap(({ talk, done, wait }) => [...Object.values(talk), ...Object.values(done), wait])"""
    )
    for text in dict.fromkeys(texts):
        page.locator("#talk-label").evaluate("(e, text) => { e.textContent = text; }", text)
        over, sign = page.evaluate(
            """() => {
                const talk = document.getElementById("talk").getBoundingClientRect();
                const words = document.createRange();
                words.selectNodeContents(document.getElementById("talk-label"));
                const inner = (r) => [r.top + r.height / 4, r.bottom - r.height / 4]; // where the letters are
                const corners = [...words.getClientRects()].flatMap((r) =>
                    [r.left, r.right].flatMap((x) => inner(r).map((y) => [x, y])));
                const far = ([x, y]) => Math.hypot(x - talk.x - talk.width / 2, y - talk.y - talk.height / 2);
                const sign = document.querySelector("#talk svg").getBoundingClientRect();
                return [Math.max(...corners.map(far)) - talk.width / 2, sign.height / talk.height];
            }"""
        )
        assert over <= 0, text
        assert sign > 0.2, text
    page.close()


def reach(page: Page, control: str) -> None:
    """Scroll to it; again where the page has just followed the clause that is spoken."""
    for _ in range(10):
        page.locator(control).scroll_into_view_if_needed()
        try:
            expect(page.locator(control)).to_be_in_viewport(timeout=1_000)
            return
        except AssertionError:
            continue
    pytest.fail(f"{control} cannot be reached")


def test_at_double_zoom_on_a_small_screen_everything_can_still_be_reached(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, "small", zoom=2)
    go_to(page, "answer")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#sound").click()
    for control in ("#talk", "#louder", "#repeat", "#finish", "#details-text", "#qr"):
        reach(page, control)
    page.close()


def test_a_seated_person_reaches_every_control_of_a_tall_kiosk(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, "portrait")
    height = SIZES["portrait"][1]
    for control in ("#reach", "#language", "#size", "#talk", "#browse"):  # while nobody is there too
        box = page.locator(control).bounding_box()
        assert box is not None and box["y"] > height / 2, control
    go_to(page, "low")
    highest = page.evaluate(
        """Math.min(...[...document.querySelectorAll("button")].filter((e) => e.checkVisibility())
            .map((e) => e.getBoundingClientRect().top))"""
    )
    assert highest > height / 3
    page.close()


def test_the_spoken_answer_is_in_no_live_region(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    go_to(page, "answer")
    assert page.locator("#captions").evaluate("e => e.closest('[aria-live], [role=status], [role=alert]')") is None
    assert page.locator("#status").text_content() == "回答：已经开通的京津冀互联互通卡怎么退卡"
    page.close()


def test_nothing_moves_for_those_who_asked_for_it(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, clock=True, reduced_motion="reduce")
    before = page.locator("#examples").inner_text()
    page.clock.fast_forward(7_000)
    assert page.locator("#examples").inner_text() == before
    moving = """document.getAnimations().length + [...document.querySelectorAll("*")]
        .filter((e) => getComputedStyle(e).transitionDuration !== "0s").length"""
    assert page.evaluate(moving) == 0
    page.close()


def test_examples_change_while_nobody_is_there(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, clock=True)
    before = page.locator("#examples").inner_text()
    page.clock.fast_forward(7_000)
    expect(page.locator("#examples")).not_to_have_text(before)
    page.close()


def test_in_forced_colours_the_spoken_clause_and_the_button_still_stand_out(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, forced_colors="active")
    go_to(page, "answer")
    lit, plain = (
        page.locator(where).first.evaluate("e => getComputedStyle(e).backgroundColor")
        for where in ("#captions .heard-now", "#captions span:not(.heard-now)")
    )
    assert lit != plain
    assert page.locator("#talk").evaluate("e => getComputedStyle(e).borderStyle") == "solid"
    page.close()
