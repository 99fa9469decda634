"""``python -m tests.bench.soak``: many answers in a row, some interrupted at random.

Every answer is a tone of one of four pitches in two pieces, so that the captured waveform shows whether two answers
ever sounded at once. Also measured: whether an answer never ended, and whether memory grew.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.audio.player import PortAudioPlayer
from voice_faq.audio.recording import Recording, read_recording, resampled
from voice_faq.errors import VoiceFaqError

from ..sound_server import CAPTURE_RATE, SoundServer, run_with_sound

PITCHES: Final = (500.0, 800.0, 1250.0, 2000.0)  # Hz, multiples of 1 / WINDOW_S
WINDOW_S: Final = 0.02
OVERLAP_WINDOWS: Final = 3  # fewer hold the end of an answer and the beginning of the next, or a torn block
ALONE: Final = 0.1  # of the strongest pitch's amplitude: what a second one may have in a window
AUDIBLE: Final = 0.01  # of full scale
INTERRUPTED: Final = 0.1  # share of the answers
LONGEST_S: Final = 5.0  # an answer that is not over by then is stuck
SETTLED: Final = 0.1  # share of the answers after which memory is first looked at
RATE: Final = 24_000  # Hz
SILENT: Final = -1  # in place of a pitch's number
MIXED: Final = -2


@dataclass(frozen=True)
class Soaked:
    """What came of it."""

    answers: int
    interrupted: int
    stuck: int
    overlaps: int
    """Places in the captured waveform where two answers sound for OVERLAP_WINDOWS."""
    heard: int
    """Tones that begin in the captured waveform: one for each answer, more where a late block tears one in two."""
    growth: float
    """Of resident memory from the first tenth to the end, as a share."""


def soak(answers: int, seed: int = 1) -> Soaked:
    """Play; needs the sound server's environment."""
    rng = random.Random(seed)
    player = PortAudioPlayer()
    interrupted = stuck = 0
    before = resident_bytes()
    with tempfile.TemporaryDirectory(prefix="voice-faq-") as folder:
        # Into a file, and looked at afterwards, so that only what playing needs counts as memory.
        file = Path(folder) / "heard.wav"
        recording = SoundServer(dict(os.environ)).record_loudspeaker(file)
        for number in range(answers):
            if number == int(answers * SETTLED):
                before = resident_bytes()
            player.play([tone(PITCHES[number % len(PITCHES)], rng.uniform(0.1, 0.2)) for _ in range(2)])
            if rng.random() < INTERRUPTED:
                interrupted += 1
                time.sleep(rng.uniform(0.02, 0.2))
                player.stop()
            elif not player.wait(LONGEST_S):
                stuck += 1
                player.stop()
        growth = resident_bytes() / before - 1
        player.close()
        time.sleep(0.5)
        recording.terminate()
        recording.wait(timeout=10)
        captured = read_recording(file)
    found = pitches_heard(resampled(captured, CAPTURE_RATE).samples)
    mixed = np.convolve(found == MIXED, np.ones(OVERLAP_WINDOWS), "valid") == OVERLAP_WINDOWS
    heard = int(((found[1:] != found[:-1]) & (found[1:] >= 0)).sum() + (found[0] >= 0))
    return Soaked(answers, interrupted, stuck, int(mixed.sum()), heard, growth)


def pitches_heard(samples: np.ndarray) -> np.ndarray:
    """For each window the number of the pitch that sounds, SILENT or MIXED; ``samples``: int16 at CAPTURE_RATE."""
    size = int(WINDOW_S * CAPTURE_RATE)
    windows = samples[: len(samples) // size * size].reshape(-1, size) / 32768
    t = np.arange(size) / CAPTURE_RATE
    shape = np.hanning(size) / np.hanning(size).sum() * 2
    amplitudes = np.abs(windows @ (shape * np.exp(-2j * np.pi * np.outer(PITCHES, t))).T)
    ordered = np.sort(amplitudes, 1)
    found = np.asarray(amplitudes.argmax(1))
    found[ordered[:, -2] > np.maximum(ALONE * ordered[:, -1], AUDIBLE)] = MIXED
    found[ordered[:, -1] < AUDIBLE] = SILENT
    return found


def tone(hertz: float, seconds: float) -> Recording:
    """A tone that does not click."""
    t = np.arange(int(seconds * RATE)) / RATE
    shape = np.clip(np.minimum(t, seconds - t) / 0.02, 0, 1)
    return Recording((0.3 * 32767 * shape * np.sin(2 * np.pi * hertz * t)).astype(np.int16), RATE)


def resident_bytes() -> int:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Start a sound server, and the run inside its environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=1_000)
    arguments = parser.parse_args()
    try:
        run_with_sound(__spec__.name, ["--answers", str(arguments.answers)])
        print(soak(arguments.answers), flush=True)
    except VoiceFaqError as error:
        sys.exit(f"voice-faq: {error}")


if __name__ == "__main__":
    main()
