"""Part of ``make bench``: matching in FAQs of any size, made up of common words. One process, so that memory counts."""

from __future__ import annotations

import argparse
import random
import resource
import time
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from voice_faq.faq import Faq, load_faq
from voice_faq.faq.entries import Entry
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.words import common_words
from voice_faq.matching import Matcher
from voice_faq.settings import load_settings

WORDINGS: Final = 10  # of an entry, the canonical question among them
COMMON: Final = 300  # times that a word stands in jieba's corpus, at least
TOPIC_WORDS: Final = 4
ASKED: Final = 300
FRAMES: Final = tuple(
    "{}怎么办 怎么{} {}在哪里 我想知道{} {}要多少钱 {}可以吗 为什么{} 什么时候{} 有没有{} 帮我看看{}".split()
)


def made_up(faq: Faq, entries: int, seed: int = 1) -> Faq:
    """``faq`` with other entries, each about a few words of its own."""
    rng = random.Random(seed)
    common = sorted(w for w in common_words(COMMON) if len(w) > 1 and not w.isascii())

    def entry(number: int) -> Entry:
        topic = rng.sample(common, TOPIC_WORDS)
        asked = [rng.choice(FRAMES).format("".join(rng.sample(topic, rng.randint(2, 3)))) for _ in range(WORDINGS)]
        # Not validated: an operator's entry needs more wordings.
        return Entry.model_construct(
            id=f"entry-{number}", question=asked[0], wordings=asked[1:], answer="。".join(topic), screen=None
        )

    return faq.model_copy(update={"entries": [entry(number) for number in range(entries)]})


def match_ms(matcher: Matcher, texts: list[str], alternatives: int) -> list[float]:
    """Milliseconds to match an n-best list of ``alternatives`` texts."""
    times = []
    for text in texts:
        n_best = [Hypothesis(text[i:] + text[:i], 1 / alternatives) for i in range(alternatives)]
        started = time.perf_counter()
        matcher.match(n_best)
        times.append((time.perf_counter() - started) * 1000)
    return times


def run_bench(entries: int, console: Console) -> None:
    """Measure and print."""
    settings = load_settings()
    faq = load_faq(settings.answers)
    if entries:
        faq = made_up(faq, entries)
    started = time.perf_counter()
    matcher = Matcher(faq, settings.wrong_answers)
    ready = time.perf_counter() - started
    rng = random.Random(2)
    asked = [rng.choice(rng.choice(faq.entries).wordings) for _ in range(ASKED)]
    times = match_ms(matcher, asked, settings.alternatives)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shown = Table("条目", "准备好", f"匹配 {settings.alternatives} 个候选：中位数", "第 95 百分位", "内存峰值")
    p50, p95 = np.percentile(times, (50, 95))
    shown.add_row(str(len(faq.entries)), f"{ready:.1f} s", f"{p50:.1f} ms", f"{p95:.1f} ms", f"{peak:.0f} MiB")
    console.print(shown)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=0, help="0: the shipped FAQ")
    run_bench(parser.parse_args().entries, Console(highlight=False))
