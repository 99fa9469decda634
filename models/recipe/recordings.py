"""Step ``recordings``: the spoken questions in tests/data, by voices that are kept for measuring.

Every line of ``tests/data/recordings.tsv`` names a file, what is said, the entry that answers it (``-`` for
none, ``!repeat`` for a command), the voice and what was done to the sound.
"""

from __future__ import annotations

import csv
import json
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf

from voice_faq.errors import InputError
from voice_faq.evaluation.measure import OUT_OF_SCOPE, LabelledQuestion
from voice_faq.recognition.graph.phrases import STATION_TALK

from .corpus import LONGEST_CLIP, ClipReader, held_out, kept_for_development, table_rows
from .disguise import Disguise, disguised
from .synthesize import (
    DEVELOPMENT_VOICES,
    MEASURING_VOICES,
    MODEL_RATE,
    TRAINING_VOICES,
    Synthesizer,
    random_style,
    style_of,
)
from .texts import corpus_sentences, speakable

BABBLE_TALKERS: Final = 6
PADDING_S: Final = 0.3
DEVELOPMENT_MIXTURES: Final = tuple(map("/".join, zip(DEVELOPMENT_VOICES, TRAINING_VOICES, strict=False)))
MEASURED: Final = 60  # FAQ questions, and as many general sentences
COLUMNS: Final = "file\ttranscript\texpected\tvoice\tsound"
READER_SENTENCES: Final = 60  # of one person in a table of people
MEASURED_SOUNDS: Final = ("clean", "babble 20", "babble 10", "babble 5", "hall")


def make_recordings(table: Path, voices: Path) -> None:
    """Speak each line of ``table`` into the FLAC beside it; files that are there are kept."""
    kokoro = Synthesizer(voices)
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    babble = _babble(kokoro)
    spoken: tuple[str, str] | None = None
    for row in rows:
        target = table.parent / row["file"]
        if target.exists():
            continue
        if (row["transcript"], row["voice"]) != spoken:
            spoken = row["transcript"], row["voice"]
            rng = np.random.default_rng(zlib.crc32("".join(spoken).encode()))
            style = style_of(row["voice"], kokoro.styles)
            samples = kokoro.say(row["transcript"], style, rng.uniform(0.9, 1.15)).samples
            samples = np.pad(samples, int(PADDING_S * MODEL_RATE)) * rng.uniform(0.4, 1.0)
        target.parent.mkdir(parents=True, exist_ok=True)
        sf.write(target, treated(samples, row["sound"], babble, rng), MODEL_RATE, subtype="PCM_16")


