"""Language model, lexicon and topology composed into Kaldi's static ``HCLG.fst``.

The network has no context dependency, so C falls away, and H renames phones to transitions
(Mohri, Pereira and Riley, "Weighted finite-state transducers in speech recognition", 2002). kaldifst and
vosk must not be imported in one process: run this step on its own.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from voice_faq.recognition.graph.general_ngrams import END, START
from voice_faq.recognition.graph.language_model import LanguageModel, Ngram, lexicon_pronunciations
from voice_faq.recognition.graph.topology import (
    PHONES,
    SILENCE_PHONE,
    TRANSITIONS,
    positional,
    self_loops,
)

EPSILON: Final = "<eps>"
BACKOFF: Final = "#0"
SILENCE_PROBABILITY: Final = 0.3


@dataclass(frozen=True)
class Arc:
    """One arc, or with ``to`` None the final weight of a state."""

    source: int
    to: int | None
    label_in: int
    label_out: int
    cost: float

    def text(self) -> str:
        """The line of OpenFst's text form."""
        if self.to is None:
            return f"{self.source} {self.cost:.5f}"
        return f"{self.source} {self.to} {self.label_in} {self.label_out} {self.cost:.5f}"


def disambiguation(number: int) -> int:
    """Id of ``#number`` on the phone side; disambiguation symbols follow the phones."""
    return len(PHONES) + 1 + number


def _compile(arcs: list[Arc], start: int = 0) -> Any:
    import kaldifst

    # The first line's state is the start state.
    arcs.sort(key=lambda a: (a.source != start, a.source))
    return kaldifst.compile("\n".join(a.text() for a in arcs) + "\n")


def _arcs(fst: Any) -> Iterator[Arc]:
    for line in str(fst).split("\n"):
        parts = line.split()
        if len(parts) >= 4:
            cost = float(parts[4]) if len(parts) > 4 else 0.0
            yield Arc(int(parts[0]), int(parts[1]), int(parts[2]), int(parts[3]), cost)
        elif parts:
            yield Arc(int(parts[0]), None, 0, 0, float(parts[1]) if len(parts) > 1 else 0.0)


def grammar(model: LanguageModel, words: dict[str, int]) -> list[Arc]:
    """G: a state a history, back-off arcs read #0."""
    states: dict[Ngram, int] = {(START,): 0}
    for history in sorted(model.probabilities, key=lambda h: (len(h), h)):
        states.setdefault(history, len(states))

    def state_of(history: Ngram) -> int:
        while history not in states:
            history = history[1:]
        return states[history]

    arcs = []
    for history, row in model.probabilities.items():
        source = states[history]
        for word, probability in row.items():
            cost = -math.log(probability)
            if word == END:
                arcs.append(Arc(source, None, 0, 0, cost))
            elif word in words:
                arcs.append(Arc(source, state_of((*history, word)), words[word], words[word], cost))
        if history:
            arcs.append(Arc(source, state_of(history[1:]), words[BACKOFF], 0, -math.log(model.backoff[history])))
    return arcs


def lexicon(words: dict[str, int], vocabulary: list[str]) -> list[Arc]:
    """L with optional silence before the first word."""
    pronounced = [(w, tuple(positional(units))) for w in vocabulary for units in lexicon_pronunciations(w)]
    spellings = Counter(phones for _, phones in pronounced)
    beginnings = {phones[:i] for _, phones in pronounced for i in range(1, len(phones))}
    used: Counter[tuple[int, ...]] = Counter()
    rows = []
    for word, phones in pronounced:
        number = 0
        if spellings[phones] > 1 or phones in beginnings:
            used[phones] += 1
            number = used[phones]
        rows.append((word, phones, number))
    start, loop = 0, 1
    arcs = [
        Arc(start, loop, 0, 0, -math.log(1 - SILENCE_PROBABILITY)),
        Arc(start, loop, SILENCE_PHONE, 0, -math.log(SILENCE_PROBABILITY)),
        Arc(loop, loop, disambiguation(0), words[BACKOFF], 0.0),
        Arc(loop, None, 0, 0, 0.0),
    ]
    following = 2
    for word, phones, number in rows:
        labels = [*phones, *([disambiguation(number)] if number else [])]
        state = loop
        for i, label in enumerate(labels):
            out = words[word] if i == 0 else 0
            if i == len(labels) - 1:
                arcs.append(Arc(state, loop, label, out, 0.0))
            else:
                arcs.append(Arc(state, following, label, out, 0.0))
                state, following = following, following + 1
    return arcs


def with_transitions(arcs: list[Arc]) -> list[Arc]:
    """Phones replaced by the transitions that enter them, and their loops put on the states behind.

    That is Kaldi's ``reorder=true``: loops follow the forward transition. A state that is entered by one phone
    only gets the loops itself; otherwise a state of its own is put before it for each phone. Disambiguation
    symbols become epsilon.
    """
    start = arcs[0].source
    entered: dict[int, set[int]] = defaultdict(set)
    forward = []
    for arc in arcs:
        phone = arc.label_in if arc.label_in <= len(PHONES) else 0
        forward.append(Arc(arc.source, arc.to, TRANSITIONS[phone].leave if phone else 0, arc.label_out, arc.cost))
        if arc.to is not None:
            entered[arc.to].add(phone)
    loops = self_loops()
    following = 1 + max(max(a.source, a.to or 0) for a in arcs)
    result: list[Arc] = []
    looped: set[tuple[int, int]] = set()
    between: dict[tuple[int, int], int] = {}
    for arc in forward:
        if arc.to is None or not arc.label_in:
            result.append(arc)
        elif len(entered[arc.to]) == 1 and arc.to != start:
            looped.add((arc.to, arc.label_in))
            result.append(arc)
        else:
            key = (arc.to, arc.label_in)
            if key not in between:
                between[key] = following
                following += 1
            result.append(Arc(arc.source, between[key], arc.label_in, arc.label_out, arc.cost))
    looped |= {(middle, entry) for (_, entry), middle in between.items()}
    result += [Arc(state, state, loop, 0, 0.0) for state, entry in sorted(looped) for loop in loops[entry]]
    result += [Arc(middle, state, 0, 0, 0.0) for (state, _), middle in between.items()]
    return result


def build_graph(model: LanguageModel, folder: Path) -> None:
    """Write ``HCLG.fst`` and ``words.txt`` into ``folder``."""
    import kaldifst

    words = {EPSILON: 0} | {w: i for i, w in enumerate(model.vocabulary, 1)}
    for symbol in (BACKOFF, START, END):
        words[symbol] = len(words)
    left = _compile(lexicon(words, model.vocabulary))
    right = _compile(grammar(model, words))
    kaldifst.arcsort(left, "olabel")
    kaldifst.arcsort(right, "ilabel")
    graph = kaldifst.compose(left, right)
    kaldifst.determinize_star(graph)
    kaldifst.minimize_encoded(graph)
    arcs = list(_arcs(graph))
    graph = _compile(with_transitions(arcs), arcs[0].source)
    folder.mkdir(parents=True, exist_ok=True)
    graph.write(str(folder / "HCLG.fst"))
    (folder / "words.txt").write_text("".join(f"{w} {i}\n" for w, i in words.items()), encoding="utf-8")
