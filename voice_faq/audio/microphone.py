"""The microphone: 16-bit mono chunks as they are recorded. Nothing is kept."""

from __future__ import annotations

import queue
import time
from types import TracebackType
from typing import Any, Final, Protocol, Self

import numpy as np

from voice_faq.audio.devices import choose_device, look_again, portaudio
from voice_faq.audio.recording import to_mono
from voice_faq.errors import AudioError

BLOCK_S: Final = 0.05
STARTING_S: Final = 4.0  # until the first block, after which a device counts as gone
GONE_S: Final = 0.7  # from one block to the next


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
        """Mono 16-bit PCM recorded since the last call; ``b""`` when there is none yet.

        Raises AudioError when the device has gone; it can be opened again, and is when it is back.
        """


class PortAudioMicrophone:
    """A microphone of the system, recorded at the device's own rate."""

    def __init__(self, wanted: str | None = None) -> None:
        """``wanted``: number or part of the name; raises AudioError when there is no such microphone."""
        self._wanted = wanted
        self._device = choose_device("input", wanted)
        self.rate = self._device.rate
        self._chunks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._stream: Any = None
        self._due = 0.0
        """When the next block must be there (time.monotonic)."""
        self._gone = False

    def __enter__(self) -> Self:
        """Start recording; raises AudioError when the device is busy or gone.

        The next time after that devices are looked for anew, for which no loudspeaker may be open.
        """
        module = portaudio()
        if self._gone:
            look_again()
            self._device = choose_device("input", self._wanted)
            self.rate = self._device.rate
        while not self._chunks.empty():
            self._chunks.get()
        channels = min(2, self._device.inputs)

        def keep(block: np.ndarray, _frames: int, _time: Any, _status: Any) -> None:
            self._due = time.monotonic() + GONE_S
            self._chunks.put(to_mono(block).astype("<i2").tobytes())

        self._due = time.monotonic() + STARTING_S
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
            self._gone = True
            self._close()
            raise AudioError(
                f"麦克风 {self._device.name} 打不开（{error}）。请看它是否被别的程序占用，或用 --input 换一个。"
            ) from None
        self._gone = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop recording."""
        if self._stream is not None:
            self._stream.stop(ignore_errors=True)
            self._close()

    def read(self) -> bytes:
        """What was recorded since the last call."""
        chunks = []
        while not self._chunks.empty():
            chunks.append(self._chunks.get())
        if not chunks and self._stream is not None and (not self._stream.active or time.monotonic() > self._due):
            self._gone = True
            self._close()
            raise AudioError(f"麦克风断开了（{self._device.name}）。请检查接线；接好以后会自动接着听。")
        return b"".join(chunks)

    def _close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)
