"""How loud audio is."""

from __future__ import annotations

from typing import Final

import numpy as np

from voice_faq.audio.recording import Recording

DIGITAL_SILENCE_DBFS: Final = -90.0  # what it is shown as
SPEECH_FROM_DBFS: Final = -60.0  # a recording without a louder moment holds no speech
QUIET_DBFS: Final = -45.0  # of the loudest moment, below which words are lost


def level_dbfs(pcm: bytes) -> float:
    """RMS level of 16-bit mono PCM in dB below full scale, DIGITAL_SILENCE_DBFS…0."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    if len(samples) == 0:
        return DIGITAL_SILENCE_DBFS
    rms = float(np.sqrt(np.mean(samples**2))) / 32768
    return max(DIGITAL_SILENCE_DBFS, 20 * float(np.log10(max(rms, 1e-9))))


class LoudestMoment:
    """Of a recording, while it is made."""

    def __init__(self) -> None:
        self.dbfs = DIGITAL_SILENCE_DBFS

    def hear(self, pcm: bytes) -> float:
        """The level of the next 16-bit mono PCM, as ``level_dbfs`` has it."""
        level = level_dbfs(pcm)
        self.dbfs = max(self.dbfs, level)
        return level

    @property
    def holds_speech(self) -> bool:
        """Whether the recording can hold any; recognisers hear words in noise that nobody can."""
        return self.dbfs > SPEECH_FROM_DBFS


def quiet_note(recording: Recording) -> str | None:
    """A sentence where a recording is too quiet to be understood well."""
    loudest = max((level_dbfs(chunk) for chunk in recording.chunks()), default=DIGITAL_SILENCE_DBFS)
    if loudest >= QUIET_DBFS:
        return None
    return (
        f"录音太轻了（最响的地方 {loudest:.0f} dBFS，平常说话在 -30 以上），多半听不清。"
        "请靠近麦克风，或者把录音音量调大，再录一次。"
    )
