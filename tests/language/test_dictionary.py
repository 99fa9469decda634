"""jieba's dictionary in a file must say what jieba's dictionary says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from voice_faq.faq import Faq
from voice_faq.language.dictionary import Dictionary, KeptWords, open_dictionary
from voice_faq.language.normalizing import normalize
from voice_faq.language.words import Segmenter

from ..conftest import DATA

OWN_WORDS = ["京津冀互联互通卡", "退卡", "苹果手表"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Dictionary:
    """As the next process finds it."""
    folder = tmp_path_factory.mktemp("cache")
    open_dictionary(folder)
    open_dictionary.cache_clear()
    found = open_dictionary(folder)
    assert isinstance(found.frequencies, KeptWords)
    return found


def sentences(faq: Faq) -> list[str]:
    """Wordings, questions of other fields, and characters in a row as no one says them."""
    rng = random.Random(1)
    texts = [wording for entry in faq.entries for wording in entry.all_wordings]
    for table in DATA.rglob("*.tsv"):
        texts += [line.split("\t")[0] for line in table.read_text(encoding="utf-8").splitlines()]
    characters = sorted({character for text in texts for character in text})
    texts += ["".join(rng.choices(characters, k=12)) for _ in range(1_000)]
    return [normalize(text) for text in texts]


def test_texts_are_cut_alike(kept: Dictionary, faq: Faq) -> None:
    ours, jiebas = Segmenter(OWN_WORDS, kept), Segmenter(OWN_WORDS)
    texts = sentences(faq)
    assert len(texts) > 2_000
    for text in texts:
        words = jiebas(text)
        assert ours(text) == words
        assert [ours.information(word) for word in words] == [jiebas.information(word) for word in words]


def test_every_word_has_its_frequency(kept: Dictionary) -> None:
    read = open_dictionary()
    assert isinstance(read.frequencies, dict) and kept.total == read.total
    rng = random.Random(1)
    for word in rng.sample(sorted(read.frequencies), 20_000):
        assert kept.frequencies[word] == read.frequencies[word]
        assert (word + "的" in kept.frequencies) == (word + "的" in read.frequencies)
    assert kept.common_words(200) == read.common_words(200)


def test_own_words_of_one_faq_are_not_in_another_one(kept: Dictionary) -> None:
    assert Segmenter(["怎么退卡"], kept)("怎么退卡") == ["怎么退卡"]
    assert Segmenter([], kept)("怎么退卡") == Segmenter()("怎么退卡") != ["怎么退卡"]


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY nothing", b"[]"])
def test_a_broken_file_is_replaced(tmp_path: Path, content: bytes) -> None:
    open_dictionary(tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(content or whole[:1_000_000])
    open_dictionary.cache_clear()
    assert open_dictionary(tmp_path).frequencies["怎么"] > 0
    assert file.read_bytes() == whole


@pytest.mark.parametrize("first", [0.0, 0.4, 0.995])
@pytest.mark.parametrize("spoiled", [bytes(1), b"\xff"])
def test_a_file_with_a_part_that_was_never_written_is_replaced(tmp_path: Path, first: float, spoiled: bytes) -> None:
    open_dictionary(tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    start = max(128, int(first * len(whole)))
    length = len(whole) // 300
    file.write_bytes(whole[:start] + spoiled * length + whole[start + length :])
    open_dictionary.cache_clear()
    assert open_dictionary(tmp_path).frequencies["怎么"] > 0
    assert file.read_bytes() == whole
