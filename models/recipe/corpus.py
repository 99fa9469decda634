"""Reading a corpus folder: TSV tables of clips, which lie beside them or in tar files.

A folder holds ``synthetic*.tsv`` (columns: archive, file, voice, kind, text, spoken, seconds, alignment)
and may hold ``human*.tsv`` (archive, file, transcript, speaker, kind, seconds, licence, and perhaps part and
sex). ``archive`` names a tar file in the folder; empty, the clip is a loose file. People whose ``part`` is ``dev``
are measured while developing and never trained on.
"""

from __future__ import annotations

import csv
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf

from voice_faq.recognition.graph.units import UnknownSoundError, syllable_units, text_units

from .synthesize import DEVELOPMENT_VOICES, MEASURING_VOICES, MODEL_RATE, Alignment, read_alignment

DEVELOPMENT_SPEAKERS: Final = ("AISHELL1-S0252",)  # measured while developing, never trained on
LONGEST_CLIP: Final = 15.0  # seconds
DEVELOPMENT: Final = "dev"  # the part of a table that is never trained on
HELD_OUT: Final = 50  # one text in so many is for development


def held_out(text: str) -> bool:
    """Whether a synthetic text is kept for development; by a hash, so that it stays so when the corpus grows."""
    return zlib.crc32(text.encode()) % HELD_OUT == 0


@dataclass(frozen=True)
class Clip:
    """One utterance of a corpus."""

    samples: np.ndarray
    """int16, mono, 16 kHz."""
    units: tuple[str, ...]
    speaker: str
    kind: str
    """``synthetic``, ``sentence`` (human), ``word`` or ``syllable`` (human, joined while training)."""
    text: str
    alignment: Alignment = ()
    part: str = ""
    """``dev`` for people who are never trained on."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / MODEL_RATE


def person(speaker: str) -> str:
    """Whoever is behind a speaker's name: ``AISHELL1-S0150~7`` is a disguise of ``AISHELL1-S0150``."""
    return speaker.partition("~")[0]


def kept_for_development(row: dict[str, str]) -> bool:
    """Whether a row of a human table is by somebody who is never trained on."""
    return row.get("part") == DEVELOPMENT or person(row["speaker"]) in DEVELOPMENT_SPEAKERS


class ClipReader:
    """Reads clips by (archive, file) and keeps the tar files open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._archives: dict[str, tarfile.TarFile] = {}

    def read(self, archive: str, name: str) -> np.ndarray:
        """int16 samples at 16 kHz; raises KeyError or an OSError for a clip that is not there."""
        source: Path | io.BytesIO = self._folder / name
        if archive:
            if archive not in self._archives:
                self._archives[archive] = tarfile.open(self._folder / archive)  # noqa: SIM115 - stays open
            member = self._archives[archive].extractfile(name)
            assert member is not None, f"{archive}: {name} is not a file"
            source = io.BytesIO(member.read())
        samples, rate = sf.read(source, dtype="int16")
        assert rate == MODEL_RATE, f"{name}: {rate} Hz"
        return np.asarray(samples if samples.ndim == 1 else samples[:, 0])


def table_rows(table: Path) -> Iterator[dict[str, str]]:
    """Rows of a corpus table by column."""
    with table.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def read_corpus(folder: Path) -> list[Clip]:
    """All usable clips of a corpus folder; clips with sounds that have no unit are left out."""
    reader = ClipReader(folder)
    clips: list[Clip] = []
    for table in sorted(folder.glob("synthetic*.tsv")):
        for row in table_rows(table):
            if any(voice in row["voice"] for voice in MEASURING_VOICES):
                raise ValueError(f"{table}: {row['file']} is spoken by a voice that is kept for measuring")
            if any(voice in row["voice"] for voice in DEVELOPMENT_VOICES):
                continue
            alignment = read_alignment(row["alignment"] or "")
            try:
                units = tuple(text_units(row["spoken"]))
            except UnknownSoundError:
                continue
            # The table's own units may lack tones.
            if len(alignment) == len(units):
                alignment = tuple((u, start, end) for u, (_, start, end) in zip(units, alignment, strict=True))
            else:
                alignment = ()
            if units and float(row["seconds"]) <= LONGEST_CLIP:
                samples = reader.read(row["archive"], row["file"])
                clips.append(Clip(samples, units, row["voice"], "synthetic", row["text"], alignment))
    for table in sorted(folder.glob("human*.tsv")):
        for row in table_rows(table):
            if float(row["seconds"]) > LONGEST_CLIP:
                continue
            try:
                if row["kind"] == "syllable":
                    units = syllable_units(row["transcript"])
                elif re.fullmatch(r"[\u4e00-\u9fff]+", row["transcript"]):
                    units = tuple(text_units(row["transcript"], sandhi=True))
                else:
                    continue
            except UnknownSoundError:
                continue
            kind = row["kind"] if row["kind"] in ("sentence", "syllable") else "word"
            part = DEVELOPMENT if kept_for_development(row) else ""
            samples = reader.read(row["archive"], row["file"])
            clips.append(Clip(samples, units, row["speaker"], kind, row["transcript"], part=part))
    return clips
