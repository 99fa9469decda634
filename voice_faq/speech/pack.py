"""Voice packs: ``answers/voice/NAME/`` holds what the machine says, recorded clause by clause.

``manifest.json`` names the engine and the voice, and for each clause its file, the pinyin it was read with, its length
and loudness. A clause is found by its text and its pinyin, so that one whose text or reading has changed is never
spoken as it was. What the manifest does not list is not ours.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import soundfile as sf

from voice_faq.advice import command
from voice_faq.audio.recording import read_recording
from voice_faq.errors import AudioError, SpeechError, reason
from voice_faq.files import write_whole
from voice_faq.speech.clauses import SpokenClause, split_clauses, words_of
from voice_faq.speech.reading import to_pinyin
from voice_faq.speech.voice import Voice, without_silence

VOICE_FOLDER: Final = "voice"
MANIFEST: Final = "manifest.json"
SUFFIX: Final = ".opus"
SHORTER_S: Final = 0.08  # than the manifest says, from which on a recording counts as cut off
_FILE: Final = re.compile(rf"[0-9a-f]{{20}}{re.escape(SUFFIX)}")
_NAME: Final = re.compile(r"[^\s./\\:-][^/\\:\x00-\x1f\x7f]{0,59}")


@dataclass(frozen=True)
class RecordedClause:
    """A line of the manifest."""

    text: str
    """With its punctuation."""
    pinyin: str
    seconds: float
    loudness: float
    """LUFS."""
    file: str = ""
    """Name of its recording; by default its key with SUFFIX."""

    def __post_init__(self) -> None:
        """Raises ValueError for what no manifest of ours says: its files must be in its folder."""
        if not (isinstance(self.text, str) and isinstance(self.pinyin, str) and float(self.seconds) >= 0):
            raise ValueError("clause")
        if not _FILE.fullmatch(self.file_name):
            raise ValueError(self.file)

    @property
    def key(self) -> str:
        """Of the text and its reading."""
        return clause_key(self.text, self.pinyin)

    @property
    def file_name(self) -> str:
        """Of its recording."""
        return self.file or self.key + SUFFIX


def clause_key(text: str, pinyin: str) -> str:
    """A hash of a clause with its reading."""
    return _digest(text, pinyin)


def file_of(engine: str, voice: str, text: str, pinyin: str) -> str:
    """Name of a new recording: another one for each voice, so that none is recorded over another."""
    return _digest(text, pinyin, engine, voice) + SUFFIX


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


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
        except (FileNotFoundError, NotADirectoryError):
            build = command("voice", "build", folder.name, answers=_answers_of(folder))
            raise SpeechError(f"{folder}：没有录好的语音。请运行：{build}") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            build = command("voice", "build", folder.name, "--force", answers=_answers_of(folder))
            raise SpeechError(f"{file}：读不了（{type(error).__name__}: {error}）。请重新录制：{build}") from None

    def write(self) -> None:
        """The manifest, whole or not at all; raises SpeechError."""
        clauses = [asdict(clause) for clause in sorted(self.clauses.values(), key=lambda c: (c.text, c.pinyin))]
        for clause in clauses:
            if not clause["file"]:
                del clause["file"]
        content = {"engine": self.engine, "voice": self.voice, "clauses": clauses}
        try:
            write_whole(self.folder / MANIFEST, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
        except OSError as error:
            raise SpeechError(f"{self.folder}：写不进去（{reason(error)}）。请检查权限和剩余空间。") from None

    def file(self, clause: RecordedClause) -> Path:
        """Its recording."""
        return self.folder / clause.file_name

    def holds(self, key: str) -> bool:
        """Whether the clause with this key is recorded, and its file is there and whole."""
        clause = self.clauses.get(key)
        return clause is not None and is_whole(self.file(clause), clause.seconds)

    def damaged(self) -> list[RecordedClause]:
        """Clauses whose file is missing or cut off, in the manifest's order."""
        return [clause for clause in self.clauses.values() if not is_whole(self.file(clause), clause.seconds)]


def is_whole(file: Path, seconds: float) -> bool:
    """Whether a recording is there and as long as it should be; only its beginning and its end are looked at."""
    try:
        return float(sf.info(file).duration) > seconds - SHORTER_S
    except (OSError, sf.LibsndfileError):
        return False


