"""Real PortAudio over PulseAudio null sinks; each test is a process of its own, as PortAudio starts once."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from voice_faq.audio.recording import Recording, read_recording, write_wav

from ..conftest import SoundServer

pytestmark = pytest.mark.portaudio
RATE = 16_000


def run(code: str, server: SoundServer, *arguments: str) -> dict[str, float]:
    """Run ``code`` with the sound server's environment; it prints one JSON object."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=server.environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Three seconds at 440 Hz."""
    samples = 0.5 * 32767 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE)
    write_wav(tmp_path / "tone.wav", Recording(samples.astype(np.int16), RATE))
    return tmp_path / "tone.wav"


def loud_seconds(recording: Recording) -> float:
    """How long a recording is louder than a fiftieth of full scale."""
    step = recording.rate // 100
    frames = recording.samples[: len(recording.samples) // step * step].reshape(-1, step).astype(float)
    return float((np.abs(frames).max(1) > 32767 / 50).sum() / 100)


def strongest_hz(recording: Recording) -> float:
    spectrum = np.abs(np.fft.rfft(recording.samples))
    return float(spectrum.argmax() * recording.rate / len(recording.samples))


def test_devices_are_listed_with_their_defaults(sound_server: SoundServer) -> None:
    code = """
import json
from voice_faq.audio.devices import choose_device, list_devices
from voice_faq.errors import AudioError
try:
    choose_device("input", "no such microphone")
    said = ""
except AudioError as error:
    said = str(error)
print(json.dumps({
    "devices": len(list_devices()), "said": said,
    "by_number": choose_device("output", "0").index, "inputs": choose_device("input", None).inputs,
}))
"""
    found = run(code, sound_server)
    assert found["devices"] >= 1 and found["inputs"] >= 1 and found["by_number"] == 0
    assert "没有叫“no such microphone”的麦克风。可以用的有：" in str(found["said"])


def test_the_microphone_hears_what_is_played_into_it(sound_server: SoundServer, tone: Path, tmp_path: Path) -> None:
    code = """
import json, sys, time
import numpy as np
from pathlib import Path
from voice_faq.audio.microphone import PortAudioMicrophone
from voice_faq.audio.recording import Recording, write_wav
microphone = PortAudioMicrophone()
pcm = b""
with microphone:
    end = time.monotonic() + 3
    while time.monotonic() < end:
        time.sleep(0.05)
        pcm += microphone.read()
pcm += microphone.read()
write_wav(Path(sys.argv[1]), Recording(np.frombuffer(pcm, "<i2"), microphone.rate))
print(json.dumps({"after": len(microphone.read())}))
"""
    playing = sound_server.play_into_microphone(tone)
    after = run(code, sound_server, str(tmp_path / "heard.wav"))
    playing.wait(timeout=10)
    heard = read_recording(tmp_path / "heard.wav")
    assert after["after"] == 0
    assert loud_seconds(heard) > 1
    assert strongest_hz(heard) == pytest.approx(440, abs=3)


def test_the_player_plays_to_the_end(sound_server: SoundServer, tone: Path, tmp_path: Path) -> None:
    code = """
import json, sys
from pathlib import Path
from voice_faq.audio.player import PortAudioPlayer
from voice_faq.audio.recording import read_recording
player = PortAudioPlayer()
player.play([read_recording(Path(sys.argv[1]))])
ended = player.wait(20)
print(json.dumps({"ended": ended, "playing": player.playing}))
"""
    recording = sound_server.record_loudspeaker(tmp_path / "out.wav")
    result = run(code, sound_server, str(tone))
    recording.terminate()
    recording.wait(timeout=10)
    assert result == {"ended": True, "playing": False}
    out = read_recording(tmp_path / "out.wav")
    assert loud_seconds(out) == pytest.approx(3, abs=0.3)
    assert strongest_hz(out) == pytest.approx(440, abs=3)


def test_the_player_can_be_interrupted_at_once(sound_server: SoundServer, tone: Path, tmp_path: Path) -> None:
    code = """
import json, sys, time
from pathlib import Path
from voice_faq.audio.player import PortAudioPlayer
from voice_faq.audio.recording import read_recording
player = PortAudioPlayer()
player.play([read_recording(Path(sys.argv[1]))])
time.sleep(0.5)
was_playing = player.playing
started = time.monotonic()
player.stop()
print(json.dumps({"was": was_playing, "now": player.playing, "took": time.monotonic() - started}))
"""
    recording = sound_server.record_loudspeaker(tmp_path / "out.wav")
    result = run(code, sound_server, str(tone))
    recording.terminate()
    recording.wait(timeout=10)
    assert result["was"] and not result["now"]
    assert result["took"] < 0.5
    assert 0.1 < loud_seconds(read_recording(tmp_path / "out.wav")) < 1.5
