"""Which kind of table a file is, by its name and its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from voice_faq.authoring.tables import delimited, rasa, rhasspy, rows, workbook
from voice_faq.authoring.tables.draft import Draft, Table
from voice_faq.authoring.yaml_text import Value
from voice_faq.errors import InputError

LARGEST_BYTES: Final = 30_000_000
EXPORT_FORMATS: Final = {
    "csv": "表格，Excel 和 WPS 都能打开", "tsv": "制表符分开的表格", "xlsx": "Excel", "yaml": "YAML，全部原样",
    "rasa": "Rasa NLU", "rhasspy": "Rhasspy 的 sentences.ini",
}  # fmt: skip
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


def read_table(name: str, content: bytes) -> Table:
    """What the file says; raises InputError that says why it cannot be read."""
    if len(content) > LARGEST_BYTES:
        raise InputError(f"{name}：文件太大（{len(content) / 1e6:.0f} MB），最多 {LARGEST_BYTES / 1e6:.0f} MB。")
    try:
        return _read(PurePath(name).suffix.lower(), content)
    except InputError as error:
        raise InputError(f"{name}：{error}") from None


def _read(suffix: str, content: bytes) -> Table:
    if content.startswith(_ZIP):
        sheets = workbook.read_sheets(content)
        if not sheets:
            raise InputError("表格是空的。请至少写上“问题”和“答案”两列。")
        tables = [rows.drafts_of(sheet) for sheet in sheets]
        return Table([d for t in tables for d in t.drafts], remarks=[r for t in tables for r in t.remarks])
    if content.startswith(_OLD_EXCEL):
        raise InputError("这是旧的 .xls 格式。请用 Excel 或 WPS 打开，另存为 .xlsx。")
    if suffix in (".xlsx", ".xlsm"):
        raise InputError("这不是 Excel 文件，或者坏了。请用 Excel 或 WPS 打开，另存为 .xlsx。")
    text, encoding = delimited.decoded(content)
    if suffix in (".yaml", ".yml", ".json"):
        return _of_yaml(text)
    if suffix in (".ini", ".rhasspy"):
        return rhasspy.drafts_of(text)
    if suffix in (".md", ".markdown"):
        table = rasa.drafts_of_markdown(text)
        if table is None:
            raise InputError(
                "这不是 Rasa 的训练数据。能导入的有 .csv、.xlsx、.yaml、Rasa NLU 和 Rhasspy 的 sentences.ini。"
            )
        return table
    table = rows.drafts_of(delimited.read_rows(text))
    if not encoding.startswith("utf"):
        table.remarks.append(f"文件是 {encoding.removesuffix('hkscs').upper()} 编码，已经转换。")
    return table


def _of_yaml(text: str) -> Table:
    content = rasa.load(text)
    if rasa.is_rasa(content):
        return rasa.drafts_of_yaml(content)
    listed = content.get("entries") if isinstance(content, dict) else content
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise InputError("看不懂这个 YAML。它应该是 Rasa 的训练数据，或者像 faq.yaml 那样有 entries。")
    table = Table()
    for number, item in enumerate(listed, 1):
        fields = _fields(item)
        if fields:
            table.drafts.append(Draft(f"第 {number} 条", fields))
    if isinstance(content, dict):
        table.out_of_scope = [str(w) for w in content.get("out_of_scope") or [] if w is not None]
        for name, is_right in _SECTIONS.items():
            if is_right(content.get(name)):
                table.sections[name] = content[name]
            elif content.get(name) is not None:
                table.remarks.append(f"没有用到 {name}：写法不对。")
    return table


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


_SECTIONS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "title": _is_text,
    "hotline": _is_text,
    "synonyms": lambda v: isinstance(v, list) and all(isinstance(g, list) and all(map(_is_text, g)) for g in v),
    "pronunciations": lambda v: isinstance(v, dict) and all(_is_text(w) for pair in v.items() for w in pair),
}
"""Sections that are imported, and what they look like."""


def _fields(item: Mapping[str, Any]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for key, value in item.items():
        field = rows.field_of(str(key)) if key != "translations" else key
        if field == "wordings":
            fields[field] = (
                [str(w) for w in value if w is not None] if isinstance(value, list) else rows.split_wordings(str(value))
            )
        elif field == "translations" and isinstance(value, dict):
            fields[field] = {
                str(k): {str(n): str(t) for n, t in v.items()} for k, v in value.items() if isinstance(v, dict)
            }
        elif field is not None and field != "serial" and "_" not in field and value is not None:
            fields[field] = str(value).strip()
    return fields


def write_table(
    kind: str, entries: Sequence[Mapping[str, Value]], out_of_scope: Sequence[str] = (), yaml: bytes = b""
) -> bytes:
    """The entries as a file of that kind (``EXPORT_FORMATS``); ``yaml`` is faq.yaml as it is."""
    match kind:
        case "csv":
            return delimited.written_rows(rows.rows_of(entries))
        case "tsv":
            return delimited.written_rows(rows.rows_of(entries), "\t")
        case "xlsx":
            return workbook.written_workbook(rows.rows_of(entries))
        case "rasa":
            return rasa.written(entries, out_of_scope)
        case "rhasspy":
            return rhasspy.written(entries, out_of_scope)
        case "yaml":
            return yaml
    raise InputError(f"没有叫 {kind} 的格式。可以用：{'、'.join(EXPORT_FORMATS)}。")