def write_measuring_table(
    questions: list[LabelledQuestion], corpus: Path, table: Path, voices: Sequence[str] = MEASURING_VOICES
) -> None:
    """A table of FAQ questions and general sentences by ``voices``, each in every sound.

    ``questions`` are such that nothing was tuned on. The general sentences are those that training holds out.
    """
    in_scope = [q for q in questions if q.expected != OUT_OF_SCOPE]
    asked = [(text, q.expected) for q in in_scope for text in speakable([q.question])]
    general = [(text, OUT_OF_SCOPE) for text in corpus_sentences(corpus, "general") if held_out(text)]
    said = [*asked[:: max(1, len(asked) // MEASURED)], *general[:MEASURED]]
    rows = [COLUMNS]
    for number, (text, expected) in enumerate(said):
        voice = voices[number % len(voices)]
        for sound in MEASURED_SOUNDS:
            name = f"measuring/{number:03d}-{sound.replace(' ', '-')}.flac"
            rows.append(f"{name}\t{text}\t{expected}\t{voice}\t{sound}")
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")


def write_people_table(corpus: Path, table: Path, pitch: float | None = None) -> None:
    """A table of sentences by people who are never trained on, with their clips beside it.

    Of a reader READER_SENTENCES at the most; the column voice has the reader's name. With ``pitch``, a mean in Hz,
    everybody is disguised as somebody who speaks so high, with formants that go with it; nothing else changes.
    """
    of_reader: Counter[str] = Counter()

    def wanted(row: dict[str, str]) -> bool:
        if row["kind"] != "sentence" or not kept_for_development(row) or float(row["seconds"]) > LONGEST_CLIP:
            return False
        of_reader[row["speaker"]] += 1
        return of_reader[row["speaker"]] <= READER_SENTENCES

    sound = "as it is" if pitch is None else f"{pitch:.0f} Hz"
    rows = [
        f"{name}\t{row['transcript']}\t{OUT_OF_SCOPE}\t{row['speaker']}\t{sound}"
        for name, row in clips_of_people(corpus, table.parent / "people", wanted, pitch)
    ]
    table.write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")


def write_people_street(
    people: Path, target: Path, answers: Path, *, entries: int = 40, speaker: str | None = None
) -> None:
    """An answers folder whose ``entries`` questions are sentences of a table of people, and ``table.tsv`` in it.

    The questions are the shortest sentences of ``speaker``, or of all the readers of few sentences; whoever reads one
    of them asks it, and whatever else was recorded is out of scope. Prompts come from the folder ``answers``.
    Raises InputError for a speaker who reads nothing there.
    """
    with people.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    readings = Counter(row["voice"] for row in rows)
    own = {
        row["transcript"]
        for row in rows
        if row["voice"] == speaker or (speaker is None and readings[row["voice"]] < READER_SENTENCES)
    }
    if not own:
        raise InputError(f"{people}: nobody called {speaker} reads anything there. Look into its column voice.")
    ids = {text: f"sentence-{number}" for number, text in enumerate(sorted(own, key=lambda t: (len(t), t))[:entries])}
    faq = {
        "title": "People's sentences",
        "hotline": "110",
        "entries": [{"id": name, "question": text, "answer": f"{text}。"} for text, name in ids.items()],
    }
    target.mkdir(parents=True, exist_ok=True)
    (target / "faq.yaml").write_text(json.dumps(faq, ensure_ascii=False, indent=1), encoding="utf-8")  # YAML, too
    shutil.copyfile(answers / "prompts.yaml", target / "prompts.yaml")
    table = [f"{(people.parent / row['file']).resolve()}\t{ids.get(row['transcript'], OUT_OF_SCOPE)}\n" for row in rows]
    (target / "table.tsv").write_text("".join(table), encoding="utf-8")


def clips_of_people(
    corpus: Path, folder: Path, wanted: Callable[[dict[str, str]], bool], pitch: float | None = None
) -> Iterator[tuple[str, dict[str, str]]]:
    """(file beside a table, its row) for the ``wanted`` rows of a corpus's human tables; clips go into ``folder``.

    ``pitch``: as whom they are disguised, mean in Hz; None leaves them as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reader = ClipReader(corpus)
    for source in sorted(corpus.glob("human*.tsv")):
        for row in filter(wanted, table_rows(source)):
            name = f"{Path(row['file']).stem}.flac"
            samples = reader.read(row["archive"], row["file"])
            if pitch is not None:
                samples = disguised(samples / 32768, Disguise(pitch, pitch_range=1.0, tract=1.0, breath=0.0))
            sf.write(folder / name, samples, MODEL_RATE, subtype="PCM_16")
            yield f"{folder.name}/{name}", row


def treated(samples: np.ndarray, sound: str, babble: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """``clean``, ``babble N`` or ``noise N`` at N dB, ``hall``: reverberation of 0.5 s."""
    kind, _, amount = sound.partition(" ")
    if kind == "hall":
        size = MODEL_RATE // 2
        tail = rng.normal(size=size) * np.exp(-6.9 * np.arange(size) / size)
        tail *= 0.5 / np.sqrt((tail**2).sum())
        tail[0] = 1.0
        return np.asarray(np.convolve(samples, tail)[: len(samples) + size // 2] * 0.7)
    if kind == "clean":
        return samples
    noise = (
        np.roll(babble, rng.integers(len(babble)))[: len(samples)]
        if kind == "babble"
        else rng.normal(size=len(samples))
    )
    level = np.sqrt((samples**2).mean() / (noise**2).mean()) * 10 ** (-float(amount) / 20)
    mixed = samples + noise * level
    return np.asarray(mixed / max(1.0, np.abs(mixed).max()))


def _babble(kokoro: Synthesizer) -> np.ndarray:
    """Ten seconds of several people talking at once."""
    import random

    rng = random.Random(9)
    mix = np.zeros(10 * MODEL_RATE)
    for _ in range(BABBLE_TALKERS):
        text = "，".join(rng.sample(STATION_TALK, 4))
        mix += np.resize(kokoro.say(text, random_style(kokoro.styles, rng)[1]).samples, len(mix))
    return mix
