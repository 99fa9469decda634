"""``voice-faq voice build``: records what a voice pack lacks, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import soundfile as sf

from voice_faq.audio.loudness import amplified, gain_to_target, loudness
from voice_faq.audio.recording import Recording, resampled
from voice_faq.errors import SpeechError
from voice_faq.speech.clauses import split_sentences
from voice_faq.speech.pack import SUFFIX, RecordedClause, VoicePack, clause_key
from voice_faq.speech.reading import to_pinyin
from voice_faq.speech.voice import SystemVoice

OPUS_RATES: Final = (8_000, 12_000, 16_000, 24_000, 48_000)  # Hz
PACK_RATE: Final = 24_000  # Hz, of what has a rate that Opus lacks
CORRECTION: Final = 3.2  # of a clause's level within its sentence, 10 dB
COMPRESSION: Final = 0.85  # of libsndfile's scale for Opus: about 36 kbit/s for one voice


class Recorder(Protocol):
    """Records for a pack."""

    engine: str
    voice: str

    def record(self, clauses: Sequence[str]) -> list[Recording]:
        """A recording of each of the clauses of one sentence; in a row they are the sentence."""


class SystemRecorder:
    """Records with any voice of the system."""

    engine = "pyttsx3"

    def __init__(self, system: SystemVoice) -> None:
        self.voice = system.name
        self._system = system

    def record(self, clauses: Sequence[str]) -> list[Recording]:
        """Clause by clause."""
        return [self._system.render(clause) for clause in clauses]


@dataclass(frozen=True)
class Built:
    """What a build did, in clauses."""

    recorded: int
    kept: int
    removed: int


def build_pack(
    folder: Path,
    texts: Sequence[str],
    recorder: Recorder,
    pronunciations: Mapping[str, str],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Built:
    """Bring the pack in ``folder`` up to date with ``texts``; ``progress`` gets sentences done and in all.

    A sentence is recorded as a whole, and those of its clauses are kept that the pack lacked. What another voice
    recorded is replaced. Can be stopped and started again. Raises SpeechError when it cannot be written.
    """
    pack = _opened(folder, recorder)
    before = len(pack.clauses)
    sentences = [sentence for text in texts for sentence in split_sentences(text)]
    wanted: set[str] = set()
    recorded = added = 0
    for done, sentence in enumerate(sentences):
        progress(done, len(sentences))
        pinyin = [to_pinyin(clause, pronunciations) for clause in sentence]
        keys = [clause_key(clause, read) for clause, read in zip(sentence, pinyin, strict=True)]
        wanted.update(keys)
        lacking = [not pack.holds(key) for key in keys]
        if any(lacking):
            said = _normalized(recorder.record(sentence))
            for clause, read, recording, missing in zip(sentence, pinyin, said, lacking, strict=True):
                if not missing:
                    continue
                entry = RecordedClause(clause, read, round(recording.seconds, 3), round(loudness(recording), 1))
                recorded += 1
                added += entry.key not in pack.clauses
                _write(pack.file(entry), recording)
                pack.clauses[entry.key] = entry
            pack.write()
    progress(len(sentences), len(sentences))
    pack.clauses = {key: clause for key, clause in pack.clauses.items() if key in wanted}
    pack.write()
    for file in folder.glob(f"*{SUFFIX}"):
        if file.stem not in wanted:
            file.unlink()
    return Built(recorded, len(pack.clauses) - recorded, before + added - len(pack.clauses))


def _opened(folder: Path, recorder: Recorder) -> VoicePack:
    try:
        pack = VoicePack.read(folder)
    except SpeechError:
        pack = None
    if pack is not None and (pack.engine, pack.voice) == (recorder.engine, recorder.voice):
        return pack
    return VoicePack(folder, recorder.engine, recorder.voice, {})


def _normalized(sentence: list[Recording]) -> list[Recording]:
    """Every clause at the same loudness, or as near as the melody of the sentence allows."""
    whole = gain_to_target(Recording(np.concatenate([r.samples for r in sentence]), sentence[0].rate))
    bounds = whole / CORRECTION, whole * CORRECTION
    return [amplified(clause, float(np.clip(gain_to_target(clause), *bounds))) for clause in sentence]


def _write(file: Path, recording: Recording) -> None:
    if recording.rate not in OPUS_RATES:
        recording = resampled(recording, PACK_RATE)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")
        sf.write(
            unfinished, recording.samples, recording.rate, format="OGG", subtype="OPUS", compression_level=COMPRESSION
        )
        unfinished.replace(file)
    except (OSError, sf.LibsndfileError) as error:
        raise SpeechError(f"{file}：写不进去（{error}）。请检查文件夹的权限和剩余空间。") from None
