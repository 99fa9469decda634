"""Step ``language-model``: a small n-gram model of general Mandarin and the FAQ's wordings.

Two sources are counted apart and mixed per history by how much each has seen of it (Bayes-like linear
interpolation), each smoothed by absolute discounting. The FAQ keeps trigrams, general text bigrams.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from voice_faq.faq import Faq
from voice_faq.language.normalizing import normalize

from .texts import COMMANDS, STATION_TALK, as_people_say
from .units import BRAND_PRONUNCIATIONS, UnknownSoundError, syllable_units

START: Final = "<s>"
END: Final = "</s>"
DISCOUNT: Final = 0.6
FAQ_VARIANTS: Final = 12  # of each wording, with other small words around it
FAQ_MASS: Final = 8.0  # a FAQ n-gram counts as much as so many general ones
FAQ_UNIGRAM_SHARE: Final = 0.3
DICTIONARY_SHARE: Final = 0.1  # of the general unigram mass, by jieba's frequencies
FEWEST_BIGRAMS: Final = 3  # rarer general bigrams are left to backing off
LEAST_GAIN: Final = 1.5  # a general bigram is kept when it is so much likelier than by backing off
VOCABULARY: Final = 22_000

Ngram = tuple[str, ...]


def lexicon_pronunciations(word: str) -> list[tuple[str, ...]]:
    """Unit sequences of a word in the lexicon, empty when it has a sound that has no unit."""
    from pypinyin import Style, lazy_pinyin, pinyin

    if word.isascii():
        return [tuple(p.split()) for p in BRAND_PRONUNCIATIONS.get(word, ())]
    try:
        if len(word) == 1:
            readings = dict.fromkeys(pinyin(word, style=Style.NORMAL, heteronym=True)[0])
            return list(dict.fromkeys(syllable_units(r) for r in list(readings)[:3]))
        return [tuple(u for s in lazy_pinyin(word) for u in syllable_units(s))]
    except UnknownSoundError:
        return []


class Words:
    """Cuts texts into the model's words; what is not in the dictionary falls into characters."""

    def __init__(self) -> None:
        import jieba

        self._jieba = jieba
        jieba.initialize()

    def __call__(self, text: str) -> list[str]:
        """Words of a text as people write it."""
        words: list[str] = []
        for run in re.findall(r"[a-z]+|[\u4e00-\u9fff]+", normalize(text)):
            words += [run] if run.isascii() else self._jieba.lcut(run, HMM=False)
        return words

    def frequent(self, count: int) -> dict[str, int]:
        """The dictionary's commonest words of up to four characters, with their frequencies."""
        known = (
            (word, frequency)
            for word, frequency in self._jieba.dt.FREQ.items()
            if frequency > 0 and re.fullmatch(r"[\u4e00-\u9fff]{1,4}", word)
        )
        return dict(sorted(known, key=lambda pair: (-pair[1], pair[0]))[:count])


@dataclass
class Counts:
    """n-gram counts of one source, by history."""

    order: int
    tables: dict[Ngram, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, words: list[str], weight: float = 1.0) -> None:
        """Count all n-grams of a sentence."""
        padded = [START, *words, END]
        for i in range(1, len(padded)):
            for length in range(min(i, self.order - 1) + 1):
                self.tables[tuple(padded[i - length : i])][padded[i]] += weight  # type: ignore[assignment]


def faq_sentences(faq: Faq, rng: random.Random) -> Iterator[str]:
    """What riders will say: wordings as people say them, other questions, commands."""
    for entry in faq.entries:
        for wording in entry.all_wordings:
            yield wording
            for _ in range(FAQ_VARIANTS):
                yield as_people_say(wording, rng)
    for text in (*faq.out_of_scope, *STATION_TALK):
        yield from (text, text, as_people_say(text, rng))
    for command in COMMANDS:
        yield from [command] * 6


@dataclass(frozen=True)
class LanguageModel:
    """Back-off n-grams: probabilities and back-off weights of histories."""

    vocabulary: list[str]
    probabilities: dict[Ngram, dict[str, float]]
    """history → word → probability; the empty history holds every word and END."""
    backoff: dict[Ngram, float]


