"""Questions asked in vain: what few have asked is nowhere to be read, and what is old is gone."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from voice_faq.authoring.unanswered import UnansweredQuestion
from voice_faq.counts import DailyCounts
from voice_faq.dialogue.turn import Turn
from voice_faq.editor.desk import Desk, open_editor
from voice_faq.faq import Faq
from voice_faq.gaps import AskedInVain
from voice_faq.gaps.asked import SAME_RIDER_S
from voice_faq.gaps.clusters import clustered
from voice_faq.gaps.masking import Masker
from voice_faq.gaps.opening import counts_file, open_asked, open_questions, questions_file
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Candidate, Matcher
from voice_faq.settings import GapsSettings, Settings

from ..cli.running import voice_faq

K = 3
DAYS = 10
START = date(2026, 3, 1)
OFTEN = "今天天气怎么样"


def turn(text: str, decision: str = "reject", sureness: float = 1.0, *, question: bool = True) -> Turn:
    candidates = (Candidate("refund", 0.1),) if question else ()
    heard = (Hypothesis(text, sureness),)
    return Turn("microphone", text, heard, decision, None, 0.1, candidates, "")  # type: ignore[arg-type]


class Station:
    """A kiosk with a calendar and a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "asked-in-vain.sqlite3"
        self.day = START
        self.seconds = 0.0
        self.asked = AskedInVain(
            self.file, days=DAYS, k=K, mask=Masker([]), today=lambda: self.day, clock=lambda: self.seconds
        )

    def ask(self, *texts: str, times: int = 1) -> None:
        """Riders half an hour apart."""
        for text in texts:
            for _ in range(times):
                self.seconds += 1_800
                self.asked.decided(turn(text))
        assert self.asked.flush()

    @property
    def shown(self) -> list[tuple[str, int]]:
        return [(question.text, question.times) for question in self.asked.store.questions()]

    def holds(self, words: str) -> bool:
        return any(words.encode() in file.read_bytes() for file in self.file.parent.iterdir())

    def tidy(self) -> None:
        self.asked._ledger.change(self.asked.store.tidy)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    station = Station(tmp_path)
    yield station
    station.asked.close()


def test_a_text_can_be_read_from_the_kth_time_on(station: Station) -> None:
    station.ask("紫禁城在哪里", times=K - 1)
    station.day += timedelta(days=1)
    assert station.shown == [] and not station.holds("紫禁城")
    station.ask("紫禁城在哪里？")
    assert station.shown == [("紫禁城在哪里", K)] and station.holds("紫禁城")


def test_one_day_is_not_enough_however_often_it_is_asked(station: Station) -> None:
    station.ask("紫禁城在哪里", times=5 * K)
    assert station.shown == [] and not station.holds("紫禁城")


def test_a_rider_who_says_it_again_and_again_is_one_rider(station: Station) -> None:
    for _ in range(2):
        for _ in range(K):
            station.asked.decided(turn("紫禁城在哪里"))
            station.seconds += SAME_RIDER_S / (K + 1)
        station.asked.flush()
        station.day += timedelta(days=1)
        station.seconds += SAME_RIDER_S
    assert station.shown == []


def test_what_sounds_alike_is_one_question_and_numbers_make_no_difference(station: Station) -> None:
    station.ask("第十二路车到西直门吗", "第三十路车到西直门吗")
    station.day += timedelta(days=1)
    station.ask("第四十四路车到西志门吗")
    assert station.shown == [("第××路车到西志门吗", K)]
    assert not station.holds("十二") and not station.holds("四十四")


@pytest.mark.parametrize("other", [
    turn("紫禁城在哪里", "answer"), turn("紫禁城在哪里", "command"), turn("紫禁城在哪里", sureness=0.3),
    turn("紫禁城在哪里", question=False), turn("一三八零零一三八零零零"), turn("呃"), turn("长" * 50),
])  # fmt: skip
def test_only_questions_that_were_understood_and_not_answered_are_kept(station: Station, other: Turn) -> None:
    for _ in range(2 * K):
        station.seconds += 1_800
        station.asked.decided(other)
        station.asked.unheard()
        station.asked.flush()
        station.day += timedelta(days=1)
    station.tidy()
    with closing(sqlite3.connect(station.file)) as connection:
        assert connection.execute("SELECT count(*) FROM heard").fetchone() == (0,)


