"""The watchdog: systemd hears of the kiosk as long as recogniser, voice and page answer, and no longer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voice_faq.errors import SpeechError
from voice_faq.kiosk.vitals import OpenPage, Vitals
from voice_faq.kiosk.watchdog import PAGE, RECOGNIZER, VOICE, Watchdog

from .pages import serving
from .small_faq import write_answers

PERIOD_S = 2.0


class Systemd:
    """Its end of the socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def hears(self, word: str, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                if word in self._socket.recv(1000).decode().split("\n"):
                    return True
            except TimeoutError:
                return False
        return False

    def close(self) -> None:
        self._socket.close()

    def forget(self) -> None:
        self._socket.setblocking(False)
        while True:
            try:
                self._socket.recv(1000)
            except BlockingIOError:
                return


@pytest.fixture
def systemd() -> Iterator[Systemd]:
    path = Path(f"/tmp/voice-faq-notify-{os.getpid()}")  # short: a socket's path has 108 bytes
    path.unlink(missing_ok=True)
    with contextlib.closing(Systemd(path)) as listening:
        yield listening
    path.unlink()


def test_the_watchdog_is_fed_until_the_recogniser_stops(systemd: Systemd, tmp_path: Path) -> None:
    pytest.importorskip("sdnotify")
    stopped = tmp_path / "stopped"
    told = {
        "NOTIFY_SOCKET": str(systemd.path), "WATCHDOG_USEC": str(int(PERIOD_S * 1e6)), "STOPPED": str(stopped),
        "VOICE_FAQ_ANSWERS": str(write_answers(tmp_path / "answers")),
    }  # fmt: skip
    with serving(quick=True, **told) as server:
        assert systemd.hears("READY=1", 60) and systemd.hears("WATCHDOG=1", 60)
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        assert not [pid for pid in children if b"NOTIFY_SOCKET" in Path(f"/proc/{pid}/environ").read_bytes()]
        os.kill(server.process.pid, signal.SIGSTOP)
        time.sleep(0.2)
        systemd.forget()
        assert not systemd.hears("WATCHDOG=1", PERIOD_S)
        os.kill(server.process.pid, signal.SIGCONT)
        assert systemd.hears("WATCHDOG=1", 60)
        stopped.touch()
        time.sleep(PERIOD_S)
        systemd.forget()
        assert not systemd.hears("WATCHDOG=1", 2 * PERIOD_S)
        stopped.unlink()
        assert systemd.hears("WATCHDOG=1", 60), "it answers again"
        server.process.terminate()
        assert systemd.hears("STOPPING=1", 60)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Browser:
    starts: int = 1
    restarts: int = 0

    def restart(self) -> None:
        self.restarts += 1
        self.starts += 1


@dataclass
class Parts:
    """What a kiosk's parts do when they are asked."""

    hear: Callable[[], None] = lambda: None
    speak: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)

    def kiosk(self) -> Any:
        def finish() -> None:
            self.hear()

        def speak(_: str) -> Iterator[object]:
            self.speak()
            yield object()

        stream = SimpleNamespace(accept=lambda _: "", finish=finish)
        content = SimpleNamespace(
            recognizer=SimpleNamespace(stream=lambda _: stream),
            voice=SimpleNamespace(speak=speak),
            faq=SimpleNamespace(prompts=SimpleNamespace(greeting="您好。")),
        )
        vitals = Vitals(clock=self.clock)
        return SimpleNamespace(
            content=content, vitals=vitals, workers=ThreadPoolExecutor(1), speakers=ThreadPoolExecutor(1)
        )


def late_after(parts: Parts, seconds: float) -> list[str]:
    """What is late when all parts have been asked again."""

    async def run() -> list[str]:
        watchdog = Watchdog(parts.kiosk(), clock=parts.clock)
        parts.clock.now += seconds
        task = asyncio.create_task(watchdog.run())
        await asyncio.sleep(0.2)
        task.cancel()
        return watchdog.late()

    return asyncio.run(run())


def fail(error: Exception) -> Callable[[], None]:
    def failing() -> None:
        raise error

    return failing


@pytest.mark.parametrize(
    ("parts", "late"),
    [
        (Parts(), []),
        (Parts(hear=fail(MemoryError())), [RECOGNIZER]),
        (Parts(speak=fail(OSError())), [VOICE]),
        (Parts(speak=fail(SpeechError("没有语音"))), []),  # a restart would bring none
    ],
)
def test_what_fails_is_late_and_what_is_missing_is_not(parts: Parts, late: list[str]) -> None:
    assert late_after(parts, 100) == late


def test_a_browser_that_shows_nothing_is_begun_anew_and_at_last_everything() -> None:
    clock = Clock()
    kiosk = Parts(clock=clock).kiosk()
    watchdog = Watchdog(kiosk, clock=clock, browser_s=30, browser_starts_s=60)
    browser = Browser()
    watchdog.watch_browser(browser)

    def wait(seconds: int) -> None:
        for _ in range(seconds):
            clock.now += 1
            watchdog._look_at_browser()
            watchdog._answered = dict.fromkeys(watchdog._answered, clock.now)

    wait(59)
    assert browser.restarts == 0
    wait(3)
    assert browser.restarts == 1 and watchdog.late() == [], "it never showed the page"
    page = OpenPage(lambda _: None)
    for _ in range(100):
        kiosk.vitals.heartbeat(page)
        wait(5)
    assert browser.restarts == 1
    wait(31)
    assert browser.restarts == 2, "the page has fallen silent"
    wait(40)
    assert browser.restarts == 2 and watchdog.late() == []
    wait(61)
    assert watchdog.late() == [PAGE] and kiosk.vitals.watched["fed"] is False
