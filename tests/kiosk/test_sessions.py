"""What belongs to one rider stays with that rider, and every session ends: a real page, a server that hangs or dies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .pages import (
    Server,
    go_to,
    open_again,
    open_page,
    played,
    press_down,
    serving,
    state,
    wait_for_state,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def quick() -> Iterator[Server]:
    with serving(quick=True) as running:
        yield running


def stop(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGSTOP)


def go_on(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGCONT)


def settled(page: Page, server: Server) -> None:
    """Everything that was on its way has come: an answer to something that was asked later has."""
    page.evaluate("""async () => { await fetch("/health"); await new Promise((done) => setTimeout(done, 700)); }""")


@pytest.mark.parametrize("leave", ["#finish", "#back"])
def test_an_answer_that_comes_after_the_rider_has_gone_is_neither_seen_nor_heard(
    leave: str, browser: Browser, quick: Server
) -> None:
    page = open_page(browser, quick.address)
    go_to(page, "browse")
    stop(quick)
    page.locator("#groups .card").first.click()
    page.locator(leave).click()
    left = page.evaluate("performance.now()")
    go_on(quick)
    settled(page, quick)
    assert state(page) == ("attract" if leave == "#finish" else "ready")
    assert page.locator("#captions").text_content() == ""
    assert played(page, left)[1] is None
    page.close()


def test_a_server_that_hangs_is_noticed_and_the_session_ends(browser: Browser, quick: Server) -> None:
    page = open_page(browser, quick.address, clock=True)
    go_to(page, "answer")
    stop(quick)
    try:
        page.clock.run_for(14_000)
        expect(page.locator("#offline")).to_be_visible()
        expect(page.locator("#offline-title")).to_have_text("正在重新连接…")
        page.clock.run_for(52_000)
        wait_for_state(page, "attract")
        assert page.locator("#captions").text_content() == ""
    finally:
        go_on(quick)
    for _ in range(20):
        page.clock.run_for(1_000)
    expect(page.locator("#offline")).to_be_hidden()
    page.close()


def test_a_loudspeaker_that_stands_still_is_told_and_the_session_ends(browser: Browser, quick: Server) -> None:
    page = open_page(browser, quick.address, clock=True)
    go_to(page, "answer")
    page.evaluate("() => Promise.all(window.soundCards.map((card) => card.suspend()))")
    page.clock.run_for(12_000)
    expect(page.locator("#notice")).to_have_text("声音暂时放不出来，请看屏幕上的文字。")
    for _ in range(180):
        page.clock.run_for(1_000)
        if state(page) == "attract":
            break
    wait_for_state(page, "attract")  # the last word is the server's, whose clock goes on by itself
    page.close()


def test_a_microphone_lost_inside_a_question_leads_to_the_list_at_once(browser: Browser, quick: Server) -> None:
    page = open_page(browser, quick.address)
    page.locator("#talk").click()
    wait_for_state(page, "listening")
    page.evaluate(
        """() => window.tracks.forEach((track) => { track.stop(); track.dispatchEvent(new Event("ended")); })"""
    )
    wait_for_state(page, "browse")
    expect(page.locator("#notice")).to_have_text("麦克风坏了，请点问题。")
    page.locator("#groups .card").first.click()
    wait_for_state(page, "answer")
    page.close()


def test_a_microphone_that_opens_after_the_end_is_closed_again(browser: Browser, quick: Server) -> None:
    page = open_page(browser, quick.address)
    page.evaluate("() => { window.heldBack = new Promise((let) => { window.letIn = let; }); }")
    page.locator("#talk").click()
    wait_for_state(page, "preparing")
    page.locator("#finish").click()
    wait_for_state(page, "attract")
    page.evaluate("() => window.letIn()")
    page.wait_for_function("() => window.tracks.length > 0")
    page.wait_for_function("() => window.tracks.every((track) => track.readyState === 'ended')")
    assert state(page) == "attract"
    page.close()


def test_the_greeting_is_heard_whatever_begins_the_session_and_never_by_the_microphone(browser: Browser) -> None:
    with serving(quick=True, VOICE_FAQ_KIOSK__SPOKEN_GREETING="true") as server:
        for begin in (
            lambda page: page.keyboard.press("Space"),
            lambda page: page.keyboard.press("x"),
            lambda page: page.locator("#talk").click(),
            lambda page: page.locator("#main").click(position={"x": 5, "y": 5}),
        ):
            page = open_page(browser, server.address)
            begin(page)
            while not page.evaluate("hasSpoken(0, 0)"):
                page.wait_for_timeout(100)
            assert state(page) == "ready"
            page.wait_for_timeout(500)  # longer than a trembling finger takes
            page.keyboard.press("x")
            wait_for_state(page, "listening")
            page.wait_for_function("() => window.soundCards.length > 1")
            page.wait_for_timeout(400)  # the earcon
            began = page.evaluate("performance.now()")
            page.wait_for_timeout(500)
            assert played(page, began)[1] is None, "the greeting goes on into the microphone"
            page.close()


def test_whoever_keeps_the_button_down_through_the_greeting_is_heard_after_it(browser: Browser) -> None:
    with serving(quick=True, VOICE_FAQ_KIOSK__SPOKEN_GREETING="true") as server:
        page = open_page(browser, server.address)
        press_down(page)
        wait_for_state(page, "ready")
        expect(page.locator("body")).to_have_attribute("data-state", "listening", timeout=30_000)
        page.mouse.up()
        page.close()


def test_idle_riders_are_asked_and_a_yes_goes_back_to_what_was_there(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, clock=True)
    go_to(page, "answer")
    page.locator("#stop").click()
    expect(page.locator("#stop")).to_be_disabled()
    page.clock.fast_forward(31_000)
    expect(page.locator("#still-there")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#still-there")).to_be_hidden()
    assert state(page) == "answer"
    page.close()


def test_enter_takes_what_was_found_instead_of_asking_past_it(deaf_browser: Browser, server: Server) -> None:
    page = open_page(deaf_browser, server.address)
    go_to(page, "browse")
    page.locator("#search").fill("tuika")
    expect(page.locator("#groups .card")).to_have_count(2)
    hits = page.locator("#groups .card").all_text_contents()
    page.locator("#search").press("Enter")
    expect(page.locator("#groups .card").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#answer-title")).to_have_text(hits[0])
    go_to_list(page)
    page.locator("#search").fill("touzhi")
    expect(page.locator("#groups .card")).to_have_count(1)
    page.locator("#search").press("Enter")
    wait_for_state(page, "answer")
    page.close()


def go_to_list(page: Page) -> None:
    page.locator("#browse").click()
    wait_for_state(page, "browse")


def test_a_refusal_is_a_way_on(deaf_browser: Browser, server: Server) -> None:
    page = open_page(deaf_browser, server.address)
    go_to(page, "rejected")
    refused = page.locator("#rejected-title").inner_text(), page.locator("#rejected-icon").get_attribute("href")
    page.locator("#rejected-groups .card").first.click()
    wait_for_state(page, "browse")
    in_group = page.locator("#groups .card").count()
    page.locator("#browse").click()
    expect(page.locator("#groups .card").nth(in_group)).to_be_visible()
    page.locator("#search").fill("啊")
    page.locator("#search").press("Enter")
    expect(page.locator("#advice")).to_be_visible()
    not_caught = page.locator("#rejected-title").inner_text(), page.locator("#rejected-icon").get_attribute("href")
    assert not set(refused) & set(not_caught)
    page.locator("#type-instead").click()
    expect(page.locator("#search")).to_be_focused()
    page.close()


def test_one_touch_on_an_example_answers_it_while_nobody_is_there(deaf_browser: Browser, server: Server) -> None:
    page = open_page(deaf_browser, server.address)
    page.locator("#examples button").nth(1).click()
    wait_for_state(page, "answer")
    expect(page.locator("#captions .heard-now")).to_be_visible()
    page.close()


def test_the_page_can_be_read_in_the_languages_that_the_answers_are_translated_into(
    deaf_browser: Browser, server: Server
) -> None:
    page = open_page(deaf_browser, server.address)
    page.get_by_role("button", name="English").first.click()
    wait_for_state(page, "ready")
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="All questions").click()
    page.get_by_role("button", name="How do I return the card and get my money back?").click()
    expect(page.locator("#answer-title")).to_have_text("How do I return the card and get my money back?")
    expect(page.locator("#translation")).to_contain_text("Alipay")
    expect(page.locator("#captions")).to_contain_text("支付宝")  # what is spoken stays Chinese
    page.locator("#language").click()
    expect(page.locator("#answer-title")).to_have_text("已经开通的京津冀互联互通卡怎么退卡")
    expect(page.locator("#translation")).to_be_hidden()
    page.close()


def test_whoever_reads_a_translation_is_not_led_away_from_it_by_what_is_spoken(
    deaf_browser: Browser, server: Server
) -> None:
    page = open_page(deaf_browser, server.address, "phone")
    go_to(page, "english")
    expect(page.locator("#captions .heard-now")).to_have_count(1)
    page.wait_for_timeout(500)  # for a page that scrolls smoothly
    expect(page.locator("#answer-title")).to_be_in_viewport(ratio=1)
    page.close()


def test_numbers_hold_together_and_can_be_called_on_a_telephone_only(deaf_browser: Browser, server: Server) -> None:
    for size, options in (("landscape", {}), ("phone", {"has_touch": True, "is_mobile": True})):
        page = open_page(deaf_browser, server.address, size, **options)
        go_to(page, "browse")
        page.locator("[data-entry=support]").click()
        expect(page.locator("#facts")).to_contain_text("400-666-8800")
        expect(page.locator("#facts dt").filter(has_text="西单营业厅")).to_be_visible()
        expect(page.locator("#facts dt").filter(has_text="北京一卡通服务热线")).to_be_visible()
        for number in page.locator(".number").all():
            assert len(number.evaluate("e => [...e.getClientRects()].map((r) => r.top)")) <= 1, "broken"
        for telephone in ("4006668800", "01096066"):  # a hotline has few digits
            assert (page.locator(f"#facts a[href='tel:{telephone}']").count() > 0) == (size == "phone"), telephone
        page.locator("#language").click()
        expect(page.locator("#facts dt").filter(has_text="Xidan counter")).to_be_visible()
        lines = page.locator("#translation").evaluate("e => e.innerText.split('\\n').length")
        assert lines == 6, "run together"
        page.close()


@pytest.mark.parametrize("size", ["landscape", "portrait", "small", "phone"])
def test_the_round_button_is_at_the_same_place_in_every_state(size: str, browser: Browser, server: Server) -> None:
    places = set()
    page = open_page(browser, server.address, size)
    for wanted in ("attract", "ready", "browse", "answer", "choosing", "rejected", "listening"):
        open_again(page)
        go_to(page, wanted)
        box = page.locator("#talk").bounding_box()
        assert box is not None
        places.add(tuple(round(box[side]) for side in ("x", "y", "width", "height")))
        short = min(page.viewport_size["width"], page.viewport_size["height"])  # type: ignore[index]
        assert 0.25 <= box["width"] / short <= 0.3
    page.close()
    assert len(places) == 1


@pytest.mark.parametrize("size", ["landscape", "portrait", "small", "phone"])
def test_the_screens_own_keys_hide_neither_themselves_nor_what_is_found(
    size: str, browser: Browser, server: Server
) -> None:
    page = open_page(browser, server.address, size)
    go_to(page, "keyboard")
    for wanted in ("[data-letter=a]", "[data-letter=z]", "[data-erase]", "#search", "#groups .card >> nth=0"):
        expect(page.locator(wanted)).to_be_in_viewport(ratio=0.99)
        box = page.locator(wanted).bounding_box()
        assert box is not None
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        on_top = page.evaluate("([x, y]) => document.elementFromPoint(x, y).outerHTML.slice(0, 80)", middle)
        assert page.locator(wanted).evaluate("e => e.outerHTML.slice(0, 80)")[:40] == on_top[:40], "covered"
    page.locator("[data-erase]").click()
    assert page.locator("#search").input_value() == "tuik"
    page.locator("#close-keyboard").click()
    expect(page.locator("#talk")).to_be_visible()
    page.close()


@pytest.mark.parametrize("size", ["landscape", "small"])
def test_a_wide_screen_has_the_answer_to_the_left_and_what_belongs_to_it_to_the_right(
    size: str, deaf_browser: Browser, server: Server
) -> None:
    page = open_page(deaf_browser, server.address, size)
    go_to(page, "answer")
    answer = page.locator("#captions").bounding_box()
    assert answer is not None
    for beside in ("#details", "#take-away"):
        box = page.locator(beside).bounding_box()
        assert box is not None and box["x"] >= answer["x"] + answer["width"], beside
    page.close()


def test_what_ends_weighs_more_than_the_rest(deaf_browser: Browser, server: Server) -> None:
    page = open_page(deaf_browser, server.address)
    go_to(page, "answer")
    weights = page.evaluate(
        """Object.fromEntries([...document.querySelectorAll(".dock button:not(#talk), .tools button")]
            .filter((e) => e.checkVisibility()).map((e) => [e.id, parseInt(getComputedStyle(e).borderTopWidth)]))"""
    )
    ends = {weights.pop("stop"), weights.pop("finish")}
    assert min(ends) > max(weights.values())
    page.close()


def test_what_is_cut_off_shows_that_it_goes_on(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address, "small")
    go_to(page, "browse")
    expect(page.locator("main")).to_have_class("goes-on")
    page.locator("main").evaluate("e => e.scrollTo({ top: e.scrollHeight, behavior: 'instant' })")
    expect(page.locator("main")).not_to_have_class("goes-on")
    page.close()


def test_a_list_opened_by_key_has_the_focus_and_is_announced(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    page.locator("#main").click(position={"x": 5, "y": 5})
    expect(page.locator("#status")).to_have_text("可以提问了")
    page.locator("#browse").focus()
    page.keyboard.press("Enter")
    wait_for_state(page, "browse")
    assert page.evaluate("document.activeElement.id") == "browse-title"
    expect(page.locator("#status")).to_have_text("所有问题")
    page.locator("#back").click()
    wait_for_state(page, "ready")
    expect(page.locator("#status")).to_have_text("")  # what was true before is not said again
    page.close()
    for wanted, told in (("choosing", "您想问的是哪一个？ 1 "), ("answer", "回答：")):
        page = open_page(browser, server.address)
        go_to(page, wanted)
        expect(page.locator("#status")).to_contain_text(told)
        page.close()


def test_a_rider_sets_the_size_of_the_text_and_its_contrast(browser: Browser, server: Server) -> None:
    page = open_page(browser, server.address)
    go_to(page, "answer")
    size = "parseFloat(getComputedStyle(document.querySelector('#captions')).fontSize)"
    before = page.evaluate(size)
    page.locator("#size").click()
    assert page.evaluate(size) == pytest.approx(1.25 * before)
    page.locator("#contrast").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    page.close()
