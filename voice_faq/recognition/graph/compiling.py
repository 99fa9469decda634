"""Language model, lexicon and topology composed into Kaldi's static ``HCLG.fst``.

The network has no context dependency, so C falls away and H is a one-state transducer written by hand
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

from voice_faq.recognition.graph.general_counts import END, START
from voice_faq.recognition.graph.language_model import LanguageModel, Ngram, lexicon_pronunciations
from voice_faq.recognition.graph.topology import (
    PHONES,
    SILENCE_PHONE,
    TRANSITION_COUNT,
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


def lexicon(words: dict[str, int], vocabulary: list[str]) -> tuple[list[Arc], int]:
    """L with optional silence between words, and how many disambiguation symbols it uses (#0 included)."""
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
    after_silence = max(used.values(), default=0) + 1
    quiet, silent = -math.log(1 - SILENCE_PROBABILITY), -math.log(SILENCE_PROBABILITY)
    start, loop, silence, tail = 0, 1, 2, 3
    arcs = [
        Arc(start, loop, 0, 0, quiet),
        Arc(start, silence, 0, 0, silent),
        Arc(silence, tail, SILENCE_PHONE, 0, 0.0),
        Arc(tail, loop, disambiguation(after_silence), 0, 0.0),
        Arc(loop, loop, disambiguation(0), words[BACKOFF], 0.0),
        Arc(loop, None, 0, 0, 0.0),
    ]
    following = 4
    for word, phones, number in rows:
        labels = [*phones, *([disambiguation(number)] if number else [])]
        state = loop
        for i, label in enumerate(labels):
            out = words[word] if i == 0 else 0
            if i == len(labels) - 1:
                arcs.append(Arc(state, loop, label, out, quiet))
                arcs.append(Arc(state, silence, label, out, silent))
            else:
                arcs.append(Arc(state, following, label, out, 0.0))
                state, following = following, following + 1
    return arcs, after_silence + 1


def topology_transducer(disambiguations: int) -> list[Arc]:
    """H without self-loops: transition ids to phones; disambiguation symbols pass through as high ids."""
    arcs = [Arc(0, None, 0, 0, 0.0)]
    following = 1
    for phone, ids in TRANSITIONS.items():
        arcs.append(Arc(0, 0, ids.leave, phone, 0.0))
        if ids.to_blank:
            arcs.append(Arc(0, following, ids.to_blank, phone, 0.0))
            arcs.append(Arc(following, 0, ids.blank_leave, 0, 0.0))
            following += 1
    for number in range(disambiguations):
        arcs.append(Arc(0, 0, TRANSITION_COUNT + 1 + number, disambiguation(number), 0.0))
    return arcs


def with_self_loops(arcs: list[Arc]) -> list[Arc]:
    """Kaldi's ``reorder=true``: a state's loop follows each forward transition that leaves it.

    A state that is entered by one kind of transition only gets the loop itself; otherwise a state of its
    own is put before it for each kind.
    """
    loops = self_loops()
    start = arcs[0].source
    entered: dict[int, set[int]] = defaultdict(set)
    for arc in arcs:
        if arc.to is not None:
            entered[arc.to].add(loops.get(arc.label_in, 0))
    following = 1 + max(max(a.source, a.to or 0) for a in arcs)
    result: list[Arc] = []
    looped: set[tuple[int, int]] = set()
    between: dict[tuple[int, int], int] = {}
    for arc in arcs:
        loop = loops.get(arc.label_in, 0)
        if arc.to is None or not loop:
            result.append(arc)
        elif len(entered[arc.to]) == 1 and arc.to != start:
            looped.add((arc.to, loop))
            result.append(arc)
        else:
            key = (arc.to, loop)
            if key not in between:
                between[key] = following
                following += 1
            result.append(Arc(arc.source, between[key], arc.label_in, arc.label_out, arc.cost))
    result += [Arc(state, state, loop, 0, 0.0) for state, loop in sorted(looped)]
    for (state, loop), middle in between.items():
        result += [Arc(middle, middle, loop, 0, 0.0), Arc(middle, state, 0, 0, 0.0)]
    return result


def build_graph(model: LanguageModel, folder: Path) -> None:
    """Write ``HCLG.fst`` and ``words.txt`` into ``folder``."""
    import kaldifst

    words = {EPSILON: 0} | {w: i for i, w in enumerate(model.vocabulary, 1)}
    for symbol in (BACKOFF, START, END):
        words[symbol] = len(words)
    lexicon_arcs, disambiguations = lexicon(words, model.vocabulary)
    left = _compile(lexicon_arcs)
    right = _compile(grammar(model, words))
    kaldifst.arcsort(left, "olabel")
    kaldifst.arcsort(right, "ilabel")
    graph = kaldifst.compose(left, right)
    kaldifst.determinize_star(graph)
    kaldifst.minimize_encoded(graph)
    kaldifst.arcsort(graph, "ilabel")
    transducer = _compile(topology_transducer(disambiguations))
    kaldifst.arcsort(transducer, "olabel")
    graph = kaldifst.compose(transducer, graph)
    kaldifst.determinize_star(graph)
    plain = [
        Arc(a.source, a.to, 0 if a.label_in > TRANSITION_COUNT else a.label_in, a.label_out, a.cost)
        for a in _arcs(graph)
    ]
    graph = _compile(plain, plain[0].source)
    kaldifst.minimize_encoded(graph)
    arcs = list(_arcs(graph))
    graph = _compile(with_self_loops(arcs), arcs[0].source)
    folder.mkdir(parents=True, exist_ok=True)
    graph.write(str(folder / "HCLG.fst"))
    (folder / "words.txt").write_text("".join(f"{w} {i}\n" for w, i in words.items()), encoding="utf-8")
