"""A small network that reads a sentence and says what it means, as a direction; it comes with voice-faq.

``sentence-network.npz`` is made by ``python -m recipe sentence-network`` out of the Universal Sentence Encoder (Yang et
al., "Multilingual Universal Sentence Encoder for Semantic Retrieval", 2020): of its pieces those of Chinese and a few
Latin ones, and everything between them and the result. Pieces of words look at their neighbours in windows of two,
three and five, are added up, and pass three layers. ``taught-layers.npz`` has these layers as they are after lessons in
what people ask at counters (``python -m recipe sentence-lessons``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Final

import numpy as np

from voice_faq.matching.vectors import unit
from voice_faq.matching.weights import archive_of, one_thread, scaled

NETWORK: Final = "sentence-network.npz"
TAUGHT: Final = "taught-layers.npz"
WINDOWS: Final = ((2, 0), (3, 1), (5, 2))
"""Each window's width and how many pieces of it stand before its own."""
MOST_BEFORE: Final = 2
WIDTH: Final = 256  # of each window's two layers
UNKNOWN, START, END = range(3)
MARGIN: Final = "▁"
"""Stands before a text, and for each space in it."""
BATCH: Final = 512  # pieces that are read together, about, so that what lies between fits a processor's cache
_STABLE: Final = 1e-12


class Pieces:
    """Cuts texts into the likeliest pieces (Kudo, "Subword Regularization", ACL 2018: a unigram language model)."""

    def __init__(self, names: Sequence[str], scores: Sequence[float], unknown: float) -> None:
        """``names`` from the number 3 on, with their log probabilities; ``unknown`` is that of any other character."""
        self._known = {name: (number, score) for number, (name, score) in enumerate(zip(names, scores, strict=True), 3)}
        self._longest = max(map(len, names))
        self._unknown = (UNKNOWN, unknown)

    def __call__(self, text: str) -> list[int]:
        """Their numbers, with START before and END behind them."""
        text = MARGIN + text.replace(" ", MARGIN)
        best = [0.0] + [-np.inf] * len(text)
        last: list[tuple[int, int]] = [(0, UNKNOWN)] * len(best)
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                found = self._known.get(text[start:end], self._unknown if end == start + 1 else None)
                if found is not None and best[start] + found[1] > best[end]:
                    best[end], last[end] = best[start] + found[1], (start, found[0])
        numbers, end = [END], len(text)
        while end:
            end, number = last[end]
            numbers.append(number)
        return [START, *reversed(numbers)]


