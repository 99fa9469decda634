"""A sound card for machines without one: PulseAudio with null sinks, for tests and benchmarks."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.errors import AudioError

PROGRAMS: Final = ("pulseaudio", "pactl", "paplay", "parecord")
INSIDE: Final = "SOUND_SERVER_RUNS"  # set where a sound server runs
START_TIMEOUT_S: Final = 15.0
CAPTURE_RATE: Final = 48_000  # Hz
_MODULES: Final = (
    "module-native-protocol-unix",
    "module-null-sink sink_name=mic",
    "module-null-sink sink_name=spk",
    "module-remap-source master=mic.monitor source_name=vmic",
)


@dataclass(frozen=True)
class SoundServer:
    """What is played into ``mic`` is what microphones hear; what loudspeakers play can be captured from ``spk``."""

    environment: dict[str, str]

    def start(self) -> subprocess.Popen[bytes]:
        """Begin to run, or run again after ``stop``; raises AudioError where PulseAudio does not start."""
        server = subprocess.Popen(
            ["pulseaudio", "-n", "--exit-idle-time=-1", "--daemonize=no", *(f"--load={m}" for m in _MODULES)],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def answers() -> bool:
            if server.poll() is not None:
                raise AudioError("pulseaudio 自己退出了。")
            command = ["pactl", "info"]
            return subprocess.run(command, env=self.environment, capture_output=True, check=False).returncode == 0

        _wait_until(answers, "pulseaudio 没有反应")
        for command in (["set-default-source", "vmic"], ["set-default-sink", "spk"]):
            subprocess.run(["pactl", *command], env=self.environment, check=True)
        return server

    def stop(self) -> None:
        """As if every sound card were pulled out."""
        subprocess.run(["pactl", "exit"], env=self.environment, check=True)

    def play_into_microphone(self, recording: Path) -> subprocess.Popen[bytes]:
        """Start playing a recording into the null sink behind the microphone."""
        return subprocess.Popen(["paplay", "--device=mic", str(recording)], env=self.environment)

    def record_loudspeaker(self, target: Path) -> subprocess.Popen[bytes]:
        """Start recording what comes out of the loudspeaker; returns once it runs."""
        command = ["parecord", "--device=spk.monitor", "--latency-msec=20", "--file-format=wav", str(target)]
        process = subprocess.Popen(command, env=self.environment)
        _wait_until(lambda: target.exists() and target.stat().st_size > 2_000, "parecord 没有录到声音")
        return process


class Capture:
    """What comes out of the loudspeaker, with the time at which each sample was there (time.monotonic).

    The times are late by the few milliseconds that a block takes to arrive.
    """

    def __init__(self) -> None:
        command = [
            "parecord", "--device=spk.monitor", "--latency-msec=5", "--raw", "--format=s16le", "--channels=1",
            f"--rate={CAPTURE_RATE}",
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._sound = self._process.stdout
        self._blocks: list[tuple[float, np.ndarray]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        _wait_until(lambda: bool(self._blocks), "parecord 没有录到声音")

    def _read(self) -> None:
        left = b""
        while data := os.read(self._sound.fileno(), 65_536):
            data = left + data
            whole = len(data) // 2 * 2
            left = data[whole:]
            self._blocks.append((time.monotonic(), np.frombuffer(data[:whole], "<i2")))

    def forget(self) -> None:
        """Drop what was captured so far."""
        self._blocks = []

    def loud_times(self, threshold: int) -> np.ndarray:
        """Times of all samples whose amplitude is above ``threshold`` (of 32768), shape (n,)."""
        times = [
            arrived - (len(samples) - np.flatnonzero(np.abs(samples.astype(np.int32)) > threshold)) / CAPTURE_RATE
            for arrived, samples in list(self._blocks)
        ]
        return np.concatenate(times) if times else np.zeros(0)

    @property
    def samples(self) -> np.ndarray:
        """All that was captured, int16, shape (n,), at CAPTURE_RATE."""
        return np.concatenate([samples for _, samples in self._blocks])

    def close(self) -> None:
        """Stop capturing."""
        self._process.terminate()
        self._process.wait(timeout=10)
        self._reader.join(timeout=10)
        self._sound.close()


@contextlib.contextmanager
def sound_server() -> Iterator[SoundServer]:
    """A server of its own; raises AudioError where PulseAudio is not installed or does not start."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        raise AudioError(
            f"没有安装 {'、'.join(missing)}。Debian/Ubuntu 请运行：sudo apt-get install pulseaudio pulseaudio-utils"
        )
    with tempfile.TemporaryDirectory(prefix="voice-faq-pulse-") as runtime:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PULSE_")}
        server = SoundServer({**kept, "XDG_RUNTIME_DIR": runtime, "HOME": runtime})
        process = server.start()
        try:
            yield server
        finally:
            process.terminate()
            process.wait(timeout=10)


def run_with_sound(module: str, arguments: Sequence[str] = ()) -> None:
    """Run a module of ours in the environment of a sound server and exit as it does; inside one, return at once."""
    if os.environ.get(INSIDE):
        return
    with sound_server() as server:
        command = [sys.executable, "-m", module, *arguments]
        sys.exit(subprocess.run(command, env={**server.environment, INSIDE: "1"}, check=False).returncode)


def _wait_until(condition: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            raise AudioError(f"{complaint}。")
        time.sleep(0.05)
