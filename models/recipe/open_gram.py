"""Step ``language-model``: general Mandarin from Open-Gram, as Debian ships it.

Open-Gram (Kov Chai, virus huo, Tinyfool, CC-BY-SA 3.0) is a trigram model of hundreds of millions of words, made
for input methods. Debian's package sunpinyin-data holds it threaded and packed; ``tslminfo`` of sunpinyin-utils
writes it out in ARPA form with word numbers, and the words stand at the end of the pinyin dictionary beside it.
Punctuation is a word there: it becomes the ends and beginnings of our sentences.
"""

from __future__ import annotations

import math
import re
import struct
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Final

from voice_faq.recognition.graph.general_ngrams import END, START, GeneralNgrams, Ngram
from voice_faq.recognition.graph.language_model import LEAST, FaqModel, GeneralModel, LanguageModel

from .general_text import counted

MODEL_FILE: Final = "lm_sc.t3g"
DICTIONARY_FILE: Final = "pydict_sc.bin"
# Share of each mark's occurrences that end an utterance; a comma often stands where a speaker goes on.
ENDS: Final = {"。": 1.0, "；": 1.0, "？": 1.0, "！": 1.0, "，": 0.5}
BEGINNINGS: Final = ("，", "。", "；", "？", "！", "：")
LEAST_UNIGRAM: Final = 1e-7  # of characters that are not among the commonest words
MOST_EXPLICIT: Final = 0.98  # of a history's probability; the rest backs off
_WORD: Final = re.compile(r"[\u4e00-\u9fff]{1,4}")

NumberedNgram = tuple[tuple[int, ...], float]


def read_words(dictionary: Path) -> list[str]:
    """Words by number: three header numbers, the last of them where the zero-terminated UTF-32 words begin."""
    data = dictionary.read_bytes()
    count, _, offset = struct.unpack("<III", data[:12])
    return data[offset:].decode("utf-32-le").split("\0")[:count]


def numbered_ngrams(model: Path) -> Iterator[NumberedNgram]:
    """(word numbers, probability) of all unigrams, bigrams and trigrams, in this order."""
    command = ["tslminfo", "-v", "-p", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        length = 0
        for line in process.stdout:
            if line.startswith("\\"):
                length = int(line[1])
            elif length:
                fields = line.split()
                yield tuple(map(int, fields[:length])), float(fields[length])


def general_ngrams(
    folder: Path, *, words: int, ngrams: int, texts: Sequence[tuple[float, list[str]]] = ()
) -> GeneralNgrams:
    """The ``words`` commonest words, all characters of GB 2312, and the ``ngrams`` whose loss would cost most.

    ``texts`` are mixed in, each list with its share of what is said.
    """
    names = read_words(folder / DICTIONARY_FILE)
    by_length = groupby(numbered_ngrams(folder / MODEL_FILE), key=lambda ngram: len(ngram[0]))
    probabilities = {numbers[0]: probability for numbers, probability in next(by_length)[1]}
    unigrams: dict[str, float] = defaultdict(float)
    for number, probability in probabilities.items():
        unigrams[names[number]] += probability
    vocabulary = _vocabulary(unigrams, words)
    wanted = {number: names[number] for number in probabilities if names[number] in vocabulary}
    openings = {number: unigrams[names[number]] for number in probabilities if names[number] in BEGINNINGS}
    marks = {number: p / sum(openings.values()) for number, p in openings.items()}
    rows: GeneralNgrams = defaultdict(lambda: defaultdict(float))
    for numbers, probability in chain.from_iterable(longer for _, longer in by_length):
        *before, last = numbers
        word = wanted.get(last, names[last])
        share = probability
        if word in ENDS:
            word, share = END, share * ENDS[word]
        elif last not in wanted:
            continue
        if all(number in wanted for number in before):
            rows[tuple(wanted[number] for number in before)][word] += share
        elif before[0] in marks and all(number in wanted for number in before[1:]) and word != END:
            # What comes after any mark: weighted by how often it is this mark. For trigrams the word between tells
            # more about the mark than its own frequency does; that is left out.
            rows[(START, *(wanted[number] for number in before[1:]))][word] += share * marks[before[0]]
    _leave_room(rows)
    general = GeneralModel({(): vocabulary, **rows}, set(vocabulary))
    counts = [(share, counted(clauses, vocabulary)) for share, clauses in texts]
    return _pruned(_with_texts(general, counts), ngrams)


def _vocabulary(unigrams: dict[str, float], words: int) -> dict[str, float]:
    wanted = [name for name in unigrams if _WORD.fullmatch(name) and _simplified(name)]
    commonest = sorted(wanted, key=lambda name: (-unigrams[name], name))[:words]
    vocabulary = dict.fromkeys(filter(_WORD.fullmatch, _gb2312()), LEAST_UNIGRAM)
    vocabulary.update((name, unigrams[name]) for name in commonest)
    vocabulary[END] = sum(unigrams[mark] * share for mark, share in ENDS.items())
    total = sum(vocabulary.values())
    return {word: p / total for word, p in vocabulary.items()}


def _gb2312() -> str:
    """All characters of the rows 16 to 87."""
    return bytes(byte for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF) for byte in (row, cell)).decode(
        "gb2312", errors="ignore"
    )


