"""The log of a local page: short, and silent about what people said or typed.

A traceback shows values, and a library's message may: of an error that nobody foresaw only its type and its place are
kept, and of libraries only warnings.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

A_MINUTE: Final = 5  # records of one kind, the rest is counted
_LIBRARIES: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets", "asyncio")


class FewOfAKind(logging.Filter):
    """Lets the first few records of a kind through in each minute, and says how many were left out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds."""
        super().__init__()
        self._clock = clock
        self._kinds: dict[tuple[str, int, str], list[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; a kind is a logger, a level and a message before its values are put in."""
        now = self._clock()
        seen = self._kinds.setdefault((record.name, record.levelno, str(record.msg)[:80]), [now, 0.0])
        if now - seen[0] >= 60:
            left_out = int(seen[1]) - A_MINUTE
            if left_out > 0:
                record.msg, record.args = f"{record.getMessage()}（另有 {left_out} 条相同的没有记）", ()
            seen[:] = [now, 0.0]
        seen[1] += 1
        return seen[1] <= A_MINUTE


class OneLine(logging.Formatter):
    """An error's type and where it was raised instead of its traceback."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s voice-faq: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever happened."""
        line = " ".join(f"{self.formatTime(record)} voice-faq: {record.getMessage()}".split())
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line} [{_told(error)}]"


def set_up_log() -> None:
    """Write warnings and errors to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    handler.addFilter(FewOfAKind())
    logging.basicConfig(handlers=[handler], force=True)
    for name in _LIBRARIES:  # below a warning they log what goes over the connection
        library = logging.getLogger(name)
        library.addFilter(lambda record: record.levelno >= logging.WARNING)
        library.setLevel(max(library.level, logging.WARNING))


def _told(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"，{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place
