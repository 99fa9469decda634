"""Excel workbooks, by openpyxl."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, Final

from voice_faq.authoring.tables.rows import COLUMNS, field_of
from voice_faq.errors import InputError

MOST_ROWS: Final = 50_000
MOST_UNPACKED_BYTES: Final = 300_000_000
LONGEST_CELL: Final = 32_767  # characters, Excel's own limit
WIDTHS: Final = {"代号": 22, "分组": 12, "问题": 32, "问法": 48, "答案": 64, "屏幕": 48}


def read_sheets(content: bytes) -> list[list[list[str]]]:
    """Rows of each sheet that has any, cells as texts; a merged cell stands in each of its places.

    Raises InputError.
    """
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED_BYTES:
                raise InputError("这个 Excel 文件展开后太大了。请只留下问题和答案，另存一份。")
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except InputError:
        raise
    except Exception as error:  # openpyxl lets through whatever its parsers raise
        raise InputError(
            f"Excel 文件读不了（{type(error).__name__}）。请用 Excel 或 WPS 打开，另存为 .xlsx（旧的 .xls 也要另存）。"
        ) from None
    sheets = []
    for sheet in book.worksheets:
        if sheet.max_row > MOST_ROWS:
            raise InputError(f"工作表 {sheet.title} 有 {sheet.max_row} 行，最多读 {MOST_ROWS} 行。请删掉多余的空行。")
        rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        for merged in sheet.merged_cells.ranges:
            value = rows[merged.min_row - 1][merged.min_col - 1]
            for r in range(merged.min_row - 1, min(merged.max_row, len(rows))):
                for c in range(merged.min_col - 1, min(merged.max_col, len(rows[r]))):
                    rows[r][c] = value
        if any(cell for row in rows for cell in row):
            sheets.append(rows)
    # Where one has headings, the others are notes.
    with_headings = [rows for rows in sheets if any("question" in map(field_of, row) for row in rows[:10])]
    return with_headings or sheets[:1]


def written_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet, every cell a text; raises InputError for one that is longer than Excel allows."""
    import openpyxl
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "问答"
    sheet.freeze_panes = "A2"
    for r, row in enumerate(rows, 1):
        for c, text in enumerate(row, 1):
            if len(text) > LONGEST_CELL:
                raise InputError(f"{rows[0][c - 1]}有 {len(text)} 个字，Excel 的一格放不下。请导出成 .csv 或 .yaml。")
            cell = sheet.cell(r, c)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if r == 1:
                cell.font = Font(bold=True)
    for number, heading in enumerate(rows[0]):
        sheet.column_dimensions[chr(ord("A") + number)].width = WIDTHS.get(heading, 32)
    assert len(COLUMNS) <= len(rows[0])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if (value.hour, value.minute) != (0, 0) else f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).replace("\r\n", "\n").replace("_x000D_", "")