class SentenceNetwork:
    """Turns sentences into directions; may be shared by threads."""

    def __init__(self, *contents: bytes) -> None:
        """``contents``: NumPy archives, see ``archive_of`` and ``scaled``."""
        self.name: Final = f"sentences {hashlib.sha256(b''.join(contents)).hexdigest()[:12]}"
        kept = archive_of(*contents)
        names = kept.pop("names").tobytes().decode().split("\n")
        self.pieces: Final = Pieces(names, kept.pop("scores").tolist(), float(kept.pop("unknown")))
        # Of the pieces only those are unpacked that a text has.
        self._embedding, self._step = kept.pop("embedding"), kept.pop("embedding_step")[:, None]
        self._least = kept.pop("embedding_least")[:, None]
        self.layers: Final = scaled(kept)

    @property
    def dimensions(self) -> int:
        """Of a vector."""
        return int(self.layers["result"].shape[1])

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, shape (n, dimensions), float32, of texts as ``normalize`` leaves them."""
        with one_thread():
            found = [self._read(batch) for batch in _batches([self.pieces(text) for text in texts])]
        return np.concatenate(found) if found else np.zeros((0, self.dimensions), np.float32)

    def embedded(self, pieces: np.ndarray) -> np.ndarray:
        """Vectors of pieces with these numbers, of any shape, and with their vectors' width behind it."""
        return np.asarray(self._embedding[pieces] * self._step[pieces] + self._least[pieces])

    def _read(self, sentences: list[list[int]]) -> np.ndarray:
        w = self.layers
        lengths = np.array([len(sentence) for sentence in sentences])
        starts = np.cumsum(lengths) - lengths
        # What a piece is before it looks at its neighbours is worked out once, however often it stands there.
        pieces, places = np.unique(np.concatenate(sentences), return_inverse=True)
        embedded = self.embedded(pieces)
        narrowed = _levelled(embedded @ w["narrow"] + w["narrow_bias"], w["narrow_gain"], w["narrow_shift"])
        neighbours = _neighbours(lengths)
        seen = [embedded[places]]
        for number, (width, before) in enumerate(WINDOWS):
            own = narrowed[:, number * WIDTH : (number + 1) * WIDTH]
            seen.append(self._in_windows(own, places, neighbours[:, MOST_BEFORE - before :][:, :width]))
        level = _levelled(np.concatenate(seen, 1), w["level_gain"], w["level_shift"])
        total = np.add.reduceat(level, starts) @ w["together"] + lengths[:, None] * w["together_bias"]
        mean = np.asarray(total / np.sqrt(lengths)[:, None], np.float32)
        deeper = np.maximum(mean @ w["past"] + np.maximum(mean @ w["layer0"], 0) @ w["layer1"], 0)
        last = np.tanh(deeper @ w["past_last"] + np.maximum(deeper @ w["layer2"], 0) @ w["layer3"])
        return unit(unit(last) @ w["result"] + w["result_bias"])

    def _in_windows(self, own: np.ndarray, places: np.ndarray, windows: np.ndarray) -> np.ndarray:
        """What two layers of windows of a width see.

        ``own``, shape (pieces, WIDTH), is what each piece is by itself, ``places`` (n,) are the pieces as they stand,
        ``windows`` (n, width) the numbers of the places in each one's window, n for none.
        """
        w, width = self.layers, windows.shape[1]
        at = np.append(places, len(own))[windows]
        first = sum(_and_nobody(own @ part)[at[:, n]] for n, part in enumerate(np.split(w[f"first{width}"], width)))
        first = np.maximum(first + w[f"first{width}_bias"], 0) + own[places]
        around = _and_nobody(first)[windows].reshape(len(places), -1)
        return np.asarray(np.maximum(around @ w[f"second{width}"] + w[f"second{width}_bias"], 0) + first)


@cache
def shipped_network() -> SentenceNetwork:
    """The one that comes with voice-faq."""
    folder = resources.files("voice_faq.matching")
    return SentenceNetwork(*((folder / name).read_bytes() for name in (NETWORK, TAUGHT)))


def _batches(sentences: list[list[int]]) -> Iterator[list[list[int]]]:
    """Of about BATCH pieces, in the same order."""
    batch: list[list[int]] = []
    for sentence in sentences:
        batch.append(sentence)
        if sum(map(len, batch)) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _neighbours(lengths: np.ndarray) -> np.ndarray:
    """For each of the n pieces of sentences that lie one after the other the numbers of those around it.

    Shape (n, 2 * MOST_BEFORE + 1), its own in the middle; n for one of another sentence.
    """
    count = int(lengths.sum())
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    around = np.arange(count)[:, None] + np.arange(-MOST_BEFORE, MOST_BEFORE + 1)
    inside = (around >= 0) & (around < count)
    inside[inside] = sentence[around[inside]] == np.broadcast_to(sentence[:, None], around.shape)[inside]
    return np.where(inside, around, count)


def _levelled(rows: np.ndarray, gain: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Each row with the mean 0 and the variance 1 (Ba, Kiros and Hinton, "Layer Normalization", 2016), then scaled."""
    centred = rows - rows.mean(1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).mean(1, keepdims=True) + _STABLE) * gain + shift)


def _and_nobody(rows: np.ndarray) -> np.ndarray:
    """A last row more, of zeros, for who is not there."""
    return np.concatenate([rows, np.zeros((1, rows.shape[1]), rows.dtype)])
