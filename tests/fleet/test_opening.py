"""What an agent tells of the kiosk beside it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from voice_faq.counts import DailyCounts
from voice_faq.counts.daily import read_rows
from voice_faq.dialogue.turn import Turn
from voice_faq.fleet.counting import CountsFile
from voice_faq.fleet.opening import asked_in_vain
from voice_faq.gaps import AskedInVain
from voice_faq.gaps.masking import Masker
from voice_faq.gaps.opening import counts_file, questions_file
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Candidate
from voice_faq.settings import GapsSettings, Settings

OFTEN, ONCE = "今天天气怎么样", "附近哪里有药店"
K = 3


def refused(text: str) -> Turn:
    heard = (Hypothesis(text, 1.0),)
    return Turn("microphone", text, heard, "reject", None, 0.1, (Candidate("refund", 0.1),), "")


def test_an_agent_tells_the_numbers_of_its_kiosk_and_no_text_that_few_have_asked(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", gaps=GapsSettings(keep_texts=True, k=K))
    source = CountsFile(counts_file(settings), read_rows)
    assert list(source.rows(None)) == [] and source.source() == source.source()  # before anybody came
    assert asked_in_vain(settings) == []
    day, seconds = date.today() - timedelta(days=1), 0.0
    counts = DailyCounts(counts_file(settings), 30)
    asked = AskedInVain(
        questions_file(settings), days=30, k=K, mask=Masker([]), today=lambda: day, clock=lambda: seconds
    )
    for text in (OFTEN, OFTEN, ONCE, OFTEN, OFTEN):
        counts.decided(refused(text))
        asked.decided(refused(text))
        seconds += 1_800
        assert asked.flush()
        day = date.today()
    counts.close()
    asked.close()
    assert [(row.decision, row.entry, row.count) for row in source.rows(None)] == [("reject", None, 5)]
    assert [text for text, _ in asked_in_vain(settings)] == [OFTEN]
    assert asked_in_vain(Settings(state_dir=tmp_path / "state")) == []
