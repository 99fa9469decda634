"""``voice-faq voice build``: records what a voice pack lacks, and nothing else."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import soundfile as sf

from voice_faq.advice import command
from voice_faq.audio.loudness import amplified, gain_to_target, loudness
from voice_faq.audio.recording import Recording, resampled
from voice_faq.errors import SpeechError, reason
from voice_faq.files import PART, write_whole
from voice_faq.speech.clauses import split_sentences
from voice_faq.speech.pack import MANIFEST, RecordedClause, VoicePack, clause_key, file_of, is_whole
from voice_faq.speech.reading import to_pinyin
from voice_faq.speech.voice import SystemVoice

OPUS_RATES: Final = (8_000, 12_000, 16_000, 24_000, 48_000)  # Hz
PACK_RATE: Final = 24_000  # Hz, of what has a rate that Opus lacks
CORRECTION: Final = 3.2  # of a clause's level within its sentence, 10 dB
REPLACED: Final = "replaced"  # holds the manifest before, until what it listed is removed
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
    *,
    force: bool = False,
) -> Built:
    """Bring the pack in ``folder`` up to date with ``texts``; ``progress`` gets sentences done and in all.

    A sentence is recorded as a whole, and those of its clauses are kept that the pack lacked. All is recorded beside
    the pack and put in its place at the end, so that it can be stopped at any moment and started again. Raises
    SpeechError when it cannot be written, and where another voice recorded the pack, unless ``force``.
    """
    old = _replaceable(folder, recorder, force=force)
    kept = old if old is not None and _same_voice(old, recorder) else None
    work = _Workshop(folder, recorder)
    sentences = [sentence for text in texts for sentence in split_sentences(text)]
    clauses: dict[str, RecordedClause] = {}
    recorded: set[str] = set()
    for done, sentence in enumerate(sentences):
        progress(done, len(sentences))
        pinyin = [to_pinyin(clause, pronunciations) for clause in sentence]
        keys = [clause_key(clause, read) for clause, read in zip(sentence, pinyin, strict=True)]
        for key in keys:
            if key not in clauses:
                have = kept.clauses[key] if kept is not None and kept.holds(key) else work.holding(key)
                if have is not None:
                    clauses[key] = have
        if all(key in clauses for key in keys):
            continue
        for key, text, read, said in zip(keys, sentence, pinyin, _normalized(recorder.record(sentence)), strict=True):
            if key not in clauses:
                clauses[key] = work.keep(text, read, said)
                recorded.add(key)
    progress(len(sentences), len(sentences))
    work.finish(clauses, old)
    before = set(kept.clauses) if kept is not None else set()
    return Built(len(recorded), len(clauses) - len(recorded), len(before - set(clauses)))


def _same_voice(pack: VoicePack, recorder: Recorder) -> bool:
    return (pack.engine, pack.voice) == (recorder.engine, recorder.voice)


def _replaceable(folder: Path, recorder: Recorder, *, force: bool) -> VoicePack | None:
    """The pack that is there; raises SpeechError where it would be lost."""
    if not (folder / MANIFEST).exists():
        return None
    try:
        pack = VoicePack.read(folder)
    except SpeechError:
        if force:
            return None
        raise
    if not force and not _same_voice(pack, recorder):
        own = command(
            "voice", "build", f"{folder.name}-{recorder.engine}", "--engine", recorder.engine,
            "--voice", recorder.voice, answers=folder.parent.parent,
        )  # fmt: skip
        raise SpeechError(
            f"{folder.name} 是用 {pack.engine} 的 {pack.voice} 录的，没有动它：用 {recorder.engine} 的 "
            f"{recorder.voice} 重录会失去现有的 {len(pack.clauses)} 句。请另起一个名字，例如：{own}；"
            "确实要换掉它，请加上 --force。"
        )
    return pack


class _Workshop:
    """Beside a pack: what has been recorded and is not in its place yet, with a manifest of its own."""

    def __init__(self, folder: Path, recorder: Recorder) -> None:
        self._folder = folder
        self._place = folder.parent / f".{folder.name}.building"
        try:
            self._clear_replaced()
            unfinished = VoicePack.read(self._place)
            usable = _same_voice(unfinished, recorder)
        except SpeechError:
            usable = False
        if not usable:
            shutil.rmtree(self._place, ignore_errors=True)
            unfinished = VoicePack(self._place, recorder.engine, recorder.voice, {})
        self._unfinished = unfinished

    def holding(self, key: str) -> RecordedClause | None:
        """What was recorded before a build was stopped; it may be in its place already."""
        clause = self._unfinished.clauses.get(key)
        if clause is None or not any(
            is_whole(place / clause.file_name, clause.seconds) for place in (self._place, self._folder)
        ):
            return None
        return clause

    def keep(self, text: str, pinyin: str, recording: Recording) -> RecordedClause:
        """Write down what has been recorded; raises SpeechError."""
        clause = RecordedClause(
            text, pinyin, round(recording.seconds, 3), round(loudness(recording), 1),
            file_of(self._unfinished.engine, self._unfinished.voice, text, pinyin),
        )  # fmt: skip
        _write(self._unfinished.file(clause), recording)
        self._unfinished.clauses[clause.key] = clause
        self._unfinished.write()
        return clause

    def finish(self, clauses: dict[str, RecordedClause], old: VoicePack | None) -> None:
        """Put all into its place: recordings, which nobody knows of yet, then the manifest, in one moment."""
        pack = VoicePack(self._folder, self._unfinished.engine, self._unfinished.voice, clauses)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for clause in clauses.values():
                if self._unfinished.file(clause).is_file():
                    self._unfinished.file(clause).replace(pack.file(clause))
            if old is not None:
                write_whole(self._place / REPLACED / MANIFEST, (self._folder / MANIFEST).read_bytes())
            pack.write()
            self._clear_replaced()
            for unfinished in self._folder.glob(f".{MANIFEST}.*{PART}"):  # of a build that was killed
                unfinished.unlink(missing_ok=True)
            shutil.rmtree(self._place, ignore_errors=True)
        except OSError as error:
            raise _not_written(self._folder, error) from None

    def _clear_replaced(self) -> None:
        """Remove what the manifest before listed and the one that stands now does not; nothing else was ours."""
        if not (self._place / REPLACED).is_dir():
            return
        before = VoicePack.read(self._place / REPLACED)
        used = {clause.file_name for clause in VoicePack.read(self._folder).clauses.values()}
        for clause in before.clauses.values():
            if clause.file_name not in used:
                (self._folder / clause.file_name).unlink(missing_ok=True)


def _normalized(sentence: list[Recording]) -> list[Recording]:
    """Every clause at the same loudness, or as near as the melody of the sentence allows."""
    whole = gain_to_target(Recording(np.concatenate([r.samples for r in sentence]), sentence[0].rate))
    bounds = whole / CORRECTION, whole * CORRECTION
    return [amplified(clause, float(np.clip(gain_to_target(clause), *bounds))) for clause in sentence]


def _write(file: Path, recording: Recording) -> None:
    if recording.rate not in OPUS_RATES:
        recording = resampled(recording, PACK_RATE)
    encoded = io.BytesIO()
    sf.write(encoded, recording.samples, recording.rate, format="OGG", subtype="OPUS", compression_level=COMPRESSION)
    try:
        write_whole(file, encoded.getvalue())
    except OSError as error:
        raise _not_written(file, error) from None


def _not_written(path: Path, error: OSError) -> SpeechError:
    return SpeechError(f"{path}：写不进去（{reason(error)}）。请检查文件夹的权限和剩余空间。")
