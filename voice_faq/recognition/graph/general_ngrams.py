"""N-grams of general Mandarin that come with the default model, so that a build needs no corpus.

``general-ngrams.tsv.xz`` holds a line a history of up to two words, the first of which may be ``<s>``: the history's
words with a blank between, and the words that are likelier after it than after its last word alone, each with its
probability there, all separated by tabs. The line of the empty history comes first and holds the vocabulary with its
unigram probabilities. What a line's probabilities leave of 1 belongs to backing off.
"""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Final

from voice_faq.errors import ModelError

START: Final = "<s>"
END: Final = "</s>"
GENERAL_FILE: Final = "general-ngrams.tsv.xz"

Ngram = tuple[str, ...]
GeneralNgrams = dict[Ngram, dict[str, float]]
"""history → word → probability; unigrams under the empty history."""


def write_general(ngrams: GeneralNgrams, path: Path) -> None:
    """Write the file; the same n-grams give the same bytes."""
    lines = (
        "\t".join([" ".join(history), *(f"{word} {_short(probability)}" for word, probability in sorted(row.items()))])
        + "\n"
        for history, row in sorted(ngrams.items())
    )
    path.write_bytes(lzma.compress("".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))


def _short(probability: float) -> str:
    """Two digits and an exponent, as short as it can be read: 0.0012 → ``12e-4``."""
    digits, exponent = f"{probability:.1e}".split("e")
    return f"{digits.replace('.', '')}e{int(exponent) - 1}"


def read_general(path: Path) -> GeneralNgrams:
    """The content of the file; raises ModelError that names it when it is missing or broken."""
    try:
        ngrams: GeneralNgrams = {}
        for line in lzma.decompress(path.read_bytes()).decode().splitlines():
            history, *pairs = line.split("\t")
            fields = [pair.split(" ") for pair in pairs]
            ngrams[tuple(history.split())] = {word: float(probability) for word, probability in fields}
        ngrams[()]
    except FileNotFoundError:
        raise ModelError(f"{path}：缺少这个文件，没有它不能把答案编译进模型。请重新安装 voice-faq。") from None
    except (OSError, EOFError, ValueError, KeyError, lzma.LZMAError) as error:
        raise ModelError(f"{path}：文件读不了（{error}）。请重新安装 voice-faq。") from None
    return ngrams