def test_what_was_asked_back_is_kept_too(station: Station) -> None:
    for _ in range(K):
        station.seconds += 1_800
        station.asked.decided(turn("紫禁城在哪里", "clarify"))
        station.asked.flush()
        station.day += timedelta(days=1)
    assert [text for text, _ in station.shown] == ["紫禁城在哪里"]


def test_texts_are_gone_when_their_days_are_over(station: Station) -> None:
    for _ in range(K):
        station.ask("紫禁城在哪里")
        station.day += timedelta(days=1)
    assert station.shown
    station.day = START + timedelta(days=DAYS)  # the first of K has become too old
    assert station.shown == [] and station.holds("紫禁城")
    station.tidy()
    assert not station.holds("紫禁城")
    with closing(sqlite3.connect(station.file)) as connection:
        assert connection.execute("SELECT count(*) FROM heard").fetchone() == (K - 1,)


@pytest.mark.parametrize("wrong", [date(1970, 1, 1), date(2099, 1, 1)])
def test_a_wrong_clock_never_keeps_a_text_longer(station: Station, wrong: date) -> None:
    for day in (wrong, wrong + timedelta(days=1), wrong + timedelta(days=2)):
        station.day = day
        station.ask("紫禁城在哪里")
    station.day = START
    assert station.shown == []
    station.tidy()
    assert not station.holds("紫禁城")


def test_what_is_forgotten_is_gone_and_must_be_asked_as_often_again(station: Station) -> None:
    for _ in range(K):
        station.ask("紫禁城在哪里", "天坛在哪里")
        station.day += timedelta(days=1)
    station.asked.store.forget("紫禁城在哪里")
    assert [text for text, _ in station.shown] == ["天坛在哪里"]
    station.ask("紫禁城在哪里")
    assert [text for text, _ in station.shown] == ["天坛在哪里"]
    station.tidy()
    assert not station.holds("紫禁城")


def test_a_file_that_is_broken_is_not_kept_beside_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "asked-in-vain.sqlite3").write_bytes("紫禁城在哪里".encode() * 200)
    station = Station(tmp_path)
    station.asked.decided(turn("天坛在哪里"))
    station.asked.flush()  # finds out; the thread may have done so before
    assert station.asked.flush()
    assert not station.holds("紫禁城")
    station.asked.close()