_NOT_RECORDED: Final = (
    "有一句话还没有录音，系统语音也用不了。请运行 voice-faq check 看是哪几句，再运行 voice-faq voice build。"
)
"""Not which one: it may stand in a log."""


class PackVoice:
    """Speaks what is recorded as it was recorded, and all else live."""

    def __init__(self, pack: VoicePack, pronunciations: Mapping[str, str], live: Voice | None) -> None:
        """``live`` speaks what is not recorded: the system's voice, or an older pack before it.

        It may be None where no system voice works: then only what is recorded can be spoken.
        """
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
                raise SpeechError(_NOT_RECORDED)

    def recorded(self, clause: str) -> SpokenClause | None:
        """The recording of a clause; None where there is none that can be read."""
        found = self._listed(clause)
        if found is None:
            return None
        file = self._pack.file(found)
        try:
            recording = read_recording(file)
        except AudioError:
            return None  # the file was deleted or is broken: better heard live than not at all
        # Half a sentence is worse than another voice.
        return SpokenClause(clause, recording, file) if recording.seconds > found.seconds - SHORTER_S else None

    def holds(self, clause: str) -> bool:
        """Whether it is recorded and its file whole, without reading all of that."""
        found = self._listed(clause)
        return found is not None and is_whole(self._pack.file(found), found.seconds)

    def _listed(self, clause: str) -> RecordedClause | None:
        pinyin = to_pinyin(clause, self._pronunciations)
        return self._pack.clauses.get(clause_key(clause, pinyin)) or self._by_words.get(
            (words_of(clause), pinyin.rstrip(",."))
        )


def pack_folder(answers: Path, name: str) -> Path:
    """Where the pack ``name`` of an answers folder lies; raises SpeechError for what is not a name."""
    if not _NAME.fullmatch(name) or name != name.strip():
        raise SpeechError(
            f"语音的名字“{name}”不能用：它是答案文件夹里 {VOICE_FOLDER}/ 下面一个文件夹的名字，"
            "不能有斜杠、反斜杠、冒号，不能以点、连字符或空格开头。例如：voice-faq voice build xiaoxiao"
        )
    return answers / VOICE_FOLDER / name


def pack_names(answers: Path) -> list[str]:
    """Packs of an answers folder, whole or broken."""
    return sorted(file.parent.name for file in (answers / VOICE_FOLDER).glob(f"[!.]*/{MANIFEST}"))


def _answers_of(folder: Path) -> Path:
    return folder.parent.parent


def unrecorded(pack: VoicePack, texts: list[str], pronunciations: Mapping[str, str]) -> list[str]:
    """The clauses of ``texts`` that the pack lacks, in order, each once."""
    voice = PackVoice(pack, pronunciations, None)
    clauses = dict.fromkeys(clause for text in texts for clause in split_clauses(text))
    return [clause for clause in clauses if not voice.holds(clause)]


def damage_note(pack: VoicePack) -> str | None:
    """A sentence where files of the pack are missing or cut off."""
    damaged = pack.damaged()
    if not damaged:
        return None
    build = command("voice", "build", pack.folder.name, answers=_answers_of(pack.folder))
    return (
        f"语音 {pack.folder.name} 有 {len(damaged)} 个录音不见了或者不完整（例如“{damaged[0].text}”），"
        f"有备份就用备份，没有就由系统语音念。重新录制：{build}"
    )


def recording_notes(folder: Path, texts: list[str], pronunciations: Mapping[str, str]) -> Iterator[str]:
    """What an operator should know of the pack in ``folder``: what will be spoken live until it is rebuilt."""
    try:
        pack = VoicePack.read(folder)
    except SpeechError as error:
        yield str(error)
        return
    damaged = damage_note(pack)
    if damaged is not None:
        yield damaged
    build = command("voice", "build", folder.name, answers=_answers_of(folder))
    cut_off = {clause.text for clause in pack.damaged()}
    for clause in unrecorded(pack, texts, pronunciations):
        if clause not in cut_off:
            yield f"语音 {folder.name} 里没有录“{clause}”，会由系统语音念。重新录制：{build}"
