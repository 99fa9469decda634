"""Processes that are killed in the middle of what they do."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any


class LineCounter:
    """A trace function that kills its process before the n-th line of some files; n of 0 only counts."""

    def __init__(self, at: int, traced: tuple[str, ...]) -> None:
        """``traced``: how the names of the files end."""
        self.seen, self._at, self._traced = 0, at, traced

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(self._traced):
            return None
        if event == "line":
            self.seen += 1
            if self.seen == self._at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self
