"""The player on real PortAudio; what is heard is read from the waveform."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ..bench.soak import PITCHES, WINDOW_S, pitches_heard
from ..sound_server import CAPTURE_RATE, SoundServer

pytestmark = pytest.mark.portaudio

ROOT = Path(__file__).parents[2]
PRELUDE = """
import json, sys, time
import numpy as np
from voice_faq.audio.player import PortAudioPlayer
from voice_faq.audio.recording import Recording
from tests.bench.soak import PITCHES, WINDOW_S, pitches_heard, tone
from tests.sound_server import Capture
capture, player = Capture(), PortAudioPlayer()
result = {}
"""
EPILOGUE = """
time.sleep(0.3)
np.save(sys.argv[1], capture.samples)
capture.close()
player.close()
print(json.dumps(result))
"""


def heard(code: str, server: SoundServer, folder: Path) -> tuple[dict[str, Any], list[int], np.ndarray]:
    """(what ``code`` put into ``result``, the pitches in the order in which they sounded, the waveform)."""
    file = folder / "heard.npy"
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code + EPILOGUE, str(file)],
        cwd=ROOT, env=server.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    samples = np.load(file)
    found = pitches_heard(samples)
    changes = found[np.r_[True, found[1:] != found[:-1]]]
    order = [int(pitch) for pitch in changes if pitch >= 0]
    return json.loads(done.stdout), [p for i, p in enumerate(order) if i == 0 or p != order[i - 1]], samples


def test_pieces_follow_one_another_without_a_gap(sound_server: SoundServer, tmp_path: Path) -> None:
    code = "player.play([tone(p, 0.3) for p in PITCHES])\nplayer.wait()\nresult['piece'] = player.piece"
    result, order, samples = heard(code, sound_server, tmp_path)
    assert order == [0, 1, 2, 3] and result["piece"] == len(PITCHES)
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 300)
    assert (loud[-1] - loud[0]) / CAPTURE_RATE == pytest.approx(1.2, abs=0.12)


def test_the_device_does_not_run_dry_when_it_is_opened(sound_server: SoundServer, tmp_path: Path) -> None:
    code = """
class Watched(PortAudioPlayer):
    dry = 0
    def _fill(self, block, frames, at, status):
        self.dry += status.output_underflow
        super()._fill(block, frames, at, status)
result["dry"] = []
for _ in range(5):
    watched = Watched()
    watched.play([tone(PITCHES[0], 0.2)])
    watched.wait()
    watched.close()
    result["dry"].append(watched.dry)
"""
    result, _, _ = heard(code, sound_server, tmp_path)
    assert sorted(result["dry"])[2] == 0, result["dry"]  # the machine may stand still once or twice


def test_a_late_piece_is_waited_for(sound_server: SoundServer, tmp_path: Path) -> None:
    code = """
def pieces():
    yield tone(PITCHES[0], 0.2)
    time.sleep(0.6)
    yield tone(PITCHES[1], 0.2)
player.play(pieces())
result["ended"] = player.wait(5)
"""
    result, order, _ = heard(code, sound_server, tmp_path)
    assert order == [0, 1] and result["ended"]


def test_pause_and_resume(sound_server: SoundServer, tmp_path: Path) -> None:
    code = """
player.play([tone(PITCHES[0], 0.8), tone(PITCHES[1], 0.3)])
time.sleep(0.4)
player.pause()
time.sleep(0.8)
result["playing"] = player.playing
player.pause()
player.wait()
"""
    result, order, samples = heard(code, sound_server, tmp_path)
    assert order == [0, 1] and result["playing"]
    silent = pitches_heard(samples) == -1
    loud = np.flatnonzero(~silent)
    assert silent[loud[0] : loud[-1]].sum() * WINDOW_S > 0.5


def test_skipping_forward_and_back(sound_server: SoundServer, tmp_path: Path) -> None:
    code = """
player.play([tone(p, 1.5) for p in PITCHES])
time.sleep(0.3)
player.skip(1)
time.sleep(0.3)
player.skip(1)
time.sleep(0.3)
player.skip(-1)
time.sleep(0.3)
player.stop()
"""
    _, order, _ = heard(code, sound_server, tmp_path)
    assert order == [0, 1, 2, 1]


def test_back_within_a_piece_begins_it_again(sound_server: SoundServer, tmp_path: Path) -> None:
    code = """
player.play([tone(PITCHES[0], 0.2), tone(PITCHES[1], 2.0)])
deadline = time.monotonic() + 10
while (pitches_heard(capture.samples) == 1).sum() * WINDOW_S < 1.2 and time.monotonic() < deadline:
    time.sleep(0.02)
player.skip(-1)
time.sleep(0.2)
result["piece"] = player.piece
player.stop()
"""
    result, order, _ = heard(code, sound_server, tmp_path)
    assert result["piece"] == 1 and order == [0, 1]


def test_a_slower_pace_lengthens_what_is_not_yet_heard(sound_server: SoundServer, tmp_path: Path) -> None:
    code = "player.pace = 0.7\nplayer.play([tone(PITCHES[0], 1.0)])\nplayer.wait()"
    _, order, samples = heard(code, sound_server, tmp_path)
    seconds = (pitches_heard(samples) >= 0).sum() * WINDOW_S
    assert order == [0] and seconds == pytest.approx(1 / 0.7, abs=0.15)


def test_louder_takes_effect_at_once_and_softly(sound_server: SoundServer, tmp_path: Path) -> None:
    code = """
player.loudness = 0.3
player.play([tone(PITCHES[0], 1.5)])
time.sleep(0.7)
player.loudness = 1.0
player.wait()
"""
    _, _, samples = heard(code, sound_server, tmp_path)
    size = CAPTURE_RATE // 100
    level = np.abs(samples[: len(samples) // size * size].reshape(-1, size).astype(int)).max(1) / 32768
    assert level.max() == pytest.approx(0.3, abs=0.03)
    assert ((level > 0.08) & (level < 0.1)).sum() > 30  # quiet at first
    assert np.diff(level[level > 0.08]).max() < 0.12  # no jump


def test_a_voice_that_fails_midway_ends_the_answer_with_its_reason(sound_server: SoundServer, tmp_path: Path) -> None:
    code = """
from voice_faq.errors import SpeechError
def pieces():
    yield tone(PITCHES[0], 0.2)
    raise SpeechError("念不出来")
player.play(pieces())
result["ended"] = player.wait(5)
result["failure"] = str(player.failure)
player.play([tone(PITCHES[1], 0.2)])
player.wait()
result["after"] = player.failure is None
"""
    result, order, _ = heard(code, sound_server, tmp_path)
    assert result == {"ended": True, "failure": "念不出来", "after": True} and order == [0, 1]


def test_sixty_answers_in_a_row_some_interrupted(sound_server: SoundServer) -> None:
    code = (
        "import json\nfrom dataclasses import asdict\nfrom tests.bench.soak import soak\n"
        "print(json.dumps(asdict(soak(60))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=sound_server.environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    soaked = json.loads(done.stdout)
    assert soaked["interrupted"] > 0 and soaked["stuck"] == soaked["overlaps"] == 0
    assert soaked["heard"] >= 55
