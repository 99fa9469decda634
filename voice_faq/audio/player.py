"""The loudspeaker: plays recordings one after another in the background and obeys at once.

The device stays open between answers, as opening one takes longer than a rider should wait. A thread of each answer
fetches, stretches and resamples its pieces while earlier ones are heard; PortAudio's callback only copies.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Any, Final, Protocol

import numpy as np
import soxr

from voice_faq.audio.devices import choose_device, portaudio
from voice_faq.audio.recording import Recording
from voice_faq.audio.stretching import stretched
from voice_faq.errors import AudioError, VoiceFaqError

FADE_S: Final = 0.01  # when interrupted or paused, so that it does not click
RAMP_S: Final = 0.08  # from one loudness to another
LATENCY_S: Final = 0.06  # with PortAudio's "low" a sound server's device runs dry as it starts and drops what it holds
AHEAD: Final = 3  # pieces that are made ready before they are heard
STALLED_S: Final = 2.0  # without a callback, after which a device counts as gone
BACK_TO_START_S: Final = 1.0  # of a piece; later "previous" means its own beginning


class Player(Protocol):
    """Plays one answer at a time, in pieces."""

    loudness: float
    """Factor on the operator's volume; changes take effect at once, softly."""
    pace: float
    """Speed at the same pitch, 0.7…1.6; changes take effect from the next piece on."""

    @property
    def playing(self) -> bool:
        """Whether something can still be heard, or could if it were not paused."""

    @property
    def piece(self) -> int:
        """Number of the piece that is heard; 0 for the first."""

    @property
    def failure(self) -> VoiceFaqError | None:
        """Why the last answer ended early, if it did."""

    def play(self, pieces: Iterable[Recording]) -> None:
        """Start playing and return at once; what was playing stops. Pieces are fetched as they are needed."""

    def stop(self) -> None:
        """Interrupt; harmless when nothing plays."""

    def pause(self) -> None:
        """Hold, or go on."""

    def skip(self, pieces: int) -> None:
        """Go forward or back by whole pieces; -1 begins the current one again unless it has just begun."""

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; False when ``timeout_s`` passed first."""

    def close(self) -> None:
        """Give the device back; ``play`` opens it again."""


class _Track:
    """One answer: pieces at the device's rate, and where it is heard. Written by its thread, read by the callback."""

    def __init__(self, pieces: Iterable[Recording], rate: int) -> None:
        self.ready: list[np.ndarray] = []
        self.complete = False
        self.failure: VoiceFaqError | None = None
        self.piece = 0
        self.sample = 0
        self.jump: int | None = None
        self.tail = 0
        self.paused = False
        self.stopping = False
        self.finished = threading.Event()
        self.wanted = threading.Event()
        self._pieces = pieces
        self._rate = rate

    def fetch(self, player: PortAudioPlayer) -> None:
        """Make pieces ready, a few ahead of what is heard."""
        try:
            for recording in self._pieces:
                self.ready.append(self._prepared(recording, player.pace))
                while len(self.ready) > self.piece + AHEAD and not self.finished.is_set():
                    self.wanted.wait(0.2)
                    self.wanted.clear()
                if self.finished.is_set():
                    return
        except VoiceFaqError as error:
            self.failure = error
        except Exception as error:  # nobody else sees what happens in this thread
            self.failure = AudioError(f"答案没能放完（{type(error).__name__}: {error}）。请再问一次。")
        finally:
            self.complete = True

    def _prepared(self, recording: Recording, pace: float) -> np.ndarray:
        samples = stretched(recording.samples.astype(np.float32) / 32768, recording.rate, pace)
        if recording.rate != self._rate:
            samples = soxr.resample(samples, recording.rate, self._rate)
        return np.asarray(samples, np.float32)

    def take(self, frames: int) -> np.ndarray:
        """Up to ``frames`` samples from where it is heard; fewer at the end, or while the next piece is not ready."""
        if self.jump is not None:
            self.piece, self.sample, self.jump = self.jump, 0, None
        taken: list[np.ndarray] = []
        missing = frames
        while missing and self.piece < len(self.ready):
            part = self.ready[self.piece][self.sample : self.sample + missing]
            taken.append(part)
            missing -= len(part)
            self.sample += len(part)
            if self.sample >= len(self.ready[self.piece]):
                if self.piece + 1 >= len(self.ready) and not self.complete:
                    break  # stays at its end until the next one is there
                self.piece += 1
                self.sample = 0
                self.wanted.set()
        return np.concatenate(taken) if taken else np.zeros(0, np.float32)

    @property
    def at_end(self) -> bool:
        return self.complete and self.piece >= len(self.ready)


