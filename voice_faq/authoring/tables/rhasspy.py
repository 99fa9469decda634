"""Rhasspy's ``sentences.ini``: templates with [optional], (one | other), <rules>, {tags} and word:substitutions.

It has no place for answers; an export keeps them in comments, ``#: {"answer": …}``, which an import reads again.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from voice_faq.authoring.naming import plain_id
from voice_faq.authoring.tables.draft import Draft, Table
from voice_faq.authoring.yaml_text import Value

MOST_SENTENCES: Final = 200  # of one template
MOST_DEPTH: Final = 12  # of rules in rules
KEPT: Final = "#: "
OUT_OF_SCOPE: Final = "out-of-scope"
_SECTION: Final = re.compile(r"^\[([^\[\]]+)\]\s*$")
_RULE: Final = re.compile(r"^([\w.-]+)\s*=\s*(.+)$")
_SPECIAL: Final = re.compile(r"([\[\](){}<>|:$\\=#;!])")
_BETWEEN_CHINESE: Final = re.compile(r"(?<=[\u4e00-\u9fff，。？！])\s+(?=[\u4e00-\u9fff，。？！])")
_TOKEN: Final = re.compile(
    r"\\.|<[^<>]+>|\{[^{}]*\}|:[^\s\[\](){}<>|]*|\$[\w,./-]+|[\[\]()|]|\s+|[^\s\[\](){}<>|:$\\]+|."
)


class TooManyOrUnknown(Exception):  # noqa: N818 - says why a template is left out
    """A template that cannot be spelled out."""


def drafts_of(text: str) -> Table:
    """An intent is an entry, its sentences are the wordings."""
    table = Table()
    sections: dict[str, list[str]] = {}
    kept: dict[str, dict[str, Value]] = {}
    rules: dict[str, str] = {}
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        begins = _SECTION.match(line)
        if begins:
            section = begins[1].strip()
            sections.setdefault(section, [])
        elif line.startswith(KEPT):
            kept[section] = json.loads(line.removeprefix(KEPT))
        elif line and line[0] not in "#;":
            rule = _RULE.match(line)
            if rule:
                rules[f"{section}.{rule[1]}"] = rule[2]
            elif section:
                sections[section].append(line)
    for name, templates in sections.items():
        sentences: dict[str, None] = {}
        for template in templates:
            try:
                sentences.update(dict.fromkeys(_spelled_out(template, rules, name)))
            except TooManyOrUnknown as why:
                table.remarks.append(f"[{name}] {template}：{why}，没有导入。")
        wordings = list(sentences)
        if name == OUT_OF_SCOPE:
            table.out_of_scope += wordings
            continue
        fields = dict(kept.get(name, {}))
        if "question" not in fields and wordings:
            fields["question"] = wordings.pop(0)
        if wordings:
            fields["wordings"] = wordings
        if fields:
            fields["id"] = plain_id(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name))
            table.drafts.append(Draft(f"意图 {name}", fields))
    return table


def written(entries: Sequence[Mapping[str, Value]], out_of_scope: Sequence[str]) -> bytes:
    """An intent an entry, with what Rhasspy has no place for in a comment."""
    lines = []
    for entry in entries:
        rest = {k: v for k, v in entry.items() if k not in ("id", "wordings") and v}
        lines += [f"[{entry['id']}]", KEPT + json.dumps(rest, ensure_ascii=False)]
        lines += [*map(_escaped, entry.get("wordings") or []), ""]
    if out_of_scope:
        lines += [f"[{OUT_OF_SCOPE}]", *map(_escaped, out_of_scope), ""]
    return "\n".join(lines).encode("utf-8")


def _escaped(wording: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(wording.split()))


def _spelled_out(template: str, rules: Mapping[str, str], section: str, depth: int = 0) -> list[str]:
    if depth > MOST_DEPTH:
        raise TooManyOrUnknown("规则套得太深")
    tokens = _TOKEN.findall(template)
    texts, rest = _alternatives(tokens, 0, None, rules, section, depth)
    if rest != len(tokens):
        raise TooManyOrUnknown("括号不成对")
    cleaned = (_BETWEEN_CHINESE.sub("", " ".join(text.split())) for text in texts)
    return [text for text in dict.fromkeys(cleaned) if text]


def _alternatives(
    tokens: Sequence[str], at: int, closing: str | None, rules: Mapping[str, str], section: str, depth: int
) -> tuple[list[str], int]:
    """Texts up to the closing bracket, and the place behind it."""
    found: list[str] = []
    current = [""]
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token == closing:
            return found + current, at
        if token == "|":
            found, current = found + current, [""]
            continue
        if token in ("(", "["):
            parts, at = _alternatives(tokens, at, ")" if token == "(" else "]", rules, section, depth)
            if token == "[":
                parts = [*parts, ""]
        elif token in (")", "]"):
            raise TooManyOrUnknown("括号不成对")
        elif token.startswith("<") and len(token) > 2:
            parts = _rule(token[1:-1].strip(), rules, section, depth)
        elif token.startswith("$") and len(token) > 1:
            raise TooManyOrUnknown(f"用了词表 {token}")
        elif (token.startswith("{") and len(token) > 1) or token.startswith(":"):
            continue  # what Rhasspy hands on, not what is said
        else:
            parts = [token[1:] if token.startswith("\\") and len(token) > 1 else token]
        if len(current) * len(parts) + len(found) > MOST_SENTENCES:
            raise TooManyOrUnknown(f"展开后超过 {MOST_SENTENCES} 句")
        current = [before + after for before, after in itertools.product(current, parts)]
    if closing is not None:
        raise TooManyOrUnknown("括号不成对")
    return found + current, at


def _rule(name: str, rules: Mapping[str, str], section: str, depth: int) -> list[str]:
    key = name if "." in name else f"{section}.{name}"
    if key not in rules:
        raise TooManyOrUnknown(f"没有规则 <{name}>")
    return _spelled_out(rules[key], rules, key.rsplit(".", 1)[0], depth + 1)
