"""Recordings in files: WAV, FLAC and Ogg at any rate, mono or stereo."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf
import soxr

from voice_faq.errors import AudioError

CHUNK_S: Final = 0.2  # of audio handed on at a time


@dataclass(frozen=True)
class Recording:
    """Mono audio in memory."""

    samples: np.ndarray
    """int16, shape (n,)."""
    rate: int
    """Hz."""

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / self.rate

    def chunks(self) -> Iterator[bytes]:
        """16-bit little-endian PCM in pieces of CHUNK_S."""
        step = max(1, int(CHUNK_S * self.rate))
        for start in range(0, len(self.samples), step):
            yield self.samples[start : start + step].astype("<i2").tobytes()


def resampled(recording: Recording, rate: int) -> Recording:
    """``recording`` at another rate, in Hz; itself where it has that rate."""
    if recording.rate == rate:
        return recording
    return Recording(soxr.resample(recording.samples, recording.rate, rate), rate)


def read_recording(path: Path) -> Recording:
    """Read a recording; several channels are averaged.

    Raises AudioError that says what is wrong with the file.
    """
    if not path.exists():
        raise AudioError(f"{path}：没有这个文件。请检查路径。")
    if path.is_dir():
        raise AudioError(f"{path}：这是文件夹，不是录音。请给出录音文件。")
    try:
        if path.stat().st_size == 0:
            raise AudioError(f"{path}：文件是空的。请重新录音。")
        with path.open("rb") as file:
            samples, rate = sf.read(file, dtype="float32", always_2d=True)
    except sf.LibsndfileError as error:
        raise AudioError(f"{path}：不是能读的录音（{error.error_string}）请用 WAV、FLAC 或 Ogg 格式。") from None
    except OSError as error:
        raise AudioError(f"{path}：文件打不开（{error.strerror}）。请检查权限。") from None
    if len(samples) == 0:
        raise AudioError(f"{path}：录音里没有声音数据。请重新录音。")
    mono = np.nan_to_num(samples.mean(axis=1))
    return Recording(np.clip(np.rint(mono * 32768), -32768, 32767).astype(np.int16), int(rate))


def wav_bytes(recording: Recording) -> bytes:
    """The recording as a 16-bit mono WAV in memory."""
    file = io.BytesIO()
    sf.write(file, recording.samples, recording.rate, subtype="PCM_16", format="WAV")
    return file.getvalue()


def write_wav(path: Path, recording: Recording) -> None:
    """Write a 16-bit mono WAV; raises AudioError when the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, recording.samples, recording.rate, subtype="PCM_16", format="WAV")
    except (OSError, sf.LibsndfileError) as error:
        raise AudioError(f"{path}：写不进去（{error}）。请检查文件夹的权限和剩余空间。") from None
