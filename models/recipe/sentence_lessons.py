"""Step ``sentence-lessons``: the layers of the small network that reads sentences, taught what people ask at counters.

The Universal Sentence Encoder knows what sentences of all kinds have in common. Which of an FAQ's entries somebody
means who tells a situation, or says it in wholly other words, it learns from ``lessons/``: FAQs of many fields that
were written for this, each entry with wordings that are not alike, and with questions that no entry answers. A lesson
is a few fields together. Wordings are asked, and their entry is to be nearer than all others, by what the texts
of each mean (van den Oord et al., "Representation learning with contrastive predictive coding", 2018); what no entry
answers is to be nearer to none than a limit. So that what the encoder knows of everything else is not forgotten, texts
shall stay about as far from each other as they were, and the layers are a mean of what they were (Wortsman et al.,
"Robust fine-tuning of zero-shot models", 2022) and of what pupils learned who had the lessons in other orders (Wortsman
et al., "Model soups", 2022). The vectors of pieces are not changed.

In two FAQs of sixty entries, written by others who had seen none of this, the right entry comes first for 60, 62, 66
and 72 % of 600 questions with 0, 2, 5 and 12 wordings (54, 56, 63 and 69 % untaught), and for 52, 52, 56 and 61 %
(45, 46, 51 and 55 %). That was with 64 fields, all that there were, of which half would nearly have done.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch.nn import functional

from voice_faq.files import write_whole
from voice_faq.matching.question_form import core_of
from voice_faq.matching.sentence_network import WIDTH, WINDOWS, SentenceNetwork

from .matching_prior import Source, read_source
from .practice import Hearing, Practice, divided
from .sentence_network import archived

TOGETHER: Final = 2  # fields in a lesson
KNOWN: Final = (0, 0, 1, 2, 4)  # wordings beside the question, drawn evenly
ASKED: Final = 3  # wordings of each entry in a lesson
ANOTHER_QUESTION: Final = 0.3  # of the entries have a wording in the question's place
WITH_ANSWER: Final = 0.3  # of the entries have their answer among what they say
NEAR: Final = 20  # questions of a field that no entry answers, in a lesson
SHARPNESS: Final = 12.0  # of a cosine of 1 in logits
LIMIT: Final = 0.55  # cosine as near as which no entry is, where a text is another entry's or none's
MISHEARD: Final = 0.2  # of the asked texts are what a recogniser may make of them
KEPT: Final = 15.0  # weight of the mean square by which cosines change
DROPPED: Final = 0.1  # of the numbers of pieces' vectors
RATE: Final = 1e-3
TAUGHT_SHARE: Final = 0.6  # of what was taught in the layers; the rest is what they were
WARM_UP: Final = 10  # lessons


@dataclass(frozen=True)
class Lesson:
    """Texts that entries are known by, and texts that are asked."""

    known: list[str]
    entries: list[int]
    """Of each known text, rising from 0."""
    asked: list[str]
    meant: list[int]
    """The entry of each that is asked; for what none answers the number of entries."""


class Pupil(torch.nn.Module):
    """The network as PyTorch has it, with layers that can be taught; it leaves polite words out itself."""

    def __init__(self, network: SentenceNetwork) -> None:
        super().__init__()
        self.layers = torch.nn.ParameterDict(
            {name: torch.nn.Parameter(torch.from_numpy(values.copy())) for name, values in network.layers.items()}
        )
        self._network = network

    def forward(self, texts: Sequence[str], dropped: float = 0.0) -> torch.Tensor:
        """Unit vectors, shape (n, dimensions); ``dropped`` is the share of the pieces' numbers that is left out."""
        w = self.layers
        read = [self._network.pieces(core_of(text)) for text in texts]
        lengths = torch.tensor([len(pieces) for pieces in read])
        longest = int(lengths.max())
        padded = np.array([pieces + [0] * (longest - len(pieces)) for pieces in read])
        there = (torch.arange(longest) < lengths[:, None]).float()[..., None]
        embedded = functional.dropout(torch.from_numpy(self._network.embedded(padded)), dropped)
        narrowed = _levelled(embedded @ w["narrow"] + w["narrow_bias"], w["narrow_gain"], w["narrow_shift"])
        seen = [embedded]
        for number, (width, before) in enumerate(WINDOWS):
            own = narrowed[..., number * WIDTH : (number + 1) * WIDTH] * there
            first = torch.relu(_windows(own, width, before) @ w[f"first{width}"] + w[f"first{width}_bias"]) + own
            around = _windows(first * there, width, before)
            seen.append(torch.relu(around @ w[f"second{width}"] + w[f"second{width}_bias"]) + first)
        level = _levelled(torch.cat(seen, -1), w["level_gain"], w["level_shift"])
        count = lengths[:, None].float()
        mean = ((level * there).sum(1) @ w["together"] + count * w["together_bias"]) / count.sqrt()
        deeper = torch.relu(mean @ w["past"] + torch.relu(mean @ w["layer0"]) @ w["layer1"])
        last = torch.tanh(deeper @ w["past_last"] + torch.relu(deeper @ w["layer2"]) @ w["layer3"])
        return functional.normalize(functional.normalize(last, dim=-1) @ w["result"] + w["result_bias"], dim=-1)


