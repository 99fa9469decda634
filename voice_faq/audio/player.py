"""The loudspeaker: plays a recording in the background and can be interrupted at once."""

from __future__ import annotations

import threading
from typing import Any, Final, Protocol

import numpy as np
import soxr

from voice_faq.audio.devices import choose_device, portaudio
from voice_faq.audio.recording import Recording
from voice_faq.errors import AudioError

FADE_S: Final = 0.01  # when interrupted, so that it does not click


class Player(Protocol):
    """Plays one recording at a time."""

    loudness: float
    """Factor on the operator's volume, from the next recording on."""

    @property
    def playing(self) -> bool:
        """Whether something can still be heard."""

    def play(self, recording: Recording) -> None:
        """Start playing and return at once; what was playing stops."""

    def stop(self) -> None:
        """Interrupt; harmless when nothing plays."""

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; False when ``timeout_s`` passed first."""


class PortAudioPlayer:
    """A loudspeaker of the system, played at the device's own rate."""

    def __init__(self, wanted: str | None = None, *, volume: float = 1.0) -> None:
        """``wanted``: number or part of the name; ``volume`` 0…1. Raises AudioError when there is none."""
        self._device = choose_device("output", wanted)
        self._volume = volume
        self.loudness = 1.0
        self._stream: Any = None
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._finished.set()

    @property
    def playing(self) -> bool:
        """Whether something can still be heard."""
        return not self._finished.is_set()

    def play(self, recording: Recording) -> None:
        """Start playing; raises AudioError when the device is busy or gone."""
        self.stop()
        module = portaudio()
        rate = self._device.rate
        gain = self._volume * self.loudness
        samples = recording.samples.astype(np.float32) / 32768 * gain
        if gain > 1:
            samples = np.tanh(samples)  # louder without harsh clipping
        if recording.rate != rate:
            samples = soxr.resample(samples, recording.rate, rate)
        position = 0
        fade = max(1, int(FADE_S * rate))
        self._stopping.clear()
        self._finished.clear()

        def fill(block: np.ndarray, frames: int, _time: Any, _status: Any) -> None:
            nonlocal position
            piece = samples[position : position + frames]
            position += frames
            if self._stopping.is_set():
                piece = piece[:fade] * np.linspace(1, 0, len(piece[:fade]), dtype=np.float32)
            block[: len(piece)] = piece[:, None]
            block[len(piece) :] = 0
            if self._stopping.is_set() or position >= len(samples):
                raise module.CallbackStop

        try:
            self._stream = module.OutputStream(
                samplerate=rate,
                device=self._device.index,
                channels=min(2, self._device.outputs),
                dtype="float32",
                latency="low",
                callback=fill,
                finished_callback=self._finished.set,
            )
            self._stream.start()
        except module.PortAudioError as error:
            self._finished.set()
            raise AudioError(
                f"扬声器 {self._device.name} 打不开（{error}）。请看它是否被别的程序占用，或用 --output 换一个。"
            ) from None

    def stop(self) -> None:
        """Fade out and close; what PortAudio still holds is thrown away."""
        self._stopping.set()
        if self._stream is not None:
            self._finished.wait(timeout=FADE_S)
            self._stream.abort(ignore_errors=True)
            self._stream.close()
            self._stream = None
        self._finished.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end."""
        return self._finished.wait(timeout_s)
