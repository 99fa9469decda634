"""Voice packs: ``answers/voice/NAME/`` holds what the machine says, recorded clause by clause.

``manifest.json`` names for each clause its file, the pinyin it was read with, its length and loudness. A clause is
found by its text and its pinyin, so that one whose text or reading has changed is never spoken as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from voice_faq.audio.recording import read_recording
from voice_faq.errors import AudioError, SpeechError
from voice_faq.speech.clauses import SpokenClause, split_clauses, words_of
from voice_faq.speech.reading import to_pinyin
from voice_faq.speech.voice import Voice, without_silence

VOICE_FOLDER: Final = "voice"
MANIFEST: Final = "manifest.json"
SUFFIX: Final = ".opus"


@dataclass(frozen=True)
class RecordedClause:
    """A line of the manifest."""

    text: str
    """With its punctuation."""
    pinyin: str
    seconds: float
    loudness: float
    """LUFS."""

    @property
    def key(self) -> str:
        """Of the text and its reading; the name of the file."""
        return clause_key(self.text, self.pinyin)


def clause_key(text: str, pinyin: str) -> str:
    """A hash of a clause with its reading."""
    return hashlib.sha256(f"{text}\n{pinyin}".encode()).hexdigest()[:20]


class VoicePack:
    """The recordings of one voice."""

    def __init__(self, folder: Path, engine: str, voice: str, clauses: Mapping[str, RecordedClause]) -> None:
        self.folder = folder
        self.engine = engine
        self.voice = voice
        self.clauses = dict(clauses)
        """By key."""

    @classmethod
    def read(cls, folder: Path) -> VoicePack:
        """Raises SpeechError where there is no pack, or a broken one."""
        file = folder / MANIFEST
        try:
            content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            clauses = [RecordedClause(**clause) for clause in content["clauses"]]
            return cls(folder, str(content["engine"]), str(content["voice"]), {c.key: c for c in clauses})
        except FileNotFoundError:
            raise SpeechError(f"{folder}：没有录好的语音。请运行：voice-faq voice build {folder.name}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SpeechError(
                f"{file}：读不了（{type(error).__name__}: {error}）。请重新录制：voice-faq voice build {folder.name}"
            ) from None

    def write(self) -> None:
        """The manifest; an unfinished one never stands in its place."""
        content = {
            "engine": self.engine,
            "voice": self.voice,
            "clauses": [asdict(clause) for clause in sorted(self.clauses.values(), key=lambda c: (c.text, c.pinyin))],
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / f"{MANIFEST}.part"
            unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            unfinished.replace(self.folder / MANIFEST)
        except OSError as error:
            raise SpeechError(f"{self.folder}：写不进去（{error.strerror}）。请检查权限和剩余空间。") from None

    def file(self, clause: RecordedClause) -> Path:
        """Its recording."""
        return self.folder / f"{clause.key}{SUFFIX}"

    def holds(self, key: str) -> bool:
        """Whether the clause with this key is recorded, and its file is there."""
        clause = self.clauses.get(key)
        return clause is not None and self.file(clause).is_file()


class PackVoice:
    """Speaks what is recorded as it was recorded, and all else live."""

    def __init__(self, pack: VoicePack, pronunciations: Mapping[str, str], live: Voice | None) -> None:
        """``live`` may be None where no system voice works: then only what is recorded can be spoken."""
        self.name = f"{pack.folder.name}（{pack.voice}）"
        self._pack = pack
        self._pronunciations = dict(pronunciations)
        self._live = live
        # In a choice a question stands before another mark than in its own recording.
        self._by_words = {(words_of(c.text), c.pinyin.rstrip(",.")): c for c in pack.clauses.values()}

    def speak(self, text: str) -> Iterator[SpokenClause]:
        """Clause by clause; raises SpeechError for one that is neither recorded nor can be spoken live."""
        for number, text_of_clause in enumerate(split_clauses(text)):
            recorded = self.recorded(text_of_clause)
            if recorded is not None:
                # An answer is to be heard at once.
                yield (
                    recorded if number else replace(recorded, recording=without_silence(recorded.recording, end=False))
                )
            elif self._live is not None:
                yield from self._live.speak(text_of_clause)
            else:
                raise SpeechError(f"“{text_of_clause}”还没有录音，系统语音也用不了。请运行 voice-faq voice build。")

    def recorded(self, clause: str) -> SpokenClause | None:
        """The recording of a clause; None where there is none that can be read."""
        pinyin = to_pinyin(clause, self._pronunciations)
        found = self._pack.clauses.get(clause_key(clause, pinyin)) or self._by_words.get(
            (words_of(clause), pinyin.rstrip(",."))
        )
        if found is None:
            return None
        file = self._pack.file(found)
        try:
            return SpokenClause(clause, read_recording(file), file)
        except AudioError:
            return None  # the file was deleted or is broken: better heard live than not at all


def pack_folder(answers: Path, name: str) -> Path:
    """Where the pack ``name`` of an answers folder lies."""
    return answers / VOICE_FOLDER / name


def unrecorded(pack: VoicePack, texts: list[str], pronunciations: Mapping[str, str]) -> list[str]:
    """The clauses of ``texts`` that the pack lacks, in order, each once."""
    voice = PackVoice(pack, pronunciations, None)
    clauses = dict.fromkeys(clause for text in texts for clause in split_clauses(text))
    return [clause for clause in clauses if voice.recorded(clause) is None]


def recording_notes(
    answers: Path, name: str | None, texts: list[str], pronunciations: Mapping[str, str]
) -> Iterator[str]:
    """What an operator should know of the pack ``name``: clauses that will be spoken live until it is rebuilt."""
    if name is None or not (answers / VOICE_FOLDER).is_dir():
        return
    folder = pack_folder(answers, name)
    try:
        missing = unrecorded(VoicePack.read(folder), texts, pronunciations)
    except SpeechError as error:
        yield str(error)
        return
    for clause in missing:
        yield f"语音 {name} 里没有录“{clause}”，会由系统语音念。重新录制：voice-faq voice build {name}"
