"""FAQs of any field and size, cut out of tables of questions."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from voice_faq.faq.entries import Entry, Faq, Prompts
from voice_faq.language.normalizing import normalize

Field = dict[str, list[str]]
"""Different wordings of each entry; the first is its question."""


def read_field(table: Path) -> Field:
    """A table with the columns entry and question."""
    found: Field = {}
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            wordings = found.setdefault(row["entry"], [])
            if normalize(row["question"]) and row["question"] not in wordings:
                wordings.append(row["question"])
    return found


def faq_of(field: Mapping[str, Sequence[str]]) -> Faq:
    """An FAQ of these wordings and nothing else; not validated, as a table's names are no ids."""
    entries = [
        Entry.model_construct(
            id=entry, question=wordings[0], group=None, wordings=list(wordings[1:]), answer="。", screen=None
        )
        for entry, wordings in field.items()
    ]
    return Faq.model_construct(
        title="", hotline="", synonyms=[], pronunciations={}, out_of_scope=[], entries=entries,
        prompts=Prompts(
            greeting="。", not_caught="。", not_known="。", not_known_again="。", clarify="{choices}",
            nothing_to_repeat="。", help="。", goodbye="。",
        ),
    )  # fmt: skip
