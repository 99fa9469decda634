"""Content that changes while a real kiosk runs: noticed, checked, swapped between sessions, refused with its line."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from websockets.sync.client import connect

from .pages import Server, open_page, serving, wait_for_state
from .small_faq import BROKEN, LOST, TOILET, faq_yaml, record_voice, write_answers
from .test_server import Page, page_of, receive

PATIENCE_S = 120.0  # a busy machine learns slowly


@dataclass
class Station:
    """A kiosk whose answers are a link to one of several folders."""

    folder: Path
    server: Server | None = None

    @property
    def answers(self) -> Path:
        return self.folder / "answers"

    def publish(self, version: str, text: str) -> Path:
        """Put a version in place of the one before, in one step."""
        fresh = write_answers(self.folder / version, text)
        link = self.folder / "next"
        link.symlink_to(fresh)
        link.replace(self.answers)
        return fresh

    @contextmanager
    def running(self, **settings: str) -> Iterator[Server]:
        where = {"VOICE_FAQ_CACHE_DIR": str(self.folder / "cache"), "VOICE_FAQ_STATE_DIR": str(self.folder / "state")}
        told = {"VOICE_FAQ_ANSWERS": str(self.answers), "LOOK_EVERY_S": "0.2", **where, **settings}
        with (self.folder / "log").open("a") as log, serving(errors=log, quick=True, **told) as server:
            self.server = server
            yield server

    def health(self) -> dict[str, Any]:
        assert self.server is not None
        found: dict[str, Any] = httpx.get(self.server.address + "health", timeout=30).json()
        return found

    def wait_for(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while not condition(health := self.health()):
            assert time.monotonic() < deadline, (health, (self.folder / "log").read_text())
            time.sleep(0.3)
        return health


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    station = Station(tmp_path_factory.mktemp("station"))
    station.publish("first", faq_yaml())
    with station.running():
        yield station


def answer(page: Page, text: str = "厕所在哪里") -> str:
    page.send("ask", text=text)
    return str(page.receive("turn")["turn"]["answer"])


def test_a_change_is_swapped_in_between_two_sessions(station: Station) -> None:
    server = station.server
    assert server is not None
    shown = httpx.get(server.address + "settings.json").json()
    before = station.health()["answers"]["fingerprint"]
    with page_of(server) as page:
        assert answer(page) == TOILET
        station.publish("second", faq_yaml(toilet="厕所搬到一楼了。"))
        heard = page.receive("content", timeout=PATIENCE_S)
        now = httpx.get(server.address + "settings.json").json()
        assert heard["content"] == now["content"] != shown["content"]
        assert "厕所搬到一楼了。" in [entry["answer"] for entry in now["entries"]]
        assert answer(page) == TOILET, "a session that is on keeps what it began with"
        old = httpx.get(server.address + "take-away/zh/toilet.svg", params={"content": shown["content"]}).text
        new = httpx.get(server.address + "take-away/zh/toilet.svg", params={"content": now["content"]}).text
        assert old != new, "the page that shows the old answer gets the code of the old one"
        with page_of(server) as other:
            assert answer(other) == "厕所搬到一楼了。"
        page.reset()
        assert answer(page) == "厕所搬到一楼了。"
    health = station.health()
    assert health["answers"]["fingerprint"] != before and health["refused"] == []


def test_a_page_that_names_what_it_shows_is_told_of_what_came_meanwhile(station: Station) -> None:
    server = station.server
    assert server is not None
    with connect(server.socket, ping_interval=None) as connection:
        connection.send(json.dumps({"type": "hello", "session": 0, "question": 0, "content": "0" * 16}))
        receive(connection, "welcome")
        receive(connection, "content")
    assert os.path.islink(station.answers)  # noqa: PTH114


def test_a_mistake_is_refused_with_its_line_and_stops_no_start(station: Station) -> None:
    station.wait_for(lambda health: not health["refused"])
    good = station.health()["answers"]["fingerprint"]
    broken = station.publish("broken", BROKEN)
    health = station.wait_for(lambda health: bool(health["refused"]))
    (refused,) = health["refused"]
    assert refused["part"] == "answers" and f"{broken / 'faq.yaml'}:5：" in refused["error"]
    assert health["state"] == "impaired" and health["answers"]["fingerprint"] == good
    assert f"{broken / 'faq.yaml'}:5：" in (station.folder / "log").read_text()
    kept = next((station.folder / "state").glob("last-good/*/answers/faq.yaml"))
    assert station.server is not None
    station.server.process.kill()
    with station.running() as again, page_of(again) as page:
        health = station.health()
        assert health["answers"]["fingerprint"] == good and health["refused"][0]["part"] == "answers"
        assert health["restarts"]["server"] == 1
        assert answer(page) == ("厕所搬到一楼了。" if "厕所搬到一楼了。" in kept.read_text() else TOILET)
        page.send("reset")
        station.publish("mended", faq_yaml(lost="失物招领在出口。"))
        receive(page.connection, "content", PATIENCE_S)
        page.session += 1
        assert answer(page, "东西丢了怎么办") == "失物招领在出口。"
        station.wait_for(lambda health: health["refused"] == [] and health["state"] == "well")


def test_a_damaged_recording_is_told_and_heard_from_the_copy_while_the_rest_changes(tmp_path: Path) -> None:
    station = Station(tmp_path)
    record_voice(station.publish("first", faq_yaml()))

    def heard(page: Page) -> tuple[str, bytes]:
        assert answer(page) == TOILET
        address = page.receive("clause")["address"]
        assert address.startswith("/voice/") and station.server is not None
        page.reset()
        return address.rpartition("/")[2], httpx.get(station.server.address.rstrip("/") + address).content

    with station.running() as server, page_of(server) as page:
        whole = heard(page)
        kept = station.folder / "state" / "last-good"
        deadline = time.monotonic() + PATIENCE_S
        while not list(kept.glob("*/answers/voice")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        text = faq_yaml(lost="失物招领在出口。")
        changed = write_answers(tmp_path / "second", text)
        record_voice(changed)
        (changed / "voice" / "xiaoxiao" / whole[0]).write_bytes(b"damaged")
        station.publish("second", text)
        health = station.wait_for(lambda health: [change["part"] for change in health["refused"]] == ["voice"])
        assert "1 个录音" in health["refused"][0]["error"] and health["state"] == "impaired"
        assert "1 个录音" in (station.folder / "log").read_text()
        assert answer(page, "东西丢了怎么办") == "失物招领在出口。"
        page.reset()
        assert heard(page) == whole
    with station.running() as server, page_of(server) as page:
        assert [change["part"] for change in station.health()["refused"]] == ["voice"]
        assert heard(page) == whole


@pytest.mark.browser
def test_a_page_that_nobody_uses_shows_the_new_content_and_a_used_one_at_its_end(
    deaf_browser: Browser, tmp_path: Path
) -> None:
    station = Station(tmp_path)
    station.publish("first", faq_yaml())
    with station.running(VOICE_FAQ_KIOSK__IDLE_S="3600") as server:  # for a busy machine
        waiting = open_page(deaf_browser, server.address)
        used = open_page(deaf_browser, server.address)
        used.locator("[data-entry=lost]").first.click()
        wait_for_state(used, "answer")
        expect(used.locator("#captions")).to_contain_text(LOST[:6])
        station.publish("second", faq_yaml().replace("我的包丢了", "我的伞丢了"))
        expect(waiting.locator("#examples")).to_contain_text("我的伞丢了", timeout=PATIENCE_S * 1000)
        expect(used.locator("#captions")).to_contain_text(LOST[:6])
        used.evaluate("document.querySelector('#finish').click()")
        expect(used.locator("#examples")).to_contain_text("我的伞丢了")
        for page in (waiting, used):
            page.close()
