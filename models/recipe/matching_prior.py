"""Step ``matching-prior``: what matching knows before it has seen an operator's FAQ.

Question tables of several fields, and FAQs with answers, are cut into many small FAQs: some entries, some wordings of
each, the others held out; entries that are missing are the near misses of the same field, and so is what ``fields/``
has that no entry answers. The weights that serve them all are the prior of ``voice_faq.matching``. None of the texts
goes into the product.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.faq import load_faq
from voice_faq.language.normalizing import normalize
from voice_faq.matching.answers import Answers
from voice_faq.matching.comparing import Comparer
from voice_faq.matching.everyday import everyday_questions
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.fitting import FOLDS, Example, Examples, fit_weights, surest_first
from voice_faq.matching.meaning import SentenceMeaning
from voice_faq.matching.prior import flat_prior

FIELDS: Final = "fields"
LESSONS: Final = "lessons"
WORDINGS: Final = (0, 0, 1, 2, 3, 5, 8, 12, 20)  # beside the question, drawn evenly
ENTRIES: Final = (10, 80)
MISSING: Final = 0.3  # of the entries
MOST_LISTED: Final = 25  # near misses that an FAQ lists as out of scope
LISTED: Final = 0.5  # of the FAQs list some
ASKED: Final = 4  # held-out wordings of an entry
PRECISION: Final = 2.0  # of the prior, where an example adds up to a quarter for an input of 1
RISKS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Topic:
    """An entry of an FAQ."""

    texts: list[str]
    """Different wordings, the question first."""
    answer: str
    """Empty where only questions are known."""


@dataclass(frozen=True)
class Source:
    """What FAQs of a field are cut out of."""

    topics: list[Topic]
    near: list[str]
    """Questions of the field that none of its topics answers."""


@dataclass(frozen=True)
class SampledFaq:
    """A small FAQ cut out of tables."""

    wordings: list[tuple[str, int]]
    """With their entries' numbers, rising; the highest is out of scope."""
    held: list[bool]
    """Which of them the FAQ lacks and is asked."""
    missing: frozenset[int]
    """Entries that it lacks."""
    none: int
    answers: list[str]
    """Of the entries."""


def read_source(source: Path) -> Source:
    """Entries with two or more different wordings.

    ``source`` is a folder with an FAQ, a table with the columns entry and question, or one of ``fields/`` and
    ``lessons/``.
    """
    near: list[str] = []
    if source.is_dir():
        topics = [Topic(list(dict.fromkeys(e.all_wordings)), e.answer) for e in load_faq(source).entries]
    elif source.parent.name in (FIELDS, LESSONS):
        topics, near = _read_field(source)
    else:
        topics = [Topic(texts, "") for texts in _read_table(source).values()]
    return Source([topic for topic in topics if len(topic.texts) > 1], near)


def _read_field(file: Path) -> tuple[list[Topic], list[str]]:
    """(topics, near misses) of rows of kind, entry and text without a header."""
    texts: dict[str, list[str]] = {}
    answers: dict[str, str] = {}
    near = []
    for line in file.read_text(encoding="utf-8").splitlines():
        kind, entry, text = line.split("\t")
        if kind == "near":
            near.append(text)
        elif kind == "answer":
            answers[entry] = text
        else:
            texts.setdefault(entry, []).append(text)
    return [Topic(list(dict.fromkeys(found)), answers[entry]) for entry, found in texts.items()], near


