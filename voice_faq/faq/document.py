"""A YAML file with the line of each of its parts, and its slips in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from voice_faq.errors import Mistake, reason
from voice_faq.faq import yaml

MOST_CHARACTERS: Final = 10_000_000  # of a file whose aliases are written out

_NAME: Final = "[key]"  # ends the location of a name, as pydantic has it
_GENERAL: Final = "请检查冒号后的空格、引号是否成对、缩进是否对齐。"
_SLIPS: Final = {
    yaml.NO_VALUE: "这里像日期或者数字，但是读不成。请给它加上引号；前面有 !! 开头的标记，请删掉标记。",
    "duplicate key": "这一项写了两次。请删掉其中一个。",
    "mapping values are not allowed": f"这里多了一个冒号，或者上一行没有写对。文字里有冒号和空格时要加引号。{_GENERAL}",
    "could not find expected ':'": f"这一行不是“名称: 内容”的形式。{_GENERAL}",
    "end of stream": f"从这里开始的引号或括号没有配成对。{_GENERAL}",
    "expected ',' or": f"从这里开始的方括号或花括号没有配成对。文字以括号开头时要加引号。{_GENERAL}",
    "another document": "文件里有一行“---”，后面又开始了一份内容。请删掉这一行。",
    "escape character": "双引号里的反斜杠用错了。请把外面的双引号改成单引号。",
    "undefined alias": "文字以 * 开头时要加引号。",
    "cannot start any token": "文字以 % @ ` 这样的符号开头时要加引号。",
    "expected <block end>": f"这一行的缩进没有和上面对齐，或者引号后面还有文字。{_GENERAL}",
}
_KEY: Final = re.compile(r"\s*(?:-\s+)?[^\s:：#\"'“‘，。？！、]{1,20}：")
_WIDE_SLIPS: Final = (
    (re.compile(r"\s*\u3000\s*\S"), "这一行用全角空格缩进。请改用半角空格。"),
    (re.compile(r"\s*[－—–]\s*\S"), "列表的这一行用了全角的横线。请改成半角的“- ”，横线后空一格。"),
)


@dataclass(frozen=True)
class Document:
    """A file that is YAML, with names at its outermost level."""

    path: Path
    lines: list[str]
    content: CommentedMap

    def line(self, location: tuple[int | str, ...]) -> int:
        """Line of the part at ``location``, or of the nearest part around it that exists."""
        node: Any = self.content
        line = 0
        for key in location:
            try:
                if isinstance(node, CommentedMap) and key in node:
                    line = node.lc.key(key)[0]
                elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                    line = node.lc.item(key)[0]
                else:
                    break
            except (KeyError, TypeError):
                break
            node = node[key]
        return int(line) + 1

    def written(self, location: tuple[int | str, ...]) -> str | None:
        """The text that stands at ``location``, a number as its digits; None for what is no single text."""
        node: Any = self._nodes
        content: Any = self.content
        name = None
        of_name = is_name(location)
        for key in location[:-1] if of_name else location:
            if isinstance(node, SequenceNode) and isinstance(key, int):
                node, content = node.value[key], content[key]
                continue
            names = list(content) if isinstance(node, MappingNode) else []
            place = next((i for i, name in enumerate(names) if key in (name, str(name), repr(name))), None)
            if place is None or len(names) != len(node.value):  # where others are merged in
                return None
            name, node = node.value[place]
            content = content[names[place]]
        node = name if of_name else node
        return str(node.value) if isinstance(node, ScalarNode) else None

    @cached_property
    def _nodes(self) -> Any:
        return yaml.round_trip().compose("\n".join(self.lines))

    @property
    def plain(self) -> Any:
        """The content as plain Python containers and strings, which strict validation wants."""
        return _plain(self.content)


def is_name(location: tuple[int | str, ...]) -> bool:
    """Whether a name is meant, and not what stands behind it."""
    return len(location) > 2 and location[-1] == _NAME


def read_document(path: Path, mistakes: list[Mistake]) -> Document | None:
    """The file; None where it cannot be read, which is added to ``mistakes``."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        mistakes.append(Mistake(path, 1, "找不到这个文件。请把它放到答案文件夹里。"))
        return None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        mistakes.append(Mistake(path, line, "文件不是 UTF-8 编码。请在编辑器里另存为 UTF-8。"))
        return None
    except OSError as error:
        mistakes.append(Mistake(path, 1, f"文件打不开（{reason(error)}）。请检查权限。"))
        return None
    return parsed(path, text, mistakes)


