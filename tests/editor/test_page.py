"""What an operator notices of the editor's page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from voice_faq.faq import load_faq

from ..browsers import PATIENCE_MS, axe_violations
from .pages import editing, open_page, open_tab

pytestmark = pytest.mark.browser
PULSES_MS = 5_000  # two of the page's looks at the folder
TABS = ["entries", "unanswered", "try", "publish", "tables", "whole", "history"]


def open_entry(page: Page, question: str) -> None:
    page.locator("#list button", has_text=question).click()
    expect(page.locator("#question")).to_have_value(question)


def write_elsewhere(answers: Path, old: str, new: str) -> None:
    """As somebody with a text editor does."""
    text = (answers / "faq.yaml").read_text(encoding="utf-8")
    assert old in text
    (answers / "faq.yaml").write_text(text.replace(old, new), encoding="utf-8")


def test_an_entry_is_changed_noted_and_undone_without_touching_the_rest(browser: Browser, answers: Path) -> None:
    before = (answers / "faq.yaml").read_text(encoding="utf-8")
    with editing(answers) as address:
        page = open_page(browser, address)
        open_entry(page, "厕所在哪里")
        page.locator("#wordings input").first.fill("东西丢了怎么半")
        expect(page.locator("#wordings .notes").first).to_contain_text("东西丢了怎么办")
        page.locator("#wordings input").first.fill("几点上班")
        expect(page.locator("#wordings .mistake").first).to_contain_text("里已经有这句话")
        page.locator("#save").click()
        expect(page.locator("#notice")).to_contain_text("一句话只能属于一个条目")
        assert (answers / "faq.yaml").read_text(encoding="utf-8") == before

        page.locator("#wordings input").first.fill("洗手间在几楼")
        page.locator("#answer").fill("洗手间在2楼，10:30打扫。")
        expect(page.locator("#figures")).to_contain_text("十点三十分")
        page.locator("#save").click()
        expect(page.locator("#saved")).to_contain_text("保存好了")
        after = (answers / "faq.yaml").read_text(encoding="utf-8")
        changed = [line for line in before.splitlines() if line not in after.splitlines()]
        assert changed == ["      - 洗手间在哪", "    answer: 洗手间在大厅左边，走到头就是，有无障碍的。"]
        assert "洗手间在2楼" in load_faq(answers).entry("restroom").answer

        open_tab(page, "history")
        page.locator("#copies button").first.click()
        expect(page.locator("#copies li")).to_have_count(2)
        open_tab(page, "entries")
        open_entry(page, "厕所在哪里")
        expect(page.locator("#wordings input").first).to_have_value("洗手间在哪")
        assert (answers / "faq.yaml").read_text(encoding="utf-8") == before
        page.close()


def test_two_editors_do_not_overwrite_each_other(browser: Browser, answers: Path) -> None:
    with editing(answers) as first, editing(answers) as second:
        one, other = open_page(browser, first), open_page(browser, second)
        for page in (one, other):
            open_entry(page, "厕所在哪里")
        other.locator("#answer").fill("在楼上。")
        one.locator("#answer").fill("在楼下。")
        one.locator("#save").click()
        expect(one.locator("#saved")).to_contain_text("保存好了")
        other.locator("#save").click()
        expect(other.locator("#notice")).to_contain_text("在楼下。")
        assert load_faq(answers).entry("restroom").answer == "在楼下。"
        expect(other.locator("#answer")).to_have_value("在楼上。")
        other.locator("#save").click()
        expect(other.locator("#saved")).to_contain_text("保存好了")
        # Nothing is typed in the first: it shows what the other has made of it.
        expect(one.locator("#answer")).to_have_value("在楼上。")
        one.close()
        other.close()


def test_what_one_types_on_after_saving_stays_and_is_no_change_elsewhere(browser: Browser, answers: Path) -> None:
    with editing(answers) as address:
        page = open_page(browser, address)
        open_entry(page, "厕所在哪里")
        page.locator("#answer").fill("在楼下。")
        page.locator("#save").click()
        expect(page.locator("#saved")).to_contain_text("保存好了")
        page.wait_for_timeout(PULSES_MS)
        expect(page.locator("#saved")).to_contain_text("保存好了")
        page.locator("#save").click()
        page.locator("#answer").fill("在楼上。")
        write_elsewhere(answers, "question: 你们几点开门", "question: 你们几点关门")
        expect(page.locator("#list")).to_contain_text("你们几点关门")
        expect(page.locator("#answer")).to_have_value("在楼上。")
        expect(page.locator("#outside")).to_be_hidden()
        page.locator("#save").click()
        expect(page.locator("#saved")).to_contain_text("保存好了")
        assert load_faq(answers).entry("restroom").answer == "在楼上。"
        page.close()


def test_a_title_typed_while_another_writes_it_is_neither_lost_nor_put_over_theirs(
    browser: Browser, answers: Path
) -> None:
    with editing(answers) as address:
        page = open_page(browser, address)
        open_tab(page, "whole")
        page.locator("#hotline").fill("12306")
        was = load_faq(answers)
        write_elsewhere(answers, was.title, "车站问答")
        expect(page.locator("#faq-title")).to_have_value("车站问答")  # nobody has typed there
        expect(page.locator("#hotline")).to_have_value("12306")
        expect(page.locator("#outside")).to_be_hidden()
        write_elsewhere(answers, was.hotline, "95533")
        expect(page.locator("#outside")).to_be_visible()
        page.locator("#whole button[type=submit]").click()
        expect(page.locator("#notice")).to_contain_text("95533")
        assert load_faq(answers).hotline == "95533"
        expect(page.locator("#hotline")).to_have_value("12306")
        page.locator("#whole button[type=submit]").click()
        expect(page.locator("#whole-saved")).to_contain_text("保存好了")
        assert (load_faq(answers).title, load_faq(answers).hotline) == ("车站问答", "12306")
        page.close()


def test_each_page_imports_the_table_that_it_shows_and_only_what_it_has_told(
    browser: Browser, answers: Path, tmp_path: Path
) -> None:
    tables = {}
    for question, answer in (("哪里能充电", "二楼有充电的地方。"), ("有没有母婴室", "一楼有母婴室。")):
        tables[question] = tmp_path / f"{question}.csv"
        tables[question].write_text(f"问题,答案\n{question},{answer}\n", encoding="utf-8")
    with editing(answers) as first, editing(answers) as second:
        pages = dict(zip(tables, (open_page(browser, first), open_page(browser, second)), strict=True))
        for question, page in pages.items():
            open_tab(page, "tables")
            page.locator("#table").set_input_files(tables[question])
            expect(page.locator("#preview")).to_contain_text(question)
        one, other = pages
        pages[other].locator("#import").click()
        expect(pages[other].locator("#preview")).to_contain_text("导入好了")
        questions = [entry.question for entry in load_faq(answers).entries]
        assert other in questions and one not in questions

        # What was looked at is no longer what would be done.
        third = tmp_path / "第三张.csv"
        third.write_text(f"问题,答案\n{other},在三楼。\n", encoding="utf-8")
        pages[one].locator("#table").set_input_files(third)
        expect(pages[one].locator("#preview")).to_contain_text("在三楼")
        write_elsewhere(answers, "一楼有母婴室。", "在三楼。")
        pages[one].locator("#import").click()
        expect(pages[one].locator("#notice")).to_contain_text("还什么都没有导入")
        expect(pages[one].locator("#import")).to_be_hidden()  # nothing is left to be changed
        third.write_text(f"问题,答案\n{other},在四楼，要走到头。\n", encoding="utf-8")
        pages[one].locator("#exact").check()
        expect(pages[one].locator("#notice")).to_contain_text("请再选一次")
        for page in pages.values():
            page.close()


@pytest.mark.recognition
def test_a_question_is_tried_typed_and_spoken_with_the_reasons(browser: Browser, answers: Path) -> None:
    with editing(answers) as address:
        page = open_page(browser, address)
        expect(page.locator("#learning")).to_have_text("")
        open_tab(page, "try")
        page.locator("#try-text").fill("洗手间怎么走")
        page.locator("#try-text").press("Enter")
        expect(page.locator("#try-result")).to_contain_text("回答：厕所在哪里")
        expect(page.locator("#try-result")).to_contain_text("可能性")
        page.locator("#try-talk").click()
        expect(page.locator("#try-talk")).to_have_attribute("aria-pressed", "true")
        page.wait_for_timeout(6_000)  # as long as the recording is
        page.locator("#try-talk").click()
        expect(page.locator("#try-result p").first).to_contain_text("退卡", timeout=3 * PATIENCE_MS)
        page.close()


def test_axe_finds_nothing_on_any_tab_in_either_theme(browser: Browser, answers: Path) -> None:
    with editing(answers) as address:
        page = open_page(browser, address)
        open_entry(page, "厕所在哪里")
        page.locator("#suggest").click()
        expect(page.locator("#suggestions button").first).to_be_visible()
        page.locator("#readings summary").click()
        page.locator("#wordings input").first.fill("几点上班")
        expect(page.locator("#wordings .mistake").first).to_be_visible()
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            assert axe_violations(page, color_contrast_enhanced=True) == [], theme
        page.locator("#wordings input").first.fill("洗手间在哪")
        for tab in TABS[1:]:
            open_tab(page, tab)
            if tab == "publish":
                page.locator("#add-exam").click()
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                assert axe_violations(page, color_contrast_enhanced=True) == [], f"{tab}, {theme}"
        page.close()


def test_a_used_address_opens_nothing(browser: Browser, answers: Path) -> None:
    with editing(answers) as address:
        open_page(browser, address).close()
        page = browser.new_page()
        page.goto(address)
        expect(page.locator("#notice")).to_contain_text("已经用过了")
        assert page.evaluate("fetch('/api/open', {method: 'POST', body: '{}'}).then((r) => r.status)") == 403
        page.close()


def test_with_nothing_kept_the_page_says_so(browser: Browser, answers: Path) -> None:
    with editing(answers) as address:
        page = open_page(browser, address)
        open_tab(page, "unanswered")
        expect(page.locator("#unanswered-none")).to_contain_text("什么都没有记")
        assert page.locator("#unanswered li").count() == 0
        page.close()
