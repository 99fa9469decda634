"""n-gram counts of general Mandarin that come with the default model, so that a build needs no corpus.

``general-counts.tsv.gz`` holds a line a history (a word, or ``<s>``), its fields separated by tabs: the
history, how often it was seen, how many different words followed it, and the frequent ones of these with
their counts. The line of the empty history holds every word.
"""

from __future__ import annotations

import gzip
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voice_faq.errors import ModelError

START: Final = "<s>"
END: Final = "</s>"
COUNTS_FILE: Final = "general-counts.tsv.gz"
FEWEST_KEPT: Final = 3  # rarer bigrams are left to backing off


@dataclass(frozen=True)
class Followers:
    """What was seen after one history."""

    total: float
    kinds: int
    """Different words, those too rare to be in ``counts`` included."""
    counts: dict[str, float]


NOTHING: Final = Followers(0.0, 0, {})


def count_bigrams(sentences: Iterable[list[str]]) -> dict[str, Followers]:
    """Unigrams (under ``""``) and the frequent bigrams of sentences that are cut into words."""
    tables: dict[str, Counter[str]] = defaultdict(Counter)
    for words in sentences:
        padded = [START, *words, END]
        for before, word in itertools.pairwise(padded):
            tables[""][word] += 1
            tables[before][word] += 1
    return {
        history: Followers(
            float(sum(table.values())),
            len(table),
            {w: float(c) for w, c in sorted(table.items()) if c >= FEWEST_KEPT or not history},
        )
        for history, table in sorted(tables.items())
    }


def write_counts(counts: dict[str, Followers], path: Path) -> None:
    """Write the file; the same counts give the same bytes."""
    lines = (
        f"{history}\t{f.total:.0f}\t{f.kinds}\t{' '.join(f'{w} {c:.0f}' for w, c in f.counts.items())}\n"
        for history, f in counts.items()
    )
    path.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))


def read_counts(path: Path) -> dict[str, Followers]:
    """Followers by history; raises ModelError that names the file when it is missing or broken."""
    try:
        text = gzip.decompress(path.read_bytes()).decode()
        counts = {}
        for line in text.splitlines():
            history, total, kinds, listed = line.split("\t")
            words = listed.split(" ")
            frequencies = map(float, words[1::2])
            counts[history] = Followers(float(total), int(kinds), dict(zip(words[::2], frequencies, strict=False)))
    except FileNotFoundError:
        raise ModelError(f"{path}：缺少这个文件，没有它不能把答案编译进模型。请重新安装 voice-faq。") from None
    except (OSError, EOFError, ValueError) as error:
        raise ModelError(f"{path}：文件读不了（{error}）。请重新安装 voice-faq。") from None
    return counts
