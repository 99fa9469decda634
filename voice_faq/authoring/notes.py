"""What ``check`` knows of one text, at once: for the field in which it is typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from voice_faq.faq.entries import wording_key
from voice_faq.faq.loading import entry_mistakes
from voice_faq.faq.notes import ADVISED_WORDINGS, UNWRITTEN_ANSWER
from voice_faq.language.normalizing import normalize
from voice_faq.matching import Matcher
from voice_faq.matching.explaining import leads_elsewhere, sound_of_wording, sounds_alike
from voice_faq.recognition.graph.building import Vocabulary
from voice_faq.speech.clauses import split_clauses
from voice_faq.speech.reading import to_pinyin
from voice_faq.speech.spoken_text import to_spoken

LONGEST_SENTENCE: Final = 60  # characters; longer ones are hard to follow by ear
_SENTENCES: Final = re.compile(r"[。！？!?；;\n]")
_LEFT_OVER: Final = re.compile(r"\d[\d.,:/-]*|[#*_=<>|~^\\{}\[\]@&]+")
_ONLY_SEEN: Final = re.compile(r"[（(][^（）()]{2,}[)）]|https?://\S+|www\.\S+")


@dataclass(frozen=True)
class Note:
    """One thing that the operator should know."""

    field: str
    """Name of a field of ``document.FIELDS``."""
    text: str
    kind: Literal["mistake", "advice"]
    """A mistake keeps the entry from being saved."""
    index: int | None = None
    """Of a wording."""


class NoteTaker:
    """Knows all wordings of a FAQ; ``update`` tells it what has changed."""

    def __init__(self, entries: Iterable[Mapping[str, Any]], vocabulary: Vocabulary | None) -> None:
        self._keys: dict[str, dict[str, str]] = {}
        self._sounds: dict[tuple[str, ...], dict[str, str]] = {}
        self._entries: dict[str, Mapping[str, Any]] = {}
        self._vocabulary = vocabulary
        for entry in entries:
            self.update(str(entry["id"]), entry)

    def update(self, entry_id: str, entry: Mapping[str, Any] | None) -> None:
        """What the entry is now; None where it has gone."""
        for wording in _all_wordings(self._entries.pop(entry_id, {})):
            self._keys.get(wording_key(wording), {}).pop(entry_id, None)
            self._sounds.get(sound_of_wording(wording), {}).pop(entry_id, None)
        if entry is not None:
            self._entries[entry_id] = entry
            for wording in _all_wordings(entry):
                self._keys.setdefault(wording_key(wording), {})[entry_id] = wording
                self._sounds.setdefault(sound_of_wording(wording), {})[entry_id] = wording

    def of_wording(self, entry: str, wording: str, matcher: Matcher | None) -> list[tuple[str, str]]:
        """(kind, sentence) for a wording, or the question, of ``entry``, whether it has been saved or not."""
        if not normalize(wording):
            return [("mistake", "这里没有文字。请写上，或删掉这一行。")] if wording.strip() else []
        owners = {e: w for e, w in self._keys.get(wording_key(wording), {}).items() if e != entry}
        if owners:
            other = next(iter(owners))
            return [("mistake", f"条目“{self._question(other)}”里已经有这句话。一句话只能属于一个条目。")]
        told = []
        alike = {e: w for e, w in self._sounds.get(sound_of_wording(wording), {}).items() if e != entry}
        if alike:
            told.append(("advice", self._named(sounds_alike({entry: wording, **alike}))))
        elif matcher is not None:
            saved = wording in _all_wordings(self._entries.get(entry, {}))
            note = None if saved else leads_elsewhere(matcher, wording, entry, matcher.probabilities(wording))
            if note is not None:
                told.append(("advice", self._named(note)))
        unheard = self._vocabulary.unheard(wording) if self._vocabulary is not None else []
        if unheard:
            told.append(("advice", f"语音模型还听不出“{'”“'.join(unheard)}”，编译模型之后才听得到。"))
        return told

    def of_entry(self, entry: Mapping[str, Any], matcher: Matcher | None = None) -> list[Note]:
        """All notes; without a matcher none of what leads elsewhere."""
        name = str(entry.get("id") or "")
        notes = [
            Note(str(where[0]) if where else "id", told, "mistake", where[1] if len(where) > 1 else None)  # type: ignore[arg-type]
            for where, told in entry_mistakes({k: v for k, v in entry.items() if v is not None})
        ]
        seen: dict[str, int] = {}
        for i, wording in enumerate(_all_wordings(entry)):
            field, index = ("question", None) if i == 0 else ("wordings", i - 1)
            notes += [Note(field, told, kind, index) for kind, told in self.of_wording(name, wording, matcher)]  # type: ignore[arg-type]
            if wording_key(wording) in seen and wording.strip():
                notes.append(Note(field, "这句话写了两次。请删掉一个。", "mistake", index))
            seen.setdefault(wording_key(wording), i)
        wordings = sum(bool(w.strip()) for w in _all_wordings(entry)[1:])
        if wordings < ADVISED_WORDINGS:
            few = f"这一条只有 {wordings} 种问法，写到 {ADVISED_WORDINGS} 种会听得更准。"
            notes.append(Note("wordings", few, "advice"))
        notes += [Note("answer", told, "advice") for told in answer_notes(str(entry.get("answer") or ""))]
        return notes

    def _question(self, entry: str) -> str:
        return str(self._entries.get(entry, {}).get("question") or entry)

    def _named(self, sentence: str) -> str:
        """Questions instead of ids, which people who write in a page never see."""
        for entry in sorted(self._entries, key=len, reverse=True):
            if f"（{entry}）" in sentence:
                sentence = sentence.replace(f"（{entry}）", f"（{self._question(entry)}）")
            sentence = re.sub(rf"(更像|给) {re.escape(entry)} ", rf"\1“{self._question(entry)}”", sentence)
        return sentence.replace("（）", "（这一条）").replace("给  多写", "给这一条多写")


def answer_notes(answer: str) -> list[str]:
    """What of an answer would be hard to hear, or would be misread."""
    told = []
    if answer == UNWRITTEN_ANSWER:
        told.append("答案还没有写。")
    spoken = to_spoken(answer)
    left = list(dict.fromkeys(_LEFT_OVER.findall(spoken)))
    if left:
        told.append(f"“{'”“'.join(left)}”不知道怎么念。请写成念出来的样子。")
    seen = _ONLY_SEEN.findall(answer)
    if seen:
        told.append(f"“{seen[0]}”听不明白。请移到屏幕文字里，或改成一句话。")
    long = max((s.strip() for s in _SENTENCES.split(answer)), key=len, default="")
    if len(long) > LONGEST_SENTENCE:
        told.append(f"“{long[:10]}…”这一句有 {len(long)} 个字，听的人记不住。请分成几句。")
    return told


def figures_of(answer: str) -> str | None:
    """How an answer is read where figures, dates or amounts are put into words; None where there are none."""
    spoken = to_spoken(answer)
    return spoken if any(c.isdigit() or (c.isascii() and c.isalpha()) for c in answer) and spoken != answer else None


def clauses_of(answer: str, pronunciations: Mapping[str, str]) -> list[dict[str, str]]:
    """Each clause with its pinyin."""
    return [{"text": c, "pinyin": to_pinyin(c, pronunciations)} for c in split_clauses(answer)]


def _all_wordings(entry: Mapping[str, Any]) -> list[str]:
    return [str(entry.get("question") or ""), *map(str, entry.get("wordings") or [])] if entry else []
