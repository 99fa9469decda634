"""A real Chromium that hears a recording as its microphone."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright

from voice_faq.audio.recording import Recording, read_recording, resampled, write_wav

RECORDINGS = Path(__file__).parent / "data" / "recordings"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 60_000  # a machine that does other things too
LEAD_S = 1.2  # of silence before the question: the page needs a moment to open the microphone
TAIL_S = 20.0
RATE = 48_000


A_AND_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def axe_violations(page: Page, *more_tags: str, **rules: bool) -> list[str]:
    """What axe-core finds of A_AND_AA, and of rules beside them; ``color_contrast_enhanced=True`` asks for 7:1."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(
        "options => axe.run(document, options).then(({ violations }) => violations)",
        {
            "runOnly": {"type": "tag", "values": [*A_AND_AA, *more_tags]},
            "rules": {name.replace("_", "-"): {"enabled": wanted} for name, wanted in rules.items()},
            "resultTypes": ["violations"],  # what is in order is not described, which takes most of the time
        },
    )
    return [
        f"{v['id']}: {v['help']}: {n['html'][:120]} {n.get('failureSummary', '')}" for v in found for n in v["nodes"]
    ]


def chromium() -> str:
    for name in CHROMIUM:
        if path := shutil.which(name):
            return path
    pytest.skip("not installed: chromium")


def question_file(name: str, folder: Path) -> Path:
    """A question of tests/data as a microphone would hear it."""
    said = resampled(read_recording(RECORDINGS / f"{name}.flac"), RATE)
    silence = [np.zeros(int(s * RATE), np.int16) for s in (LEAD_S, TAIL_S)]
    file = folder / f"{name}.wav"
    write_wav(file, Recording(np.concatenate([silence[0], said.samples, silence[1]]), RATE))
    return file


def spoken_s(name: str) -> float:
    """Seconds after the microphone opens at which the question has been said."""
    return LEAD_S + float(sf.info(RECORDINGS / f"{name}.flac").duration)


def launch(playwright: Playwright, microphone: Path | None, *flags: str) -> Browser:
    """Chromium; with a file it hears that, without one it has no microphone."""
    hears = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
    ]
    usual = ["--no-sandbox", "--disable-background-networking"]
    return playwright.chromium.launch(executable_path=chromium(), args=[*usual, *(hears if microphone else []), *flags])


@contextlib.contextmanager
def printing_address(command: list[str], environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """The address of a page that the command serves, as it prints it."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"http://\S+", line):
                    yield found[0]
                    break
            else:
                pytest.fail(f"{' '.join(command)} printed no address")
        finally:
            process.terminate()
