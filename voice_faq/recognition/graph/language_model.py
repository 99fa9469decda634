"""A small n-gram model of general Mandarin and the FAQ's wordings.

Two models with trigrams stand side by side, one of the FAQ's wordings, one of general Mandarin. An utterance is taken
to come from one of the two; after each history they are mixed by how likely each of them is
to have said that history (Bayes' rule on the last words).
"""

from __future__ import annotations

import itertools
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from voice_faq.faq import Faq
from voice_faq.language.latin import pinyin_of_latin
from voice_faq.language.normalizing import normalize
from voice_faq.language.numbers import DIGITS
from voice_faq.language.tones import spoken_pinyin, toned_pinyin
from voice_faq.language.words import Segmenter
from voice_faq.recognition.graph.general_ngrams import END, START, GeneralNgrams, Ngram
from voice_faq.recognition.graph.phrases import COMMANDS, STATION_TALK, as_people_say
from voice_faq.recognition.graph.units import (
    BRAND_PRONUNCIATIONS,
    UnknownSoundError,
    syllable_units,
    units_of,
)

FAQ_ORDER: Final = 3
DISCOUNT: Final = 0.9  # of every count; fresh wordings leave the known ones soon
MOST_HELD_BACK: Final = 0.95  # of a FAQ history's probability, for words that were not seen after it
ANSWER_WEIGHT: Final = 0.5  # of an answer's clause beside a wording
FAQ_VARIANTS: Final = 1  # of each wording, with other small words around it; more make fresh wordings unlikely
FAQ_SHARE: Final = 0.85  # of utterances that are in the words of the FAQ
UNSEEN: Final = 1e-8  # general probability of a word that only the FAQ has
SANDHI_READINGS: Final = {"不": ("bu2",), "一": ("yi2", "yi4")}  # before a word that they do not make one word with
LEAST: Final = 1e-4  # of the mass that a history leaves to backing off

_DIGITS: Final = re.compile(f"[{DIGITS}]{{3,}}")


def lexicon_pronunciations(word: str) -> list[tuple[str, ...]]:
    """Unit sequences of a word; a Latin word that is no brand is spelled out, one without known sounds has none."""
    from pypinyin import Style, pinyin

    try:
        if word.isascii():
            brand = [tuple(p.split()) for p in BRAND_PRONUNCIATIONS.get(word, ())]
            return brand or [units_of(pinyin_of_latin(word))]
        if len(word) == 1:
            readings = dict.fromkeys(pinyin(word, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0])
            changed = SANDHI_READINGS.get(word, ())
            return list(dict.fromkeys(syllable_units(r) for r in [*list(readings)[:3], *changed]))
        return list(dict.fromkeys(map(units_of, (list(toned_pinyin(word)), spoken_pinyin([word])))))
    except UnknownSoundError:
        return []


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


class FaqModel:
    """Counts of the FAQ's sentences, smoothed by absolute discounting down to unigrams."""

    def __init__(self) -> None:
        self._counts: dict[Ngram, dict[str, float]] = defaultdict(dict)
        self._totals: dict[Ngram, float] = defaultdict(float)

    def add(self, words: list[str], weight: float = 1.0) -> None:
        """Count all n-grams of a sentence."""
        padded = [START, *words, END]
        for i in range(1, len(padded)):
            for length in range(min(i, FAQ_ORDER - 1) + 1):
                history = tuple(padded[i - length : i])
                row = self._counts[history]
                row[padded[i]] = row.get(padded[i], 0.0) + weight
                self._totals[history] += weight

    def seen(self) -> dict[Ngram, dict[str, float]]:
        """Counts of what was seen after each history."""
        return self._counts

    def probability(self, history: Ngram, word: str) -> float:
        """P(word | history); 0 for words that the FAQ does not have."""
        total = self._totals.get(history, 0.0)
        if not history:
            return self._counts[()].get(word, 0.0) / total
        shorter = self.probability(history[1:], word)
        if not total:
            return shorter
        row = self._counts[history]
        held_back = min(DISCOUNT * min(len(row), total) / total, MOST_HELD_BACK)
        return max(row.get(word, 0.0) - DISCOUNT, 0.0) / total + held_back * shorter

    def history_probability(self, history: Ngram) -> float:
        """How often the history occurs, a word of text."""
        return self._totals.get(history, 0.0) / self._totals[()]


