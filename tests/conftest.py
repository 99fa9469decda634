"""What several tests share: the shipped FAQ and model, and a sound server with null sinks."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from voice_faq.faq import Faq, load_faq
from voice_faq.matching import Matcher
from voice_faq.recognition import VoskRecognizer
from voice_faq.recognition.model_folder import find_model
from voice_faq.settings import Settings

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings or models of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    for name in [n for n in os.environ if n.startswith("VOICE_FAQ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="session")
def faq(settings: Settings) -> Faq:
    return load_faq(settings.answers)


@pytest.fixture(scope="session")
def matcher(faq: Faq, settings: Settings) -> Matcher:
    return Matcher(faq, settings.wrong_answers)


@pytest.fixture(scope="session")
def recognizer(settings: Settings) -> VoskRecognizer:
    return VoskRecognizer(find_model(settings), alternatives=settings.alternatives)


@dataclass(frozen=True)
class SoundServer:
    """A PulseAudio of the tests' own; what is played into ``mic`` is what microphones hear."""

    environment: dict[str, str]

    def play_into_microphone(self, recording: Path) -> subprocess.Popen[bytes]:
        """Start playing a recording into the null sink behind the microphone."""
        return subprocess.Popen(["paplay", "--device=mic", str(recording)], env=self.environment)

    def record_loudspeaker(self, target: Path) -> subprocess.Popen[bytes]:
        """Start recording what comes out of the loudspeaker; returns once it runs."""
        command = ["parecord", "--device=spk.monitor", "--latency-msec=20", "--file-format=wav", str(target)]
        process = subprocess.Popen(command, env=self.environment)
        deadline = time.monotonic() + 10
        while not target.exists() or target.stat().st_size < 2_000:
            assert time.monotonic() < deadline, "parecord records nothing"
            time.sleep(0.05)
        return process


@pytest.fixture(scope="session")
def sound_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    missing = [name for name in ("pulseaudio", "pactl", "paplay", "parecord") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: pulseaudio pulseaudio-utils)")
    runtime = tmp_path_factory.mktemp("pulse")
    runtime.chmod(0o700)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PULSE_")}
    environment = {**kept, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(runtime)}
    modules = (
        "module-native-protocol-unix",
        "module-null-sink sink_name=mic",
        "module-null-sink sink_name=spk",
        "module-remap-source master=mic.monitor source_name=vmic",
    )
    server = subprocess.Popen(
        ["pulseaudio", "-n", "--exit-idle-time=-1", "--daemonize=no", *(f"--load={m}" for m in modules)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 15
        while subprocess.run(["pactl", "info"], env=environment, capture_output=True, check=False).returncode:
            assert server.poll() is None, "pulseaudio ended by itself"
            assert time.monotonic() < deadline, "pulseaudio does not answer"
            time.sleep(0.1)
        for command in (["set-default-source", "vmic"], ["set-default-sink", "spk"]):
            subprocess.run(["pactl", *command], env=environment, check=True)
        yield SoundServer(environment)
    finally:
        server.terminate()
        server.wait(timeout=10)
