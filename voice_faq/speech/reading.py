"""How a written text sounds: words with their pinyin, Latin words, pauses; one reading for all voices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pypinyin.seg import mmseg

from voice_faq.language.latin import pinyin_of_latin
from voice_faq.language.tones import spoken_pinyin
from voice_faq.speech.spoken_text import MEASURES, to_spoken

# 一 keeps its tone where it counts off; an operator's pronunciations come first.
COMMON_READINGS: Final[dict[str, str]] = {
    "一号": "yi1 hao4", "一月": "yi1 yue4", "一日": "yi1 ri4", "一楼": "yi1 lou2", "一层": "yi1 ceng2",
    "一代": "yi1 dai4", "一期": "yi1 qi1", "一路公交": "yi1 lu4 gong1 jiao1", "第一": "di4 yi1", "处理": "chu3 li3",
}  # fmt: skip

_PIECE: Final = re.compile(r"[A-Za-z]+|[\u4e00-\u9fff]+|[，,、；;：:]|[。.！!？?\n]+")
_SHORT_PAUSE: Final = frozenset("，,、；;：:")


@dataclass(frozen=True)
class Word:
    """A Chinese word."""

    text: str
    syllables: tuple[str, ...]
    """Toned pinyin as people say it here, ``yin2 hang2``."""


@dataclass(frozen=True)
class Latin:
    """A Latin word or a letter."""

    text: str


@dataclass(frozen=True)
class Pause:
    """Punctuation that is heard."""

    mark: str
    """As written."""

    @property
    def short(self) -> bool:
        """Between parts of a sentence, not after it."""
        return self.mark[0] in _SHORT_PAUSE


Sound = Word | Latin | Pause


def read_aloud(text: str, pronunciations: Mapping[str, str] | None = None) -> Iterator[Sound]:
    """What is said for ``text``; ``pronunciations`` maps words that would be misread to their pinyin."""
    readings = {**COMMON_READINGS, **(pronunciations or {})}
    after_latin = False
    for piece in _PIECE.findall(to_spoken(text)):
        if after_latin and piece[0] == "一" and piece[1:2] not in MEASURES:
            yield Word("一", ("yi1",))  # Series 1: a name, which keeps its tone
            piece = piece[1:]
        after_latin = piece.isascii() and piece.isalpha()
        if not piece:
            continue
        if after_latin:
            yield Latin(piece)
        elif "\u4e00" <= piece[0] <= "\u9fff":
            words = list(_words(piece, readings))
            syllables = iter(spoken_pinyin(words, readings))
            for word in words:
                yield Word(word, tuple(next(syllables) for _ in word))
        else:
            yield Pause(piece)


def to_pinyin(text: str, pronunciations: Mapping[str, str] | None = None) -> str:
    """Toned pinyin with pauses as commas and full stops: ``你好，卡。`` → ``ni2 hao3, ka3.``"""
    result: list[str] = []
    for sound in read_aloud(text, pronunciations):
        match sound:
            case Word():
                result += sound.syllables
            case Latin():
                result += pinyin_of_latin(sound.text)
            case Pause():
                if result:
                    result[-1] = result[-1].rstrip(",.") + ("," if sound.short else ".")
    return " ".join(result)


def _words(run: str, readings: Mapping[str, str]) -> Iterator[str]:
    """Words of a run of characters; those with a reading of their own are never cut."""
    longest_first = sorted((word for word in readings if word in run), key=len, reverse=True)
    pieces = re.split("(" + "|".join(map(re.escape, longest_first)) + ")", run) if longest_first else [run]
    for piece in pieces:
        if piece in readings:
            yield piece
        elif piece:
            # What the dictionary leaves in single characters, 水|果, is joined again.
            singles = ""
            for word in mmseg.seg.cut(piece):
                if len(word) == 1:
                    singles += word
                    continue
                if singles:
                    yield singles
                singles = ""
                yield word
            if singles:
                yield singles
