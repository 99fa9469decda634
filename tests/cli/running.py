"""``voice-faq`` as a process, as its users start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..conftest import DATA

KEYS = [
    "input", "transcript", "alternatives", "decision", "entry", "score", "candidates", "answer", "command",
    "timings_ms",
]  # fmt: skip
REFUND = str(DATA / "recordings/canonical-refund.flac")
WEATHER = str(DATA / "recordings/oov-01.flac")


def voice_faq(
    *arguments: str | Path, stdin: str | None = None, code: int = 0, folder: Path | None = None, **variables: str
) -> tuple[str, str]:
    """Run the command in a folder; asserts its exit code and that no traceback is shown. Returns output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "voice_faq", *map(str, arguments)],
        input=stdin, capture_output=True, text=True, timeout=120, cwd=folder,
        env={**os.environ, "COLUMNS": "120", **variables},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]
