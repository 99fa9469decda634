"""Muon in the number format that the processor multiplies.

torch's own Muon orthogonalises in bfloat16, which processors without it emulate: on AVX2 alone a product of two
1024 × 1024 matrices takes 2.7 s instead of 0.04.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import torch

COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)  # of the quintic iteration, steepest at 0
ITERATIONS: Final = 5
MOMENTUM: Final = 0.95
ADAM_SIZE: Final = 0.2  # root mean square of an update of AdamW, which rates are meant for


def orthogonalised(matrix: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Nearly U·Vᵀ of the singular value decomposition, shape and dtype of ``matrix``; singular values of 0.5 to 1.5.

    A Newton-Schulz iteration (Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024).
    """
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(dtype).contiguous()
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.T
        powers = torch.addmm(gram, gram, gram, beta=b, alpha=c)  # sums within the products: a third less time
        x = torch.addmm(x, powers, x, beta=a)
    return (x.T if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum whose direction is orthogonalised; for matrices alone, with AdamW's learning rates and weight decay."""

    def __init__(self, matrices: Iterable[torch.Tensor], *, lr: float, weight_decay: float, dtype: torch.dtype) -> None:
        super().__init__(matrices, {"lr": lr, "weight_decay": weight_decay})
        self._dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One update of every matrix that has a gradient; ``closure`` is not supported."""
        assert closure is None
        for group in self.param_groups:
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                state = self.state[matrix]
                if not state:
                    state["momentum"] = torch.zeros_like(matrix)
                momentum = state["momentum"].lerp_(matrix.grad, 1 - MOMENTUM)
                update = orthogonalised(matrix.grad.lerp(momentum, MOMENTUM), self._dtype)
                rate = group["lr"] * ADAM_SIZE * max(matrix.shape) ** 0.5
                matrix.mul_(1 - group["lr"] * group["weight_decay"]).sub_(update, alpha=rate)
