"""How often the server was started, and whether it ended as it should, in one small file.

A file that is broken or cannot be written costs the numbers and nothing else.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any, Final

from voice_faq.files import write_whole

FILE: Final = "starts.json"


class Starts:
    """Of the server that uses this state folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self.restarts = 0
        """Starts after an end that nobody wanted: killed, hung, without power."""
        self.failed_before = False
        """Whether the start before never came to its end."""

    def begin(self) -> None:
        """The server is being started."""
        before: dict[str, Any] = {"state": "ended", "restarts": 0}
        with contextlib.suppress(OSError, ValueError, TypeError):
            before |= json.loads(self._file.read_text(encoding="utf-8"))
        with contextlib.suppress(ValueError, TypeError):
            self.restarts = int(before["restarts"]) + (before["state"] != "ended")
        self.failed_before = before["state"] == "starting"
        self._write("starting")

    def ready(self) -> None:
        """It answers."""
        self._write("running")

    def end(self) -> None:
        """It ends because somebody wants it to."""
        self._write("ended")

    def _write(self, state: str) -> None:
        with contextlib.suppress(OSError):
            write_whole(self._file, json.dumps({"state": state, "restarts": self.restarts}).encode())