def test_the_file_is_bounded_and_ten_thousand_questions_cost_little(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice_faq.gaps.asked.MOST_ROWS", 300)
    began = time.thread_time()
    for number in range(10_000):
        station.asked.decided(turn("紫禁城在哪里" if number % 2 else "天坛在哪里"))
    assert time.thread_time() - began < 2.0
    characters = "天地人和日月星山水火木土风雨雪花鸟鱼虫"
    for one in characters:
        station.ask(*(f"{one}和{other}在什么地方" for other in characters))
        station.day += timedelta(days=1)
    with closing(sqlite3.connect(station.file)) as connection:
        assert connection.execute("SELECT count(*) FROM heard").fetchone()[0] <= 300


def test_alike_questions_are_one_gap_and_lead_to_the_nearest_entry(matcher: Matcher) -> None:
    asked = [("今天天气怎么样", 9), ("今天的天气怎么样啊", 6), ("厕所在哪里", 8), ("退掉这张卡要啥手续", 5)]
    gaps = clustered([UnansweredQuestion(*one) for one in asked], matcher)
    told = [([question.text for question in gap.questions], gap.times, gap.entry) for gap in gaps]
    assert told == [
        (["今天天气怎么样", "今天的天气怎么样啊"], 15, None),
        (["厕所在哪里"], 8, None),
        (["退掉这张卡要啥手续"], 5, "refund"),
    ]


def asked_before(folder: Path, often: str, seldom: str, faq: Faq) -> Settings:
    """Settings that keep texts in ``folder``, with one question asked K times and one not."""
    settings = Settings(state_dir=folder, gaps=GapsSettings(keep_texts=True, k=K))
    today, seconds = date.today() - timedelta(days=K), 0.0
    wordings = [wording for entry in faq.entries for wording in entry.all_wordings]
    asked = AskedInVain(
        questions_file(settings), days=30, k=K, mask=Masker(wordings), today=lambda: today, clock=lambda: seconds
    )
    for number in range(K):
        for text in [often, seldom][: 2 if number else 1]:
            seconds += 1_800
            asked.decided(turn(text))
        asked.flush()
        today += timedelta(days=1)
    asked.close()
    return settings


def test_what_few_have_asked_leaves_by_no_door(tmp_path: Path, faq: Faq) -> None:
    folder = tmp_path / "state"
    settings = asked_before(folder, OFTEN, "我叫王小明电话一三八零零一三八零零零", faq)
    environment = {
        "VOICE_FAQ_STATE_DIR": str(folder), "VOICE_FAQ_GAPS__KEEP_TEXTS": "true", "VOICE_FAQ_GAPS__K": str(K)
    }  # fmt: skip
    counts = DailyCounts(counts_file(settings), 400)
    counts.decided(turn("怎么退卡", "reject"))
    counts.unheard()
    counts.close()
    printed, _ = voice_faq("gaps", "--json", **environment)
    told = json.loads(printed)
    row = {"day": date.today().isoformat(), "entry": None, "count": 1}
    assert told["counts"] == [{**row, "decision": "reject"}, {**row, "decision": "unheard"}]
    (gap,) = told["gaps"]
    assert (gap["questions"], gap["times"], gap["entry"]) == ([{"text": OFTEN, "times": K}], K, None)
    listed, _ = voice_faq("gaps", **environment)
    assert f"{OFTEN}（{K} 次）" in listed and "可以新写一条" in listed
    assert "答不上来 1 次，没有听到话 1 次" in listed
    oftener = settings.model_copy(update={"gaps": settings.gaps.model_copy(update={"k": K + 1})})
    store = open_questions(oftener)
    assert store is not None and store.questions() == []
    desk = Desk.__new__(Desk)
    desk._unanswered = open_questions(settings)
    shown = desk.unanswered()
    assert shown == {"questions": [{"text": OFTEN, "times": K}]}
    files = b"".join(file.read_bytes() for file in folder.iterdir())
    for out in (printed, listed, str(shown), files.decode("utf-8", "ignore")):
        assert "王小明" not in out and "电话" not in out and "一三八" not in out
    assert desk.forget_unanswered(OFTEN) == {"questions": []}


def test_switched_off_nothing_is_listed_and_what_was_kept_is_deleted(tmp_path: Path, faq: Faq) -> None:
    kept = asked_before(tmp_path / "state", OFTEN, "天坛在哪里", faq)
    settings = Settings(state_dir=tmp_path / "state")
    assert open_questions(settings) is None and open_questions(kept) is not None
    assert open_asked(settings, faq) is None
    assert list((tmp_path / "state").iterdir()) == []
    printed, _ = voice_faq("gaps", VOICE_FAQ_STATE_DIR=str(tmp_path / "state"))
    assert "keep_texts = true" in printed and "没有记录" in printed


def test_the_editor_gets_the_list_where_it_is_opened(tmp_path: Path, faq: Faq) -> None:
    from voice_faq.authoring.starting import start_folder

    settings = asked_before(tmp_path / "state", OFTEN, "天坛在哪里", faq)
    folder = start_folder(tmp_path / "ours")
    desk = open_editor(settings.model_copy(update={"answers": folder}), open_questions(settings))
    assert desk.unanswered()["questions"] == [{"text": OFTEN, "times": K}]
    desk.close()
