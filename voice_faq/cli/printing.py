"""How commands print: sentences, tables and JSON to the standard output, complaints to the error output."""

from __future__ import annotations

import functools
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

DEBUG_VARIABLE: Final = "VOICE_FAQ_DEBUG"
NOT_UTF_8: Final = "命令行里有不是 UTF-8 的文字，读不懂。请把终端的编码改成 UTF-8"
STDERR: Final = 2  # its file descriptor


@functools.cache
def quiet_libraries() -> None:
    """PortAudio and ALSA write lines of their own to the error output, right through what we show: no more.

    They write to its file descriptor; what Python writes goes on to where that led.
    """
    if os.environ.get(DEBUG_VARIABLE) or sys.stderr is None or sys.stderr.fileno() != STDERR:
        return
    sys.stderr.flush()
    sys.stderr = open(os.dup(STDERR), "w", encoding="utf-8", errors="replace", buffering=1)  # noqa: PTH123, SIM115
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDERR)
    os.close(nowhere)


def say(text: str) -> None:
    """Print a sentence, at once."""
    print(text, flush=True)


def complain(message: str) -> None:
    """Print what is wrong to the error output."""
    print(f"voice-faq: {message}", file=sys.stderr, flush=True)


def name_answers(folder: Path) -> None:
    """Say whose answers these are, beside the output."""
    print(f"答案文件夹：{folder}", file=sys.stderr, flush=True)


def print_json(value: dict[str, Any]) -> None:
    """Print one object in one line, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


@functools.cache
def out() -> Console:
    """For tables."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False)


@functools.cache
def err() -> Console:
    """For what shows that work goes on."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False)


def is_text(text: str) -> bool:
    """Whether a word of the command line is Unicode; bytes that are none come as halves of characters."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
