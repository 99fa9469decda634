"""The acoustic network: a factored TDNN at 30 ms a step that Kaldi's nnet3 can run as it is.

Every layer is an affine map of frames spliced at fixed offsets, a ReLU and a scaled skip (Povey et al.,
"Semi-orthogonal low-rank matrix factorization for deep neural networks", Interspeech 2018). Batch norm
stands right after an affine map, so that ``export`` can fold it in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

STRIDE: Final = 3  # input frames of 10 ms for one output frame
SKIP: Final = 0.66


@dataclass(frozen=True)
class NetworkSize:
    """Dimensions of the network; stored in the checkpoint."""

    inputs: int = 40
    width: int = 1024
    bottleneck: int = 256
    layers: int = 8
    """Layers that look one output frame to each side."""
    wide_steps: tuple[int, ...] = (2, 3)
    """Of the layers behind them: how many output frames each looks to each side."""
    outputs: int = 60
    without_mean: bool = False
    """Whether features come without the mean of those before them, see ``features.without_mean``."""

    @property
    def steps(self) -> tuple[int, ...]:
        """Of each layer behind the stride, output frames that it looks to each side."""
        return (1,) * self.layers + tuple(self.wide_steps)

    @property
    def context(self) -> int:
        """Input frames that one output frame sees on each side."""
        return 3 + STRIDE * sum(self.steps)


def splice(x: torch.Tensor, *offsets: int) -> torch.Tensor:
    """Frames of ``x`` (batch, time, dim) side by side; the time axis shrinks by the offsets' spread."""
    first, last = min(offsets), max(offsets)
    length = x.shape[1] - (last - first)
    return torch.cat([x[:, o - first : o - first + length] for o in offsets], 2)


class FrameNorm(nn.BatchNorm1d):
    """Batch norm over (batch, time, dim)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any number of frames; the shape stays."""
        return super().forward(x.reshape(-1, x.shape[2])).view(x.shape)


class FactoredLayer(nn.Module):
    """Two frames ``step`` apart into a bottleneck, two bottlenecks out, ReLU, skip."""

    def __init__(self, width: int, bottleneck: int, step: int = 1) -> None:
        super().__init__()
        self.step = step
        self.reduce = nn.Linear(2 * width, bottleneck, bias=False)
        self.expand = nn.Linear(2 * bottleneck, width, bias=False)
        self.norm = FrameNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, time, width) → (batch, time - 2·step, width)."""
        y = self.expand(splice(self.reduce(splice(x, -self.step, 0)), 0, self.step))
        return torch.relu(self.norm(y)) + SKIP * x[:, self.step : -self.step]


class AcousticNetwork(nn.Module):
    """MFCC (batch, frames + 2·context, 40) → logits (batch, frames / 3, units + 1); class 0 is silence or blank.

    ``forward`` returns two heads that share the trunk: CTC, which is exported, and the frame targets that
    teach the trunk where units are.
    """

    def __init__(self, size: NetworkSize) -> None:
        super().__init__()
        self.size = size
        self.average: torch.Tensor
        self.register_buffer("average", torch.zeros(size.inputs))  # of all speech, where its mean is taken away
        self.input_norm = FrameNorm(size.inputs, affine=False)
        self.first = nn.Linear(3 * size.inputs, size.width, bias=False)
        self.first_norm = FrameNorm(size.width)
        self.early = FactoredLayer(size.width, size.bottleneck)
        self.stride_reduce = nn.Linear(size.width, size.bottleneck, bias=False)
        self.stride_expand = nn.Linear(STRIDE * size.bottleneck, size.width, bias=False)
        self.stride_norm = FrameNorm(size.width)
        self.layers = nn.ModuleList(FactoredLayer(size.width, size.bottleneck, step) for step in size.steps)
        self.ctc_head = nn.Linear(size.width, size.outputs)
        self.frame_head = nn.Linear(size.width, size.outputs)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """CTC logits and frame logits."""
        x = self.input_norm(x)
        x = torch.relu(self.first_norm(self.first(splice(x, -1, 0, 1))))
        x = self.stride_reduce(self.early(x))
        steps = x.shape[1] // STRIDE
        x = x[:, : steps * STRIDE].reshape(x.shape[0], steps, -1)
        x = torch.relu(self.stride_norm(self.stride_expand(x)))
        for layer in self.layers:
            x = layer(x)
        return self.ctc_head(x), self.frame_head(x)


DUPLICATE_NOISE: Final = 0.15  # of a row's own size; twins without it would stay twins
NEW_LAYER_SCALE: Final = 0.1  # of a new layer's branch beside its skip; at 0 it would never learn


def grown(network: AcousticNetwork, size: NetworkSize) -> AcousticNetwork:
    """A wider and deeper network that computes almost the same (Chen, Goodfellow and Shlens, "Net2Net", ICLR 2016).

    New units are twins of old ones that share the weight which the old one had for its readers; new layers, which
    can only come last, begin as little more than their skip. ``size`` must not be smaller in anything.
    """
    old = network.size
    if (old.inputs, old.layers, old.outputs) != (size.inputs, size.layers, size.outputs):
        raise ValueError(f"only width, bottleneck and wide_steps can grow: {old} to {size}")
    if size.width < old.width or size.bottleneck < old.bottleneck or size.steps[: len(old.steps)] != old.steps:
        raise ValueError(f"a network cannot shrink: {old} to {size}")
    generator = torch.Generator().manual_seed(0)

    def twins(before: int, after: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(old index of each new unit, its share of the old unit's weight for readers)."""
        source = torch.cat([torch.arange(before), torch.randint(before, (after - before,), generator=generator)])
        part = 0.5 + torch.rand(after, generator=generator)
        return source, part / torch.zeros(before).index_add(0, source, part)[source]

    plan = {old.width: twins(old.width, size.width), old.bottleneck: twins(old.bottleneck, size.bottleneck)}
    result = AcousticNetwork(size)
    state = result.state_dict()
    for name, value in network.state_dict().items():
        larger = value
        if value.ndim and value.shape[0] in plan:
            source, _ = plan[value.shape[0]]
            larger = larger[source]
            if value.ndim == 2:
                noise = torch.randn(larger.shape, generator=generator) * value.std() * DUPLICATE_NOISE
                larger = larger + noise * (torch.arange(len(source)) >= value.shape[0])[:, None]
        if value.ndim == 2 and not name.startswith("first."):
            unit = old.bottleneck if "expand" in name else old.width
            source, share = plan[unit]
            offsets = larger.shape[1] // unit
            larger = torch.cat([block[:, source] * share for block in larger.chunk(offsets, 1)], 1)
        assert larger.shape == state[name].shape, name
        state[name] = larger
    added = range(len(old.steps), len(size.steps))
    for number in added:
        state[f"layers.{number}.norm.weight"].fill_(NEW_LAYER_SCALE)
    for head in ("ctc_head", "frame_head"):
        state[f"{head}.weight"] *= SKIP ** -len(added)
    result.load_state_dict(state)
    return result