class Teacher:
    """Makes lessons of fields."""

    def __init__(self, fields: Sequence[Source], rng: random.Random) -> None:
        self._fields, self._rng = fields, rng
        self._heard = Hearing(MISHEARD, rng)

    def lessons(self) -> Iterator[Lesson]:
        """All fields once, a few together; what is left over is a shorter lesson."""
        order = self._rng.sample(self._fields, len(self._fields))
        for first in range(0, len(order), TOGETHER):
            yield self._lesson(order[first : first + TOGETHER])

    def _lesson(self, fields: Sequence[Source]) -> Lesson:
        rng = self._rng
        known: list[str] = []
        entries: list[int] = []
        asked: list[str] = []
        meant: list[int] = []
        count = rng.choice(KNOWN)
        none = sum(len(field.topics) for field in fields)
        for number, topic in enumerate(topic for field in fields for topic in field.topics):
            own, others = divided(topic, count, ANOTHER_QUESTION, rng)
            if rng.random() < WITH_ANSWER and topic.answer:
                own.append(topic.answer)
            known += own
            entries += [number] * len(own)
            asked += others[:ASKED]
            meant += [number] * len(others[:ASKED])
        for field in fields:
            near = rng.sample(field.near, min(NEAR, len(field.near)))
            asked += near
            meant += [none] * len(near)
        return Lesson(known, entries, [self._heard(text) for text in asked], meant)


def loss_of(lesson: Lesson, pupil: Pupil, untaught: Pupil) -> torch.Tensor:
    """How badly a pupil knows what is asked, in nats, and how far its cosines are from those of an ``untaught`` one."""
    texts = [*lesson.known, *lesson.asked]
    vectors = pupil(texts, DROPPED)
    with torch.no_grad():
        were = untaught(texts)
    known, asked = vectors[: len(lesson.known)], vectors[len(lesson.known) :]
    likeness = SHARPNESS * asked @ known.T
    # All texts of an entry speak for it, the nearest most; several as near speak louder than one.
    owner = functional.one_hot(torch.tensor(lesson.entries)).float()
    logits = torch.cat([(likeness.exp() @ owner).log(), torch.full((len(asked), 1), SHARPNESS * LIMIT)], 1)
    moved = ((vectors @ vectors.T - were @ were.T) ** 2).mean()
    return functional.cross_entropy(logits, torch.tensor(lesson.meant)) + KEPT * moved


def teach(network: SentenceNetwork, fields: Sequence[Source], epochs: int, seed: int) -> dict[str, np.ndarray]:
    """The layers after lessons in ``fields``, each field once an epoch."""
    teacher = Teacher(fields, random.Random(seed))
    torch.manual_seed(seed)
    pupil, untaught = Pupil(network), Pupil(network)
    optimizer = torch.optim.Adam(pupil.parameters(), lr=RATE, betas=(0.9, 0.98))
    practice = Practice(pupil, optimizer, epochs * math.ceil(len(fields) / TOGETHER), WARM_UP)
    for epoch in range(epochs):
        losses = [practice.learn(loss_of(lesson, pupil, untaught)) for lesson in teacher.lessons()]
        print(f"pupil {seed}, epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    return {name: values.detach().numpy() for name, values in pupil.layers.items()}


def write_taught(network: SentenceNetwork, tables: Sequence[Path], target: Path, epochs: int, pupils: int) -> None:
    """Write the layers of ``network`` after lessons in ``tables``: a mean of some ``pupils`` and of what they were."""
    fields = [read_source(table) for table in sorted(tables)]
    taught = [teach(network, fields, epochs, seed) for seed in range(pupils)]
    layers = {
        name: (1 - TAUGHT_SHARE) * before + TAUGHT_SHARE * np.mean([pupil[name] for pupil in taught], 0)
        for name, before in network.layers.items()
    }
    write_whole(target, archived(layers))


def _windows(rows: torch.Tensor, width: int, before: int) -> torch.Tensor:
    """Beside each other what stands around each place of ``rows``, shape (n, places, numbers)."""
    places = rows.shape[1]
    padded = functional.pad(rows, (0, 0, before, width - before - 1))
    return torch.cat([padded[:, start : start + places] for start in range(width)], -1)


def _levelled(rows: torch.Tensor, gain: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    return functional.layer_norm(rows, rows.shape[-1:], gain, shift, 1e-12)
