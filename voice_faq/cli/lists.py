"""Questions and recordings as given: one by one, or in a list file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from voice_faq.errors import InputError

RECORDING_SUFFIXES: Final = frozenset({".wav", ".wave", ".flac", ".ogg", ".oga", ".opus"})


def is_recording(line: str) -> bool:
    """Whether a line names a recording; a question otherwise."""
    return Path(line).suffix.lower() in RECORDING_SUFFIXES


def questions_of(lines: str | None) -> Iterator[str | Path]:
    """Questions as text, recordings as paths."""
    for line in lines_of(lines):
        yield Path(line) if is_recording(line) else line


def lines_of(source: str | None) -> list[str]:
    """Lines of a list file; of the standard input for ``-``; none without a source."""
    if source is None:
        return []
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{source}：不是 UTF-8 文本。请另存为 UTF-8。") from None
    except OSError as error:
        raise InputError(f"{source}：清单读不了（{error.strerror}）。请检查路径。") from None
    return [line.strip() for line in text.splitlines()]
