"""The small network that comes with voice-faq, and what is made of it and of the table of words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from voice_faq.matching.own_meaning import OwnMeaning
from voice_faq.matching.sentence_network import (
    END,
    NETWORK,
    START,
    TAUGHT,
    UNKNOWN,
    Pieces,
    SentenceNetwork,
    shipped_network,
)

from .paraphrases import PARAPHRASES, told_apart

PIECES = Pieces(["▁", "退", "卡", "退卡", "▁我"], [-2.0, -6.0, -6.0, -9.0, -3.0], -20.0)


@pytest.fixture(scope="module")
def network() -> SentenceNetwork:
    return shipped_network()


@pytest.fixture(scope="module")
def meaning() -> OwnMeaning:
    return OwnMeaning()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("退卡", [START, 3, 6, END]),  # as one, which is likelier
        ("卡退", [START, 3, 5, 4, END]),
        ("我退", [START, 7, 4, END]),
        ("冀卡", [START, 3, UNKNOWN, 5, END]),
        ("卡 卡", [START, 3, 5, 3, 5, END]),
        ("", [START, 3, END]),
    ],
)
def test_a_text_is_cut_into_its_likeliest_pieces(text: str, numbers: list[int]) -> None:
    assert PIECES(text) == numbers


@pytest.mark.parametrize(
    ("asked", "same", "other"),
    [
        *PARAPHRASES,
        ("手机丢了怎么办", "电话找不到了怎么处理", "手机怎么充电"),
        ("开不了门", "门打不开怎么办", "几点开门"),
        # Situations, told without the words of the question that is meant: what the layers were taught.
        ("我把包落在车上了", "东西丢在车上怎么找回", "车上可以带多大的包"),
        ("买错日子了能换一天吗", "车票怎么改签", "车票怎么买"),
    ],
)
def test_the_same_in_other_words_is_nearer_than_another_question(
    network: SentenceNetwork, asked: str, same: str, other: str
) -> None:
    assert told_apart(network([asked, same, other]))


def test_a_sentence_means_the_same_in_any_company(network: SentenceNetwork) -> None:
    texts = [
        f"{place}怎么走{'呢' * (number % 7)}" for number, place in enumerate(["车站", "医院", "apple店", "冀州"] * 40)
    ]
    together = network(texts)
    assert together.shape == (len(texts), network.dimensions) and together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    assert np.concatenate([network([text]) for text in texts]) == pytest.approx(together, abs=1e-4)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda text: network([text])[0], texts))
    assert np.array(alone) == pytest.approx(together, abs=1e-4)
    assert network([]).shape == (0, network.dimensions)


def test_polite_words_mean_nothing_and_writing_makes_no_difference(meaning: OwnMeaning) -> None:
    plain, polite, wide = meaning.wordings(["怎么用Apple Pay", "请问一下怎么用Apple Pay呀", "怎麼用ＡＰＰＬＥ ＰＡＹ"])
    assert plain == pytest.approx(polite, abs=1e-5) and plain == pytest.approx(wide, abs=1e-5)
    assert meaning.question("怎么用apple pay") == pytest.approx(plain, abs=1e-5)
    assert meaning.wordings([]).shape == (0, len(plain))


def test_a_wording_is_read_once_and_a_question_kept_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    meaning, asked = OwnMeaning(), []

    def reading(self: SentenceNetwork, texts: list[str]) -> np.ndarray:
        asked.extend(texts)
        return read(self, texts)

    read = SentenceNetwork.__call__
    monkeypatch.setattr(SentenceNetwork, "__call__", reading)
    meaning.wordings(["怎么退卡", "怎么退卡", "在哪里"])
    meaning.wordings(["怎么退卡"])
    assert asked == ["怎么退卡", "在哪里"]
    for _ in range(2):
        meaning.question("我姓什么")
    assert asked == ["怎么退卡", "在哪里", "我姓什么", "我姓什么"]


def test_many_threads_leave_the_processes_own_number_of_threads(network: SentenceNetwork) -> None:
    controller = ThreadpoolController()
    with controller.limit(limits=2, user_api="blas"), ThreadPoolExecutor(8) as pool:
        list(pool.map(network, [[f"第{n}个问题怎么办"] for n in range(200)]))
        assert {library["num_threads"] for library in controller.info() if library["user_api"] == "blas"} == {2}


def test_the_network_stays_small() -> None:
    folder = resources.files("voice_faq.matching")
    assert sum(len((folder / name).read_bytes()) for name in (NETWORK, TAUGHT)) < 14 * 2**20
