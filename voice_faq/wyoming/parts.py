"""What all connections share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from voice_faq.faq import Faq
from voice_faq.matching import Matcher
from voice_faq.recognition import Recognizer
from voice_faq.settings import Settings
from voice_faq.speech.voice import Voice

LANGUAGE: Final = "zh-CN"
MOST_STREAMS: Final = 8  # recordings that are recognised at once; more of them wait

Result = TypeVar("Result")


@dataclass
class Parts:
    """Settings, answers, and the parts that understand and speak."""

    settings: Settings
    faq: Faq
    matcher: Matcher
    recognizer: Recognizer
    voice: Voice
    workers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="worker")
    )
    """Recognise and match."""
    speakers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="speaker"))
    """Read and make what is spoken; a voice that hangs holds up no recognition."""
    hearing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_STREAMS))

    async def work(self, call: Callable[[], Result], *, speaking: bool = False) -> Result:
        """In a thread."""
        pool = self.speakers if speaking else self.workers
        return await asyncio.get_running_loop().run_in_executor(pool, call)

    def close(self) -> None:
        """End the threads."""
        self.workers.shutdown(wait=False, cancel_futures=True)
        self.speakers.shutdown(wait=False, cancel_futures=True)
