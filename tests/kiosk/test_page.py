"""The page as a rider uses it: a real server, real Vosk, a real Chromium with a recording as its microphone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, WebSocketRoute, expect

from voice_faq.dialogue.assistant import recognize
from voice_faq.evaluation.transcripts import character_errors, error_rate
from voice_faq.faq import Faq
from voice_faq.recognition import VoskRecognizer

from ..browsers import launch, question_file, spoken_s
from .pages import (
    AMBIGUOUS,
    HELD_BACK,
    SIZES,
    Server,
    go_to,
    open_page,
    played,
    press_down,
    serving,
    state,
    type_question,
    wait_for_state,
)

pytestmark = pytest.mark.browser
QUESTION = "canonical-refund"


def hold_the_button(page: Page) -> Callable[[], None]:
    press_down(page)
    return page.mouse.up


def tap_the_button(page: Page) -> Callable[[], None]:
    page.locator("#talk").click()
    return page.locator("#talk").click


def hold_the_space_bar(page: Page) -> Callable[[], None]:
    page.keyboard.down("Space")
    return lambda: page.keyboard.up("Space")


def press_a_switch_twice(page: Page) -> Callable[[], None]:
    page.keyboard.press("x")
    return lambda: page.keyboard.press("x")


@pytest.mark.parametrize("ask", [hold_the_button, tap_the_button, hold_the_space_bar, press_a_switch_twice])
def test_a_spoken_question_is_answered_on_the_screen_and_aloud(
    ask: Callable[[Page], Callable[[], None]],
    browser: Browser,
    server: Server,
    faq: Faq,
) -> None:
    page = open_page(browser, server.address)
    end = ask(page)
    wait_for_state(page, "listening")
    page.wait_for_timeout(spoken_s(QUESTION) * 1000 + 300)
    expect(page.locator("#words")).to_contain_text("退卡")
    released = page.evaluate("performance.now()")
    end()
    expect(page.locator("#captions")).to_have_text(faq.entry("refund").answer)
    expect(page.locator("#captions .heard-now")).to_be_visible()
    first_ms = played(page, released)[1]
    assert first_ms is not None and first_ms < 2_000
    page.close()


def test_what_comes_out_of_the_loudspeaker_is_the_answer(
    browser: Browser, server: Server, faq: Faq, recognizer: VoskRecognizer
) -> None:
    page = open_page(browser, server.address)
    go_to(page, "ready")
    began = page.evaluate("performance.now()")
    type_question(page, faq.entry("refund").question)
    expect(page.locator("#captions .heard-now")).to_be_visible()
    expect(page.locator("#stop")).to_be_disabled(timeout=20_000)
    heard = recognize(recognizer, played(page, began)[0]).transcript
    assert error_rate([character_errors(faq.entry("refund").answer, heard)]) < 0.3, heard
    page.close()


def test_a_tapped_question_ends_by_itself_after_its_last_word_and_a_held_one_does_not(
    browser: Browser, server: Server, faq: Faq
) -> None:
    page = open_page(browser, server.address)
    page.locator("#talk").click()
    wait_for_state(page, "listening")
    expect(page.locator("#captions")).to_have_text(faq.entry("refund").answer, timeout=15_000)
    page.close()
    page = open_page(browser, server.address)
    press_down(page)
    page.wait_for_timeout((spoken_s(QUESTION) + 4.5) * 1000)
    assert state(page) == "listening"
    page.mouse.up()
    expect(page.locator("#captions")).to_have_text(faq.entry("refund").answer)
    page.close()


def test_a_question_cancelled_leaves_nothing(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    page.locator("#talk").click()
    wait_for_state(page, "listening")
    page.wait_for_timeout(spoken_s(QUESTION) * 1000)
    page.keyboard.press("Escape")
    wait_for_state(page, "ready")
    page.wait_for_timeout(500)
    assert state(page) == "ready"
    page.close()


def test_a_new_question_silences_the_answer_before_the_microphone_hears(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    go_to(page, "answer")
    page.wait_for_timeout(800)
    page.locator("#talk").click()
    wait_for_state(page, "listening")
    page.wait_for_timeout(400)  # the earcon
    began = page.evaluate("performance.now()")
    page.wait_for_timeout(700)
    assert played(page, began)[1] is None
    page.close()


def test_choices_are_answered_by_touch_by_key_and_refused(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    go_to(page, "choosing")
    first, second = (
        c.removeprefix(n) for c, n in zip(page.locator("#choices .card").all_text_contents(), "12", strict=True)
    )
    page.locator("#choices .card").nth(1).click()
    expect(page.locator("#answer-title")).to_have_text(second.strip())
    type_question(page, AMBIGUOUS)
    wait_for_state(page, "choosing")
    page.locator("#talk").focus()
    page.keyboard.press("1")
    expect(page.locator("#answer-title")).to_have_text(first.strip())
    type_question(page, AMBIGUOUS)
    wait_for_state(page, "choosing")
    page.get_by_role("button", name="都不是").click()
    wait_for_state(page, "rejected")
    expect(page.locator("[data-for=rejected] .hotline-number")).to_be_visible()
    page.close()


def test_one_question_that_is_offered_is_confirmed_by_touch_or_refused(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    go_to(page, "ready")
    for button, reached in (("已经开通的京津冀互联互通卡怎么退卡", "answer"), ("不是这个", "rejected")):
        type_question(page, HELD_BACK)
        wait_for_state(page, "choosing")
        expect(page.locator("#choosing-title")).to_have_text("您想问的是这个吗？")
        expect(page.locator("#status")).to_contain_text("您想问的是这个吗？ 1 ")
        expect(page.locator("#choices .card")).to_have_count(1)
        page.locator("[data-for=choosing]").get_by_role("button", name=button).click()
        wait_for_state(page, reached)
    page.close()


def test_the_answer_can_be_slowed_stopped_and_heard_again(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    go_to(page, "sound")
    page.locator("#slower").click()
    expect(page.locator("#status")).to_have_text("语速 83%")
    page.locator("#louder").click()
    expect(page.locator("#status")).to_have_text("音量 150%")
    page.locator("#stop").click()
    page.wait_for_timeout(150)
    silenced = page.evaluate("performance.now()")
    page.wait_for_timeout(800)
    assert played(page, silenced)[1] is None
    title = page.locator("#answer-title").inner_text()
    again = page.evaluate("performance.now()")
    page.locator("#repeat").click()
    expect(page.locator("#captions .heard-now")).to_be_visible()
    expect(page.locator("#answer-title")).to_have_text(title)
    assert played(page, again)[1] is not None
    page.close()


def test_questions_can_be_found_without_speaking(deaf_browser: Browser, server: Server, faq: Faq) -> None:
    page = open_page(deaf_browser, server.address)
    go_to(page, "browse")
    expect(page.locator("#groups .card")).to_have_count(len(faq.entries))
    expect(page.locator("#groups h3")).to_have_count(len({e.group for e in faq.entries}))
    page.locator("#search").fill("touzhi")
    expect(page.locator("#groups .card")).to_have_count(1)
    page.locator("#groups .card").click()
    expect(page.locator("#captions")).to_have_text(faq.entry("overdraft").answer)
    expect(page.locator("#captions .heard-now")).to_be_visible()
    page.close()


def test_what_is_asked_before_the_server_has_let_the_page_in_is_answered(
    deaf_browser: Browser, server: Server, faq: Faq
) -> None:
    page = deaf_browser.new_page()
    held: list[Callable[[], None]] = []

    def late(ours: WebSocketRoute) -> None:
        theirs = ours.connect_to_server()
        theirs.on_message(lambda message: held.append(lambda: ours.send(message)))

    page.route_web_socket("**/conversation", late)
    page.goto(server.address)
    expect(page.locator("#examples li")).to_have_count(3)
    type_question(page, faq.entry("refund").question)
    while not held:
        page.wait_for_timeout(50)
    for _ in range(100):
        while held:
            held.pop(0)()
        page.wait_for_timeout(20)
    expect(page.locator("#captions")).to_have_text(faq.entry("refund").answer)
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_without_a_microphone_the_questions_come_first(size: str, deaf_browser: Browser, server: Server) -> None:
    page = open_page(deaf_browser, server.address, size)
    page.locator("#talk").click()
    expect(page.locator("#notice")).to_have_text("麦克风坏了，请点问题。")
    wait_for_state(page, "browse")
    expect(page.locator("#groups .card").first).to_be_in_viewport(ratio=0.9)
    page.close()


def test_so_they_do_where_the_microphone_is_refused(playwright: Playwright, server: Server) -> None:
    browser = launch(playwright, None, "--use-fake-device-for-media-stream", "--deny-permission-prompts")
    page = open_page(browser, server.address)
    page.locator("#talk").click()
    expect(page.locator("#notice")).to_have_text("麦克风坏了，请点问题。")
    browser.close()


def test_nothing_of_one_rider_is_there_for_the_next(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, "portrait")
    go_to(page, "sound")
    page.locator("#reach").click()
    page.locator("#slower").click()
    page.locator("#language").click()
    page.locator("#size").click()
    page.locator("#contrast").click()
    page.get_by_role("button", name="All questions").click()
    page.locator("#search").fill("tuika")
    page.locator("#back").click()
    page.locator("#finish").click()
    wait_for_state(page, "attract")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator("body").get_attribute("data-reach") == "all"
    assert page.locator("html").get_attribute("data-size") == "0"
    assert page.locator("html").get_attribute("data-contrast") == "normal"
    assert page.locator("#qr").get_attribute("src") is None
    for place in (
        "#translation",
        "#facts",
        "#nearest",
        "#status",
        "#words",
        "#heard-words",
        "#captions",
        "#rejected-captions",
        "#answer-title",
        "#details-text",
        "#choices",
    ):
        assert page.locator(place).text_content() == ""
    assert page.locator("#search").input_value() == ""
    assert page.evaluate("document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage)") == ""
    # The server has forgotten too: there is nothing to repeat, and the speed is the first again.
    go_to(page, "ready")
    type_question(page, "再说一遍")
    expect(page.locator("#captions")).to_contain_text("还没有可以重复的答案")
    page.locator("#sound").click()
    page.locator("#faster").click()
    expect(page.locator("#status")).to_have_text("语速 120%")
    page.close()


def test_a_session_that_nobody_uses_asks_and_then_ends(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    go_to(page, "still-there")
    page.locator("#stay").click()
    expect(page.locator("#still-there")).to_be_hidden()
    assert state(page) == "ready"
    page.clock.fast_forward(31_000)
    expect(page.locator("#still-there")).to_be_visible()
    page.clock.fast_forward(21_000)
    wait_for_state(page, "attract")
    page.close()


def test_everything_can_be_done_with_the_keyboard_alone(browser: Browser, server: Server, faq: Faq) -> None:
    page = open_page(browser, server.address)

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent").strip().endswith(name):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
                assert float(outline.removesuffix("px")) >= 3, "the focus cannot be seen"
                return
        pytest.fail(f"no way to {name} with Tab")

    tab_to("所有问题")
    page.keyboard.press("Enter")
    wait_for_state(page, "browse")
    tab_to(faq.entry("overdraft").question)
    page.keyboard.press("Enter")
    expect(page.locator("#captions")).to_have_text(faq.entry("overdraft").answer)
    assert page.evaluate("document.activeElement.id") == "talk"
    tab_to("声音")
    page.keyboard.press("Space")
    tab_to("慢一点")
    page.keyboard.press("Space")
    expect(page.locator("#status")).to_have_text("语速 83%")
    page.keyboard.press("Escape")
    expect(page.locator("#stop")).to_be_disabled()
    tab_to("再听一遍")
    page.keyboard.press("Enter")
    expect(page.locator("#captions .heard-now")).to_be_visible()
    tab_to("English")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    tab_to("End")
    page.keyboard.press("Enter")
    wait_for_state(page, "attract")
    page.close()


def test_the_page_finds_a_server_that_was_killed_in_the_middle_of_an_answer(browser: Browser, faq: Faq) -> None:
    with serving() as first:
        page = open_page(browser, first.address)
        go_to(page, "answer")
        port = int(first.address.split(":")[-1].strip("/"))
        os.kill(first.process.pid, signal.SIGKILL)
        expect(page.locator("#offline")).to_be_visible()
        expect(page.locator("#offline-title")).to_have_text("正在重新连接…")
    with serving(port) as second:
        expect(page.locator("#offline")).to_be_hidden(timeout=15_000)
        expect(page.locator("#notice")).to_contain_text("请再问一遍")
        type_question(page, "支持透支吗")
        expect(page.locator("#captions")).to_have_text(faq.entry("overdraft").answer)
        assert second.process.poll() is None
        page.close()


def test_what_the_voice_pack_lacks_is_made_live_and_played(browser: Browser, recognizer: VoskRecognizer) -> None:
    with serving(VOICE_FAQ_VOICE_PACK="none") as server:
        page = open_page(browser, server.address)
        go_to(page, "ready")
        asked = page.evaluate("performance.now()")
        type_question(page, "支持透支吗")
        expect(page.locator("#captions .heard-now")).to_be_visible()
        page.wait_for_timeout(1_000)
        assert played(page, asked + 400)[1] is not None
        page.close()


def test_pages_that_ask_at_the_same_time_are_all_answered(
    playwright: Playwright, tmp_path: Path, server: Server, faq: Faq
) -> None:
    """As many as two cores can draw and play, and without motion; twenty connections are in test_server.py."""
    browser = launch(playwright, question_file(QUESTION, tmp_path))
    pages = [open_page(browser, server.address, "small", reduced_motion="reduce") for _ in range(4)]
    for page in pages:
        page.locator("#talk").click()
    for page in pages:  # each question ends by itself, however late its microphone was opened
        expect(page.locator("#captions")).to_have_text(faq.entry("refund").answer, timeout=60_000)
    browser.close()
