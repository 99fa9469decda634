"""What a table says of an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voice_faq.authoring.yaml_text import Value


@dataclass(frozen=True)
class Draft:
    """One entry as a table has it; what the table does not say is not among the fields."""

    where: str
    """For people: 第 5 行, or the name of an intent."""
    fields: Mapping[str, Value]
    """By the names of ``document.FIELDS``."""


@dataclass
class Table:
    """What was read."""

    drafts: list[Draft] = field(default_factory=list)
    out_of_scope: list[str] = field(default_factory=list)
    sections: dict[str, Value] = field(default_factory=dict)
    """What else a whole ``faq.yaml`` says outside its entries: title, hotline, synonyms, pronunciations."""
    remarks: list[str] = field(default_factory=list)
    """What was understood in a way that a person should know of."""
