"""What a local page's log keeps."""

from __future__ import annotations

import logging

from voice_faq.web.logs import A_MINUTE, FewOfAKind, OneLine


def record(message: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("kiosk", logging.WARNING, __file__, 1, message, values, info)


def test_of_one_kind_a_few_a_minute_are_written_and_the_rest_is_counted() -> None:
    now = 0.0
    few = FewOfAKind(clock=lambda: now)
    assert [few.filter(record("page %d has gone", i)) for i in range(100)].count(True) == A_MINUTE
    assert few.filter(record("something else"))
    now = 61.0
    later = record("page %d has gone", 7)
    assert few.filter(later)
    assert later.getMessage() == f"page 7 has gone（另有 {100 - A_MINUTE} 条相同的没有记）"


def test_an_error_is_its_type_and_its_place() -> None:
    try:
        raise ValueError("怎么退卡")
    except ValueError as error:
        line = OneLine().format(record("a page failed", error=error))
    assert "怎么退卡" not in line and "\n" not in line
    assert "ValueError，test_logs.py:" in line
