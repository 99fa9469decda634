"""A second start with the same answers: as the first, only sooner."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from voice_faq import cache
from voice_faq.faq import Faq
from voice_faq.language.dictionary import KeptWords
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher, judging, keeping

from ..fields import faq_of

QUESTIONS = (
    "怎么退卡", "退卡", "我不想退卡", "卡能用几年", "怎么退卡和怎么充值", "今天天气怎么样", "zmtk", "余额多少",
    "ApplePay", "手机丢了卡里的钱怎么办",
)  # fmt: skip

SMALL = {
    "refund": ["怎么退卡", "退卡去哪里办", "卡不要了能退吗", "我想退掉这张卡"],
    "validity": ["卡的有效期到哪天", "卡几年过期", "卡能用几年"],
    "lost": ["卡丢了怎么办", "卡不见了能补吗", "我的卡被偷了"],
}


@pytest.fixture
def no_learning(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("it learned again")

    monkeypatch.setattr(judging, "fit", fail)


@pytest.fixture
def kept_in(matcher: Matcher, learned_in: Path, tmp_path: Path) -> Path:
    """A cache folder in which the shipped FAQ was learned before."""
    shutil.copytree(learned_in, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture(scope="module")
def small() -> Faq:
    """Learned again in little time."""
    return faq_of(SMALL)


@pytest.fixture(scope="module")
def of_small(small: Faq) -> Matcher:
    return Matcher(small, 0.02)


@pytest.fixture(scope="module")
def small_learned_in(small: Faq, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    Matcher(small, 0.02, cache=folder)
    return folder


@pytest.fixture
def small_kept_in(small_learned_in: Path, tmp_path: Path) -> Path:
    shutil.copytree(small_learned_in, tmp_path, dirs_exist_ok=True)
    return tmp_path


def learned_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("matching-*"))


def test_the_second_start_decides_as_the_first_to_the_last_bit(
    kept_in: Path, faq: Faq, matcher: Matcher, no_learning: None
) -> None:
    warm = Matcher(faq, 0.02, cache=kept_in)
    assert warm.answer_from == matcher.answer_from
    for question in QUESTIONS:
        assert np.array_equal(warm.probabilities(question), matcher.probabilities(question)), question
        decided = [m.match([Hypothesis(question, 0.8)], expected=["refund"]) for m in (warm, matcher)]
        assert decided[0] == decided[1]
        assert warm.nearest_wording(question, "refund") == matcher.nearest_wording(question, "refund")
    held_out = [list(m.held_out()) for m in (warm, matcher)]
    assert all(np.array_equal(a[2], b[2]) and a[:2] == b[:2] for a, b in zip(*held_out, strict=True))


def test_an_edited_wording_is_learned(small_kept_in: Path, small: Faq) -> None:
    first, *rest = small.entries
    edited = first.model_copy(update={"wordings": [*first.wordings, "长颈鹿能坐地铁吗"]})
    found = Matcher(small.model_copy(update={"entries": [edited, *rest]}), 0.02, cache=small_kept_in)
    assert found.match([Hypothesis("长颈鹿能坐地铁吗", 1.0)]).candidates[0].entry == first.id
    assert len(learned_files(small_kept_in)) == 2


def test_another_share_of_wrong_answers_is_learned_with_the_dictionary_that_is_kept(
    small_kept_in: Path, small: Faq
) -> None:
    kept, read = Matcher(small, 0.001, cache=small_kept_in), Matcher(small, 0.001)
    assert isinstance(kept.read.segment.dictionary.frequencies, KeptWords)
    assert kept.answer_from == read.answer_from
    assert np.array_equal(kept.probabilities("卡能用几年"), read.probabilities("卡能用几年"))


def test_another_version_learns_for_itself(small_kept_in: Path, small: Faq, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "__version__", "0.0.0")
    Matcher(small, 0.02, cache=small_kept_in)
    assert len(learned_files(small_kept_in)) == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "foreign", "changed", "another form"])
def test_a_broken_file_is_learned_again(small_kept_in: Path, small: Faq, of_small: Matcher, damage: str) -> None:
    (file,) = learned_files(small_kept_in)
    whole = file.read_bytes()
    middle = len(whole) // 2
    form = np.frombuffer(json.dumps({"WordingIndex": {}}).encode(), np.uint8)
    if damage == "another form":
        with file.open("wb") as target:
            np.savez(target, form=form)
    else:
        file.write_bytes(
            {
                "empty": b"",
                "cut": whole[:middle],
                "foreign": b"PK\x03\x04 something else",
                "changed": whole[:middle] + b"spoiled" + whole[middle + 7 :],
            }[damage]
        )
    again = Matcher(small, 0.02, cache=small_kept_in)
    assert np.array_equal(again.probabilities("怎么退卡"), of_small.probabilities("怎么退卡"))
    assert file.stat().st_size == len(whole)
    keeping.unpacked(file.read_bytes())


def test_no_byte_of_the_archives_directory_stops_a_start(
    small_learned_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = learned_files(small_learned_in)[0].read_bytes()
    learned = keeping.unpacked(whole)
    for place in range(whole.rindex(b"PK\x01\x02"), len(whole)):
        for change in (0x01, 0xFF):
            spoiled = whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :]
            monkeypatch.setattr(keeping, "read_cache", lambda _, spoiled=spoiled: spoiled)
            found = keeping.kept_or_learned(tmp_path / "none", (), lambda: learned)
            assert found.answer_from == learned.answer_from


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path, small: Faq, of_small: Matcher) -> None:
    (tmp_path / "file").touch()
    slow = Matcher(small, 0.02, cache=tmp_path / "file")
    assert np.array_equal(slow.probabilities("怎么退卡"), of_small.probabilities("怎么退卡"))


def test_nothing_that_was_asked_is_kept(small_kept_in: Path, small: Faq) -> None:
    before = {file: file.read_bytes() for file in small_kept_in.iterdir()}
    Matcher(small, 0.02, cache=small_kept_in).match([Hypothesis("我的身份证号码是多少", 1.0)])
    assert {file: file.read_bytes() for file in small_kept_in.iterdir()} == before