def _simplified(word: str) -> bool:
    """Whether the word is in the characters of GB 2312; the others are traditional or rare."""
    try:
        word.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _leave_room(rows: GeneralNgrams) -> None:
    """Scale rows that claim all of a history's probability, so that something is left for other words."""
    for row in rows.values():
        scale = min(1.0, MOST_EXPLICIT / sum(row.values()))
        for word in row:
            row[word] *= scale


def _with_texts(general: GeneralModel, texts: list[tuple[float, FaqModel]]) -> LanguageModel:
    """Open-Gram and the texts side by side: after each history by how likely each is to have said it."""
    rest = 1 - sum(share for share, _ in texts)

    def mixed(history: Ngram, words: Iterable[str]) -> dict[str, float]:
        parts: list[tuple[float, GeneralModel | FaqModel]] = [(rest * general.history_probability(history), general)]
        parts += [(share * counts.history_probability(history), counts) for share, counts in texts]
        total = sum(part for part, _ in parts)
        return {w: sum(part / total * model.probability(history, w) for part, model in parts if part) for w in words}

    unigrams = mixed((), general.rows[()])
    model = LanguageModel(sorted(unigrams), {(): unigrams}, {})
    seen = [counts.seen() for _, counts in texts]
    for history in sorted({*general.rows, *chain.from_iterable(seen)} - {()}, key=lambda h: (len(h), h)):
        said = dict.fromkeys(word for rows in seen for word in rows.get(history, ()))
        known = general.rows.get(history, {})
        row = mixed(history, {**known, **said}) if said else known
        model.probabilities[history] = row
        shorter = sum(model.probability(history[1:], word) for word in row)
        model.backoff[history] = max(LEAST, 1 - sum(row.values())) / max(LEAST, 1 - shorter)
    return model


def _pruned(model: LanguageModel, ngrams: int) -> GeneralNgrams:
    """The n-grams with the greatest weighted gain over backing off (Seymore and Rosenfeld, ICSLP 1996)."""
    unigrams = model.probabilities[()]
    gains = []
    for history, row in model.probabilities.items():
        if not history:
            continue
        often = unigrams[END if history[0] == START else history[0]]
        if len(history) > 1:
            often *= model.probability(history[:1], history[1])
        for word, explicit in row.items():
            backed_off = model.backoff[history] * model.probability(history[1:], word)
            if explicit > backed_off:
                gains.append((often * explicit * math.log(explicit / backed_off), history, word, explicit))
    gains.sort(key=lambda gain: (-gain[0], gain[1], gain[2]))
    kept: GeneralNgrams = defaultdict(dict)
    for _, history, word, explicit in gains[:ngrams]:
        kept[history][word] = explicit
    return {(): unigrams, **kept}
