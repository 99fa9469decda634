"""When a change is looked at, and what becomes of a content that nobody uses any more; without real parts."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voice_faq.errors import FaqError, SpeechError
from voice_faq.faq import Faq
from voice_faq.kiosk.content import Content, Refusal
from voice_faq.kiosk.loading import refusal
from voice_faq.kiosk.parts import Kiosk
from voice_faq.kiosk.sources import Sources, Stamps, look, sources_of, versions_of
from voice_faq.kiosk.speech_files import SpeechFiles
from voice_faq.kiosk.watching import AGAIN_S, ContentWatch
from voice_faq.settings import Settings

from .small_faq import BROKEN, faq_yaml, write_answers


class Parts:
    """Keeps itself alive, as an index does with its own."""

    def __init__(self, circle: list[Any]) -> None:
        self.circle = circle
        circle.append(self)


class Loader:
    """Takes anything but BROKEN, without reading it."""

    def __init__(self, settings: Settings, faq: Faq) -> None:
        self.settings = settings
        self.left_out: list[set[str]] = []
        self.kept = SimpleNamespace(keep=lambda _, refused: self.left_out.append(refused))
        self.damage: str | None = None
        self.loads = 0
        self.fails: Exception | None = None
        self._faq = faq

    def content(self, sources: Sources, stamps: Stamps) -> Content:
        circle: list[Any] = [bytearray(1000)]
        matcher: Any = Parts(circle)
        none: Any = SimpleNamespace(name="")
        return Content(
            self._faq, matcher, none, none, SpeechFiles(None), none, sources, stamps, versions_of(sources)
        )  # fmt: skip

    def next(
        self, current: Content, sources: Sources, stamps: Stamps, _: Sequence[Refusal]
    ) -> tuple[Content, list[Refusal]]:
        self.loads += 1
        if self.fails is not None:
            raise self.fails
        if (sources.answers / "faq.yaml").read_text(encoding="utf-8") == BROKEN:
            return current, [refusal("answers", FaqError("faq.yaml:5：错了"))]
        left_out = [refusal("voice", SpeechError(self.damage))] if self.damage else []
        return self.content(sources, stamps), left_out


class Station:
    def __init__(self, folder: Path, faq: Faq) -> None:
        self.answers = write_answers(folder / "answers")
        settings = Settings(answers=self.answers, state_dir=folder / "state", model=str(folder / "none"))
        self.loader = Loader(settings, faq)
        sources = sources_of(settings)
        self.kiosk = Kiosk(settings, self.loader.content(sources, look(sources)))
        self.now = 0.0
        loader: Any = self.loader
        self.watch = ContentWatch(self.kiosk, loader, clock=lambda: self.now)

    def look(self, times: int = 1) -> None:
        async def looks() -> None:
            for _ in range(times):
                await self.watch.look()

        asyncio.run(looks())


@pytest.fixture
def station(tmp_path: Path, faq: Faq) -> Station:
    return Station(tmp_path, faq)


def test_a_change_is_taken_over_when_it_is_at_rest(station: Station) -> None:
    first = station.kiosk.content
    station.look(3)
    for number in range(3):  # still being written
        write_answers(station.answers, faq_yaml(f"第{number}版"))
        station.look()
    assert station.loader.loads == 0
    station.look(3)
    assert station.loader.loads == 1 and station.kiosk.content is not first


def test_a_slip_is_looked_at_once_and_forgotten_when_it_is_taken_back(station: Station) -> None:
    good = (station.answers / "faq.yaml").stat()
    kept = station.answers / "kept"
    (station.answers / "faq.yaml").rename(kept)
    write_answers(station.answers, BROKEN)
    station.look(6)
    assert station.loader.loads == 1 and station.kiosk.refused[0].error == "faq.yaml:5：错了"
    kept.replace(station.answers / "faq.yaml")
    assert (station.answers / "faq.yaml").stat().st_mtime_ns == good.st_mtime_ns
    station.look(2)
    assert station.loader.loads == 1 and station.kiosk.refused == []


def test_what_is_damaged_is_told_and_the_rest_of_the_change_taken_over(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    station.loader.damage = "1 个录音不完整"
    write_answers(station.answers, faq_yaml("新"))
    before = station.kiosk.content
    station.look(3)
    assert station.kiosk.content is not before and station.loader.left_out == [{"voice"}]
    assert [(change.part, change.error) for change in station.kiosk.refused] == [("voice", "1 个录音不完整")]
    assert "1 个录音不完整" in caplog.text
    station.loader.damage = None
    write_answers(station.answers, faq_yaml("又新"))
    station.look(3)
    assert station.kiosk.refused == [] and station.loader.left_out == [{"voice"}, set()]


def test_what_fails_through_no_fault_of_the_answers_is_tried_again(station: Station) -> None:
    station.loader.fails = OSError("没有内存")
    write_answers(station.answers, faq_yaml("新"))
    station.look(5)
    assert station.loader.loads == 1 and "没有内存" in station.kiosk.refused[0].error
    station.loader.fails = None
    station.now += AGAIN_S + 1
    station.look(2)
    assert station.loader.loads == 2 and station.kiosk.refused == []


def test_a_content_that_nobody_uses_any_more_takes_no_memory(station: Station) -> None:
    old: Callable[[], Any] = weakref.ref(station.kiosk.content.matcher)
    session = station.kiosk.content  # a page that still shows it
    gc.disable()
    try:
        write_answers(station.answers, faq_yaml("新"))
        station.look(4)
        assert station.kiosk.content_named(session.name) is session
        assert station.kiosk.content is not session and old() is not None
        del session
        station.look(2)
        assert old() is None
    finally:
        gc.enable()
