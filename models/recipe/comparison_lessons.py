"""Step ``comparison-lessons``: the small network that reads a question beside what an entry says, taught from nothing.

A lesson is a field of ``lessons/``, an FAQ that lacks some of its wordings and now and then some entries. These
wordings are asked, heard as a recogniser may hear them, and so is what no entry answers. Each question is read beside
the entries that mean nearly the same, and the network is to say which of them it is, or none: none has the logit 0.

In the 24 FAQs of ``fields/``, weights learned on the others, 19 % of the questions are answered right at once without
it where 2 % of all, a third of them near misses, are answered wrongly. With 64 tables gone through 12 times it is 23 %,
30 times 26 %, 60 times no more; with 32 tables and as many lessons 23 %; with all 128, 24 times, 27 %.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch.nn import functional

from voice_faq.files import write_whole
from voice_faq.matching.comparing import COMPARED
from voice_faq.matching.comparison import ROUNDS, pieces_of
from voice_faq.matching.index import NEAREST
from voice_faq.matching.question_form import core_of
from voice_faq.matching.sentence_network import SentenceNetwork

from .matching_prior import Source, Topic, read_source
from .practice import Hearing, Practice, divided
from .sentence_network import archived

WIDTH: Final = 96
BESIDE: Final = COMPARED  # entries that a question is read beside
KNOWN: Final = (0, 0, 1, 2, 4, 6)  # wordings beside the question, drawn evenly
ASKED: Final = 3  # wordings of each entry
ANOTHER_QUESTION: Final = 0.2  # of the entries have a wording in the question's place
WITHOUT_ANSWER: Final = 0.1  # of the entries
LACKING: Final = 0.5  # of the FAQs lack MISSING entries
MISSING: Final = 3
NEAR: Final = 30  # questions that no entry answers
MISHEARD: Final = 0.3  # of the questions
SCATTER: Final = 0.08  # of the cosines by which entries are chosen to be read, standard deviation
DROPPED: Final = 0.2  # of what goes from layer to layer
RATE: Final = 1e-3
DECAY: Final = 0.01
WARM_UP: Final = 30  # lessons
SHARPNESS: Final = 10.0  # of a cosine of 1 in logits, at first


@dataclass(frozen=True)
class Pair:
    """A question and an entry that it is read beside."""

    question: str
    entry: Topic
    nearest: list[str]
    """The entry's wordings that are read, the nearest first."""


@dataclass(frozen=True)
class Lesson:
    """Questions, each beside BESIDE entries."""

    pairs: list[Pair]
    """BESIDE for each question."""
    meant: list[int]
    """Which of them each question means, BESIDE for none."""


