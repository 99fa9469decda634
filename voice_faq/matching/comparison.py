"""A small network that reads a question beside what an entry says, and tells how well they go together.

What a sentence means as one direction forgets what exactly it asks of a thing. Here each piece of the question looks
for its like among the pieces of the entry, and the other way round; what they are beside what they found decides
(Parikh et al., "A Decomposable Attention Model for Natural Language Inference", 2016). The pieces and their vectors
are the sentence network's. ``comparison.npz`` is made by ``python -m recipe comparison-lessons``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np

from voice_faq.matching.sentence_network import SentenceNetwork, shipped_network
from voice_faq.matching.vectors import unit
from voice_faq.matching.weights import archive_of, one_thread, scaled

WEIGHTS: Final = "comparison.npz"
MOST_PIECES: Final = 48  # of a text; what an answer says later is not read
MOST_CHARACTERS: Final = 4 * MOST_PIECES  # enough for them
ROUNDS: Final = 2  # in which each piece sees its neighbours
BATCH: Final = 128  # comparisons that are worked out together
_NOWHERE: Final = -1e4  # in logits
_FAR: Final = 2.0  # more than any cosine

Rows = tuple[np.ndarray, np.ndarray]
"""Vectors of pieces, shape (texts, pieces, width), and which of them are there, shape (texts, pieces)."""


@dataclass(frozen=True)
class Said:
    """What an entry says, for a comparison."""

    nearest: np.ndarray
    """Pieces of the wording that is most like the question, shape (n, width)."""
    everything: np.ndarray
    """Pieces of that and another wording and of the answer, shape (n, width)."""
    wordings: int
    """That the entry has, 1 and up."""


class Comparison:
    """The network; may be shared by threads."""

    def __init__(self, content: bytes, network: SentenceNetwork) -> None:
        """``content``: a NumPy archive, see ``scaled``; ``network`` has the pieces."""
        self.name: Final = f"comparison {hashlib.sha256(content).hexdigest()[:12]}"
        self.layers: Final = scaled(archive_of(content))
        self._network = network

    def read(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Pieces of texts as they are among their neighbours, shape (n, width) each, n 1…MOST_PIECES."""
        if not texts:
            return []
        w = self.layers
        numbers = [pieces_of(self._network, text) for text in texts]
        # The texts lie one after the other, with a row of zeros before and behind each.
        ends = np.cumsum([len(row) + 1 for row in numbers])
        there = np.ones(ends[-1] + 1, bool)
        there[0] = there[ends] = False
        rows = np.zeros((len(there), w["narrow"].shape[1]), np.float32)
        with one_thread():
            rows[there] = self._network.embedded(np.concatenate(numbers)) @ w["narrow"] + w["narrow_bias"]
            for turn in range(ROUNDS):
                seen = np.concatenate([rows[:-2], rows[1:-1], rows[2:]], 1) @ w[f"around{turn}"]
                rows[1:-1] += np.maximum(seen + w[f"around{turn}_bias"], 0)
                rows[~there] = 0
        return [rows[end - len(row) : end] for end, row in zip(ends.tolist(), numbers, strict=True)]

    def in_answer(self, pieces: np.ndarray) -> np.ndarray:
        """Pieces of a text as they are where it is an answer."""
        return np.asarray(pieces + self.layers["in_answer"])

    def __call__(self, pairs: Sequence[tuple[np.ndarray, Said]]) -> np.ndarray:
        """How well a question's pieces and what an entry says go together, for each pair, in logits, shape (n,)."""
        result = np.zeros(len(pairs), np.float32)
        order = sorted(range(len(pairs)), key=lambda number: len(pairs[number][1].everything))
        for first in range(0, len(order), BATCH):
            chosen = order[first : first + BATCH]
            with one_thread():  # which is free for others in between
                result[chosen] = self._compared([pairs[number] for number in chosen])
        return result

    def _compared(self, pairs: Sequence[tuple[np.ndarray, Said]]) -> np.ndarray:
        w = self.layers
        questions, said = _padded([question for question, _ in pairs]), [entry for _, entry in pairs]
        asked = self._beside("asked", questions, _padded([entry.everything for entry in said]))
        told = self._beside("told", _padded([entry.nearest for entry in said]), questions)
        wordings = np.log([[entry.wordings] for entry in said]).astype(np.float32)
        found = np.concatenate([asked, told, wordings], 1)
        return np.asarray(np.maximum(found @ w["deep"] + w["deep_bias"], 0) @ w["last"] + w["last_bias"])

    def _beside(self, side: str, own: Rows, others: Rows) -> np.ndarray:
        """What the pieces of ``own`` are beside what they find in ``others``, shape (texts, width + 2)."""
        w, (rows, there), (other_rows, others_there) = self.layers, own, others
        alike = unit(rows @ w["seek"]) @ unit(other_rows).transpose(0, 2, 1)
        alike = np.where(others_there[:, None], alike, -1)
        best = alike.max(2)
        # Something may also find nobody that it looks for.
        logits = np.where(others_there[:, None], alike * w["sharpness"], _NOWHERE)
        most = np.maximum(logits.max(2, keepdims=True), w["nobody"])
        powers = np.exp(logits - most)
        found = powers / (powers.sum(2, keepdims=True) + np.exp(w["nobody"] - most)) @ other_rows
        beside = np.concatenate([rows, found, rows * found, np.abs(rows - found), best[..., None]], 2)
        seen = np.maximum(beside @ w[side] + w[f"{side}_bias"], 0)
        counts = np.logaddexp(0, rows @ w[f"{side}_counts"] + w[f"{side}_counts_bias"]) * there
        counts /= counts.sum(1, keepdims=True)
        least = np.where(there, best, _FAR).min(1)
        likeness = np.stack([(counts * best).sum(1), least], 1)
        return np.concatenate([(counts[:, None] @ seen)[:, 0], likeness], 1)


def pieces_of(network: SentenceNetwork, text: str) -> list[int]:
    """The first of a text's pieces, without the signs of its start and end where there is anything else."""
    numbers = network.pieces(text[:MOST_CHARACTERS])
    return (numbers[1:-1] or numbers)[:MOST_PIECES]


@cache
def shipped_comparison() -> Comparison:
    """The one that comes with voice-faq."""
    return Comparison((resources.files("voice_faq.matching") / WEIGHTS).read_bytes(), shipped_network())


def _padded(texts: Sequence[np.ndarray]) -> Rows:
    longest = max(map(len, texts))
    rows = np.zeros((len(texts), longest, texts[0].shape[1]), np.float32)
    there = np.zeros((len(texts), longest), bool)
    for number, text in enumerate(texts):
        rows[number, : len(text)], there[number, : len(text)] = text, True
    return rows, there
