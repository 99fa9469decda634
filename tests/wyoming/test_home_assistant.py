"""Home Assistant itself adds ``voice-faq wyoming``, hears, asks and speaks through it, and talks on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voice_faq.audio.recording import read_recording, resampled, write_wav
from voice_faq.faq import Faq

from ..conftest import DATA
from .clients import serving

HOME_ASSISTANT = os.environ.get("HOME_ASSISTANT_PYTHON", sys.executable)
"""Python of an environment with Home Assistant, which wants other versions of much than we do."""
RECORDINGS = {
    "canonical-damaged-device": "damaged-device", "canonical-discounts": "discounts", "fresh-01-refund": "refund",
    "fresh-03-network": "network", "fresh-05-overdraft": "overdraft",
}  # fmt: skip


def test_home_assistant_hears_asks_speaks_and_talks_on(tmp_path: Path, faq: Faq) -> None:
    needs = "import homeassistant.components.wyoming.conversation, homeassistant.components.assist_pipeline"
    if subprocess.run([HOME_ASSISTANT, "-c", needs], capture_output=True, check=False).returncode:
        pytest.skip("no Home Assistant here; HOME_ASSISTANT_PYTHON may name the Python of an environment that has it")
    files = []
    for name in RECORDINGS:
        files.append(tmp_path / f"{name}.wav")
        write_wav(files[-1], resampled(read_recording(DATA / "recordings" / f"{name}.flac"), 16_000))
    script = Path(__file__).with_name("home_assistant.py")
    with serving() as served:
        done = subprocess.run(
            [HOME_ASSISTANT, str(script), str(served.port), *map(str, files)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, *lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert set(first["entities"]) == {"stt", "conversation", "tts"}
    heard, talked = lines[: len(files)], lines[len(files) :]
    for line, entry in zip(heard, RECORDINGS.values(), strict=True):
        answer = faq.entry(entry).answer
        assert (line["type"], line["answer"]) == ("action_done", answer) and line["text"]
        assert line["seconds"] > len(answer) / 10, "of Mandarin nobody says ten syllables a second"
    asked, again, choice, second, unknown = talked
    assert again["answer"] == asked["answer"] == second["answer"] == faq.entry("refund").answer
    assert "第几个" in choice["answer"] and unknown["type"] == "error"