class Pupil(torch.nn.Module):
    """The network as PyTorch has it, see ``Comparison``; it leaves polite words out itself."""

    def __init__(self, network: SentenceNetwork) -> None:
        super().__init__()
        self._network = network
        self._known: dict[str, np.ndarray] = {}
        self.layers = torch.nn.ParameterDict()
        width_of_pieces = network.embedded(np.zeros(1, int)).shape[1]
        self._add("narrow", width_of_pieces, WIDTH)
        for turn in range(ROUNDS):
            self._add(f"around{turn}", 3 * WIDTH, WIDTH)
        for side in ("asked", "told"):
            self._add(side, 4 * WIDTH + 1, WIDTH)
            self._add(f"{side}_counts", WIDTH, 0)
        self._add("deep", 2 * (WIDTH + 2) + 1, WIDTH)
        self._add("last", WIDTH, 0)
        self.layers["seek"] = torch.nn.Parameter(torch.eye(WIDTH))
        self.layers["in_answer"] = torch.nn.Parameter(torch.zeros(WIDTH))
        self.layers["sharpness"] = torch.nn.Parameter(torch.tensor(SHARPNESS))
        self.layers["nobody"] = torch.nn.Parameter(torch.tensor(0.0))

    def _add(self, name: str, inputs: int, outputs: int) -> None:
        """Drawn as PyTorch draws a linear layer; a single output has no dimension."""
        most = inputs**-0.5
        shapes = {name: (inputs, outputs) if outputs else (inputs,), f"{name}_bias": (outputs,) if outputs else ()}
        for part, shape in shapes.items():
            self.layers[part] = torch.nn.Parameter(torch.empty(shape).uniform_(-most, most))

    def forward(self, pairs: Sequence[Pair]) -> torch.Tensor:
        """Logits, shape (n,)."""
        w = self.layers
        rows, places = self._read({t for pair in pairs for t in (pair.question, *pair.nearest, pair.entry.answer) if t})

        def rows_of(of_pairs: list[list[np.ndarray]]) -> tuple[torch.Tensor, torch.Tensor]:
            numbers = [torch.from_numpy(np.concatenate(parts)) for parts in of_pairs]
            chosen = torch.nn.utils.rnn.pad_sequence(numbers, batch_first=True)
            return rows[chosen], chosen > 0

        answers = [[places[pair.entry.answer]] if pair.entry.answer else [] for pair in pairs]
        questions = rows_of([[places[pair.question]] for pair in pairs])
        nearest = rows_of([[places[pair.nearest[0]]] for pair in pairs])
        wordings = [[places[text] for text in pair.nearest] for pair in pairs]
        said, said_there = rows_of(
            [of_wordings + answer for of_wordings, answer in zip(wordings, answers, strict=True)]
        )
        read_before = torch.tensor([sum(map(len, of_wordings)) for of_wordings in wordings])
        in_answer = torch.arange(said.shape[1]) >= read_before[:, None]
        everything = (said + in_answer[..., None] * w["in_answer"], said_there)
        asked, told = self._beside("asked", questions, everything), self._beside("told", nearest, questions)
        count = torch.tensor([[len(pair.entry.texts)] for pair in pairs]).log()
        found = torch.cat([asked, told, count], 1)
        return self._drop(torch.relu(found @ w["deep"] + w["deep_bias"])) @ w["last"] + w["last_bias"]

    def _read(self, texts: set[str]) -> tuple[torch.Tensor, dict[str, np.ndarray]]:
        """Pieces among their neighbours, a row of zeros around each text, and in which rows each text's are."""
        w = self.layers
        embedded = {text: self._embedded(text) for text in sorted(texts)}
        ends = np.cumsum([len(rows) + 1 for rows in embedded.values()])
        places = {
            text: np.arange(end - len(rows), end) for (text, rows), end in zip(embedded.items(), ends, strict=True)
        }
        there = torch.ones(ends[-1] + 1, 1)
        there[0] = there[ends] = 0
        laid = torch.zeros(len(there), len(w["narrow"]))
        laid[there[:, 0] > 0] = torch.from_numpy(np.concatenate(list(embedded.values())))
        rows = (self._drop(laid) @ w["narrow"] + w["narrow_bias"]) * there
        for turn in range(ROUNDS):
            padded = functional.pad(rows, (0, 0, 1, 1))
            around = torch.cat([padded[:-2], padded[1:-1], padded[2:]], 1)
            rows = (rows + torch.relu(around @ w[f"around{turn}"] + w[f"around{turn}_bias"])) * there
        return rows, places

    def _beside(self, side: str, own: tuple[torch.Tensor, ...], others: tuple[torch.Tensor, ...]) -> torch.Tensor:
        w, (rows, there), (other_rows, others_there) = self.layers, own, others
        alike = functional.normalize(rows @ w["seek"], dim=-1) @ functional.normalize(other_rows, dim=-1).mT
        alike = alike.masked_fill(~others_there[:, None], -1)
        best = alike.amax(2)
        logits = (alike * w["sharpness"]).masked_fill(~others_there[:, None], -torch.inf)
        nobody = w["nobody"].expand(*logits.shape[:2], 1)
        found = torch.cat([logits, nobody], 2).softmax(2)[..., :-1] @ other_rows
        beside = torch.cat([rows, found, rows * found, (rows - found).abs(), best[..., None]], 2)
        seen = self._drop(torch.relu(beside @ w[side] + w[f"{side}_bias"]))
        counts = functional.softplus(rows @ w[f"{side}_counts"] + w[f"{side}_counts_bias"]) * there
        counts = counts / counts.sum(1, keepdim=True)
        likeness = torch.stack([(counts * best).sum(1), best.masked_fill(~there, 2.0).amin(1)], 1)
        return torch.cat([(counts[:, None] @ seen)[:, 0], likeness], 1)

    def _drop(self, values: torch.Tensor) -> torch.Tensor:
        return functional.dropout(values, DROPPED, self.training)

    def _embedded(self, text: str) -> np.ndarray:
        if text not in self._known:
            self._known[text] = self._network.embedded(np.array(pieces_of(self._network, core_of(text))))
        return self._known[text]


