"""Lexicon, topology and language model as the graph that Vosk composes while it decodes.

The network has no context dependency, so C falls away, and H renames phones to transitions (Mohri, Pereira and
Riley, "Weighted finite-state transducers in speech recognition", 2002). ``HCLr.fst`` is a tree of the words' phones,
where a word's label stands on the first arc that no other word shares and the rest of its phones are shared by all
words that end alike; ``Gr.fst`` is the language model. Both have room in a few megabytes where their composition
would need many times that, and a grammar can be put in the language model's place at run time.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from voice_faq.recognition.graph.general_ngrams import END, START, Ngram
from voice_faq.recognition.graph.language_model import LanguageModel, lexicon_pronunciations
from voice_faq.recognition.graph.openfst import INFINITE, Arc, Interval, NgramState, lookahead_fst, ngram_fst
from voice_faq.recognition.graph.topology import SILENCE_PHONE, TRANSITION_COUNT, TRANSITIONS, positional, self_loops

EPSILON: Final = "<eps>"
SILENCE_PROBABILITY: Final = 0.3
LEXICON_FILE: Final = "HCLr.fst"
GRAMMAR_FILE: Final = "Gr.fst"
DISAMBIGUATION_FILE: Final = "disambig_tid.int"

Phones = tuple[int, ...]


@dataclass
class _Node:
    """A place in the tree of pronunciations."""

    following: dict[int, _Node] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    """Words that end here."""
    below: set[str] = field(default_factory=set)
    """Words that end here or later."""


class Lexicon:
    """Arcs of HCL; output labels are numbered in the order of the tree, so that those below a place are neighbours."""

    def __init__(self, pronunciations: dict[str, list[Phones]]) -> None:
        self.labels: dict[str, int] = {}
        self.arcs: list[Arc] = []
        self.next_labels: list[tuple[Interval, ...]] = []
        """Of each state: the labels that can come next."""
        self._loops = self_loops()
        self._endings: dict[Phones, int] = {}
        # The final label comes first, so that the labels between words are one interval.
        self.final_label: Final = 1
        self._everything: Final = ((1, 2 + len(pronunciations)),)
        self.start = self._state(self._everything)
        self._between_words = self._state(self._everything)
        self._add(self.start, self._between_words, cost=-math.log(1 - SILENCE_PROBABILITY))
        silence = self._entered(self.start, SILENCE_PHONE, self._everything, cost=-math.log(SILENCE_PROBABILITY))
        self._add(silence, self._between_words)
        self.arcs.append(Arc(self._between_words, None, 0, 0, 0.0))
        self._branch(self._between_words, _tree(pronunciations))

    def _state(self, next_labels: tuple[Interval, ...]) -> int:
        self.next_labels.append(next_labels)
        return len(self.next_labels) - 1

    def _add(self, source: int, to: int, label_in: int = 0, label_out: int = 0, cost: float = 0.0) -> None:
        self.arcs.append(Arc(source, to, label_in, label_out, cost))

    def _entered(
        self, source: int, phone: int, next_labels: tuple[Interval, ...], label: int = 0, cost: float = 0.0
    ) -> int:
        """A new state behind ``phone``: the forward transition leads there, its loops turn there."""
        state = self._state(next_labels)
        leave = TRANSITIONS[phone].leave
        self._add(source, state, leave, label, cost)
        for loop in self._loops[leave]:
            self._add(state, state, loop)
        return state

    def _label(self, word: str) -> int:
        return self.labels.setdefault(word, len(self.labels) + 2)

    def _branch(self, state: int, node: _Node) -> None:
        """Everything that can follow at ``node``, whose state has no label behind it yet."""
        for word in node.words:
            self._add(state, self._between_words, label_out=self._label(word))
        for phone, child in sorted(node.following.items()):
            if len(child.below) == 1:
                (word,) = child.below
                for rest in _paths(child):
                    ending = self._ending((phone, *rest))
                    self._add(state, ending, TRANSITIONS[phone].leave, self._label(word))
                continue
            reached = self._entered(state, phone, ())
            self._branch(reached, child)
            self.next_labels[reached] = _intervals({self.labels[word] for word in child.below})

    def _ending(self, phones: Phones) -> int:
        """The state behind the first of ``phones`` from where the others lead to the next word."""
        if phones not in self._endings:
            self._endings[phones] = state = self._state(self._everything)
            for loop in self._loops[TRANSITIONS[phones[0]].leave]:
                self._add(state, state, loop)
            if len(phones) == 1:
                self._add(state, self._between_words)
            else:
                self._add(state, self._ending(phones[1:]), TRANSITIONS[phones[1]].leave)
        return self._endings[phones]


def _tree(pronunciations: dict[str, list[Phones]]) -> _Node:
    root = _Node()
    for word, alternatives in pronunciations.items():
        for phones in alternatives:
            node = root
            for phone in phones:
                node = node.following.setdefault(phone, _Node())
                node.below.add(word)
            node.words.append(word)
    return root


def _paths(node: _Node) -> list[Phones]:
    """The ways from ``node`` to the ends of its words."""
    here: list[Phones] = [()] if node.words else []
    return here + [(phone, *rest) for phone, child in sorted(node.following.items()) for rest in _paths(child)]


def _intervals(labels: set[int]) -> tuple[Interval, ...]:
    """``labels`` as few intervals."""
    joined: list[Interval] = []
    for label in sorted(labels):
        if joined and joined[-1][1] == label:
            joined[-1] = (joined[-1][0], label + 1)
        else:
            joined.append((label, label + 1))
    return tuple(joined)


def grammar(model: LanguageModel, labels: dict[str, int]) -> bytes:
    """The language model as an ``ngram`` FST over the labels of the lexicon."""
    numbers = {START: 0, **labels}

    def state(history: Ngram) -> NgramState:
        row = model.probabilities.get(history, {})
        costs = sorted((labels[word], -math.log(p)) for word, p in row.items() if word != END)
        final = -math.log(row[END]) if END in row else INFINITE
        return NgramState(costs, -math.log(model.backoff[history]) if history in model.backoff else 0.0, final)

    contexts: set[Ngram] = {(), (START,)}
    for history in model.probabilities:
        contexts |= {history[i:] for i in range(len(history))}
    return ngram_fst({tuple(numbers[word] for word in history): state(history) for history in contexts})


def build_graph(model: LanguageModel, folder: Path) -> None:
    """Write the graph's files and ``words.txt`` into ``folder``."""
    pronunciations: dict[str, list[Phones]] = defaultdict(list)
    for word in model.vocabulary:
        for units in lexicon_pronunciations(word):
            pronunciations[word].append(tuple(positional(units)))
    lexicon = Lexicon(pronunciations)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LEXICON_FILE).write_bytes(
        lookahead_fst(lexicon.arcs, lexicon.start, lexicon.next_labels, lexicon.final_label)
    )
    (folder / GRAMMAR_FILE).write_bytes(grammar(model, lexicon.labels))
    # The tree needs no disambiguation symbols, but Vosk wants their list; this one occurs nowhere.
    (folder / DISAMBIGUATION_FILE).write_text(f"{TRANSITION_COUNT + 1}\n")
    (folder / "words.txt").write_text(
        f"{EPSILON} 0\n" + "".join(f"{word} {label}\n" for word, label in lexicon.labels.items()), encoding="utf-8"
    )
