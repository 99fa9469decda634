"""What lessons have in common: how an FAQ is divided, how questions are heard, and how networks practise.

They practise at rates that rise at first and fall to nothing, by gradients of bounded length.
"""

from __future__ import annotations

import random
from typing import Final

import torch

from voice_faq.language.dictionary import open_dictionary
from voice_faq.language.mishearing import LEAST_FREQUENCY, Mishearing

from .matching_prior import Topic

DAMAGE: Final = (0.1, 0.25)  # of a misheard question's characters, one or the other
LONGEST_GRADIENT: Final = 1.0  # norm


class Hearing:
    """Hears some questions as a recogniser may hear them."""

    def __init__(self, misheard: float, rng: random.Random) -> None:
        """``misheard``: the share of all, 0…1."""
        self._misheard, self._rng = misheard, rng
        self._mishear = Mishearing(open_dictionary().common_words(LEAST_FREQUENCY))

    def __call__(self, text: str) -> str:
        """As it is heard."""
        rng = self._rng
        return (rng.random() < self._misheard and self._mishear(text, rng.choice(DAMAGE), rng)) or text


def divided(topic: Topic, known: int, another_question: float, rng: random.Random) -> tuple[list[str], list[str]]:
    """(a topic's question and ``known`` wordings, its others).

    With a probability of ``another_question``, 0…1, a wording stands in the question's place.
    """
    question, *wordings = topic.texts
    rng.shuffle(wordings)
    own, others = [question, *wordings[:known]], wordings[known:]
    if rng.random() < another_question and len(others) > 1:
        own[0] = others.pop()
    return own, others


class Practice:
    """A course of lessons."""

    def __init__(self, pupil: torch.nn.Module, optimizer: torch.optim.Optimizer, lessons: int, warm_up: int) -> None:
        """``optimizer`` has the highest rate, which is reached after ``warm_up`` of all ``lessons``."""
        self._pupil, self._optimizer = pupil, optimizer
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda lesson: min(1.0, (lesson + 1) / warm_up) * (1 - lesson / lessons)
        )

    def learn(self, loss: torch.Tensor) -> float:
        """Take a step against what a lesson lost; returns it."""
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._pupil.parameters(), LONGEST_GRADIENT)
        self._optimizer.step()
        self._schedule.step()
        return loss.item()
