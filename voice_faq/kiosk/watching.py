"""Notices that answers, model or voice have changed, and swaps the content between two sessions.

The files are looked at every few seconds, which costs a few hundred ``stat`` calls and works with links that are
swapped, network drives and whole folders that are replaced, where notifications of single files do not.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from voice_faq.errors import VoiceFaqError
from voice_faq.kiosk.content import Content
from voice_faq.kiosk.loading import ContentLoader, part_of, refusal
from voice_faq.kiosk.parts import Kiosk
from voice_faq.kiosk.sources import Sources, Stamps, look, model_version, sources_of

EVERY_S: Final = 2.0  # between two looks; files that look the same twice are at rest

AGAIN_S: Final = 300.0  # after which a change is tried again that failed through no fault of its own

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class ContentWatch:
    """Keeps a kiosk's content as new as the files are."""

    def __init__(
        self,
        kiosk: Kiosk,
        loader: ContentLoader,
        *,
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` gives seconds."""
        self._kiosk = kiosk
        self._loader = loader
        self._every_s = every_s
        self._clock = clock
        self._judged: Stamps | None = kiosk.content.stamps
        """What is loaded, or refused."""
        self._good = None if kiosk.refused else kiosk.content.stamps
        """What is loaded, where that is what the settings name."""
        self._before: Stamps | None = None
        """As the files looked the last time."""
        self._try_again: float | None = None
        self._given_up = False
        """Whether a content has gone that nobody uses any more."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="content")

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            await self._settle(self._kiosk.content)
            while True:
                await asyncio.sleep(self._every_s)
                try:
                    await self.look()
                except Exception:
                    log.exception("looking for changes failed")
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def look(self) -> None:
        """Once; what has changed and is at rest is taken over, or refused."""
        if self._given_up:
            self._given_up = False
            await self._apart(_give_memory_back)
        sources, stamps = await self._apart(self._look)
        at_rest = stamps == self._before
        self._before = stamps
        if self._try_again is not None and self._clock() > self._try_again:
            self._judged = None
        if stamps == self._judged or not at_rest:
            return
        self._judged, self._try_again = stamps, None
        if stamps == self._good:
            self._kiosk.refused.clear()
            log.info("改动撤回了，和正在用的内容一样。")
            return
        before = self._kiosk.content
        known = list(self._kiosk.refused)
        try:
            content, refused = await self._apart(lambda: self._loader.next(before, sources, stamps, known))
        except VoiceFaqError as error:
            content, refused = before, [refusal(part_of(error), error)]
        except OSError as error:
            self._kiosk.refused[:] = [refusal("answers", error)]
            self._try_again = self._clock() + AGAIN_S
            log.warning("新的内容读不了，没有换上，继续用原来的。%s", error)
            return
        self._kiosk.refused[:] = refused
        for change in refused:
            log.warning("改动里有错的部分没有换上，继续用原来的。%s", change.error)
        if content is before:
            return
        self._good = None if refused else stamps
        if content.stamps.model != before.stamps.model and not any(change.part == "model" for change in refused):
            self._kiosk.model_version = None
        weakref.finalize(before, self._give_up)
        self._kiosk.renew(content)
        log.info("换上了新的内容：%s，%d 个条目。", content.sources.answers, len(content.faq.entries))
        await self._settle(content)

    async def _settle(self, content: Content) -> None:
        """What may wait until riders are answered: the copy for the next start, the model's digest."""
        try:
            refused = {change.part for change in self._kiosk.refused}
            await self._apart(lambda: self._loader.kept.keep(content, refused))
            model = content.sources.model
            if self._kiosk.model_version is None and model is not None:
                self._kiosk.model_version = await self._apart(lambda: model_version(model))
        except Exception:
            log.exception("keeping the content failed")

    def _give_up(self) -> None:
        self._given_up = True

    def _look(self) -> tuple[Sources, Stamps]:
        sources = sources_of(self._loader.settings)
        return sources, look(sources)

    async def _apart(self, call: Callable[[], Result]) -> Result:
        """In a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _give_memory_back() -> None:
    """Of parts that nobody uses any more: a few objects in circles with much in them, for which no collector looks."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # glibc's, malloc_trim(3)
        ctypes.CDLL(None).malloc_trim(0)