def parsed(path: Path, text: str, mistakes: list[Mistake]) -> Document | None:
    """What stands in the file; None where that is no YAML, which is added to ``mistakes``."""
    lines = text.splitlines()
    try:
        content = yaml.round_trip().load(text)
        if _written_out(content, {}) > MOST_CHARACTERS:
            mistakes.append(
                Mistake(path, 1, "文件里的别名（以 * 开头的引用）展开后太大，没有读。请不用别名，写全内容。")
            )
            return None
    except MarkedYAMLError as error:
        mistakes += slips(path, lines, error)
        return None
    except YAMLError:
        mistakes.append(Mistake(path, 1, "文件里有不能用的控制字符，或者根本不是文本。请在编辑器里检查。"))
        return None
    except RecursionError:
        mistakes.append(Mistake(path, 1, "文件里的内容一层套一层，太深了，没有读。请参照自带的文件改正。"))
        return None
    if not isinstance(content, CommentedMap):
        wide = list(_wide_slips(path, lines, 0, len(lines)))
        message = "文件是空的，或者最外层不是“名称: 内容”的形式。请参照自带的文件改正。"
        mistakes += wide or [Mistake(path, 1, message)]
        return None
    return Document(path, lines, content)


def wide_slip(document: Document, line: int) -> Mistake | None:
    """A full-width mark where YAML needs a half-width one, at ``line`` or the next, so that all is one text to it."""
    return next(_wide_slips(document.path, document.lines, line - 1, line + 1), None)


def _wide_slips(path: Path, lines: list[str], first: int, last: int) -> Iterator[Mistake]:
    for number, line in enumerate(lines[first:last], first + 1):
        if _KEY.match(line):
            name = line.strip().removeprefix("-").split("：")[0].strip()
            message = f"这一行用了全角冒号“：”。请改成半角冒号，后面空一格，写成“{name}: 内容”。"
            yield Mistake(path, number, message)
            continue
        yield from (Mistake(path, number, message) for pattern, message in _WIDE_SLIPS if pattern.match(line))


def slips(path: Path, lines: list[str], error: MarkedYAMLError) -> list[Mistake]:
    """What led to an error of YAML, which is often noticed a line later."""
    problem = str(error.problem)
    mark = error.problem_mark or error.context_mark
    line = min(mark.line, max(0, len(lines) - 1)) if mark else 0
    begun = min(error.context_mark.line, line) if error.context_mark else line
    if "duplicate key" not in problem:
        wide = list(_wide_slips(path, lines, max(0, min(begun, line - 1)), line + 1))
        if wide:
            return wide
        if "\\t" in problem or (lines and "\t" in lines[line]):
            return [Mistake(path, line + 1, "这一行用了制表符（Tab）。请改用空格缩进。")]
    for fragment, message in _SLIPS.items():
        if fragment in problem:
            return [Mistake(path, (begun if "end of stream" in fragment else line) + 1, message)]
    return [Mistake(path, line + 1, f"YAML 写法有误。{_GENERAL}")]


def _written_out(node: Any, known: dict[int, int]) -> int:
    """Characters and parts of ``node`` with every alias written out, counted without doing so.

    Raises RecursionError for a part that holds itself.
    """
    if not isinstance(node, dict | list):
        return 1 + len(str(node))
    if id(node) in known:
        if known[id(node)] < 0:
            raise RecursionError
        return known[id(node)]
    known[id(node)] = -1
    parts = [*node, *node.values()] if isinstance(node, dict) else node
    known[id(node)] = 1 + sum(_written_out(part, known) for part in parts)
    return known[id(node)]


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {_plain(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, TaggedScalar):
        return str(node.value)
    return str(node) if isinstance(node, str) else node
