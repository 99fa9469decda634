"""Reads and learns an FAQ in a process of its own, so that one in which riders are answered keeps its time.

``python -m voice_faq.matching.preparing ANSWERS CACHE WRONG_ANSWERS MEANING`` leaves what it made in the cache,
from where it is opened in a moment, and prints ``{"error": null}``, or the mistakes.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from voice_faq.errors import FaqError
from voice_faq.settings import CONFIG_VARIABLE, Settings

TIMEOUT_S: Final = 900.0
_NICE: Final = 5  # behind all that answers


def prepare(settings: Settings) -> None:
    """Raises FaqError that lists all mistakes; what cannot be kept is made again by whoever opens it.

    Raises OSError where the process fails through no fault of the answers.
    """
    answers = settings.answers
    told = (answers, settings.cache_dir, settings.wrong_answers, int(settings.meaning))
    command = [sys.executable, "-m", __name__, *map(str, told)]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL,
            env={**os.environ, CONFIG_VARIABLE: os.devnull},  # all that counts is told; the file may have a mistake now
        )  # fmt: skip
        error = json.loads(done.stdout)["error"]
    except subprocess.TimeoutExpired:
        raise FaqError(f"{answers}：{TIMEOUT_S:.0f} 秒还没有读完。请减少条目或问法。") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ChildProcessError(f"{answers}：检查的程序意外停了。请看看内存和磁盘够不够。") from None
    if error is not None:
        raise FaqError(error)


def main(answers: str, cache: str, wrong_answers: str, meaning: str) -> None:
    """In the process."""
    from voice_faq.faq import load_faq
    from voice_faq.matching.opening import open_matcher

    with contextlib.suppress(OSError, AttributeError):  # forbidden, or not of this system
        os.nice(_NICE)
    error = None
    try:
        settings = Settings(
            answers=Path(answers), cache_dir=Path(cache), wrong_answers=float(wrong_answers), meaning=meaning == "1"
        )
        open_matcher(settings, load_faq(settings.answers, cache=settings.cache_dir))
    except FaqError as mistakes:
        error = str(mistakes)
    print(json.dumps({"error": error}))


if __name__ == "__main__":
    main(*sys.argv[1:])
