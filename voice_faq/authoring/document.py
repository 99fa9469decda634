"""``faq.yaml`` as an operator's tools change it: one entry or one section at a time, all other lines stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ruamel.yaml.nodes import MappingNode, SequenceNode

from voice_faq.advice import command
from voice_faq.authoring import yaml_text
from voice_faq.authoring.yaml_text import NotEditable, NotYaml, Value
from voice_faq.errors import FaqError

ENTRIES: Final = "entries"
FIELDS: Final = ("id", "question", "group", "wordings", "answer", "screen", "translations")
"""Of an entry, in the order in which new ones are written."""
SECTIONS: Final = ("title", "hotline", "synonyms", "out_of_scope", "pronunciations", ENTRIES)
BOM: Final = "\ufeff"


@dataclass(frozen=True)
class _Span:
    """Lines of the text: an entry from its dash to the next one's, a section from its key to the next one's."""

    name: str
    start: int
    end: int

    def moved(self, by: int) -> _Span:
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True)
class FaqDocument:
    """The text with the places of its entries and sections; every change gives a new one."""

    path: Path
    text: str
    """With ``\\n`` at the end of lines, whatever the file has."""
    sections: tuple[_Span, ...]
    entries: tuple[_Span, ...]
    newline: str = "\n"
    bom: bool = False

    @classmethod
    def read(cls, path: Path, content: bytes) -> FaqDocument:
        """Raises FaqError for what is no YAML, or uses parts of it that cannot be changed in place."""
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise FaqError(f"{path}：文件不是 UTF-8 编码。请另存为 UTF-8。") from None
        bom = text.startswith(BOM)
        newline = "\r\n" if "\r\n" in text else "\n"
        text = text.removeprefix(BOM).replace("\r\n", "\n")
        try:
            root = yaml_text.parse(text)
        except NotYaml as error:
            look = command("check", answers=path.parent)
            raise FaqError(f"{path}：{error}，读不了，原来的内容没有变。要看是哪一行，请运行：{look}") from None
        except NotEditable as error:
            raise _to_be_rewritten(path, str(error)) from None
        if not isinstance(root, MappingNode) or root.flow_style:
            raise _to_be_rewritten(path, yaml_text.LIKE_JSON)
        starts = [(str(key.value), text.rfind("\n", 0, key.start_mark.index) + 1) for key, _ in root.value]
        ends = [start for _, start in starts[1:]] + [len(text)]
        sections = tuple(_Span(name, start, end) for (name, start), end in zip(starts, ends, strict=True))
        listed = next((value for key, value in root.value if key.value == ENTRIES), None)
        if not isinstance(listed, SequenceNode) or listed.flow_style or not listed.value:
            raise _to_be_rewritten(path, yaml_text.LIKE_JSON)
        end = next(s.end for s in sections if s.name == ENTRIES)
        places = []
        for item in listed.value:
            if not isinstance(item, MappingNode) or item.flow_style:
                raise _to_be_rewritten(path, yaml_text.LIKE_JSON)
            dash = text.rfind("-", 0, item.start_mark.index)
            places.append((str(yaml_text.plain(item).get("id", "")), text.rfind("\n", 0, dash) + 1))
        stops = [start for _, start in places[1:]] + [end]
        entries = tuple(_Span(name, start, stop) for (name, start), stop in zip(places, stops, strict=True))
        return cls(path, text, sections, entries, newline, bom)

    @property
    def content(self) -> bytes:
        """As it is written to the file."""
        text = self.text if self.newline == "\n" else self.text.replace("\n", self.newline)
        return ((BOM if self.bom else "") + text).encode("utf-8")

    @property
    def ids(self) -> list[str]:
        """Of the entries, in order."""
        return [span.name for span in self.entries]

    def entry(self, entry_id: str) -> dict[str, Value]:
        """Its fields as they are written; raises KeyError."""
        _, span = self._find(entry_id)
        root = yaml_text.parse(self._mapping(span))
        assert root is not None
        return dict(yaml_text.plain(root))

    def section(self, name: str) -> Value | None:
        """The value of a section; None where there is none."""
        span = next((s for s in self.sections if s.name == name), None)
        if span is None:
            return None
        root = yaml_text.parse(self.text[span.start : span.end])
        assert root is not None
        return yaml_text.plain(root)[name]

    def with_entry(self, entry_id: str, fields: Mapping[str, Value]) -> FaqDocument:
        """The entry with these fields changed; None removes one. Raises KeyError, FaqError."""
        place, span = self._find(entry_id)
        try:
            changed = yaml_text.with_values(self._mapping(span), fields, FIELDS)
        except NotEditable as error:
            raise _not_editable(self.path, error, entry_id) from None
        dash = self.text.index("-", span.start)
        return self._replaced(
            span.start, span.end, self.text[span.start : dash + 1] + changed[dash + 1 - span.start :],
            renamed={place: str(fields.get("id", entry_id))},
        )  # fmt: skip

    def with_new_entry(self, fields: Mapping[str, Value]) -> FaqDocument:
        """A new entry behind the last one of its group; behind all where there is none."""
        group = fields.get("group")
        last = len(self.entries) - 1
        if group is not None:
            last = max((i for i, s in enumerate(self.entries) if self._group(s) == group), default=last)
        span = self.entries[last]
        try:
            place = span.start + yaml_text.content_end(self._mapping(span))
        except NotEditable as error:
            raise _not_editable(self.path, error, span.name) from None
        dash = self.text.index("-", span.start) - span.start
        inside = next(i for i in range(dash + 1, len(self.text)) if self.text[span.start + i] not in " \n") - dash
        inside = inside if inside in range(2, 9) else 2
        ordered = {k: fields[k] for k in FIELDS if fields.get(k) is not None}
        lines = yaml_text.rendered(ordered, dash + inside)
        lines = lines[:dash] + "-" + lines[dash + 1 :]
        if self._has_blank_lines():
            lines = "\n" + lines
        if not self.text[:place].endswith("\n"):
            lines = "\n" + lines
        grown = self._replaced(place, place, lines)
        start = place + lines.index(" " * dash + "-")
        before, after = grown.entries[: last + 1], grown.entries[last + 1 :]
        new = _Span(str(fields["id"]), start, before[-1].end)
        return replace(grown, entries=(*before[:-1], replace(before[-1], end=start), new, *after))

    def without_entry(self, entry_id: str) -> FaqDocument:
        """The rest; comments around the entry stay. Raises KeyError, and FaqError for the last one."""
        place, span = self._find(entry_id)
        if len(self.entries) == 1:
            raise FaqError("这是最后一个条目，不能删。请先加一个新的。")
        end = span.start + yaml_text.content_end(self._mapping(span))
        if self._has_blank_lines() and self.text[end : end + 1] == "\n":
            end += 1
        shrunk = self._replaced(span.start, end, "")
        rest = list(shrunk.entries)
        gone = rest.pop(place)
        if place:
            rest[place - 1] = replace(rest[place - 1], end=gone.end)
        # What is left of a first entry, comments behind it, belongs to no entry: the next one begins at its dash.
        return replace(shrunk, entries=tuple(rest))

    def with_section(self, name: str, value: Value | None) -> FaqDocument:
        """A section with another value; raises FaqError."""
        span = next((s for s in self.sections if s.name == name), None)
        try:
            if span is not None:
                changed = yaml_text.with_values(self.text[span.start : span.end], {name: value})
                return self.read(self.path, self._replaced(span.start, span.end, changed).content)
        except NotEditable as error:
            raise _not_editable(self.path, error, name) from None
        if value is None:
            return self
        place = next(s.start for s in self.sections if s.name == ENTRIES)
        lines = self.text[:place].splitlines(keepends=True)
        while lines and lines[-1].startswith("#"):  # comments above the entries are theirs
            place -= len(lines.pop())
        added = yaml_text.rendered({name: value}, 0) + "\n"
        return self.read(self.path, self._replaced(place, place, added).content)

    def _find(self, entry_id: str) -> tuple[int, _Span]:
        for place, span in enumerate(self.entries):
            if span.name == entry_id:
                return place, span
        raise KeyError(entry_id)

    def _mapping(self, span: _Span) -> str:
        """The entry's lines with a space for its dash: a mapping."""
        dash = self.text.index("-", span.start)
        return self.text[span.start : dash] + " " + self.text[dash + 1 : span.end]

    def _group(self, span: _Span) -> str | None:
        root = yaml_text.parse(self._mapping(span)) if "group" in self.text[span.start : span.end] else None
        group = yaml_text.plain(root).get("group") if root is not None else None
        return group if isinstance(group, str) else None

    def _has_blank_lines(self) -> bool:
        """Whether entries are set apart by blank lines."""
        return any(self.text[: span.start].endswith("\n\n") for span in self.entries[1:3])

    def _replaced(self, start: int, end: int, new: str, renamed: Mapping[int, str] | None = None) -> FaqDocument:
        grown = len(new) - (end - start)

        def moved(span: _Span) -> _Span:
            if span.start > start or (span.start == start and start == end):
                return span.moved(grown)
            return replace(span, end=span.end + grown) if span.end >= end and span.start <= start else span

        entries = [moved(span) for span in self.entries]
        for place, name in (renamed or {}).items():
            entries[place] = replace(entries[place], name=name)
        return replace(
            self,
            text=self.text[:start] + new + self.text[end:],
            sections=tuple(map(moved, self.sections)),
            entries=tuple(entries),
        )


def _to_be_rewritten(path: Path, why: str) -> FaqError:
    """Of the whole file; an export writes it as we can change it."""
    export = command("export", "rewritten.yaml", answers=path.parent)
    return FaqError(
        f"{path}：{why}，不能自动修改，原来的内容没有变。请运行：{export}\n"
        f"它把同样的内容用一般的写法写到 rewritten.yaml（“#”后面的说明不会带过去），再用它替换 {path.name}。"
    )


def _not_editable(path: Path, error: NotEditable, where: str = "") -> FaqError:
    place = f"（{where}）" if where else ""
    return FaqError(
        f"{path}{place}：{error}，不能自动修改，原来的内容没有变。请先用文本编辑器改成一般的写法，参照自带的文件。"
    )
