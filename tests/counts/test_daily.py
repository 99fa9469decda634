"""Daily counts: what is counted is there once, whatever happens to the disk, the process and the clock."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from voice_faq.counts import CountRow, DailyCounts
from voice_faq.counts.daily import read_rows
from voice_faq.counts.ledger import Ledger
from voice_faq.dialogue.turn import Turn
from voice_faq.fleet.judging import Asked, asked
from voice_faq.kiosk.observing import TurnObservers

TODAY = date(2026, 3, 1)


def turn(decision: str = "answer", entry: str | None = "refund", text: str = "怎么退卡") -> Turn:
    return Turn(text, text, (), decision, entry, 1.0, (), "")  # type: ignore[arg-type]


def test_small_talk_is_no_question_that_was_refused(tmp_path: Path) -> None:
    counts = DailyCounts(tmp_path / "counts.sqlite3", 400, today=lambda: TODAY)
    for one in (turn("reject", None), replace(turn("reject", None, "好的"), small_talk=True), turn()):
        counts.decided(one)
    by_decision = {row.decision: row.count for row in counts.rows()}
    assert by_decision == {"answer": 1, "command": 1, "reject": 1}
    assert asked(by_decision) == Asked(refused=1, questions=2)


class Clock:
    def __init__(self) -> None:
        self.day = TODAY

    def __call__(self) -> date:
        return self.day


@pytest.fixture(autouse=True)
def only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread writes nothing by itself between a test's steps, however long they take."""
    monkeypatch.setitem(Ledger.__init__.__kwdefaults__, "every_s", 600.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_turns_are_counted_by_day_decision_and_entry(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "state" / "counts.sqlite3"
    counts = DailyCounts(file, 400, today=clock)
    for one in (turn(), turn(), turn("answer", "recharge"), turn("reject", None), turn("clarify", None)):
        counts.decided(one)
    counts.unheard()
    clock.day += timedelta(days=1)
    counts.decided(turn())
    rows = [("answer", "recharge", 1), ("answer", "refund", 2), ("clarify", None, 1), ("reject", None, 1),
            ("unheard", None, 1)]  # fmt: skip
    expected = [CountRow(TODAY, *row) for row in rows] + [CountRow(clock.day, "answer", "refund", 1)]
    assert counts.rows() == expected
    assert counts.rows(clock.day) == expected[-1:]
    counts.close()
    assert read_rows(file) == expected
    again = DailyCounts(file, 400, today=clock)
    again.decided(turn())
    assert again.rows(clock.day)[0].count == 2
    again.close()
    assert file.stat().st_mode & 0o077 == 0


def test_no_text_is_in_the_file(tmp_path: Path) -> None:
    counts = DailyCounts(tmp_path / "counts.sqlite3", 400)
    counts.decided(turn("reject", None, "我要去紫禁城"))
    counts.flush()
    assert b"reject" in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not any("紫禁城".encode() in file.read_bytes() for file in tmp_path.iterdir())
    counts.close()


def test_days_are_kept_as_long_as_is_set(tmp_path: Path, clock: Clock) -> None:
    counts = DailyCounts(tmp_path / "counts.sqlite3", 10, today=clock)
    for _ in range(30):
        counts.decided(turn())
        counts.flush()
        clock.day += timedelta(days=1)
    days = [row.day for row in counts.rows()]
    assert days[-1] == TODAY + timedelta(days=29) and days[0] == days[-1] - timedelta(days=12)
    counts.close()


@pytest.mark.parametrize("wrong", [date(1970, 1, 1), date(2099, 1, 1)])
def test_a_clock_that_is_wrong_for_a_day_deletes_nothing(tmp_path: Path, clock: Clock, wrong: date) -> None:
    counts = DailyCounts(tmp_path / "counts.sqlite3", 30, today=clock)
    for day in (*(TODAY + timedelta(days=n) for n in range(5)), wrong, TODAY + timedelta(days=5)):
        clock.day = day
        counts.decided(turn())
        counts.flush()
    assert [row.day for row in counts.rows() if row.day != wrong] == [TODAY + timedelta(days=n) for n in range(6)]
    counts.close()


def test_what_waits_is_counted_once_when_the_disk_takes_it_again(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way")
    counts = DailyCounts(folder / "counts.sqlite3", 400, today=clock)
    for _ in range(3):
        counts.decided(turn())
        assert not counts.flush()
    assert counts.rows()[0].count == 3
    assert len(caplog.records) == 1 and "写不进去" in caplog.text and "退卡" not in caplog.text
    folder.unlink()
    assert counts.flush() and counts.flush()
    assert counts.rows() == [CountRow(TODAY, "answer", "refund", 3)] == read_rows(counts.path)
    counts.close()


def test_a_full_disk_loses_and_doubles_nothing(tmp_path: Path, clock: Clock) -> None:
    counts = DailyCounts(tmp_path / "counts.sqlite3", 400, today=clock)
    counts.decided(turn())
    assert counts.flush()
    connection = counts._ledger._connection
    assert connection is not None
    # SQLite says the same of a file that may not grow as of a disk that is full.
    connection.execute("PRAGMA max_page_count = 2")
    for number in range(300):
        counts.decided(turn("answer", f"a-rather-long-name-of-an-entry-{number}"))
    counts.decided(turn())
    assert not counts.flush()
    assert sum(row.count for row in counts.rows()) == 302  # it has been opened anew, without the limit
    assert sum(row.count for row in read_rows(counts.path)) == 302
    counts.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_only_be_read_is_read(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "state"
    counts = DailyCounts(folder / "counts.sqlite3", 400, today=clock)
    counts.decided(turn())
    counts.close()
    folder.chmod(0o500)
    try:
        again = DailyCounts(folder / "counts.sqlite3", 400, today=clock)
        again.decided(turn())
        assert again.rows()[0].count == 2
    finally:
        folder.chmod(0o700)
    again.close()


def test_a_file_that_is_none_is_put_aside(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "counts.sqlite3"
    file.write_bytes(b"no database at all" * 100)
    counts = DailyCounts(file, 400, today=clock)
    counts.decided(turn())
    assert not counts.flush() and counts.flush()
    assert read_rows(file)[0].count == 1 and (tmp_path / "counts.sqlite3.broken").exists()
    counts.close()


COUNTING = """
import sys
from pathlib import Path
from voice_faq.counts import CountRow, DailyCounts
from tests.counts.test_daily import turn
counts = DailyCounts(Path(sys.argv[1]), 400)
for number in range(1, 100_000):
    counts.decided(turn())
    if number % 50 == 0:
        counts.flush()
        print(number, flush=True)
    if number == int(sys.argv[2]):
        sys.exit(0)
"""


def counting(file: Path, end: int = 0) -> subprocess.Popen[str]:
    program = [sys.executable, "-c", COUNTING, str(file), str(end)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True)


def test_what_was_written_is_there_after_a_kill(tmp_path: Path) -> None:
    file = tmp_path / "counts.sqlite3"
    with counting(file) as process:
        assert process.stdout is not None
        written = [int(process.stdout.readline()) for _ in range(5)]
        process.send_signal(signal.SIGKILL)
        written += [int(line) for line in process.stdout.read().split()]
    found = read_rows(file)[0].count
    assert written[-1] <= found <= written[-1] + 50
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_normal_end_loses_nothing(tmp_path: Path) -> None:
    with counting(tmp_path / "counts.sqlite3", 77) as process:
        process.communicate()
    assert read_rows(tmp_path / "counts.sqlite3")[0].count == 77


def test_ten_thousand_turns_cost_next_to_nothing(tmp_path: Path) -> None:
    writes = []
    ledger: Ledger[str] = Ledger(tmp_path / "x.sqlite3", "", lambda _, batch: writes.append(dict(batch)))
    counts = DailyCounts(tmp_path / "counts.sqlite3", 400)
    observers = TurnObservers()
    observers.add(counts)
    began = time.thread_time()
    for _ in range(10_000):
        observers.decided(turn())
        ledger.add("one")
    assert time.thread_time() - began < 1.0
    counts.close()
    ledger.close()
    assert read_rows(counts.path)[0].count == 10_000
    assert sum(batch["one"] for batch in writes) == 10_000 and len(writes) < 20


def test_it_writes_by_itself(tmp_path: Path) -> None:
    written = threading.Event()
    ledger: Ledger[str] = Ledger(tmp_path / "x.sqlite3", "", lambda *_: written.set(), every_s=0.01)
    ledger.add("one")
    assert written.wait(30)
    ledger.close()


def test_a_counter_that_nobody_used_leaves_no_file(tmp_path: Path) -> None:
    counts = DailyCounts(tmp_path / "counts.sqlite3", 400)
    assert counts.rows() == []
    counts.close()
    assert list(tmp_path.iterdir()) == []
