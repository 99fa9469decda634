"""Real pyttsx3 and espeak-ng in their own process, and what becomes of a hang or a crash."""

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from voice_faq.audio.recording import read_recording
from voice_faq.errors import SpeechError
from voice_faq.speech import engine
from voice_faq.speech.engine import EngineProcess
from voice_faq.speech.voice import ESPEAK_MANDARIN, SystemVoice

pytestmark = pytest.mark.voice


@pytest.fixture
def process() -> Iterator[EngineProcess]:
    running = EngineProcess(ESPEAK_MANDARIN)
    yield running
    running.close()


def spoken_seconds(process: EngineProcess, folder: Path) -> float:
    file = folder / "speech.wav"
    file.unlink(missing_ok=True)
    process.render("ni3 hao3, ka3.", 170, str(file))
    return read_recording(file).seconds


def test_it_speaks(process: EngineProcess, tmp_path: Path) -> None:
    assert process.voice == ESPEAK_MANDARIN
    assert 0.5 < spoken_seconds(process, tmp_path) < 3


def test_a_crash_costs_nothing_but_a_restart(process: EngineProcess, tmp_path: Path) -> None:
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with contextlib.suppress(SpeechError):  # of the utterance that met the crash, if one did
        spoken_seconds(process, tmp_path)
    assert spoken_seconds(process, tmp_path) > 0.5
    assert process.pid != first


def test_a_hang_costs_one_utterance(process: EngineProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "RENDER_TIMEOUT_S", 0.3)
    monkeypatch.setattr(engine, "RENDER_TIMEOUT_PER_CHARACTER_S", 0.0)
    hung = process.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(SpeechError, match="没有反应"):
        spoken_seconds(process, tmp_path)
    monkeypatch.undo()
    assert spoken_seconds(process, tmp_path) > 0.5
    assert process.pid != hung


def test_it_ends_when_nobody_has_it_any_more() -> None:
    forgotten: EngineProcess | None = EngineProcess(ESPEAK_MANDARIN)
    assert forgotten is not None and forgotten.pid is not None
    pid, forgotten = forgotten.pid, None
    gc.collect()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_unknown_voice_is_an_error() -> None:
    with pytest.raises(SpeechError, match="sit/klingon"):
        EngineProcess("sit/klingon")


def test_it_works_where_nothing_can_play(tmp_path: Path) -> None:
    code = (
        "from voice_faq.speech.voice import SystemVoice\n"
        "print(sum(c.recording.seconds for c in SystemVoice({}).speak('没有播放程序，也能念。')))"
    )
    environment = {**os.environ, "PATH": str(tmp_path)}  # no aplay, no espeak program
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 1


def test_clauses_are_about_as_loud_as_recorded_ones() -> None:
    from voice_faq.audio.loudness import TARGET_LUFS, loudness

    voice = SystemVoice({})
    clauses = list(voice.speak("卡里的余额会全部退到您的支付宝账户，请放心。"))
    voice.close()
    assert [c.text for c in clauses] == ["卡里的余额会全部退到您的支付宝账户，", "请放心。"]
    assert not any(c.recorded for c in clauses)
    assert all(loudness(c.recording) == pytest.approx(TARGET_LUFS, abs=2) for c in clauses)


def test_its_process_starts_with_what_it_needs_alone() -> None:
    """A kiosk keeps it beside all else, and a typed question waits for its start."""
    program = "import sys, voice_faq.speech.engine; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "voice_faq.speech.engine" in done.stdout
    assert not {"numpy", "pypinyin", "pydantic", "soundfile"} & set(done.stdout.split())


class Sleepy:
    """A driver of pyttsx3 whose first utterances end before they have begun."""

    def __init__(self, silent: int) -> None:
        self._silent = silent
        self._properties: dict[str, object] = {
            "voices": [SimpleNamespace(id=ESPEAK_MANDARIN, name="Mandarin", languages=["zh-cn"])]
        }

    def connect(self, _topic: str, finished: Callable[..., None]) -> None:
        self._finished = finished

    def setProperty(self, name: str, value: object) -> None:  # noqa: N802 - pyttsx3's names
        self._properties[name] = value

    def getProperty(self, name: str) -> object:  # noqa: N802
        return self._properties[name]

    def save_to_file(self, _words: str, file: str) -> None:
        self._file = Path(file)

    def runAndWait(self) -> None:  # noqa: N802
        self._silent -= 1
        self._file.write_bytes(bytes(44 if self._silent >= 0 else 4_000))
        self._finished()


@pytest.mark.parametrize(("silent", "speaks"), [(0, True), (5, True), (6, False)])
def test_utterances_that_end_before_they_begin_are_spoken_again(
    silent: int, speaks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine espeak does so for one in twelve; so many in a row are no chance."""
    monkeypatch.setattr(engine, "_driver", lambda: Sleepy(silent))
    replies = StringIO()
    engine.serve(StringIO('{"voice": null}\n'), replies)
    assert ("error" not in json.loads(replies.getvalue())) is speaks
