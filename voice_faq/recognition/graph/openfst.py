"""OpenFst's binary files, written with NumPy: what libvosk reads, without OpenFst.

A graph that is composed while it decodes has two files: ``HCLr.fst``, the lexicon as an ``olabel_lookahead`` FST, and
``Gr.fst``, the language model as an ``ngram`` FST. Formats: OpenFst 1.8, fst.h, const-fst.h, add-on.h,
interval-set.h, label-reachable.h and extensions/ngram/ngram-fst.h; looking ahead: Allauzen, Riley and Schalkwyk, "A
generalized composition algorithm for weighted finite-state transducers" (Interspeech 2009); n-grams in unary: Sorensen
and Allauzen, "Unary data structures for language models" (Interspeech 2011).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

MAGIC: Final = 2125659606
ADD_ON_MAGIC: Final = 446681434
INFINITE: Final = float("inf")  # the weight of what is not final

# Of fst/properties.h.
_EXPANDED, _ACCEPTOR, _NOT_ACCEPTOR = 1 << 0, 1 << 16, 1 << 17
_I_DETERMINISTIC, _O_DETERMINISTIC = 1 << 18, 1 << 20
_EPSILONS, _I_EPSILONS, _O_EPSILONS = 1 << 22, 1 << 24, 1 << 26
_I_SORTED, _O_SORTED, _WEIGHTED = 1 << 28, 1 << 30, 1 << 32
_CYCLIC, _INITIAL_ACYCLIC, _NOT_TOP_SORTED = 1 << 34, 1 << 37, 1 << 39
_ACCESSIBLE, _COACCESSIBLE, _NOT_STRING = 1 << 40, 1 << 42, 1 << 45
_NGRAM_PROPERTIES: Final = (
    _EXPANDED | _ACCEPTOR | _I_DETERMINISTIC | _O_DETERMINISTIC | _EPSILONS | _I_EPSILONS | _O_EPSILONS | _I_SORTED
    | _O_SORTED | _WEIGHTED | _CYCLIC | _INITIAL_ACYCLIC | _NOT_TOP_SORTED | _ACCESSIBLE | _COACCESSIBLE | _NOT_STRING
)  # fmt: skip
_LEXICON_PROPERTIES: Final = _EXPANDED | _NOT_ACCEPTOR | _O_SORTED | _WEIGHTED | _CYCLIC | _ACCESSIBLE | _COACCESSIBLE

Interval = tuple[int, int]
"""Labels from the first to before the second."""


@dataclass(frozen=True)
class Arc:
    """One arc, or with ``to`` None the final weight of a state."""

    source: int
    to: int | None
    label_in: int
    label_out: int
    cost: float


def _header(kind: str, version: int, properties: int, start: int, states: int, arcs: int) -> bytes:
    names = b"".join(struct.pack("<i", len(name)) + name.encode() for name in (kind, "standard"))
    return struct.pack("<i", MAGIC) + names + struct.pack("<iiQqqq", version, 0, properties, start, states, arcs)


def lookahead_fst(arcs: Sequence[Arc], start: int, reachable: Sequence[Sequence[Interval]], final_label: int) -> bytes:
    """An ``olabel_lookahead`` FST.

    ``reachable`` says for each state which output labels can come next on some path from it, ``final_label`` among
    them where none needs to come; labels are numbered so that these are few intervals.
    """
    count = len(reachable)
    finals = np.full(count, INFINITE, np.float32)
    moves = sorted((a for a in arcs if a.to is not None), key=lambda a: (a.source, a.label_out, a.label_in))
    for arc in arcs:
        if arc.to is None:
            finals[arc.source] = arc.cost
    table = np.zeros(len(moves), [("in", "<i4"), ("out", "<i4"), ("cost", "<f4"), ("to", "<i4")])
    table["in"], table["out"] = [a.label_in for a in moves], [a.label_out for a in moves]
    table["cost"], table["to"] = [a.cost for a in moves], [a.to for a in moves]
    sources = np.array([a.source for a in moves])
    states = np.zeros(
        count, [("final", "<f4"), ("first", "<u4"), ("arcs", "<u4"), ("epsilons_in", "<u4"), ("epsilons_out", "<u4")]
    )
    states["final"] = finals
    states["arcs"] = np.bincount(sources, minlength=count)
    states["first"] = np.concatenate([[0], np.cumsum(states["arcs"])[:-1]])
    states["epsilons_in"] = np.bincount(sources[table["in"] == 0], minlength=count)
    states["epsilons_out"] = np.bincount(sources[table["out"] == 0], minlength=count)

    sets = [struct.pack("<q", count)]
    for intervals in reachable:
        flat = [bound for interval in intervals for bound in interval]
        members = sum(end - begin for begin, end in intervals)
        sets.append(struct.pack(f"<q{len(flat)}ii", len(intervals), *flat, members))
    return b"".join(
        [
            _header("olabel_lookahead", 1, _LEXICON_PROPERTIES, start, count, -1),
            struct.pack("<i", ADD_ON_MAGIC),
            _header("const", 2, _LEXICON_PROPERTIES, start, count, len(moves)),
            states.tobytes(),
            table.tobytes(),
            # There is an add-on; none for input labels, one for output labels, without its table of new labels.
            struct.pack("<????", True, False, True, False),
            struct.pack("<?i", False, final_label),
            *sets,
        ]
    )


Context = tuple[int, ...]
"""Labels of a history, oldest first; 0 is the beginning of an utterance."""


@dataclass(frozen=True)
class NgramState:
    """What may follow a context."""

    futures: Sequence[tuple[int, float]]
    """(label, cost), sorted by label."""
    backoff: float
    final: float = INFINITE


def ngram_fst(states: dict[Context, NgramState]) -> bytes:
    """An ``ngram`` FST; with a context, all its endings are there, the empty one and (0,) included.

    Where an arc leads is not stored: to the longest context that the history and the label end in.
    """
    children: dict[Context, list[int]] = {context: [] for context in states}
    for context in states:
        if context:
            children[context[1:]].append(context[0])
    order: list[Context] = [()]
    context_bits, future_bits = [True, False], [False]
    words = [-1]
    for context in order:  # grows: breadth first
        older = sorted(children[context])
        order += [(word, *context) for word in older]
        words += older
        context_bits += [True] * len(older) + [False]
        future_bits += [True] * len(states[context].futures) + [False]
    rows = [states[context] for context in order]
    futures = [pair for row in rows for pair in row.futures]
    finals = [row.final for row in rows if row.final != INFINITE]
    backoffs = [INFINITE, *(row.backoff for row in rows[1:])]
    return b"".join(
        [
            _header("ngram", 4, _NGRAM_PROPERTIES, 1, len(rows), -1),
            struct.pack("<QQQ", len(rows), len(futures), len(finals)),
            _bitmap(context_bits),
            _bitmap(future_bits),
            _bitmap([row.final != INFINITE for row in rows]),
            np.array([*words, 0], "<i4").tobytes(),
            np.array([label for label, _ in futures], "<i4").tobytes(),
            np.array([*backoffs, 0.0], "<f4").tobytes(),
            np.array(finals, "<f4").tobytes(),
            np.array([*(cost for _, cost in futures), 0.0], "<f4").tobytes(),
        ]
    )


def _bitmap(bits: Sequence[bool]) -> bytes:
    """Bits in words of 64, the lowest first."""
    packed = np.packbits(np.asarray(bits, bool), bitorder="little").tobytes()
    return packed + bytes(-len(packed) % 8)
