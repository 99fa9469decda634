"""A small n-gram model of general Mandarin and the FAQ's wordings.

Two sources are counted apart and mixed per history by how much each has seen of it (Bayes-like linear
interpolation), each smoothed by absolute discounting. The FAQ keeps trigrams, general text bigrams.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from voice_faq.faq import Faq
from voice_faq.language.latin import pinyin_of_latin
from voice_faq.language.normalizing import normalize
from voice_faq.language.words import Segmenter
from voice_faq.recognition.graph.general_counts import END, NOTHING, START, Followers
from voice_faq.recognition.graph.phrases import COMMANDS, STATION_TALK, as_people_say
from voice_faq.recognition.graph.units import BRAND_PRONUNCIATIONS, UnknownSoundError, syllable_units

DOMAIN_ORDER: Final = 3
DISCOUNT: Final = 0.6
ANSWER_WEIGHT: Final = 0.5  # of an answer's clause beside a wording
FAQ_VARIANTS: Final = 12  # of each wording, with other small words around it
FAQ_MASS: Final = 8.0  # a FAQ n-gram counts as much as so many general ones
FAQ_UNIGRAM_SHARE: Final = 0.3
DICTIONARY_SHARE: Final = 0.1  # of the general unigram mass, by jieba's frequencies
LEAST_GAIN: Final = 1.5  # a general bigram is kept when it is so much likelier than by backing off
VOCABULARY: Final = 22_000

Ngram = tuple[str, ...]


def lexicon_pronunciations(word: str) -> list[tuple[str, ...]]:
    """Unit sequences of a word; a Latin word that is no brand is spelled out, one without known sounds has none."""
    from pypinyin import Style, lazy_pinyin, pinyin

    try:
        if word.isascii():
            brand = [tuple(p.split()) for p in BRAND_PRONUNCIATIONS.get(word, ())]
            return brand or [tuple(u for s in pinyin_of_latin(word) for u in syllable_units(s.rstrip("12345")))]
        if len(word) == 1:
            readings = dict.fromkeys(pinyin(word, style=Style.NORMAL, heteronym=True)[0])
            return list(dict.fromkeys(syllable_units(r) for r in list(readings)[:3]))
        return [tuple(u for s in lazy_pinyin(word) for u in syllable_units(s))]
    except UnknownSoundError:
        return []


def commonest_words(frequencies: dict[str, int]) -> dict[str, int]:
    """The dictionary's VOCABULARY commonest words of up to four characters, with their frequencies."""
    known = ((w, f) for w, f in frequencies.items() if f > 0 and re.fullmatch(r"[\u4e00-\u9fff]{1,4}", w))
    return dict(sorted(known, key=lambda pair: (-pair[1], pair[0]))[:VOCABULARY])


class DomainCounts:
    """Trigram counts of the FAQ, by history."""

    def __init__(self) -> None:
        self._tables: dict[Ngram, dict[str, float]] = defaultdict(lambda: defaultdict(float))

    def add(self, words: list[str], weight: float = 1.0) -> None:
        """Count all n-grams of a sentence."""
        padded = [START, *words, END]
        for i in range(1, len(padded)):
            for length in range(min(i, DOMAIN_ORDER - 1) + 1):
                self._tables[tuple(padded[i - length : i])][padded[i]] += weight

    def followers(self) -> dict[Ngram, Followers]:
        """What was seen after each history."""
        return {h: Followers(sum(t.values()), len(t), dict(t)) for h, t in self._tables.items()}


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


def build_language_model(faq: Faq, general: dict[str, Followers], *, seed: int = 1) -> LanguageModel:
    """Count the FAQ, mix it with the general counts, prune."""
    cut = Segmenter()
    counted = DomainCounts()
    for sentence in faq_sentences(faq, random.Random(seed)):
        counted.add(cut(normalize(sentence)))
    for entry in faq.entries:
        for text in re.split(r"[，。；！？：\n]", f"{entry.answer}\n{entry.shown}"):
            counted.add(cut(normalize(text)), ANSWER_WEIGHT)
    domain = counted.followers()
    common: dict[Ngram, Followers] = {(h,) if h else (): followers for h, followers in general.items()}
    dictionary = commonest_words(cut.frequencies)
    wanted = dict.fromkeys([*dictionary, *BRAND_PRONUNCIATIONS, *domain[()].counts])
    vocabulary = [w for w in wanted if w not in (START, END) and lexicon_pronunciations(w)]
    known = {*vocabulary, END}

    unigrams = _unigrams(domain[()], common.get((), NOTHING), dictionary, known)
    probabilities: dict[Ngram, dict[str, float]] = {(): unigrams}
    backoff: dict[Ngram, float] = {}
    histories = sorted(h for h in {*domain, *common} if h)
    for history in sorted(histories, key=len):
        if not all(w in known or w == START for w in history):
            continue
        row = _mixed_row(
            history, domain.get(history, NOTHING), common.get(history, NOTHING), probabilities, backoff, known
        )
        if row:
            lower = {w: _probability(history[1:], w, probabilities, backoff) for w in row}
            probabilities[history] = row
            backoff[history] = max(1e-4, 1 - sum(row.values())) / max(1e-4, 1 - sum(lower.values()))
    return LanguageModel(sorted(vocabulary), probabilities, backoff)


def _unigrams(domain: Followers, common: Followers, dictionary: dict[str, int], known: set[str]) -> dict[str, float]:
    def shares(counts: dict[str, float]) -> dict[str, float]:
        kept = {w: c for w, c in counts.items() if w in known}
        total = sum(kept.values()) or 1.0
        return {w: c / total for w, c in kept.items()}

    faq, general = shares(domain.counts), shares(common.counts)
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
    ours: Followers,
    theirs: Followers,
    probabilities: dict[Ngram, dict[str, float]],
    backoff: dict[Ngram, float],
    known: set[str],
) -> dict[str, float]:
    """Explicit probabilities after ``history``: every FAQ word, and the general words worth an arc."""
    share = FAQ_MASS * ours.total / (FAQ_MASS * ours.total + theirs.total)
    row = {}
    for word in sorted({*ours.counts, *theirs.counts} & known):
        lower = _probability(history[1:], word, probabilities, backoff)
        probability = share * _discounted(ours, word, lower) + (1 - share) * _discounted(theirs, word, lower)
        if word in ours.counts or probability > LEAST_GAIN * lower:
            row[word] = probability
    return row


def _discounted(followers: Followers, word: str, lower: float) -> float:
    """Absolute discounting, interpolated with the shorter history's probability."""
    if not followers.total:
        return 0.0
    held_back = DISCOUNT * min(followers.kinds, followers.total) / followers.total
    return max(followers.counts.get(word, 0.0) - DISCOUNT, 0.0) / followers.total + min(held_back, 0.9) * lower


def _probability(
    history: Ngram, word: str, probabilities: dict[Ngram, dict[str, float]], backoff: dict[Ngram, float]
) -> float:
    row = probabilities.get(history)
    if row is not None and word in row:
        return row[word]
    if not history:
        return 1e-9
    return backoff.get(history, 1.0) * _probability(history[1:], word, probabilities, backoff)
