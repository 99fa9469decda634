"""Bigrams of general Mandarin that come with the default model, so that a build needs no corpus.

``general-ngrams.tsv.gz`` holds a line a history (a word, or ``<s>``): the history, and the words that are
likelier after it than elsewhere, each with its probability there, all separated by tabs. The line of the empty
history comes first and holds the vocabulary with its unigram probabilities. What a line's probabilities leave
of 1 belongs to backing off.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final

from voice_faq.errors import ModelError

START: Final = "<s>"
END: Final = "</s>"
GENERAL_FILE: Final = "general-ngrams.tsv.gz"

GeneralNgrams = dict[str, dict[str, float]]
"""history → word → probability; unigrams under the empty history."""


def write_general(ngrams: GeneralNgrams, path: Path) -> None:
    """Write the file; the same n-grams give the same bytes."""
    lines = (
        "\t".join([history, *(f"{word} {probability:.2e}" for word, probability in sorted(row.items()))]) + "\n"
        for history, row in sorted(ngrams.items())
    )
    path.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))


def read_general(path: Path) -> GeneralNgrams:
    """The content of the file; raises ModelError that names it when it is missing or broken."""
    try:
        ngrams = {}
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            history, *pairs = line.split("\t")
            fields = [pair.split(" ") for pair in pairs]
            ngrams[history] = {word: float(probability) for word, probability in fields}
        ngrams[""]
    except FileNotFoundError:
        raise ModelError(f"{path}：缺少这个文件，没有它不能把答案编译进模型。请重新安装 voice-faq。") from None
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise ModelError(f"{path}：文件读不了（{error}）。请重新安装 voice-faq。") from None
    return ngrams
