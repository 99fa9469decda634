"""Rings and judgements: who goes first, when to stop, and that chance alone seldom stops anything."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from voice_faq.fleet.judging import Asked, Verdict, refusals, tail, trouble
from voice_faq.fleet.messages import Counts, Health, Status
from voice_faq.fleet.outbox import MOST_WAITING, Outbox
from voice_faq.fleet.rings import rings_of
from voice_faq.fleet.state import State

SHARES = (0.01, 0.1, 1.0)


def test_rings_are_the_same_on_every_machine_and_grow_with_the_fleet() -> None:
    names = [f"kiosk-{n:03d}" for n in range(300)]
    rings = rings_of(names, SHARES)
    assert [sum(ring == n for ring in rings.values()) for n in range(3)] == [3, 27, 270]
    assert rings_of(reversed(names), SHARES) == rings
    first = [name for name, ring in rings.items() if ring == 0]
    away = rings_of(names, SHARES, away={first[0]})
    assert away[first[0]] == 2 and all(away[name] == 0 for name in first[1:])


@given(st.integers(0, 40))
def test_small_fleets_have_rings_too(number: int) -> None:
    rings = rings_of([str(n) for n in range(number)], SHARES)
    assert len(rings) == number
    if number >= 3:
        assert set(rings.values()) == {0, 1, 2}


def watched(share: float, kiosks: int, rng: random.Random, before: Asked, most: int = 2_000) -> tuple[Verdict, int]:
    """Looks after every question, as the control room does."""
    asked = [Asked(0, 0)] * kiosks
    for number in range(1, most + 1):
        kiosk = rng.randrange(kiosks)
        asked[kiosk] += Asked(rng.random() < share, 1)
        verdict = refusals(before, asked)
        if verdict is not Verdict.UNKNOWN:
            return verdict, number
    return Verdict.UNKNOWN, most


def test_chance_seldom_stops_a_good_content_and_a_bad_one_seldom_gets_through() -> None:
    rng = random.Random(7)
    before = Asked(300, 2_000)
    good = [watched(0.15, 3, rng, before) for _ in range(300)]
    bad = [watched(0.40, 3, rng, before) for _ in range(300)]
    assert sum(verdict is Verdict.WORSE for verdict, _ in good) <= 9  # 1 % is promised
    assert sum(verdict is not Verdict.WORSE for verdict, _ in bad) <= 24  # 5 % is promised
    assert sorted(number for _, number in bad)[150] < 40  # questions, until it is noticed
    assert sorted(number for _, number in good)[150] < 150


def test_a_few_refusals_stop_nothing_and_one_kiosk_alone_does_not_either() -> None:
    before = Asked(300, 2_000)
    assert refusals(before, [Asked(2, 2)]) is Verdict.UNKNOWN
    assert refusals(before, [Asked(60, 60), Asked(0, 1)]) is Verdict.UNKNOWN
    assert refusals(before, [Asked(8, 10), Asked(8, 10)]) is Verdict.WORSE
    assert refusals(Asked(0, 0), []) is Verdict.UNKNOWN


def test_what_the_others_have_too_is_not_the_contents_fault() -> None:
    assert trouble(2, 3, 2, 297) is Verdict.WORSE
    assert trouble(2, 3, 200, 297) is Verdict.FINE
    assert trouble(0, 3, 0, 297) is Verdict.FINE
    assert trouble(1, 3, 0, 10) is Verdict.UNKNOWN
    assert abs(tail(2, 3, 0.5) - 0.5) < 1e-12


def test_counts_that_come_twice_late_or_from_a_new_store_are_right(tmp_path: Path) -> None:
    state = State(tmp_path)

    def counts(source: str, times: int) -> Counts:
        return Counts(source=source, day="2026-11-26", rows=(("answer", "refund", times),))

    def total() -> int:
        return sum(row["times"] for row in state._db.rows("SELECT times FROM counts"))

    for times in (5, 9, 9, 7):
        state.heard_counts("kiosk", counts("a" * 16, times), 0)
    assert total() == 9
    state.heard_counts("kiosk", counts("b" * 16, 2), 0)
    assert total() == 11
    state.close()
    again = State(tmp_path)
    again.heard_counts("kiosk", counts("a" * 16, 9), 0)
    assert sum(row["times"] for row in again._db.rows("SELECT times FROM counts")) == 11


def test_what_waits_is_bounded_and_the_newest_of_a_kind_counts(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "agent.sqlite")
    for number in range(3):
        outbox.put("health", "health", str(number).encode())
    assert [message.payload for message in outbox.waiting()] == [b"2"]
    for number in range(MOST_WAITING + 10):
        outbox.put(f"result/{number}", "result", b"x")
    assert len(outbox.waiting()) == MOST_WAITING and outbox.dropped == 11
    old = outbox.waiting()[0]
    outbox.put(old.key, "result", b"newer")
    outbox.sent(old)
    assert b"newer" in [message.payload for message in outbox.waiting()]


def test_counts_wait_until_the_control_room_has_just_these(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "agent.sqlite")
    outbox.put("counts/2026-11-26", "counts", b"5", confirmed_by="five")
    outbox.put("counts/2026-11-26", "counts", b"6", confirmed_by="six")
    outbox.confirmed("counts/2026-11-26", "2026-11-26", "five")
    assert len(outbox.waiting()) == 1 and outbox.told("2026-11-26") == "five"
    outbox.confirmed("counts/2026-11-26", "2026-11-26", "six")
    assert outbox.waiting() == []


def test_a_new_control_room_is_told_everything_again(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "agent.sqlite")
    outbox.room(State(tmp_path / "one").room)
    outbox.confirmed("counts/2026-11-26", "2026-11-26", "five")
    outbox.room(State(tmp_path / "one").room)
    assert outbox.told("2026-11-26") == "five"
    outbox.room(State(tmp_path / "two").room)
    assert outbox.told("2026-11-26") == ""


def test_what_a_kiosk_has_to_be_seen_to_is_known_by_a_control_room_of_before(tmp_path: Path) -> None:
    state = State(tmp_path)
    with state.change() as db:
        db.execute("ALTER TABLE kiosks DROP COLUMN settings")
    state.close()
    state = State(tmp_path)
    state.heard_status("kiosk", Status(online=True, settings="config.toml:3：错了"), 0)
    said = {"refused": [{"part": "voice", "error": "1 个录音不完整"}, "odd"], "settings": {"restart_needed": True}}
    state.heard_health("kiosk", Health(kiosk=said), 0)
    notes = state.kiosks(0)["kiosk"].notes
    assert notes[:2] == ["config.toml:3：错了", "1 个录音不完整"] and "重新启动" in notes[2] and len(notes) == 3
    state.heard_status("kiosk", Status(online=True), 0)
    state.heard_health("kiosk", Health(kiosk={"refused": "odd", "settings": 7}), 0)
    assert state.kiosks(0)["kiosk"].notes == []
    state.close()


def test_a_broken_database_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "agent.sqlite").write_bytes(b"no database" * 1_000)
    Outbox(tmp_path / "agent.sqlite").put("health", "health", b"x")
    assert (tmp_path / "agent.sqlite.broken").exists()