def build_language_model(faq: Faq, general: Iterable[str], *, seed: int = 1) -> LanguageModel:
    """Count, mix, prune."""
    words = Words()
    domain = Counts(3)
    for sentence in faq_sentences(faq, random.Random(seed)):
        domain.add(words(sentence))
    for entry in faq.entries:
        for text in re.split(r"[，。；！？：\n]", f"{entry.answer}\n{entry.shown}"):
            domain.add(words(text), 0.5)
    dictionary = words.frequent(VOCABULARY)
    wanted = dict.fromkeys([*dictionary, *BRAND_PRONUNCIATIONS, *domain.tables[()]])
    vocabulary = [w for w in wanted if w not in (START, END) and lexicon_pronunciations(w)]
    known = {*vocabulary, END}

    common = Counts(2)
    for sentence in general:
        cut = words(sentence)
        if known.issuperset(cut):
            common.add(cut)
    unigrams = _unigrams(domain, common, dictionary, known)
    probabilities: dict[Ngram, dict[str, float]] = {(): unigrams}
    backoff: dict[Ngram, float] = {}
    histories = sorted(h for h in {*domain.tables, *common.tables} if h)
    for history in sorted(histories, key=len):
        if not all(w in known or w == START for w in history):
            continue
        row = _mixed_row(history, domain, common, probabilities, backoff, known)
        if row:
            lower = {w: _probability(history[1:], w, probabilities, backoff) for w in row}
            probabilities[history] = row
            backoff[history] = max(1e-4, 1 - sum(row.values())) / max(1e-4, 1 - sum(lower.values()))
    return LanguageModel(sorted(vocabulary), probabilities, backoff)


def _unigrams(domain: Counts, common: Counts, dictionary: dict[str, int], known: set[str]) -> dict[str, float]:
    def shares(counts: dict[str, float] | Counter[str]) -> dict[str, float]:
        kept = {w: float(c) for w, c in counts.items() if w in known}
        total = sum(kept.values()) or 1.0
        return {w: c / total for w, c in kept.items()}

    faq, general = shares(domain.tables[()]), shares(common.tables[()])
    listed = shares({w: float(min(f, 10_000)) + 2.0 for w, f in dictionary.items()})
    mixed = {
        w: FAQ_UNIGRAM_SHARE * faq.get(w, 0.0)
        + (1 - FAQ_UNIGRAM_SHARE)
        * ((1 - DICTIONARY_SHARE) * general.get(w, 0.0) + DICTIONARY_SHARE * listed.get(w, 0.0))
        + 1e-7
        for w in sorted(known)
    }
    total = sum(mixed.values())
    return {w: p / total for w, p in mixed.items()}


def _mixed_row(
    history: Ngram,
    domain: Counts,
    common: Counts,
    probabilities: dict[Ngram, dict[str, float]],
    backoff: dict[Ngram, float],
    known: set[str],
) -> dict[str, float]:
    """Explicit probabilities after ``history``: every FAQ word, and the general words worth an arc."""
    ours = domain.tables.get(history, Counter())
    theirs = common.tables.get(history, Counter()) if len(history) == 1 else Counter[str]()
    our_total, their_total = float(sum(ours.values())), float(sum(theirs.values()))
    share = FAQ_MASS * our_total / (FAQ_MASS * our_total + their_total)
    row = {}
    for word in sorted({*ours, *(w for w, c in theirs.items() if c >= FEWEST_BIGRAMS)}):
        if word not in known:
            continue
        lower = _probability(history[1:], word, probabilities, backoff)
        probability = share * _discounted(ours, our_total, word, lower) if our_total else 0.0
        probability += (1 - share) * _discounted(theirs, their_total, word, lower) if their_total else 0.0
        if word in ours or probability > LEAST_GAIN * lower:
            row[word] = probability
    return row


def _discounted(counts: Counter[str], total: float, word: str, lower: float) -> float:
    """Absolute discounting, interpolated with the shorter history's probability."""
    held_back = DISCOUNT * min(len(counts), total) / total
    return max(counts[word] - DISCOUNT, 0.0) / total + min(held_back, 0.9) * lower


def _probability(
    history: Ngram, word: str, probabilities: dict[Ngram, dict[str, float]], backoff: dict[Ngram, float]
) -> float:
    row = probabilities.get(history)
    if row is not None and word in row:
        return row[word]
    if not history:
        return 1e-9
    return backoff.get(history, 1.0) * _probability(history[1:], word, probabilities, backoff)
