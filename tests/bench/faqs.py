"""``make bench FAQS=FOLDER``: matching in FAQs of other fields, tables of entries and questions outside the project.

How often the right entry comes first, by the number of wordings that an entry has beside its question, for us and for
plainer matching; and with a third of the entries left out and asked all the same, what is answered right and wrong.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from voice_faq.evaluation.baselines import baselines
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Answer, Matcher
from voice_faq.matching.joined_meaning import JoinedMeaning
from voice_faq.matching.opening import joined_meaning
from voice_faq.settings import load_settings

from ..fields import Field, faq_of, read_field

WORDINGS: Final = (0, 2, 5, 12)  # beside the question
ASKED: Final = 10  # questions of an entry, at the most
LEFT_OUT: Final = 1 / 3  # of the entries
ACCEPTED_WRONG: Final = 0.02


@dataclass(frozen=True)
class Cut:
    """A table cut in two: what the FAQ has, and what is asked."""

    known: Field
    asked: list[tuple[str, str]]
    """(question, entry)"""


def cut(field: Field, wordings: int, seed: int = 1) -> Cut:
    """Each entry with its question and so many ``wordings``, as far as it has one more to ask."""
    rng = random.Random(seed)
    known: Field = {}
    asked: list[tuple[str, str]] = []
    for entry, texts in field.items():
        question, *others = texts
        rng.shuffle(others)
        # The same questions are asked however many wordings are known.
        fresh = others[: max(1, min(ASKED, len(others) // 2))]
        known[entry] = [question, *others[len(fresh) :][:wordings]]
        asked += [(text, entry) for text in fresh]
    return Cut(known, asked)


def hits(asked: list[tuple[str, str]], first: Callable[[str], str]) -> float:
    """Share of the questions whose entry comes first."""
    return sum(first(text) == entry for text, entry in asked) / len(asked)


def answered(known: Field, asked: list[tuple[str, str]], meaning: JoinedMeaning | None) -> tuple[float, float]:
    """Without LEFT_OUT entries: (share answered right of what the FAQ has, share answered wrong of all questions)."""
    left_out = set(random.Random(1).sample(sorted(known), round(LEFT_OUT * len(known))))
    faq = faq_of({entry: texts for entry, texts in known.items() if entry not in left_out})
    matcher = Matcher(faq, ACCEPTED_WRONG, meaning)
    right = wrong = 0
    for text, entry in asked:
        decision = matcher.match([Hypothesis(text, 1.0)])
        if isinstance(decision, Answer):
            right += decision.entry == entry
            wrong += decision.entry != entry
    return right / sum(entry not in left_out for _, entry in asked), wrong / len(asked)


def run_bench(tables: list[Path], console: Console, meaning: JoinedMeaning | None = None) -> None:
    """Measure and print, a table each; ``meaning`` is evidence too."""
    for path in tables:
        field = {entry: texts for entry, texts in read_field(path).items() if len(texts) > 1}
        rows: dict[str, list[str]] = {}
        for wordings in WORDINGS:
            half = cut(field, wordings)
            faq = faq_of(half.known)
            matcher = Matcher(faq, ACCEPTED_WRONG, meaning)
            ours = hits(half.asked, lambda text, m=matcher: m.entries[int(m.probabilities(text).argmax())])  # type: ignore[misc]
            rows.setdefault("我们", []).append(f"{ours:.3f}")
            for name, best in baselines(faq).items():
                rows.setdefault(name, []).append(f"{hits(half.asked, lambda text, b=best: b(text)[0]):.3f}")  # type: ignore[misc]
            right, wrong = answered(half.known, half.asked, meaning)
            rows.setdefault("缺三分之一条目：答对", []).append(f"{right:.1%}")
            rows.setdefault("缺三分之一条目：答错", []).append(f"{wrong:.1%}")
        shown = Table(f"{path.stem}：{len(field)} 个条目，问 {len(half.asked)} 句", *(f"{n} 种问法" for n in WORDINGS))
        for name in sorted(rows, key=lambda name: name.startswith("缺")):
            shown.add_row(name, *rows[name])
        console.print(shown)


def main() -> None:
    """Command line of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="tables *.tsv with the columns entry and question")
    parser.add_argument("--meaning", action="store_true", help="with meaning as evidence; needs the extra of that name")
    given = parser.parse_args()
    tables = sorted(given.folder.glob("*.tsv"))
    if not tables:
        parser.error("no *.tsv in this folder")
    meaning = joined_meaning(load_settings().cache_dir) if given.meaning else None
    run_bench(tables, Console(highlight=False), meaning)


if __name__ == "__main__":
    main()
