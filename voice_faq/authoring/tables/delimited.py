"""CSV and its kin, in whatever encoding a spreadsheet program in China or Taiwan wrote it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from typing import Final

from voice_faq.authoring.tables.rows import HEADING_ROWS, field_of
from voice_faq.errors import InputError

DELIMITERS: Final = ",\t;，|"
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LONGEST_CELL: Final = 1_000_000  # characters
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


def decoded(content: bytes) -> tuple[str, str]:
    """(text, encoding): by its byte order mark, as UTF-8, or as that of GB18030 and Big5 whose characters are common.

    Raises InputError.
    """
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return _strictly(content, encoding), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    for encoding, odd in (("utf-16-le", 1), ("utf-16-be", 0)):  # ASCII among the characters has zeros in one place
        zeros, others = content[odd::2].count(0), content[1 - odd :: 2].count(0)
        if zeros > len(content) / 32 and zeros > 4 * others:
            return _strictly(content, encoding), encoding
    found = []
    for encoding, first, last in (("gb18030", 0xB0, 0xD7), ("big5hkscs", 0xA4, 0xC6)):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        chinese = [c.encode(encoding) for c in text if "\u4e00" <= c <= "\u9fff"]
        common = sum(first <= character[0] <= last for character in chinese)
        strange = sum("\ue000" <= c <= "\uf8ff" for c in text)
        found.append(((common - strange) / max(1, len(chinese)), text, encoding))
    if not found:
        raise InputError("认不出文件的编码。请在表格软件里另存为“CSV UTF-8”，或存成 .xlsx。")
    _, text, encoding = max(found, key=lambda f: f[0])
    return text, encoding


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(f"文件按 {encoding} 读不了，可能坏了。请重新导出。") from None


def read_rows(text: str) -> list[list[str]]:
    """Rows of cells, whatever stands between them; raises InputError."""
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r"\"?sep=(.)\"?\r?", first, re.IGNORECASE)
    if named:
        text = rest
    readings = {}
    for delimiter in [named[1]] if named else DELIMITERS:
        readings[delimiter] = rows = _split(text, delimiter)
        if any(field_of(c) == "question" for row in rows[:HEADING_ROWS] if len(row) > 1 for c in row):
            return rows
    # Without headings: that which cuts the most rows alike.
    widths = {d: [len(row) for row in rows] for d, rows in readings.items()}
    best = max(widths, key=lambda d: sum(w > 1 and w == max(set(widths[d]), key=widths[d].count) for w in widths[d]))
    return readings[best]


def _split(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"表格读不了（{error}）。请检查引号是否成对，或存成 .xlsx。") from None
    return [[_unguarded(cell.replace("\r\n", "\n").replace("\r", "\n")) for cell in row] for row in rows]


def written_rows(rows: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    """UTF-8 with a byte order mark, which spreadsheet programs ask for; no cell is a formula."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([_guarded(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _guarded(cell: str) -> str:
    """A text that a spreadsheet would calculate gets the apostrophe that says that it is a text."""
    return "'" + cell if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
