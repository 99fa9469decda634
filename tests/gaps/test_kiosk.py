"""A real kiosk: what was asked stands in no file that it writes, whatever is logged; its page says what is kept."""

from __future__ import annotations

import json
import re
import signal
from datetime import date
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from voice_faq.counts.daily import read_rows

from ..kiosk.pages import open_page, serving, type_question
from ..kiosk.test_server import page_of

ASKED = (
    "麒麟阁楼上有没有孔雀", "我叫慕容翡翠电话一三九一七七七六六六六", "怎么把葡萄干寄到撒马尔罕",
    "麒麟阁楼上有没有孔雀啊",
)  # fmt: skip
WORDS = "麒麟 孔雀 慕容 翡翠 一三九一 七七七 葡萄干 撒马尔罕".split()
DICTIONARY = re.compile(r"jieba\.cache|dictionary-")
"""Files with half a million words."""
NUMBERS = re.compile(r"matching-")
"""Files with millions of numbers, in which four bytes that are two characters stand by chance."""
ALL_LEVELS = "import logging\nlogging.getLogger().setLevel(1)\nlogging.getLogger('voice_faq').setLevel(1)\n"


@pytest.mark.parametrize("kept", ["false", "true"])
def test_what_was_asked_is_in_no_file_whatever_is_logged(
    kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "written"
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR", "HOME"):
        folder = written / name.lower()
        folder.mkdir(parents=True)
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    (tmp_path / "sitecustomize.py").write_text(ALL_LEVELS)
    state = written / "xdg_state_home/voice-faq"
    settings = {"VOICE_FAQ_GAPS__KEEP_TEXTS": kept, "VOICE_FAQ_STATE_DIR": str(state)}
    with (written / "log").open("w") as log, serving(errors=log, **settings) as server:
        assert (httpx.get(server.address + "settings.json").json()["keptDays"] is None) == (kept == "false")
        with page_of(server) as page:
            for text in ASKED:
                page.send("search", text=text, number=1)
                page.send("ask", text=text)
                assert page.receive("turn")["turn"]["decision"] in ("reject", "clarify")
                page.receive("spoken")
            page.reset()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)
    counts = state / "counts.sqlite3"
    assert sum(row.count for row in read_rows(counts, date(2020, 1, 1))) == len(ASKED)
    assert (counts.with_name("asked-in-vain.sqlite3").exists()) == (kept == "true")
    files = [file for file in written.rglob("*") if file.is_file()]
    assert len(files) > 3
    for file in files:
        content = file.read_bytes()
        words = [*ASKED, *([] if DICTIONARY.match(file.name) else WORDS)]
        for word in words:
            ways = [word.encode("utf-8"), json.dumps(word)[1:-1].encode()]
            if len(word) > 2 or not NUMBERS.match(file.name):
                ways += [word.encode(code) for code in ("gbk", "utf-16-le")]
            assert not any(way in content for way in ways), f"{word} in {file}"


@pytest.mark.browser
def test_the_page_says_what_is_kept_in_its_languages(deaf_browser: Browser) -> None:
    with serving(quick=True, VOICE_FAQ_GAPS__KEEP_TEXTS="true", VOICE_FAQ_GAPS__DAYS="20") as server:
        page = open_page(deaf_browser, server.address)
        expect(page.locator("#kept")).to_be_visible()
        expect(page.locator("#kept")).to_contain_text("去掉号码和人名留下文字，用来改进回答，20 天后删除")
        page.locator("#language").click()
        expect(page.locator("#kept")).to_contain_text("deleted after 20 days")
        page.locator("#language").click()
        type_question(page, "今天天气怎么样")
        expect(page.locator("body")).to_have_attribute("data-state", "rejected")
        expect(page.locator("#kept")).to_be_visible()
        page.close()
