"""Rasa's training data: intents with examples, and what the bot says to them; YAML of Rasa 2 and 3, Markdown of Rasa 1.

What Rasa has no place for (the group, the text for the screen) goes into each intent's ``metadata``, which Rasa keeps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from voice_faq.authoring import yaml_text
from voice_faq.authoring.naming import plain_id
from voice_faq.authoring.tables.draft import Draft, Table
from voice_faq.authoring.yaml_text import Value
from voice_faq.errors import InputError
from voice_faq.faq import yaml
from voice_faq.faq.document import slips

OUT_OF_SCOPE_INTENTS: Final = ("out_of_scope", "nlu_fallback", "chitchat/out_of_scope")
RETRIEVAL: Final = "faq/"
KEPT: Final = ("question", "group", "screen", "translations")
"""Fields of an entry that go into the metadata."""
_ENTITY: Final = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_MARKDOWN_INTENT: Final = re.compile(r"^##\s*intent:\s*(.+?)\s*$")


def is_rasa(content: Any) -> bool:
    """Whether a YAML file is Rasa's."""
    return isinstance(content, dict) and ("nlu" in content or "responses" in content)


def drafts_of_yaml(content: Mapping[str, Any]) -> Table:
    """Of ``nlu`` and ``responses``."""
    table = Table()
    responses = {str(name).removeprefix("utter_"): _said(v) for name, v in (content.get("responses") or {}).items()}
    for item in content.get("nlu") or []:
        if not isinstance(item, dict):
            continue
        if "intent" in item:
            examples, metadata = _examples(item.get("examples")), item.get("metadata") or {}
            _add(table, str(item["intent"]), examples, responses, metadata if isinstance(metadata, dict) else {})
        else:
            table.remarks.append(f"没有用到 {'、'.join(map(str, item))}：这里只读问法和答案。")
    return table


def drafts_of_markdown(text: str) -> Table | None:
    """None for Markdown that is not Rasa's."""
    table = Table()
    intent: str | None = None
    examples: list[str] = []
    found = False
    for line in [*text.splitlines(), "## intent: "]:
        begins = _MARKDOWN_INTENT.match(line)
        if line.startswith("##"):
            if intent:
                _add(table, intent, examples, {}, {})
            intent, examples = (begins[1] if begins else None), []
            found = found or bool(intent)
        elif line.lstrip().startswith(("-", "*")):
            examples.append(_ENTITY.sub(r"\1", line.lstrip()[1:].strip()))
    return table if found else None


def _add(
    table: Table, intent: str, examples: Sequence[str], responses: Mapping[str, str], metadata: Mapping[str, Any]
) -> None:
    if intent in OUT_OF_SCOPE_INTENTS:
        table.out_of_scope += examples
        return
    texts = [e for e in examples if e]
    fields: dict[str, Value] = {k: metadata[k] for k in KEPT if metadata.get(k)}
    wordings = metadata.get("wordings") or texts
    if "question" not in fields and texts:
        fields["question"], wordings = texts[0], wordings[1:]
    fields["id"] = plain_id(intent.removeprefix(RETRIEVAL))
    if wordings:
        fields["wordings"] = [str(w) for w in wordings]
    answer = responses.get(intent)
    if answer:
        fields["answer"] = answer
    table.drafts.append(Draft(f"意图 {intent}", fields))


def _examples(written: Any) -> list[str]:
    """Of a block of lines with dashes, or of a list of texts."""
    if isinstance(written, str):
        lines = [line.strip()[1:].strip() for line in written.splitlines() if line.strip().startswith("-")]
    else:
        lines = [str(e.get("text", "")) if isinstance(e, dict) else str(e) for e in written or []]
        lines = [line.strip().removeprefix("- ") for line in lines]
    return [_ENTITY.sub(r"\1", line) for line in lines]


def _said(variants: Any) -> str:
    """The first text of a response."""
    for variant in variants or []:
        if isinstance(variant, dict) and variant.get("text"):
            return str(variant["text"])
    return ""


def written(entries: Sequence[Mapping[str, Value]], out_of_scope: Sequence[str]) -> bytes:
    """An ``nlu`` and a ``responses`` section for Rasa 3."""
    lines = ['version: "3.1"\n', "nlu:\n"]
    for entry in entries:
        metadata = {k: entry[k] for k in KEPT if entry.get(k)}
        wordings = entry.get("wordings") or []
        if _examples("\n".join(f"- {w}" for w in wordings)) != list(wordings):
            metadata["wordings"] = list(wordings)
        lines.append(f"  - intent: {RETRIEVAL}{entry['id']}\n    metadata:\n{yaml_text.rendered(metadata, 6)}")
        lines.append(_examples_written(wordings or [entry["question"]]))
    if out_of_scope:
        lines.append(f"  - intent: {OUT_OF_SCOPE_INTENTS[0]}\n{_examples_written(out_of_scope)}")
    lines.append("responses:\n")
    for entry in entries:
        answer = yaml_text.scalar(str(entry["answer"]), 6)
        lines.append(f"  utter_{RETRIEVAL}{entry['id']}:\n    - text: {answer}\n")
    return "".join(lines).encode("utf-8")


def _examples_written(examples: Sequence[str]) -> str:
    return "    examples: |\n" + "".join(f"      - {' '.join(e.split())}\n" for e in examples)


def load(text: str) -> Any:
    """A YAML file as plain objects; raises InputError."""
    try:
        return yaml.safe().load(text)
    except RecursionError:
        raise InputError("里面的内容一层套一层，太深了，没有读。请改正后再试。") from None
    except MarkedYAMLError as error:
        mistake = slips(Path(), text.splitlines(), error)[0]
        raise InputError(f"第 {mistake.line} 行：{mistake.message}") from None
    except YAMLError:
        raise InputError("里面有不能用的控制字符，或者根本不是文本。请在编辑器里检查。") from None
