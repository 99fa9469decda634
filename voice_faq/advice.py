"""Commands that we tell people to run: they work as printed."""

from __future__ import annotations

import shlex
from pathlib import Path

from voice_faq.data import data_root


def command(*words: str, answers: Path) -> str:
    """``voice-faq`` with ``words``, for the FAQ in the folder ``answers``."""
    own = [] if answers == data_root() / "answers" else ["--answers", str(answers)]
    return shlex.join(["voice-faq", *words, *own])
