"""What an epoch hears: some hours drawn anew each time, so that no reader counts for more than another.

A corpus has a few readers with hundreds of clips and hundreds with a few. Clips are drawn in rounds, one of every
person who has any left, until there is enough; a person's disguises count as that person.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from .augment import loud_samples
from .corpus import Clip, person
from .features import RATE

BATCH_SECONDS: Final = 80.0
BATCH_SIZES: Final = (48, 32, 24, 16, 12, 8, 6, 4, 3, 2)
LONGEST: Final = 15.5  # seconds of a clip; of joined words too
FRAMES_A_UNIT: Final = 0.045  # s; CTC needs a frame for each unit, at the fastest speed one is 35 ms of the recording


@dataclass(frozen=True)
class EpochMix:
    """Of what an epoch consists, by seconds of speech."""

    hours: float = 8.0
    sentences: float = 0.55
    """Share of sentences by people, disguised ones included."""
    words: float = 0.05
    """Share of words and syllables by people; the rest is synthetic."""


def drawn_evenly(clips: Iterable[Clip], seconds: float, rng: random.Random) -> list[Clip]:
    """Clips of about ``seconds`` in all, in rounds of one a person; all of them where they are fewer."""
    by_person: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        by_person[person(clip.speaker)].append(clip)
    queues = [by_person[name] for name in sorted(by_person)]
    for queue in queues:
        rng.shuffle(queue)
    drawn: list[Clip] = []
    while queues and seconds > 0:
        rng.shuffle(queues)
        for queue in queues:
            clip = queue.pop()
            drawn.append(clip)
            seconds -= clip.seconds
            if seconds <= 0:
                break
        queues = [queue for queue in queues if queue]
    return drawn


def drawn(clips: list[Clip], seconds: float, rng: random.Random) -> Iterator[Clip]:
    """Clips of about ``seconds`` in all, each as likely as another; all of them where they are fewer."""
    for clip in rng.sample(clips, len(clips)):
        if seconds <= 0:
            return
        seconds -= clip.seconds
        yield clip


def join_words(clips: list[Clip], rng: random.Random) -> list[Clip]:
    """Human words and syllables of one speaker in random groups of one to five, as if spoken in a breath."""
    joined = []
    clips = clips[:]
    rng.shuffle(clips)
    while clips:
        group = [clips.pop() for _ in range(min(len(clips), rng.randint(1, 5)))]
        parts = []
        for clip in group:
            loud = loud_samples(clip.samples)
            if len(loud):
                start, end = max(0, loud[0] - RATE // 12), min(len(clip.samples), loud[-1] + RATE // 12)
                parts.append(clip.samples[start:end])
            parts.append(np.zeros(int(rng.uniform(0, 0.12) * RATE), np.int16))
        units = tuple(u for clip in group for u in clip.units)
        joined.append(Clip(np.concatenate(parts), units, group[0].speaker, "word", ""))
    return joined


def epoch_clips(clips: list[Clip], mix: EpochMix, rng: random.Random) -> list[Clip]:
    """What one epoch hears; words are joined."""
    seconds = mix.hours * 3600
    ready = drawn_evenly((c for c in clips if c.kind == "sentence"), seconds * mix.sentences, rng)
    words = drawn_evenly((c for c in clips if c.kind in ("word", "syllable")), seconds * mix.words, rng)
    for speaker in sorted({c.speaker for c in words}):
        ready += join_words([c for c in words if c.speaker == speaker], rng)
    rest = seconds * (1 - mix.sentences - mix.words)
    ready += drawn([c for c in clips if c.kind == "synthetic"], rest, rng)
    return ready


def batches_of(clips: list[Clip], rng: random.Random) -> list[list[Clip]]:
    """``clips`` in batches of BATCH_SECONDS at the most, alike in length, in random order, without overlong ones."""
    ready = [c for c in clips if len(c.units) * FRAMES_A_UNIT < c.seconds < LONGEST]
    ready.sort(key=lambda c: len(c.samples) + rng.uniform(-8000, 8000))
    batches: list[list[Clip]] = []
    while ready:
        # The longest first: a batch is as wide as its longest clip.
        size = next((n for n in BATCH_SIZES if n * ready[-1].seconds <= BATCH_SECONDS), BATCH_SIZES[-1])
        batches.append(ready[-size:])
        del ready[-size:]
    rng.shuffle(batches)
    return batches