@dataclass(frozen=True)
class LanguageModel:
    """Back-off n-grams: probabilities and back-off weights of histories."""

    vocabulary: list[str]
    probabilities: dict[Ngram, dict[str, float]]
    """history → word → probability; the empty history holds every word and END."""
    backoff: dict[Ngram, float]

    def probability(self, history: Ngram, word: str) -> float:
        """P(word | history) by the longest history that is known."""
        row = self.probabilities.get(history, {})
        if word in row:
            return row[word]
        return self.backoff.get(history, 1.0) * self.probability(history[1:], word)


class GeneralModel:
    """The general n-grams over a vocabulary that may have more words than they."""

    def __init__(self, ngrams: GeneralNgrams, vocabulary: set[str]) -> None:
        """``vocabulary`` holds END."""
        listed = ngrams[()]
        floored = {word: listed.get(word, 0.0) + UNSEEN for word in sorted(vocabulary)}
        total = sum(floored.values())
        self._unigrams = {word: p / total for word, p in floored.items()}
        self.model: Final = LanguageModel(sorted(vocabulary - {END}), {(): self._unigrams}, {})
        self.rows: Final = self.model.probabilities
        self.probability: Final = self.model.probability
        known = {START, *vocabulary}
        for history in sorted(ngrams, key=len):
            row = {word: p for word, p in ngrams[history].items() if word in vocabulary}
            if history and row and known.issuperset(history):
                shorter = {word: self.probability(history[1:], word) for word in row}
                self.rows[history] = row
                self.model.backoff[history] = _backoff_weight(row, shorter)

    def history_probability(self, history: Ngram) -> float:
        """How often the history occurs, a word of text; a sentence starts as often as one ends."""
        if not history:
            return 1.0
        probability = self._unigrams[END if history[0] == START else history[0]]
        for before, word in itertools.pairwise(history):
            probability *= self.probability((before,), word)
        return probability


def _backoff_weight(row: dict[str, float], shorter: dict[str, float]) -> float:
    return max(LEAST, 1 - sum(row.values())) / max(LEAST, 1 - sum(shorter.values()))


def count_faq(faq: Faq, cut: Segmenter, seed: int) -> FaqModel:
    """The model of the FAQ's wordings as people say them, and of its answers."""
    counted = FaqModel()

    def words(text: str) -> list[str]:
        # Telephone numbers are said in digits, not in words of ten syllables.
        return [part for word in cut(normalize(text)) for part in (word if _DIGITS.fullmatch(word) else (word,))]

    for sentence in faq_sentences(faq, random.Random(seed)):
        counted.add(words(sentence))
    for entry in faq.entries:
        for text in re.split(r"[，。；！？：\n]", f"{entry.answer}\n{entry.shown}"):
            counted.add(words(text), ANSWER_WEIGHT)
    # The hotline, as a telephone number is said.
    counted.add(list(normalize(faq.hotline).replace("一", "幺")), ANSWER_WEIGHT)
    return counted


def build_language_model(faq: Faq, ngrams: GeneralNgrams, *, seed: int = 1) -> LanguageModel:
    """Mix the FAQ's model with the general one; all their n-grams are kept."""
    ours = count_faq(faq, Segmenter(), seed)
    wanted = dict.fromkeys([*ngrams[()], *BRAND_PRONUNCIATIONS, *ours.seen()[()]])
    vocabulary = [w for w in wanted if w not in (START, END) and lexicon_pronunciations(w)]
    known = {*vocabulary, END}
    theirs = GeneralModel(ngrams, known)

    def mixed(history: Ngram, words: set[str]) -> dict[str, float]:
        faq_part = FAQ_SHARE * ours.history_probability(history)
        general_part = (1 - FAQ_SHARE) * theirs.history_probability(history)
        share = faq_part / (faq_part + general_part)
        return {
            w: (share * ours.probability(history, w) if share else 0.0) + (1 - share) * theirs.probability(history, w)
            for w in sorted(words)
        }

    model = LanguageModel(sorted(vocabulary), {(): mixed((), known)}, {})
    seen = ours.seen()
    for history in sorted({*seen, *theirs.rows} - {()}, key=lambda h: (len(h), h)):
        words = {*seen.get(history, ()), *theirs.rows.get(history, ())} & known
        if words and all(w in known or w == START for w in history):
            row = mixed(history, words)
            shorter = {w: model.probability(history[1:], w) for w in row}
            model.probabilities[history] = row
            model.backoff[history] = _backoff_weight(row, shorter)
    return model
