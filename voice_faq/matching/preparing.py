"""Reads and learns an FAQ in a process of its own, so that one in which riders are answered keeps its time.

``python -m voice_faq.matching.preparing ANSWERS CACHE WRONG_ANSWERS`` leaves what it made in the cache, from where it
is opened in a moment, and prints ``{"error": null}``, or the mistakes.
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

TIMEOUT_S: Final = 900.0
_NICE: Final = 5  # behind all that answers


def prepare(answers: Path, cache: Path, wrong_answers: float) -> None:
    """Raises FaqError that lists all mistakes; what cannot be kept is made again by whoever opens it.

    Raises OSError where the process fails through no fault of the answers.
    """
    command = [sys.executable, "-m", __name__, str(answers), str(cache), repr(wrong_answers)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
        error = json.loads(done.stdout)["error"]
    except subprocess.TimeoutExpired:
        raise FaqError(f"{answers}：{TIMEOUT_S:.0f} 秒还没有读完。请减少条目或问法。") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ChildProcessError(f"{answers}：检查的程序意外停了。请看看内存和磁盘够不够。") from None
    if error is not None:
        raise FaqError(error)


def main(answers: str, cache: str, wrong_answers: str) -> None:
    """In the process."""
    from voice_faq.faq import load_faq
    from voice_faq.matching.matcher import Matcher

    with contextlib.suppress(OSError, AttributeError):  # forbidden, or not of this system
        os.nice(_NICE)
    error = None
    try:
        faq = load_faq(Path(answers), cache=Path(cache))
        Matcher(faq, float(wrong_answers), cache=Path(cache))
    except FaqError as mistakes:
        error = str(mistakes)
    print(json.dumps({"error": error}))


if __name__ == "__main__":
    main(*sys.argv[1:])
