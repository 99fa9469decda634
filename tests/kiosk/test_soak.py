"""A year in an hour, as short as it can be; ``python -m tests.kiosk.soak`` is the long one."""

from __future__ import annotations

from .soak import Life, Plan, fit, soak


def test_sixty_sessions_with_changes_and_faults_lose_no_turn() -> None:
    report = soak(Plan(60, changes_every=25, stop_every=20, kill_every=40, full_every=30, leave_every=12))
    assert fit(report), report
    assert report["turns"] >= 60 and report["killed"] == 1 and report["lives"] == 2, report
    assert report["changes swapped in"] == 1 and report["slips refused"] == 1, report
    assert report["stopped for a while"] == 3 and report["pages that left"] >= 1, report


def test_growth_is_told_from_what_the_first_hundred_sessions_need() -> None:
    flat, growing = Life(1, 0), Life(1, 0)
    for session in range(0, 1000, 10):
        flat.samples.append((session, 200 + min(session, 100), 20))
        growing.samples.append((session, 200 + session / 10, 20 + session // 50))
    assert flat.growth() == (0.0, 0)
    memory, files = growing.growth() or (0, 0)
    assert memory > 60 and files > 10
    assert Life(1, 0).growth() is None
