"""Tells systemd that the kiosk works, as long as it does: the recogniser hears, the voice speaks, the page is there.

systemd kills and restarts a service that has not said so for ``WatchdogSec``. Before that a browser that is silent is
started again by itself. Nothing of it needs systemd: without it only the browser is watched.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

import numpy as np

from voice_faq.errors import VoiceFaqError
from voice_faq.kiosk.parts import Kiosk

SOCKET_VARIABLE: Final = "NOTIFY_SOCKET"
PERIOD_VARIABLE: Final = "WATCHDOG_USEC"
UNWATCHED_S: Final = 60.0  # in which each part must have answered where systemd does not watch
PROBES_A_PERIOD: Final = 4
BROWSER_S: Final = 75.0  # without a word of the page until it is begun anew; a hidden one says one a minute
BROWSER_STARTS_S: Final = 60.0  # for a browser to show the page
RATE: Final = 16_000  # Hz
RECOGNIZER, VOICE, PAGE = "recognizer", "voice", "page"
_NOISE: Final = np.random.default_rng(0).integers(-200, 200, RATE // 4, np.int16).tobytes()

log = logging.getLogger(__name__)


class Browser(Protocol):
    """What keeps the page open."""

    starts: int

    def restart(self) -> None:
        """End the browser, so that it is started again; returns at once."""


class Systemd:
    """What has started us and listens, or nobody."""

    def __init__(self, notifier: Any, period_s: float | None) -> None:
        """``period_s``: seconds after which it restarts who has said nothing."""
        self._notifier = notifier
        self.period_s = period_s

    @classmethod
    def of_environment(cls) -> Systemd:
        """To be asked before anything is started: nobody whom we start is to speak for us."""
        period = os.environ.pop(PERIOD_VARIABLE, "")
        notifier = _notifier()
        os.environ.pop(SOCKET_VARIABLE, None)
        return cls(notifier, int(period) / 1e6 if period.isdigit() and int(period) and notifier is not None else None)

    def tell(self, state: str) -> None:
        """sd_notify(3)."""
        if self._notifier is not None:
            self._notifier.notify(state)


class Watchdog:
    """Asks the parts again and again whether they answer."""

    def __init__(
        self,
        kiosk: Kiosk,
        systemd: Systemd | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        browser_s: float = BROWSER_S,
        browser_starts_s: float = BROWSER_STARTS_S,
    ) -> None:
        """``clock`` gives seconds and never jumps."""
        self._kiosk = kiosk
        self._clock = clock
        self._systemd = systemd or Systemd(None, None)
        self.period_s = self._systemd.period_s or UNWATCHED_S
        self._answered = {RECOGNIZER: clock(), VOICE: clock()}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._browser: Browser | None = None
        self._browser_s = browser_s
        self._browser_starts_s = browser_starts_s
        self._browser_began = 0.0
        self._browser_starts = 0

    def watch_browser(self, browser: Browser) -> None:
        """From now on the page counts, too."""
        self._browser = browser
        self._browser_began = self._clock()

    async def run(self) -> None:
        """Until it is cancelled; systemd is told of the beginning and of the end."""
        self._systemd.tell("READY=1")
        try:
            while True:
                self._ask()
                self._look_at_browser()
                late = self.late()
                if late:
                    log.error("看门狗：%s 没有反应，等系统重新启动。", "、".join(late))
                else:
                    self._systemd.tell("WATCHDOG=1")
                await asyncio.sleep(self.period_s / PROBES_A_PERIOD)
        finally:
            self._systemd.tell("STOPPING=1")

    def late(self) -> list[str]:
        """Parts that have not answered in half a period, a page in a period."""
        now = self._clock()
        quiet = {part: now - answered for part, answered in self._answered.items()}
        late = [part for part, seconds in quiet.items() if seconds > self.period_s / 2]
        if self._browser is not None:
            silent = self._page_silent_s(now)
            quiet[PAGE] = silent
            if silent > max(self.period_s, 3 * self._browser_s):
                late.append(PAGE)
        self._kiosk.vitals.watched = {
            "fed": not late, **{f"{part}_s": round(seconds, 1) for part, seconds in quiet.items()},
        }  # fmt: skip
        return late

    def _ask(self) -> None:
        """Each part, unless it still owes the last answer."""
        probes: dict[str, tuple[Callable[[], None], ThreadPoolExecutor]] = {
            RECOGNIZER: (self._hear, self._kiosk.workers),
            VOICE: (self._speak, self._kiosk.speakers),
        }
        for part, (probe, pool) in probes.items():
            if part not in self._asking or self._asking[part].done():
                self._asking[part] = asyncio.create_task(self._wait_for(part, probe, pool))

    async def _wait_for(self, part: str, probe: Callable[[], None], pool: ThreadPoolExecutor) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(pool, probe)
        except VoiceFaqError:
            pass  # it answers; what it lacks, a restart does not bring
        except Exception:
            log.exception("%s failed", part)
            return
        self._answered[part] = self._clock()

    def _hear(self) -> None:
        """A moment of noise, from the first sample to the last word."""
        stream = self._kiosk.content.recognizer.stream(RATE)
        stream.accept(_NOISE)
        stream.finish()

    def _speak(self) -> None:
        """The first clause of the greeting."""
        content = self._kiosk.content
        next(iter(content.voice.speak(content.faq.prompts.greeting)), None)

    def _look_at_browser(self) -> None:
        """One that shows nothing any more is ended; whoever keeps it starts it again."""
        browser = self._browser
        if browser is None:
            return
        now = self._clock()
        if browser.starts != self._browser_starts:
            self._browser_starts = browser.starts
            self._browser_began = now
        silent = self._kiosk.vitals.silent_s
        showing = silent is not None and silent < now - self._browser_began
        quiet = silent if showing and silent is not None else now - self._browser_began
        if quiet > (self._browser_s if showing else self._browser_starts_s):
            log.warning("网页 %.0f 秒没有反应，重新打开浏览器。", quiet)
            self._browser_began = now
            browser.restart()

    def _page_silent_s(self, now: float) -> float:
        """Seconds without a page, since the first one could be there."""
        silent = self._kiosk.vitals.silent_s
        up = self._kiosk.vitals.up_s
        return max(0.0, up - self._browser_starts_s) if silent is None else silent


def _notifier() -> Any:
    """systemd's end, where it listens and the library is there."""
    if not os.environ.get(SOCKET_VARIABLE):
        return None
    try:
        import sdnotify
    except ImportError:
        log.error("没有装 sdnotify，系统不知道服务好了没有。请运行：pip install 'voice-faq[service]'")
        return None
    return sdnotify.SystemdNotifier()
