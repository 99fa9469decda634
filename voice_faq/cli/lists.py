"""List files: a question or a recording a line."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from voice_faq.errors import InputError, reason


@dataclass(frozen=True)
class Line:
    """A line that is not blank."""

    text: str
    folder: Path
    """What a path in it is relative to."""


def lines_of(source: str | None) -> list[Line]:
    """Lines of a list file that are not blank; of the standard input for ``-``; none without a source."""
    if source is None:
        return []
    from voice_faq.files import expanded

    file = expanded(source)
    try:
        if source == "-" and sys.stdin is None:
            raise InputError("标准输入是关着的，读不了清单。请用 --lines 文件。")
        content = sys.stdin.buffer.read() if source == "-" else file.read_bytes()
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{source}：不是 UTF-8 文本。请另存为 UTF-8。") from None
    except OSError as error:
        raise InputError(f"{source}：清单读不了（{reason(error)}）。请检查路径。") from None
    folder = Path() if source == "-" else file.parent
    return [Line(line.strip(), folder) for line in text.splitlines() if line.strip()]