class Teacher:
    """Makes lessons of fields."""

    def __init__(self, network: SentenceNetwork, rng: random.Random) -> None:
        """``network`` chooses what is read beside a question."""
        self._network, self._rng = network, rng
        self._vectors: dict[str, np.ndarray] = {}
        self._heard = Hearing(MISHEARD, rng)

    def lesson(self, field: Source) -> Lesson:
        """An FAQ and questions to it."""
        rng = self._rng
        entries: list[Topic] = []
        asked: list[tuple[str, int | None]] = []
        count = rng.choice(KNOWN)
        missing = rng.sample(field.topics, MISSING) if rng.random() < LACKING else []
        for topic in field.topics:
            own, others = divided(topic, count, ANOTHER_QUESTION, rng)
            answer = "" if rng.random() < WITHOUT_ANSWER else topic.answer
            if topic in missing:
                asked += [(text, None) for text in others[:ASKED]]
            else:
                asked += [(text, len(entries)) for text in others[:ASKED]]
                entries.append(Topic(own, answer))
        asked += [(text, None) for text in rng.sample(field.near, min(NEAR, len(field.near)))]
        pairs: list[Pair] = []
        meant = []
        vectors = [self._vectors_of(entry.texts) for entry in entries]
        questions = [self._heard(text) for text, _ in asked]
        heard_vectors = self._network([core_of(heard) for heard in questions])
        for (_, number), heard, vector in zip(asked, questions, heard_vectors, strict=True):
            alike = [of_entry @ vector for of_entry in vectors]
            order = sorted(range(len(entries)), key=lambda n: -float(alike[n].max()) + rng.gauss(0, SCATTER))
            beside = order[:BESIDE]
            if number is not None and number not in beside:
                beside[-1] = number
            meant.append(BESIDE if number is None else beside.index(number))
            for n in beside:
                nearest = [entries[n].texts[place] for place in np.argsort(-alike[n], kind="stable")[:NEAREST]]
                pairs.append(Pair(heard, entries[n], nearest))
        return Lesson(pairs, meant)

    def _vectors_of(self, texts: Sequence[str]) -> np.ndarray:
        if missing := [text for text in texts if text not in self._vectors]:
            self._vectors |= zip(missing, self._network([core_of(text) for text in missing]), strict=True)
        return np.stack([self._vectors[text] for text in texts])


def loss_of(lesson: Lesson, pupil: Pupil) -> torch.Tensor:
    """How badly a pupil knows what is asked, in nats."""
    logits = pupil(lesson.pairs).view(-1, BESIDE)
    with_none = torch.cat([logits, torch.zeros(len(logits), 1)], 1)
    return functional.cross_entropy(with_none, torch.tensor(lesson.meant))


def teach(network: SentenceNetwork, fields: Sequence[Source], epochs: int, seed: int) -> Pupil:
    """A pupil after lessons in ``fields``, each once an epoch."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    teacher, pupil = Teacher(network, rng), Pupil(network)
    optimizer = torch.optim.AdamW(pupil.parameters(), lr=RATE, weight_decay=DECAY)
    practice = Practice(pupil, optimizer, epochs * len(fields), WARM_UP)
    for epoch in range(epochs):
        order = rng.sample(fields, len(fields))
        losses = [practice.learn(loss_of(teacher.lesson(field), pupil)) for field in order]
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
    return pupil.eval()


def write_comparison(network: SentenceNetwork, tables: Sequence[Path], target: Path, epochs: int) -> None:
    """Write the weights of a pupil after lessons in ``tables``."""
    pupil = teach(network, [read_source(table) for table in sorted(tables)], epochs, seed=0)
    write_whole(target, archived({name: values.detach().numpy() for name, values in pupil.layers.items()}))
