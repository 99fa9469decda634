"""What an operator should know of how the answers are written, which the FAQ that was read no longer shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from voice_faq.errors import Mistake
from voice_faq.faq import yaml
from voice_faq.faq.opening import FAQ_FILE, PROMPTS_FILE
from voice_faq.language.normalizing import normalize

_ITEM: Final = re.compile(r"\s*-(?:\s|$)")
_WIDE_COMMA: Final = re.compile("[，、]")
_WORDS: Final = {"out_of_scope": "不回答的问题", "synonyms": "同义词"}


def file_notes(folder: Path) -> Iterator[str]:
    """Sentences that begin with file and line; none of files that cannot be read."""
    for name in (FAQ_FILE, PROMPTS_FILE):
        file = folder / name
        try:
            text = file.read_text(encoding="utf-8-sig")
            root = yaml.round_trip().compose(text)
            if root is None:
                continue
            notes = [*_swallowed(root, text.splitlines()), *_wordless(root), *_run_together(root)]
        except (OSError, UnicodeDecodeError, YAMLError, RecursionError):
            continue
        yield from (str(Mistake(file, line + 1, told)) for line, told in sorted(notes))


def _swallowed(root: Node, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines that look like items of a list and are a part of the text above them."""
    for text in _texts(root):
        if text.style is None:
            for line in range(text.start_mark.line + 1, min(text.end_mark.line + 1, len(lines))):
                if _ITEM.match(lines[line]):
                    told = (
                        f"“{lines[line].strip()}”不是列表里单独的一项，它接在上一行的文字后面，成了“{_short(text.value)}”。"
                        "要单独成一项，请把“- ”和上面那一项的“- ”对齐；本来就是同一段文字，请给整段加上引号。"
                    )
                    yield line, told


def _wordless(root: Node) -> Iterator[tuple[int, str]]:
    """What counts for nothing, see ``read_faq``."""
    for key, value in root.value if isinstance(root, MappingNode) else ():
        if key.value in _WORDS:
            for text in _texts(value):
                if not normalize(text.value):
                    what = f"{_WORDS[key.value]}“{text.value}”"
                    yield text.start_mark.line, f"{what}里没有中文或者英文字母，机器听不懂，没有用。请改写或删掉。"


def _run_together(root: Node) -> Iterator[tuple[int, str]]:
    """Items between square brackets that have wide commas between them, which divide nothing."""
    for items in _lists(root):
        for text in items.value if items.flow_style else ():
            if isinstance(text, ScalarNode) and text.style is None and _WIDE_COMMA.search(text.value):
                told = (
                    f"“{_short(text.value)}”会当作一项。方括号里要用英文逗号 , 隔开，请把“，”“、”改成英文逗号；"
                    "本来就是一句话，请给它加上引号。"
                )
                yield text.start_mark.line, told


def _lists(node: Node) -> Iterator[SequenceNode]:
    if isinstance(node, SequenceNode):
        yield node
    for part in node.value if isinstance(node, SequenceNode) else ():
        yield from _lists(part)
    for _, value in node.value if isinstance(node, MappingNode) else ():
        yield from _lists(value)


def _texts(node: Node) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _texts(item)


def _short(text: str) -> str:
    return f"{text[:24]}……" if len(text) > 25 else text
