"""The log of a local page: short, and silent about what people said or typed.

A traceback shows values, and a library's message may: of an error that nobody foresaw only its type and its place are
kept, and of libraries only warnings.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from voice_faq.errors import SettingsError

A_MINUTE: Final = 5  # records of one kind, the rest is counted
FIELDS: Final = ("part", "entries", "answers", "code", "seconds")
"""Of ``extra`` of a record, that a structured log keeps."""
_PRIORITIES: Final = {logging.WARNING: "<4>", logging.ERROR: "<3>", logging.CRITICAL: "<2>"}
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


def set_up_log(*, as_json: bool = False) -> None:
    """Write warnings, errors and what our own parts tell to standard error.

    In systemd's journal each record has its priority and, with structlog, its fields; ``as_json`` makes it one JSON
    object a line. Raises SettingsError where that is wanted and structlog is missing.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(as_json))
    handler.addFilter(FewOfAKind())
    logging.basicConfig(handlers=[handler], force=True)
    logging.getLogger("voice_faq").setLevel(logging.INFO)
    for name in _LIBRARIES:  # below a warning they log what goes over the connection
        library = logging.getLogger(name)
        library.addFilter(lambda record: record.levelno >= logging.WARNING)
        library.setLevel(max(library.level, logging.WARNING))


def in_journal() -> bool:
    """Whether standard error leads to systemd's journal, as systemd.exec(5) says that it can be told."""
    try:
        state = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{state.st_dev}:{state.st_ino}"


def _formatter(as_json: bool) -> logging.Formatter:
    journal = in_journal()
    if not as_json and not journal:
        return OneLine()
    try:
        import structlog
    except ImportError:
        if as_json:
            raise SettingsError(
                "设置项 kiosk.log_json 要用 structlog，现在没有装。请运行：pip install 'voice-faq[service]'"
            ) from None
        return OneLine()
    chain: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        _without_traceback,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
    ]
    if as_json:
        chain.append(structlog.processors.TimeStamper(fmt="iso", utc=True))
        chain.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        chain.append(_as_line)
    structured = structlog.stdlib.ProcessorFormatter(processors=chain)
    return _WithPriority(structured) if journal else structured


class _WithPriority(logging.Formatter):
    """What the journal knows a record's level by, sd-daemon(3)."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return _PRIORITIES.get(record.levelno, "<6>") + self._inner.format(record)


def _without_traceback(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """An error's type and where it was raised; the text in one line."""
    event["event"] = " ".join(str(event["event"]).split())
    event.pop("stack_info", None)
    info = event.pop("exc_info", None)
    if info and info[1] is not None:
        event["error"] = _told(info[1])
    return event


def _as_line(_: object, __: str, event: dict[str, Any]) -> str:
    """The journal keeps time, level and program by itself."""
    fields = {name: value for name, value in event.items() if name in (*FIELDS, "error")}
    return " ".join([str(event["event"]), *(f"{name}={value}" for name, value in fields.items())])


def _told(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"，{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place
