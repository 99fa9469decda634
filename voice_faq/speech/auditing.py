"""``voice-faq voice audit``: is every answer read as a second authority reads it?

We read by pypinyin's phrases with our own tone changes; the second opinion is the phonemiser that misaki[zh] brings
for Kokoro, which cuts words by jieba, has a dictionary of its own and other rules for tones. Where they differ, one is
wrong or both are right: a person listens, and writes the reading into ``pronunciations``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from typing import Any, Final

from voice_faq.errors import SpeechError
from voice_faq.speech.clauses import split_clauses
from voice_faq.speech.reading import COMMON_READINGS, Word, read_aloud

ENGINE: Final = "misaki"
CHANGING: Final = "一不"
"""Their tones follow what comes after them, by rules of which speakers keep different parts."""
VARIANTS: Final = {"哪": "na3 nei3", "那": "na4 nei4", "这": "zhe4 zhei4", "谁": "shei2 shui2", "熟": "shu2 shou2"}
"""Said either way with the same meaning: 哪个."""
_TIMEOUT_S: Final = 300.0


@dataclass(frozen=True)
class Dispute:
    """A character that is read differently."""

    clause: str
    character: str
    word: str
    """As we cut the text."""
    ours: str
    theirs: str

    def __str__(self) -> str:
        """For a person."""
        return f"“{self.clause}”里“{self.word}”的“{self.character}”：我们念 {self.ours}，{ENGINE} 念 {self.theirs}"


@dataclass(frozen=True)
class Audit:
    """What was compared, and where the readings differ."""

    characters: int
    disputes: tuple[Dispute, ...]
    engine: str = ENGINE


def audit(texts: Sequence[str], pronunciations: Mapping[str, str]) -> Audit:
    """Compare all characters of ``texts`` but those whose reading an operator has given.

    Raises SpeechError where misaki is not installed.
    """
    if find_spec("misaki") is None:
        raise SpeechError("核对读音要用 misaki。请运行：pip install 'voice-faq[neural]'")
    clauses = list(dict.fromkeys(clause for text in texts for clause in split_clauses(text)))
    runs = [(clause, run) for clause in clauses for run in _runs(clause, pronunciations)]
    theirs = _second_opinion([[word.text for word in run] for _, run in runs])
    settled = {**COMMON_READINGS, **pronunciations}
    disputes: list[Dispute] = []
    characters = 0
    for (clause, run), opinion in zip(runs, theirs, strict=True):
        readings = iter(opinion)
        for word in run:
            for character, ours in zip(word.text, word.syllables, strict=True):
                other = next(readings)
                characters += 1
                agreed = character in CHANGING or _agree(_sound(ours), other) or _variants(character, ours, other)
                if word.text not in settled and not agreed:
                    disputes.append(Dispute(clause, character, word.text, ours, "".join(other)))
    return Audit(characters, tuple(disputes))


def _runs(clause: str, pronunciations: Mapping[str, str]) -> Iterator[list[Word]]:
    """Words that follow one another without a pause or a Latin word between."""
    for chinese, sounds in groupby(read_aloud(clause, pronunciations), lambda sound: isinstance(sound, Word)):
        if chinese:
            yield [sound for sound in sounds if isinstance(sound, Word)]


def _sound(pinyin: str) -> tuple[str, str]:
    """Initial, and final with its tone: ``yin2`` → ("", "in2")."""
    from pypinyin.contrib.tone_convert import to_finals_tone3, to_initials

    final = to_finals_tone3(pinyin, strict=True, neutral_tone_with_five=True)
    return to_initials(pinyin, strict=True), final


def _agree(ours: tuple[str, str], theirs: tuple[str, str]) -> bool:
    """Whether two readings are the same but for what speakers do freely: a neutral tone, a third tone that changes."""
    if ours[0] != theirs[0] or ours[1][:-1] != theirs[1][:-1]:
        return False
    tones = {ours[1][-1], theirs[1][-1]}
    return len(tones) == 1 or "5" in tones or tones == {"2", "3"}


def _variants(character: str, ours: str, theirs: tuple[str, str]) -> bool:
    """Whether speakers say the character either way."""
    either = VARIANTS.get(character, "").split()
    return ours in either and any(_agree(_sound(variant), theirs) for variant in either)


def _second_opinion(runs: list[list[str]]) -> list[list[tuple[str, str]]]:
    """(initial, final with tone) of every character of each run, in a process of its own.

    misaki's dictionary replaces pypinyin's for the whole process that loads it.
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "voice_faq.speech.auditing"],
        input=json.dumps(["".join(run) for run in runs]),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["没有说明"]
        raise SpeechError(f"{ENGINE} 读不了这些句子（{reason[0]}）。请运行：pip install --upgrade 'voice-faq[neural]'")
    return [[(initial, final) for initial, final in run] for run in json.loads(done.stdout)]


def _readings(run: str, frontend: Any, cut: Any) -> Iterator[tuple[str, str]]:
    for word, part_of_speech in frontend.tone_modifier.pre_merge_for_modify(cut(run)):
        initials, finals = frontend._get_initials_finals(word)
        finals = frontend.tone_modifier.modified_tone(word, part_of_speech, finals)
        # Its names of the finals of zi and zhi are its own.
        yield from ((i, f.replace("iii", "i").replace("ii", "i")) for i, f in zip(initials, finals, strict=True))


if __name__ == "__main__":
    import jieba.posseg
    from misaki.zh_frontend import ZHFrontend

    frontend = ZHFrontend()
    opinions = [list(_readings(run, frontend, jieba.posseg.lcut)) for run in json.load(sys.stdin)]
    print(json.dumps(opinions))
