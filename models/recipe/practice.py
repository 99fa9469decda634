"""How networks practise in lessons: at rates that rise at first and fall to nothing, by gradients of bounded length."""

from __future__ import annotations

from typing import Final

import torch

LONGEST_GRADIENT: Final = 1.0  # norm


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
