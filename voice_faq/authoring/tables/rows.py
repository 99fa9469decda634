"""Rows of cells to drafts and back: headings in Chinese or English, several wordings in one cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from voice_faq.authoring.tables.draft import Draft, Table
from voice_faq.authoring.yaml_text import Value
from voice_faq.errors import InputError

HEADINGS: Final = {
    "question": """
        问题 问题名称 标準問題 問題 标准问题 标准问法 标准问 主问题 提问 问 知识标题
        question questions q title
    """,
    "answer": "答案 回答 答复 答覆 标准答案 解答 回复 答 answer answers response reply a",
    "wordings": """
        问法 問法 其他问法 别的问法 更多问法 相似问 相似问题 相似问法 相似問題 扩展问 扩展问法 扩展问题
        同义问法 说法 变体
        wordings wording variants variant alternatives alternative utterances utterance examples
        paraphrases similarquestions alternativequestions
    """,
    "group": "分组 分組 组 组别 分类 分類 类别 類別 栏目 主题 目录 group category topic section",
    "id": "代号 代號 条目代号 条目 标识 id key entry entryid intent",
    "serial": "编号 編號 序号 序號 no number num 号",
    "screen": "屏幕 屏幕文字 屏幕显示 显示 显示文字 详细 详细说明 screen display details",
}
COLUMNS: Final = {
    "id": "代号",
    "group": "分组",
    "question": "问题",
    "wordings": "问法",
    "answer": "答案",
    "screen": "屏幕",
}
HEADING_ROWS: Final = 10  # among the first so many rows headings are looked for
_FIELD_OF: Final = {name: field for field, names in HEADINGS.items() for name in names.split()}
_NOT_A_NAME: Final = re.compile(r"[\s*:：.。_\-/|]+|\([^)]*\)|（[^）]*）|【[^】]*】")
_TRANSLATED: Final = re.compile(r"(.+?)[\s_(（-]+([a-z]{2,3}(?:-[a-z]+)?)[)）]?", re.IGNORECASE)
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SEPARATORS: Final = re.compile(r"[|｜；;]|(?<=[？?])(?=.)")


def field_of(heading: str) -> str | None:
    """The field that a heading names, ``answer_en`` for a translation; None for none."""
    text = unicodedata.normalize("NFKC", heading).strip().lower()
    translated = _TRANSLATED.fullmatch(text)
    if translated:
        field = _FIELD_OF.get(_NOT_A_NAME.sub("", translated[1]))
        if field in ("question", "answer", "group"):
            return f"{field}_{translated[2]}"
    return _FIELD_OF.get(_NOT_A_NAME.sub("", text).rstrip("0123456789"))


def drafts_of(rows: Sequence[Sequence[str]], first_row: int = 1) -> Table:
    """Drafts of rows of a sheet; raises InputError where no columns can be made out."""
    table = Table()
    filled = [(number, row) for number, row in enumerate(rows, first_row) if any(cell.strip() for cell in row)]
    if not filled:
        raise InputError("表格是空的。请至少写上“问题”和“答案”两列。")
    columns: list[str | None] = []
    body = filled
    for place, (_, row) in enumerate(filled[:HEADING_ROWS]):
        fields = [field_of(cell) for cell in row]
        if "question" in fields and ("answer" in fields or "wordings" in fields or "id" in fields):
            columns, body = _columns(fields), filled[place + 1 :]
            unknown = [c.strip() for c, f in zip(row, columns, strict=True) if f is None and c.strip()]
            if unknown:
                table.remarks.append(f"没有用到的列：{'、'.join(unknown)}。")
            break
    else:
        if max(len(row) for _, row in filled) < 2:
            raise InputError("看不出哪一列是问题、哪一列是答案。请在第一行写上“问题”和“答案”。")
        columns = ["question", "answer"]
        table.remarks.append("第一行没有“问题”“答案”这样的标题，按第一列是问题、第二列是答案读。")
    for number, row in body:
        said = _fields(columns, row)
        if said:
            table.drafts.append(Draft(f"第 {number} 行", said))
    return table


def _columns(fields: Sequence[str | None]) -> list[str | None]:
    """Without groups in a language that nothing else is in: Category ID is no group in Indonesian."""
    others = {field.partition("_")[2] for field in fields if field and not field.startswith("group")}
    return [None if f and f.startswith("group_") and f.partition("_")[2] not in others else f for f in fields]


def _fields(columns: Sequence[str | None], row: Sequence[str]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    wordings: list[str] = []
    translations: dict[str, dict[str, str]] = {}
    for column, cell in zip(columns, row, strict=False):
        text = cell.strip()
        if column is None or not text:
            continue
        name, _, language = column.partition("_")
        if language:
            translations.setdefault(language, {})[name] = text
        elif name == "wordings":
            wordings += split_wordings(cell)
        elif name == "serial":
            if _ID.fullmatch(text) and not text.isdecimal():
                fields.setdefault("id", text)
        else:
            fields.setdefault(name, text)
    if wordings:
        fields["wordings"] = wordings
    if translations:
        fields["translations"] = translations
    return fields


def split_wordings(cell: str) -> list[str]:
    """A wording a line; where the cell has one line, between ；, ; and | and after question marks."""
    parts = cell.split("\n") if "\n" in cell else _SEPARATORS.split(cell)
    return [_unescaped(part).strip() for part in parts if part.strip()]


def joined_wordings(wordings: Iterable[str]) -> str:
    """So that ``split_wordings`` gives them back."""
    said = list(wordings)
    cell = "\n".join(map(_escaped, said))
    return cell if split_wordings(cell) == said else cell + "\n"


def _escaped(wording: str) -> str:
    return wording.replace("\\", "\\\\").replace("\n", "\\n") if "\n" in wording or "\\" in wording else wording


def _unescaped(part: str) -> str:
    return re.sub(r"\\(n|\\)", lambda m: "\n" if m[1] == "n" else "\\", part)


def rows_of(entries: Sequence[Mapping[str, Value]]) -> list[list[str]]:
    """A row of headings, and one for each entry."""
    translated = [
        f"{field}_{language}"
        for entry in entries
        for language, said in (entry.get("translations") or {}).items()
        for field in said
    ]
    languages = list(dict.fromkeys(translated))
    rows = [[*COLUMNS.values(), *(f"{COLUMNS[c.split('_')[0]]}_{c.split('_')[1]}" for c in languages)]]
    for entry in entries:
        row = [_cell(entry, name) for name in COLUMNS]
        for column in languages:
            field, _, language = column.partition("_")
            row.append(str((entry.get("translations") or {}).get(language, {}).get(field, "")))
        rows.append(row)
    return rows


def _cell(entry: Mapping[str, Value], name: str) -> str:
    value: Any = entry.get(name)
    if value is None:
        return ""
    return joined_wordings(value) if name == "wordings" else str(value)
