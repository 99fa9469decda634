"""Where the units of people's sentences are: the likeliest way through the frame head's outputs.

Only the synthesiser tells when it says which unit. People's clips get an alignment from a network that has heard
some already, so that they teach frame by frame, too. It is the best path through all units in order, with silence
between any two (Viterbi, as in Kaldi's ``gmm-align``).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from .corpus import DEVELOPMENT, Clip
from .features import frame_centres, frame_starts
from .network import STRIDE, AcousticNetwork
from .synthesize import Alignment, alignment_text, read_alignment
from .train import UNIT_IDS, make_batch

SILENCE: Final = 0
LEAST_LIKELY: Final = -3.0  # nats a frame on the best path; below it the transcript is not what was said
HALF_STEP: Final = 0.015  # s, from the middle of an output frame to its edges
AT_ONCE: Final = 16  # clips


@dataclass(frozen=True)
class UnitPath:
    """A way through an utterance's units."""

    units: np.ndarray
    """(frames,) the number of the unit that each frame belongs to, -1 for silence."""
    likelihood: float
    """Mean logarithm of a frame's probability."""


def best_path(log_probabilities: np.ndarray, units: list[int]) -> UnitPath | None:
    """The likeliest way through all ``units``; None where there are fewer frames than units.

    ``log_probabilities``: (frames, classes); ``units`` are classes.
    """
    frames = len(log_probabilities)
    if frames < len(units):
        return None
    classes = np.full(2 * len(units) + 1, SILENCE)
    classes[1::2] = units
    scores = log_probabilities[:, classes]
    skips = np.zeros(len(classes), bool)
    skips[3::2] = True  # from a unit to the next without silence
    best = np.full(len(classes), -np.inf)
    best[:2] = scores[0, :2]
    steps = np.zeros((frames, len(classes)), np.int8)
    for t in range(1, frames):
        skipped = np.where(skips, np.r_[-np.inf, -np.inf, best[:-2]], -np.inf)
        before = np.stack([best, np.r_[-np.inf, best[:-1]], skipped])
        steps[t] = before.argmax(0)
        best = before.max(0) + scores[t]
    state = len(classes) - 1 if best[-1] > best[-2] else len(classes) - 2
    likelihood = float(best[state]) / frames
    path = np.empty(frames, np.int64)
    for t in range(frames - 1, -1, -1):
        path[t] = state // 2 if state % 2 else -1
        state -= int(steps[t, state])
    return UnitPath(path, likelihood)


def alignment_of(path: np.ndarray, units: tuple[str, ...], times: np.ndarray) -> Alignment:
    """``path`` of ``best_path`` in seconds; ``times`` are those under the frames' middles."""
    found = []
    for number, unit in enumerate(units):
        frames = np.flatnonzero(path == number)
        start, end = float(times[frames[0]]) - HALF_STEP, float(times[frames[-1]]) + HALF_STEP
        found.append((unit, max(0.0, start), end))
    return tuple(found)


def align(clips: list[Clip], network: AcousticNetwork) -> Iterator[tuple[Clip, Alignment]]:
    """The clips, shortest first, with their alignments; empty where the transcript is not what was said."""
    network.eval()
    ordered = sorted(clips, key=lambda clip: len(clip.samples))
    for start in range(0, len(ordered), AT_ONCE):
        together = ordered[start : start + AT_ONCE]
        batch = make_batch(together, network, None)
        with torch.no_grad():
            likely = torch.log_softmax(network(batch.features)[1], 2).numpy()
        for clip, rows, frames in zip(together, likely, batch.frames, strict=True):
            found = best_path(rows[:frames], [UNIT_IDS[unit] for unit in clip.units])
            if found is None or found.likelihood <= LEAST_LIKELY:
                yield clip, ()
            else:
                times = frame_centres(frame_starts(len(clip.samples)))[::STRIDE]
                yield clip, alignment_of(found.units, clip.units, times)


def write_alignments(clips: list[Clip], network: AcousticNetwork, table: Path) -> None:
    """Align people's sentences; goes on after a stop. A line of the table is a clip's checksum and its alignment."""
    known = _read(table)
    wanted = [c for c in clips if c.kind == "sentence" and c.part != DEVELOPMENT and _checksum(c) not in known]
    with table.open("a", encoding="utf-8", buffering=1) as out:  # whole lines: a stop leaves no half of one
        for clip, alignment in align(wanted, network):
            out.write(f"{_checksum(clip)}\t{alignment_text(alignment)}\n")


def with_alignments(clips: list[Clip], table: Path) -> list[Clip]:
    """``clips`` with the alignments that ``write_alignments`` found for some of them."""
    known = _read(table)
    return [clip if clip.alignment else replace(clip, alignment=known.get(_checksum(clip), ())) for clip in clips]


def _checksum(clip: Clip) -> str:
    return f"{zlib.crc32(clip.samples.tobytes()):08x}"


def _read(table: Path) -> dict[str, Alignment]:
    if not table.exists():
        return {}
    lines = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    return {checksum: read_alignment(alignment) for checksum, alignment in lines}
