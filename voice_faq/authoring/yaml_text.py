"""Changes values inside YAML text and nothing around them: comments, order, quotes and blank lines stay as they are.

ruamel.yaml says where each value begins and ends; only those characters are replaced. A sequence is changed item by
item, so that the comments beside its other items stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from voice_faq.faq import yaml

LIKE_JSON: Final = "有的内容写在花括号或者方括号里，像 JSON 那样"
Value = Any  # a text, a list of texts or of lists of texts, or a mapping from texts to such values

INDENT: Final = 2
_PLAINLY_PLAIN: Final = re.compile(r"[\u4e00-\u9fff][\w\u4e00-\u9fff，。！？；、（）“”《》…·/%℃°+.-]*")
_NEEDS_QUOTES_IN_FLOW: Final = re.compile(r"[^\w\u4e00-\u9fff -]")
_STRING: Final = "tag:yaml.org,2002:str"


class NotEditable(Exception):  # noqa: N818 - it says what the text is, no more
    """The text uses something of YAML that cannot be changed in place; the message is a half-sentence about it."""


class NotYaml(NotEditable):
    """The text cannot even be read."""


@dataclass(frozen=True)
class _Splice:
    start: int
    end: int
    text: str


def parse(text: str) -> Node | None:
    """The text's nodes with their places; raises NotEditable for what is no YAML, or has anchors."""
    try:
        root: Node | None = yaml.round_trip().compose(text)
        anchored = root is not None and _has_anchor(root)
    except (YAMLError, RecursionError) as error:
        raise NotYaml("YAML 写法有误") from error
    if anchored:
        raise NotEditable("里面有以 & 和 * 开头的别名")
    return root


def plain(node: Node) -> Value:
    """A node as lists, dicts and texts; whatever is no collection is the text that is written."""
    if isinstance(node, MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.value]
    return node.value


