import pytest

from voice_faq.dialogue.script import spoken_texts
from voice_faq.faq import Faq
from voice_faq.speech.auditing import audit

pytest.importorskip("misaki")


def test_the_shipped_answers_are_read_as_a_second_authority_reads_them(faq: Faq) -> None:
    report = audit(spoken_texts(faq), faq.pronunciations)
    assert report.characters > 1000
    assert report.disputes == ()


def test_a_dispute_names_the_character_and_an_override_settles_it() -> None:
    (dispute,) = audit(["出站时要补差额。"], {}).disputes
    assert (dispute.character, dispute.ours, dispute.theirs) == ("差", "cha4", "cha1")
    assert "补差额" in str(dispute)
    assert audit(["出站时要补差额。"], {"差额": "cha1 e2"}).disputes == ()


def test_tones_that_speakers_change_freely_and_what_is_said_either_way_are_no_dispute() -> None:
    tones = "不去，一个，水果，这个时候。"
    either = ["请问您要去哪个车站，这个还是那个？", "哪些卡能用，哪里能退，哪一张？", "这些是谁的，那边熟不熟？"]
    assert audit([tones, *either], {}).disputes == ()