def _read_table(table: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            wordings = found.setdefault(row["entry"], [])
            if normalize(row["question"]) and row["question"] not in wordings:
                wordings.append(row["question"])
    return found


def sample_faq(source: Source, rng: random.Random, *, entries: int, wordings: int, even: bool) -> SampledFaq:
    """``entries`` of ``source`` with about so many ``wordings`` beside the question; ``even``: with just so many."""
    chosen = rng.sample(source.topics, min(entries, len(source.topics)))
    kept: list[tuple[str, int]] = []
    held: list[bool] = []
    for entry, texts in enumerate(topic.texts for topic in chosen):
        question = min(texts, key=len) if rng.random() < 0.5 else texts[0]
        others = [text for text in texts if text != question]
        rng.shuffle(others)
        count = min(wordings if even else rng.randint(0, 2 * wordings), len(others) - 1)
        asked = others[count : count + ASKED]
        kept += [(text, entry) for text in (question, *others[:count], *asked)]
        held += [False] * (1 + count) + [True] * len(asked)
    missing = {*range(len(chosen) - int(MISSING * len(chosen)), len(chosen))}
    answers = [topic.answer for topic in chosen]
    near = rng.sample(source.near, len(source.near))
    listed = rng.randint(0, min(MOST_LISTED, len(near))) if rng.random() < LISTED else 0
    if near[listed:]:  # to an FAQ they are as an entry that it lacks
        missing.add(len(chosen))
        answers.append("")
        kept += [(text, len(chosen)) for text in near[listed:]]
        held += [True] * len(near[listed:])
    none = len(answers)
    everyday = everyday_questions([text for text, _ in kept], near[:listed])
    kept += [(text, none) for text in (*near[:listed], *everyday)]
    held += [False] * listed + [rng.random() < 1 / FOLDS for _ in everyday]
    return SampledFaq(kept, held, frozenset(missing), none, answers)


def sampled_examples(source: Source, faqs: int, seed: int, meaning: SentenceMeaning) -> Iterator[Example]:
    """Examples of many FAQs that are cut out of ``source``."""
    rng = random.Random(seed)
    read = EvidenceReader([])
    evidence = cache(read)
    comparer = Comparer()
    for _ in range(faqs):
        faq = sample_faq(
            source, rng, entries=rng.randint(*ENTRIES), wordings=rng.choice(WORDINGS), even=rng.random() < 0.6
        )
        answers = Answers.read(faq.answers, read, meaning)
        examples = Examples(read, faq.wordings, faq.none, meaning, answers, comparer)
        yield from examples.of_split(faq.held, faq.missing, [evidence(text) for text, _ in faq.wordings], rng)


def risk_curve(of_faqs: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> list[float]:
    """For each of RISKS the probability from which on to answer, so that no greater share of all is wrong.

    ``of_faqs``: what ``surest_first`` gives of each source; all sources count alike.
    """
    best, wrong, share = (np.concatenate(parts) for parts in zip(*of_faqs, strict=True))
    order = np.argsort(-best, kind="stable")
    risk = np.cumsum((wrong * share)[order]) / len(of_faqs)
    return [float(best[order][max(0, int((risk <= accepted).sum()) - 1)]) for accepted in RISKS]


def learn_prior(sources: list[Path], target: Path, faqs: int, meaning: SentenceMeaning) -> None:
    """Write the prior for FAQs with ``meaning``; the thresholds are those of sources it was not learned on."""
    read = [read_source(source) for source in sources]
    of_sources = [list(sampled_examples(source, faqs, seed, meaning)) for seed, source in enumerate(read)]
    nothing_known = flat_prior()
    unseen_ones = []
    for number, unseen in enumerate(of_sources):
        others = [e for i, examples in enumerate(of_sources) if i != number for e in examples]
        learned = fit_weights(others, nothing_known)
        meant = [e for e in unseen if e.place is not None]
        first = np.mean([learned.shares(e.likeness).argmax() == e.place for e in meant])
        unseen_ones.append(surest_first(learned, unseen))
        thresholds = np.round(risk_curve(unseen_ones[-1:]), 2)
        print(f"{sources[number].stem}: right entry first {first:.3f}, answer from {thresholds}", flush=True)
    together = Source([topic for source in read for topic in source.topics], [])
    mixed = sampled_examples(together, faqs, len(read), meaning)
    learned = fit_weights([e for examples in (*of_sources, mixed) for e in examples], nothing_known)
    prior = {
        "ranking": learned.ranking.round(4).tolist(),
        "scope": learned.scope.round(4).tolist(),
        "ranking_precision": [PRECISION] * len(learned.ranking),
        "scope_precision": [PRECISION] * len(learned.scope),
        "risks": list(RISKS),
        "thresholds": np.round(risk_curve(unseen_ones), 4).tolist(),
    }
    target.write_text(json.dumps(prior, indent=1) + "\n", encoding="utf-8")
