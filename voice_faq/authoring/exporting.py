"""What an export writes, however ``faq.yaml`` is written: like JSON, or with aliases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voice_faq.authoring import yaml_text
from voice_faq.authoring.document import ENTRIES, FIELDS, SECTIONS, FaqDocument
from voice_faq.authoring.tables import write_table
from voice_faq.errors import FaqError, Mistake
from voice_faq.faq.document import parsed


def exported(kind: str, path: Path, content: bytes) -> tuple[int, bytes]:
    """How many entries a ``faq.yaml`` without mistakes has, and all of it as a file of that kind.

    YAML stays as it is where our tools can change it in place; else it is written anew. Raises FaqError.
    """
    mistakes: list[Mistake] = []
    document = parsed(path, content.decode("utf-8-sig"), mistakes)
    if document is None:
        raise FaqError("\n".join(map(str, mistakes)), mistakes)
    said = document.plain
    entries = [{k: v for k, v in entry.items() if v is not None} for entry in said[ENTRIES]]
    try:
        FaqDocument.read(path, content)
    except FaqError:
        content = written_anew(said).encode("utf-8")
    return len(entries), write_table(kind, entries, said.get("out_of_scope") or [], content)


def written_anew(said: Mapping[str, Any]) -> str:
    """A whole ``faq.yaml`` in the style that our tools can change."""
    parts = [yaml_text.rendered({name: said.get(name)}, 0) for name in SECTIONS if name != ENTRIES]
    entries = [yaml_text.rendered({name: entry.get(name) for name in FIELDS}, 4) for entry in said[ENTRIES]]
    listed = "\n".join(f"  - {entry[4:]}" for entry in entries)
    return "\n".join([*filter(None, parts), f"{ENTRIES}:\n{listed}"])
