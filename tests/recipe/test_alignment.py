"""Where the units of a sentence are, and the optimiser's directions; both need torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from recipe import alignment  # noqa: E402
from recipe.corpus import DEVELOPMENT, Clip  # noqa: E402
from recipe.muon import orthogonalised  # noqa: E402
from recipe.network import AcousticNetwork, NetworkSize  # noqa: E402
from recipe.synthesize import read_alignment  # noqa: E402

from voice_faq.recognition.graph.units import UNITS  # noqa: E402

SAID = [3, 4, 4, 7]  # classes of an utterance's units


def outputs(classes: list[int], sure: float = 0.6) -> np.ndarray:
    """Log-probabilities of frames in each of which one of ten classes is likely, shape (frames, 10)."""
    likely = np.full((len(classes), 10), (1 - sure) / 9)
    likely[np.arange(len(classes)), classes] = sure
    return np.log(likely)


def test_every_frame_gets_the_unit_that_is_said_in_it() -> None:
    path = alignment.best_path(outputs([0, 0, 3, 3, 3, 0, 4, 0, 4, 4, 7, 7, 0]), SAID)
    assert path is not None
    assert path.units.tolist() == [-1, -1, 0, 0, 0, -1, 1, -1, 2, 2, 3, 3, -1]
    assert path.likelihood == pytest.approx(np.log(0.6))


def test_a_unit_that_was_not_heard_gets_the_least_unlikely_frame() -> None:
    path = alignment.best_path(outputs([3, 3, 4, 4, 4, 4]), SAID)
    assert path is not None
    assert path.units.tolist() == [0, 0, 1, 1, 2, 3] or path.units.tolist() == [0, 0, 1, 2, 2, 3]
    assert path.likelihood < np.log(0.6)


def test_more_units_than_frames_have_no_path() -> None:
    assert alignment.best_path(outputs([3, 4, 7]), SAID) is None


def test_seconds_of_a_path_enclose_its_frames() -> None:
    times = np.array([0.1, 0.13, 0.16, 0.19])
    found = alignment.alignment_of(np.array([-1, 0, 0, 1]), ("a1", "b"), times)
    assert [unit for unit, _, _ in found] == ["a1", "b"]
    assert [(start, end) for _, start, end in found] == [pytest.approx((0.115, 0.175)), pytest.approx((0.175, 0.205))]


def test_people_are_aligned_once_and_those_of_development_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alignment, "LEAST_LIKELY", -np.inf)  # this network has learned nothing
    rng = np.random.default_rng(1)
    first, second, third = (
        Clip((rng.normal(size=16_000 + 800 * i) * 500).astype(np.int16), ("n", "i3"), f"r{i}", "sentence", "你")
        for i in range(3)
    )
    clips = [first, second, replace(third, part=DEVELOPMENT), replace(third, kind="word")]
    network = AcousticNetwork(NetworkSize(width=16, bottleneck=8, layers=1, wide_steps=(), outputs=len(UNITS) + 1))
    table = tmp_path / "alignments.tsv"
    alignment.write_alignments(clips[:1], network, table)
    alignment.write_alignments(clips, network, table)
    assert len(table.read_text(encoding="utf-8").splitlines()) == 2
    found = alignment.with_alignments(clips, table)
    assert [[unit for unit, _, _ in clip.alignment] for clip in found] == [["n", "i3"], ["n", "i3"], [], []]
    (_, start, end), (_, next_start, next_end) = found[0].alignment
    assert 0 <= start < end <= next_start < next_end <= first.seconds


def test_a_transcript_that_nobody_said_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "LEAST_LIKELY", 0.0)
    clip = Clip(np.zeros(16_000, np.int16), ("n", "i3"), "r", "sentence", "你")
    network = AcousticNetwork(NetworkSize(width=16, bottleneck=8, layers=1, wide_steps=(), outputs=len(UNITS) + 1))
    alignment.write_alignments([clip], network, tmp_path / "a.tsv")
    assert alignment.with_alignments([clip], tmp_path / "a.tsv") == [clip]


def test_an_alignment_is_read_as_it_is_written() -> None:
    assert read_alignment("n:0.100:0.160 i3:0.160:0.250") == (("n", 0.1, 0.16), ("i3", 0.16, 0.25))
    assert read_alignment("") == ()


@pytest.mark.parametrize("shape", [(24, 64), (64, 24), (32, 32)])
def test_muon_goes_as_far_in_every_direction(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    sizes = torch.linalg.svdvals(orthogonalised(matrix, torch.float32))
    assert 0.3 < sizes.min() <= sizes.max() < 1.6
