"""Recordings in files: WAV, FLAC and Ogg at any rate, mono or stereo.

Whoever only types a question waits for no library that reads sound: they are imported when there is some.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.errors import AudioError, reason
from voice_faq.files import write_whole

CHUNK_S: Final = 0.2  # of audio handed on at a time
SUFFIXES: Final = frozenset(".wav .wave .flac .ogg .oga .opus .mp3 .aif .aiff .m4a .amr .wma .aac".split())
"""Of names that mean a recording, also in formats that we cannot read, so that this is said."""
CANCELLED: Final = 0.1  # of the loudest channel's power: what less is left of in the average has been cancelled out


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
    import soxr

    return Recording(soxr.resample(recording.samples, recording.rate, rate), rate)


def recording_in(line: str, folder: Path) -> Path | None:
    """The recording that a line of a list means; None for a question in words.

    A path is relative to the list's ``folder``; one that is only in the current folder is taken from there.
    """
    try:
        named = Path(line).expanduser()
        known = named.suffix.lower() in SUFFIXES
        if not known and "/" not in line:
            return None
        listed = folder / named
        if listed.is_file() or (known and not named.is_file()):
            return listed
        return named if named.is_file() else None
    except (OSError, RuntimeError, ValueError):  # too long for a name, no such user's home, no name at all
        return None


def to_mono(samples: np.ndarray) -> np.ndarray:
    """The average of all channels, or the loudest alone where they cancel each other; (n, channels) → (n,) floats."""
    average = samples.mean(axis=1, dtype=np.float64)
    power = np.square(samples, dtype=np.float64).mean(axis=0)
    loudest = int(power.argmax())
    if np.square(average).mean() < CANCELLED * power[loudest]:
        return np.asarray(samples[:, loudest], np.float64)
    return np.asarray(average)


def read_recording(path: Path) -> Recording:
    """Read a recording of any number of channels.

    Raises AudioError that says what is wrong with the file.
    """
    import soundfile as sf

    try:
        if not path.exists():
            raise AudioError(f"{path}：没有这个文件。请检查路径。")
        if path.is_dir():
            raise AudioError(f"{path}：这是文件夹，不是录音。请给出录音文件。")
        if path.stat().st_size == 0:
            raise AudioError(f"{path}：文件是空的。请重新录音。")
        with path.open("rb") as file:
            samples, rate = sf.read(file, dtype="float32", always_2d=True)
    except sf.LibsndfileError as error:
        raise AudioError(f"{path}：不是能读的录音（{error.error_string}）请用 WAV、FLAC 或 Ogg 格式。") from None
    except OSError as error:
        raise AudioError(f"{path}：文件打不开（{reason(error)}）。请检查权限。") from None
    if len(samples) == 0:
        raise AudioError(f"{path}：录音里没有声音数据。请重新录音。")
    mono = to_mono(np.clip(np.nan_to_num(samples), -1.0, 1.0))
    return Recording(np.clip(np.rint(mono * 32768), -32768, 32767).astype(np.int16), int(rate))


def wav_bytes(recording: Recording) -> bytes:
    """The recording as a 16-bit mono WAV in memory."""
    import soundfile as sf

    file = io.BytesIO()
    sf.write(file, recording.samples, recording.rate, subtype="PCM_16", format="WAV")
    return file.getvalue()


def write_wav(path: Path, recording: Recording) -> None:
    """Write a 16-bit mono WAV; raises AudioError when the file cannot be written."""
    try:
        write_whole(path, wav_bytes(recording))
    except OSError as error:
        raise AudioError(f"{path}：写不进去（{reason(error)}）。请检查文件夹的权限和剩余空间。") from None