def with_values(text: str, wanted: Mapping[str, Value], order: Sequence[str] = ()) -> str:
    """``text``, a mapping, with ``wanted`` in it; None removes a key. What is not named stays.

    Missing keys are put where ``order`` has them. Raises NotEditable.
    """
    root = parse(text)
    if not isinstance(root, MappingNode):
        raise NotEditable("不是“名称: 内容”的形式")
    splices = _mapping_splices(text, root, wanted, order)
    for splice in sorted(splices, key=lambda s: (s.start, s.end), reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    after = parse(text)
    have = plain(after) if after is not None else {}
    for key, value in wanted.items():
        if have.get(key) != (None if value is None else _normal(value)):
            raise NotEditable(f"{key} 的写法不常见，改了会和想要的不一样")
    return text


def rendered(values: Mapping[str, Value], indent: int) -> str:
    """Lines of a mapping in block style, each indented by ``indent`` spaces."""
    return "".join(_pair(key, value, indent) for key, value in values.items() if value is not None)


def content_end(text: str) -> int:
    """Where the lines of a mapping end, before blank lines and comments after it; raises NotEditable."""
    root = parse(text)
    if not isinstance(root, MappingNode):
        raise NotEditable("不是“名称: 内容”的形式")
    return _line_end(text, _end(text, root))


def scalar(value: str, indent: int, *, quoted: bool = False, flow: bool = False) -> str:
    """One text as YAML; a text of several lines stands below, indented by more than ``indent``."""
    if "\n" in value and not flow and not quoted and _fits_block(value):
        body = value.removesuffix("\n")
        pad = " " * (indent + INDENT)
        lines = "".join(f"{pad}{line}\n" if line else "\n" for line in body.split("\n"))
        return ("|\n" if value.endswith("\n") else "|-\n") + lines.removesuffix("\n")
    if quoted or (flow and _NEEDS_QUOTES_IN_FLOW.search(value)) or not _is_plain(value):
        return "".join(c if c.isprintable() else _escaped(c) for c in json.dumps(value, ensure_ascii=False))
    return value


def _escaped(character: str) -> str:
    return f"\\U{ord(character):08x}" if ord(character) > 0xFFFF else f"\\u{ord(character):04x}"


def _is_plain(value: str) -> bool:
    if _PLAINLY_PLAIN.fullmatch(value):
        return True
    if not value or "\n" in value or "\r" in value:
        return False
    try:
        node = yaml.round_trip().compose(f"- {value}\n- k: {value}\n")
    except YAMLError:
        return False
    if not isinstance(node, SequenceNode) or len(node.value) != 2 or not isinstance(node.value[0], ScalarNode):
        return False
    first, second = node.value
    if not isinstance(second, MappingNode) or [k.value for k, _ in second.value] != ["k"]:
        return False
    return all(str(n.tag) == _STRING and n.value == value for n in (first, second.value[0][1]))


def _fits_block(value: str) -> bool:
    """Whether a literal block brings the text back as it is."""
    lines = value.removesuffix("\n").split("\n")
    printable = all(c == "\n" or c.isprintable() for c in value)
    return printable and bool(lines[0]) and lines[0][0] not in " \t" and bool(lines[-1]) and not value.endswith("\n\n")


def _pair(key: str, value: Value, indent: int) -> str:
    pad = " " * indent
    if isinstance(value, str):
        return f"{pad}{scalar(key, indent)}: {scalar(value, indent)}\n"
    return f"{pad}{scalar(key, indent)}:{_collection(value, indent)}\n"


def _collection(value: Value, indent: int) -> str:
    """What stands behind the colon, without the last line's end."""
    if not value:
        return " {}" if isinstance(value, Mapping) else " []"
    if isinstance(value, Mapping):
        return "\n" + rendered(value, indent + INDENT).removesuffix("\n")
    return "\n" + "".join(_item(item, indent + INDENT) for item in value).removesuffix("\n")


def _item(value: Value, indent: int) -> str:
    written = scalar(value, indent) if isinstance(value, str) else _flow(value)
    return f"{' ' * indent}- {written}\n"


def _flow(items: Sequence[str]) -> str:
    return "[" + ", ".join(scalar(item, 0, flow=True) for item in items) + "]"


def _mapping_splices(text: str, node: MappingNode, wanted: Mapping[str, Value], order: Sequence[str]) -> list[_Splice]:
    if node.flow_style:
        raise NotEditable(LIKE_JSON)
    present = {str(key.value): (key, value) for key, value in node.value}
    column = node.value[0][0].start_mark.column
    splices = []
    for name, value in wanted.items():
        if name in present:
            key, old = present[name]
            if value is None:
                start = _line_start(text, key.start_mark.index)
                if text[start : key.start_mark.index].strip():
                    raise NotEditable(f"{name} 和“- ”写在同一行，删不了")
                splices.append(_Splice(start, _line_end(text, _end(text, old)), ""))
            else:
                splices += _value_splices(text, key, old, value, column)
        elif value is not None:
            before = [present[k] for k in order[: order.index(name)] if k in present] if name in order else []
            _, neighbour = before[-1] if before else node.value[-1]
            place = _line_end(text, _end(text, neighbour))
            lines = _pair(name, value, column)
            splices.append(_Splice(place, place, lines if text[:place].endswith("\n") else "\n" + lines))
    return splices


def _value_splices(text: str, key: Node, old: Node, value: Value, column: int) -> list[_Splice]:
    if plain(old) == _normal(value):
        return []
    if isinstance(old, ScalarNode) and isinstance(value, str):
        return [_scalar_splice(text, old, value, column)]
    if isinstance(old, MappingNode) and isinstance(value, Mapping) and value and not old.flow_style:
        gone = {str(k.value): None for k, _ in old.value if str(k.value) not in value}
        return _mapping_splices(text, old, {**gone, **value}, list(value))
    if isinstance(old, SequenceNode) and isinstance(value, list) and value and old.value and not old.flow_style:
        return _sequence_splices(text, old, value)
    colon = text.index(":", key.end_mark.index) + 1
    written = " " + scalar(value, column) if isinstance(value, str) else _collection(value, column)
    return [_Splice(colon, _end(text, old), written)]


def _scalar_splice(text: str, old: ScalarNode, value: str, column: int) -> _Splice:
    end = _end(text, old)
    comment = bool(text[end : _line_end(text, end)].strip())
    quoted = comment if "\n" in value else old.style in ("'", '"')
    start = old.start_mark.index
    written = scalar(value, column, quoted=quoted)
    if start == end and text[start - 1 : start] == ":":  # nothing was written behind the colon
        written = " " + written
    return _Splice(start, end, written)


def _sequence_splices(text: str, old: SequenceNode, wanted: list[Value]) -> list[_Splice]:
    have = [plain(item) for item in old.value]
    wanted = _normal(wanted)
    keys = [json.dumps(item, ensure_ascii=False) for item in have], [json.dumps(i, ensure_ascii=False) for i in wanted]
    column = old.start_mark.column
    splices: list[_Splice] = []

    def lines_of(i: int) -> tuple[int, int]:
        return _line_start(text, old.value[i].start_mark.index), _line_end(text, _end(text, old.value[i]))

    for what, i1, i2, j1, j2 in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        paired = min(i2 - i1, j2 - j1)
        for i, j in zip(range(i1, i1 + paired), range(j1, j1 + paired), strict=True):
            item = old.value[i]
            if isinstance(item, ScalarNode) and isinstance(wanted[j], str):
                splices.append(_scalar_splice(text, item, wanted[j], column))
            else:
                new = scalar(wanted[j], column) if isinstance(wanted[j], str) else _flow(wanted[j])
                splices.append(_Splice(item.start_mark.index, _end(text, item), new))
        for i in range(i1 + paired, i2):
            splices.append(_Splice(*lines_of(i), ""))
        if j1 + paired < j2:
            place = lines_of(i1 + paired - 1)[1] if i1 + paired else lines_of(0)[0]
            lines = "".join(_item(item, column) for item in wanted[j1 + paired : j2])
            splices.append(_Splice(place, place, lines if not place or text[place - 1] == "\n" else "\n" + lines))
    return splices


def _normal(value: Value) -> Value:
    """Texts as they are read back: lists and dicts of the builtin kinds."""
    if isinstance(value, Mapping):
        return {str(k): _normal(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_normal(v) for v in value]
    return str(value)


def _end(text: str, node: Node) -> int:
    """Where what is written of a node ends: before a comment behind it, and before the line's end."""
    if isinstance(node, (MappingNode, SequenceNode)) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end = int(node.end_mark.index)
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return _end_of_block(text, node)
    return end


def _end_of_block(text: str, node: ScalarNode) -> int:
    """Of a block scalar: its last line that has text and is indented; blank lines and comments after it stay."""
    position = text.find("\n", node.start_mark.index)
    if position < 0:
        return len(text)
    last, least = position, None
    limit = int(node.end_mark.index)
    while position < limit:
        following = text.find("\n", position + 1)
        following = len(text) if following < 0 else following
        line = text[position + 1 : following]
        depth = len(line) - len(line.lstrip(" "))
        if line.strip():
            least = depth if least is None else least
            if depth < least:
                break
            last = following
        position = following
    return last


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """Behind the line's end."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _has_anchor(node: Node) -> bool:
    if getattr(node, "anchor", None):
        return True
    if isinstance(node, MappingNode):
        return any(_has_anchor(key) or _has_anchor(value) for key, value in node.value)
    return isinstance(node, SequenceNode) and any(_has_anchor(item) for item in node.value)
