"""The microphone: 16-bit mono chunks as they are recorded. Nothing is kept."""

from __future__ import annotations

import queue
from types import TracebackType
from typing import Any, Final, Protocol, Self

import numpy as np

from voice_faq.audio.devices import choose_device, portaudio
from voice_faq.errors import AudioError

BLOCK_S: Final = 0.05


class Microphone(Protocol):
    """A source of audio that is open between ``__enter__`` and ``__exit__``."""

    rate: int
    """Hz."""

    def __enter__(self) -> Self:
        """Start recording."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop recording; chunks recorded until then can still be read."""

    def read(self) -> bytes:
        """Mono 16-bit PCM recorded since the last call; ``b""`` when there is none yet."""


class PortAudioMicrophone:
    """A microphone of the system, recorded at the device's own rate."""

    def __init__(self, wanted: str | None = None) -> None:
        """``wanted``: number or part of the name; raises AudioError when there is no such microphone."""
        self._device = choose_device("input", wanted)
        self.rate = self._device.rate
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._stream: Any = None

    def __enter__(self) -> Self:
        """Start recording; raises AudioError when the device is busy or gone."""
        module = portaudio()
        while not self._chunks.empty():
            self._chunks.get()
        channels = min(2, self._device.inputs)

        def keep(block: np.ndarray, _frames: int, _time: Any, _status: Any) -> None:
            mono = block[:, 0] if channels == 1 else block.astype(np.int32).mean(axis=1)
            self._chunks.put(mono.astype("<i2").tobytes())

        try:
            self._stream = module.InputStream(
                samplerate=self.rate,
                blocksize=int(BLOCK_S * self.rate),
                device=self._device.index,
                channels=channels,
                dtype="int16",
                callback=keep,
            )
            self._stream.start()
        except module.PortAudioError as error:
            raise AudioError(
                f"麦克风 {self._device.name} 打不开（{error}）。请看它是否被别的程序占用，或用 --input 换一个。"
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop recording."""
        if self._stream is not None:
            self._stream.stop()
            self._stream.close()
            self._stream = None

    def read(self) -> bytes:
        """What was recorded since the last call."""
        chunks = []
        while not self._chunks.empty():
            chunks.append(self._chunks.get())
        return b"".join(chunks)
