"""Step ``disguise``: the few human speakers made into many, men among them, by the WORLD vocoder.

Pitch, its range and the length of the vocal tract are changed apart from each other, which neither speed
nor a mel warp can do (Morise, Yokomori and Ozawa, "WORLD: a vocoder-based high-quality speech synthesis
system", IEICE Transactions 2016). Every disguise is one person, so that words may be joined.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf

from .corpus import LONGEST_CLIP, ClipReader, kept_for_development, table_rows
from .synthesize import MODEL_RATE

DISGUISES: Final = 16  # different people for each speaker
PITCH_GOALS: Final = (85.0, 310.0)  # Hz, the mean pitch of a disguise
TRACT_POWER: Final = 0.27  # of the ratio of two pitches: 1.75 from men to women, whose formants are 1.16 times
TRACT_PLAY: Final = 0.05
BREATHY_SHARE: Final = 0.25  # of the disguises whose voices are breathy, as with age
MOST_BREATH: Final = 0.35  # of a voiced band's energy that becomes noise


@dataclass(frozen=True)
class Disguise:
    """How one person differs from the speaker."""

    pitch: float
    """Mean, Hz."""
    pitch_range: float
    """Exponent of the pitch contour: below 1 flatter, above 1 livelier."""
    tract: float
    """Factor of all formants, beside what goes with the pitch: below 1 a longer vocal tract."""
    breath: float
    """Share of the voiced energy that becomes noise, 0…1."""


def random_disguise(rng: random.Random) -> Disguise:
    """Anybody from a low man to a girl, young or old."""
    low, high = np.log(PITCH_GOALS)
    return Disguise(
        pitch=float(np.exp(rng.uniform(low, high))),
        pitch_range=rng.uniform(0.6, 1.3),
        tract=1 + rng.uniform(-TRACT_PLAY, TRACT_PLAY),
        breath=rng.uniform(0, MOST_BREATH) if rng.random() < BREATHY_SHARE else 0.0,
    )


def disguised(samples: np.ndarray, disguise: Disguise) -> np.ndarray:
    """``samples``: float in -1…1 at 16 kHz, shape (n,); the result is as long, give or take a frame."""
    import pyworld

    x = np.asarray(samples, np.float64)
    rough, times = pyworld.dio(x, MODEL_RATE)
    pitch = pyworld.stonemask(x, rough, times, MODEL_RATE)
    envelope = pyworld.cheaptrick(x, pitch, times, MODEL_RATE)
    aperiodicity = pyworld.d4c(x, pitch, times, MODEL_RATE)
    aperiodicity += disguise.breath * (1 - aperiodicity)
    voiced = pitch > 0
    formants = disguise.tract
    if voiced.any():
        mean = np.exp(np.log(pitch[voiced]).mean())
        formants *= (disguise.pitch / mean) ** TRACT_POWER
        pitch[voiced] = disguise.pitch * (pitch[voiced] / mean) ** disguise.pitch_range
    bins = np.arange(envelope.shape[1])
    sources = np.minimum(bins / formants, bins[-1])
    lower = np.minimum(sources.astype(int), bins[-1] - 1)
    share = sources - lower
    warped = np.exp((1 - share) * np.log(envelope[:, lower]) + share * np.log(envelope[:, lower + 1]))
    result = pyworld.synthesize(pitch, np.ascontiguousarray(warped), aperiodicity, MODEL_RATE)
    return np.asarray(result / max(1e-6, float(np.abs(result).max())) * 0.6)


def disguise_humans(
    corpus: Path, folder: Path, *, kinds: tuple[str, ...], copies: int, seed: int, most: int | None = None
) -> None:
    """Write ``copies`` disguised copies of human training clips of some kinds as a corpus of its own.

    ``most``: so many clips of a speaker, all without it. Goes on after the last finished clip when it is started
    again: the table is the checkpoint.
    """
    for table in sorted(corpus.glob("human*.tsv")):
        of_speaker: Counter[str] = Counter()
        rows = []
        for row in table_rows(table):
            if row["kind"] not in kinds or kept_for_development(row) or float(row["seconds"]) > LONGEST_CLIP:
                continue
            of_speaker[row["speaker"]] += 1
            if most is None or of_speaker[row["speaker"]] <= most:
                rows.append(row)
        target = folder / f"{table.stem}-{'-'.join(kinds)}.tsv"
        if rows:
            _disguise_rows(corpus, rows, target, "speaker", copies, seed)


def disguise_synthetic(corpus: Path, folder: Path, *, copies: int, seed: int) -> None:
    """The same for synthetic clips, whose alignments stay true: a disguise keeps the time axis."""
    for table in sorted(corpus.glob("synthetic*.tsv")):
        rows = [row for row in table_rows(table) if float(row["seconds"]) <= LONGEST_CLIP]
        _disguise_rows(corpus, rows, folder / table.name, "voice", copies, seed)


def _disguise_rows(corpus: Path, rows: list[dict[str, str]], table: Path, speaker: str, copies: int, seed: int) -> None:
    table.parent.mkdir(parents=True, exist_ok=True)
    reader = ClipReader(corpus)
    columns = list(rows[0]) if rows else []
    if not table.exists():
        table.write_text("\t".join(columns) + "\n", encoding="utf-8")
    done = {row["file"] for row in table_rows(table)}
    for copy in range(copies):
        for row in rows:
            name = f"{Path(row['file']).stem}-{copy}.flac"
            if name in done:
                continue
            person = random.Random(f"{seed}:{row['file']}:{copy}").randrange(DISGUISES)
            disguise = random_disguise(random.Random(f"{seed}:{row[speaker]}:{person}"))
            samples = disguised(reader.read(row["archive"], row["file"]) / 32768, disguise)
            sf.write(table.parent / name, samples, MODEL_RATE, subtype="PCM_16")
            entry = row | {"archive": "", "file": name, speaker: f"{row[speaker]}~{person}"}
            with table.open("a", encoding="utf-8") as out:
                out.write("\t".join(entry[column] for column in columns) + "\n")
