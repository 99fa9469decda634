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
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from voice_faq.recognition.graph.general_ngrams import END, START, GeneralNgrams

MODEL_FILE: Final = "lm_sc.t3g"
DICTIONARY_FILE: Final = "pydict_sc.bin"
# Share of each mark's occurrences that end an utterance; a comma often stands where a speaker goes on.
ENDS: Final = {"。": 1.0, "；": 1.0, "？": 1.0, "！": 1.0, "，": 0.5}
BEGINNINGS: Final = ("，", "。", "；", "？", "！", "：")
MOST_EXPLICIT: Final = 0.98  # of a history's probability; the rest backs off
_WORD: Final = re.compile(r"[\u4e00-\u9fff]{1,4}")

NumberedNgram = tuple[tuple[int, ...], float]


def read_words(dictionary: Path) -> list[str]:
    """Words by number: three header numbers, the last of them where the zero-terminated UTF-32 words begin."""
    data = dictionary.read_bytes()
    count, _, offset = struct.unpack("<III", data[:12])
    return data[offset:].decode("utf-32-le").split("\0")[:count]


def numbered_ngrams(model: Path) -> Iterator[NumberedNgram]:
    """(word numbers, probability) of all unigrams and bigrams."""
    command = ["tslminfo", "-v", "-p", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        length = 0
        for line in process.stdout:
            if line.startswith("\\"):
                length = int(line[1])
            elif length in (1, 2):
                fields = line.split()
                yield tuple(map(int, fields[:length])), float(fields[length])


def general_bigrams(folder: Path, *, words: int, bigrams: int) -> GeneralNgrams:
    """The ``words`` commonest words and the ``bigrams`` whose loss would cost most."""
    names = read_words(folder / DICTIONARY_FILE)
    numbers: dict[str, int] = {}
    unigrams: dict[int, float] = {}
    rows: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for ngram, probability in numbered_ngrams(folder / MODEL_FILE):
        if len(ngram) == 1:
            unigrams[ngram[0]] = probability
            numbers[names[ngram[0]]] = ngram[0]
        else:
            rows[ngram[0]].append((ngram[1], probability))
    wanted = [n for name, n in numbers.items() if _WORD.fullmatch(name) and _simplified(name)]
    commonest = sorted(wanted, key=lambda n: (-unigrams[n], names[n]))[:words]
    label = {n: names[n] for n in commonest}
    ends = {numbers[mark]: share for mark, share in ENDS.items()}

    def relabelled(row: list[tuple[int, float]], share: float = 1.0) -> Iterator[tuple[str, float]]:
        for number, probability in row:
            if number in label:
                yield label[number], share * probability
            elif number in ends:
                yield END, share * probability * ends[number]

    vocabulary = dict(relabelled([(n, unigrams[n]) for n in commonest]))
    vocabulary[END] = sum(unigrams[n] * share for n, share in ends.items())
    total = sum(vocabulary.values())
    vocabulary = {word: p / total for word, p in vocabulary.items()}

    full: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for number in commonest:
        for word, probability in relabelled(rows[number]):
            full[label[number]][word] += probability
    marks = [numbers[mark] for mark in BEGINNINGS]
    for mark in marks:
        for word, probability in relabelled(rows[mark], unigrams[mark] / sum(unigrams[m] for m in marks)):
            if word != END:
                full[START][word] += probability
    return {"": vocabulary, **_pruned(full, vocabulary, bigrams)}


def _simplified(word: str) -> bool:
    """Whether the word is in the characters of GB 2312; the others are traditional or rare."""
    try:
        word.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _pruned(full: dict[str, dict[str, float]], unigrams: dict[str, float], bigrams: int) -> GeneralNgrams:
    """The bigrams with the greatest weighted gain over backing off (Seymore and Rosenfeld, ICSLP 1996)."""
    gains = []
    for history, row in full.items():
        scale = min(1.0, MOST_EXPLICIT / sum(row.values()))
        left = 1 - scale * sum(row.values())
        backoff = left / max(1e-6, 1 - sum(unigrams[word] for word in row))
        often = unigrams[END if history == START else history]
        for word, probability in row.items():
            explicit, backed_off = scale * probability, backoff * unigrams[word]
            if explicit > backed_off:
                gains.append((often * explicit * math.log(explicit / backed_off), history, word, explicit))
    gains.sort(key=lambda gain: (-gain[0], gain[1], gain[2]))
    kept: GeneralNgrams = defaultdict(dict)
    for _, history, word, probability in gains[:bigrams]:
        kept[history][word] = probability
    return dict(kept)