class PortAudioPlayer:
    """A loudspeaker of the system, played at the device's own rate."""

    def __init__(self, wanted: str | None = None, *, volume: float = 1.0) -> None:
        """``wanted``: number or part of the name; ``volume`` 0…1. Raises AudioError when there is none."""
        self._wanted = wanted
        self._device = choose_device("output", wanted)
        self._volume = volume
        self.loudness = 1.0
        self.pace = 1.0
        self._gain = volume
        self._held = 0
        """Samples that the device holds before they are heard."""
        self._stream: Any = None
        self._track = _Track((), self._device.rate)
        self._track.finished.set()
        self._callbacks = 0
        self._noticed = 0, 0.0

    @property
    def playing(self) -> bool:
        """Whether something can still be heard; a device that has gone away ends it."""
        track = self._track
        if track.finished.is_set():
            return False
        if self._device_gone():
            track.failure = AudioError(f"扬声器 {self._device.name} 没有反应了。请检查接线，或用 --output 换一个。")
            track.finished.set()
            self.close()
            return False
        return True

    @property
    def piece(self) -> int:
        """Number of the piece that is heard."""
        return self._track.piece

    @property
    def failure(self) -> VoiceFaqError | None:
        """Why the last answer ended early, if it did."""
        return self._track.failure

    def play(self, pieces: Iterable[Recording]) -> None:
        """Start playing; raises AudioError when the device is busy or gone."""
        self.stop()
        self._open()
        track = _Track(pieces, self._device.rate)
        threading.Thread(target=track.fetch, args=(self,), daemon=True, name="answer").start()
        self._gain = self._volume * self.loudness
        self._noticed = self._callbacks, time.monotonic()
        self._track = track

    def stop(self) -> None:
        """Fade out at once; returns when nothing more is handed to the device."""
        track = self._track
        track.stopping = True
        if not track.finished.wait(timeout=10 * FADE_S):
            self.close()  # the device does not answer
            track.finished.set()
        track.wanted.set()

    def pause(self) -> None:
        """Hold, or go on."""
        self._track.paused = not self._track.paused

    def skip(self, pieces: int) -> None:
        """Go forward or back by whole pieces."""
        track = self._track
        if pieces == -1 and track.sample > BACK_TO_START_S * self._device.rate:
            pieces = 0
        here = track.piece if track.jump is None else track.jump
        last = len(track.ready) if track.complete else len(track.ready) - 1
        track.jump = min(max(0, here + pieces), max(0, last))
        track.wanted.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end."""
        track = self._track
        waited = 0.0
        while self.playing:
            step = 0.5 if timeout_s is None else min(0.5, timeout_s - waited)
            if step <= 0:
                return False
            track.finished.wait(step)
            waited += step
        return True

    def close(self) -> None:
        """Give the device back."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

    def _open(self) -> None:
        if self._stream is not None and self._stream.active:
            return
        self.close()
        module = portaudio()
        self._device = choose_device("output", self._wanted)  # numbers change when devices come and go
        try:
            self._stream = module.OutputStream(
                samplerate=self._device.rate,
                device=self._device.index,
                channels=min(2, self._device.outputs),
                dtype="float32",
                latency=LATENCY_S,
                callback=self._fill,
            )
            self._held = int(self._stream.latency * self._device.rate)
            self._stream.start()
        except module.PortAudioError as error:
            self.close()
            raise AudioError(
                f"扬声器 {self._device.name} 打不开（{error}）。请看它是否被别的程序占用，或用 --output 换一个。"
            ) from None

    def _device_gone(self) -> bool:
        if self._stream is None or not self._stream.active:
            return True
        now = time.monotonic()
        if self._callbacks != self._noticed[0]:
            self._noticed = self._callbacks, now
        return now - self._noticed[1] > STALLED_S

    def _fill(self, block: np.ndarray, frames: int, _time: Any, _status: Any) -> None:
        self._callbacks += 1
        block[:] = 0
        track = self._track
        if track.finished.is_set():
            return
        if track.stopping:
            piece = track.take(min(frames, int(FADE_S * self._device.rate)))
            block[: len(piece)] = (piece * self._gain * np.linspace(1, 0, len(piece), dtype=np.float32))[:, None]
            track.finished.set()
        elif track.at_end:
            # What the device still holds is being heard.
            track.tail -= frames
            if track.tail <= 0:
                track.finished.set()
        elif not track.paused or self._gain > 0:
            piece = track.take(frames)
            block[: len(piece)] = self._at_volume(piece, 0.0 if track.paused else self._volume * self.loudness)[:, None]
            track.tail = self._held

    def _at_volume(self, piece: np.ndarray, wanted: float) -> np.ndarray:
        if self._gain == wanted:
            louder = piece * wanted
        else:
            step = max(1, len(piece)) / (RAMP_S * self._device.rate)
            reached = self._gain + float(np.clip(wanted - self._gain, -step, step))
            louder = piece * np.linspace(self._gain, reached, len(piece), dtype=np.float32)
            self._gain = reached
        return np.asarray(np.tanh(louder) if self._gain > 1 else louder)  # louder without harsh clipping
