"""A published model folder as a network again, so that a training goes on from what users have.

``export`` has folded batch norm into the affine maps, left out the head that frames teach, and put biases on the
outputs. All of this is undone as far as can be: batch norm gets the statistics of speech, and scales that undo them;
the lost head begins as the CTC head.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import torch
from torch import nn

from voice_faq.recognition.graph.general_ngrams import GENERAL_FILE, read_general
from voice_faq.recognition.graph.topology import BLANK

from .export import NORM_EPSILON
from .kaldi_io import BINARY_HEADER, read_exact_matrix, read_matrix, read_vector
from .network import STRIDE, AcousticNetwork, FrameNorm, NetworkSize
from .prior import BLANK_BIAS, PRIOR_POWER, prior_biases, unit_prior

_STEP: Final = re.compile(rb"component=layer\d+\.reduce input=Append\(Offset\([^,]+, -(\d+)\)")


def read_published(folder: Path) -> AcousticNetwork:
    """The network of a model that ``package`` wrote with the default biases.

    Raises FileNotFoundError where there is none, ValueError for a model that the recipe has not made.
    """
    average = folder / "am/global_cmvn.stats"
    biases = prior_biases(unit_prior(read_general(folder / GENERAL_FILE)), PRIOR_POWER)
    network = read_network((folder / "am/final.mdl").read_bytes(), without_mean=average.exists())
    if average.exists():
        sums = torch.from_numpy(read_exact_matrix(average.read_bytes(), len(BINARY_HEADER)).copy())
        network.average.copy_(sums[0, :-1] / sums[0, -1])
    with torch.no_grad():
        network.ctc_head.bias[BLANK] -= BLANK_BIAS
        network.ctc_head.bias[BLANK + 1 :] -= torch.from_numpy(biases)
    network.frame_head.load_state_dict(network.ctc_head.state_dict())
    return network


def read_network(model: bytes, *, without_mean: bool) -> AcousticNetwork:
    """The network in ``am/final.mdl``; its batch norms do nothing, and its output has the biases of ``export``."""
    steps = [int(step) // STRIDE for step in _STEP.findall(model)]
    if not steps:
        raise ValueError("am/final.mdl is no model of this recipe")

    @cache
    def affine(name: str) -> tuple[torch.Tensor, torch.Tensor]:
        component = model.index(f"<ComponentName> {name} <FixedAffineComponent>".encode())
        weights = read_matrix(model, model.index(b"<LinearParams>", component) + len(b"<LinearParams> "))
        bias = read_vector(model, model.index(b"<BiasParams>", component) + len(b"<BiasParams> "))
        return torch.from_numpy(weights), torch.from_numpy(bias)

    first, reduced, output = affine("first")[0], affine("stride.reduce")[0], affine("output.affine")[0]
    narrow = steps.count(1)
    network = AcousticNetwork(
        NetworkSize(
            inputs=first.shape[1] // 3, width=len(first), bottleneck=len(reduced), layers=narrow,
            wide_steps=tuple(steps[narrow:]), outputs=len(output), without_mean=without_mean,
        )
    )  # fmt: skip
    norms = [module for module in network.modules() if isinstance(module, FrameNorm)]
    with torch.no_grad():
        for norm in norms:
            assert norm.running_var is not None
            norm.running_var.fill_(1 - NORM_EPSILON)

        def take(name: str, linear: nn.Linear, norm: FrameNorm | None = None) -> None:
            weights, bias = affine(name)
            linear.weight.copy_(weights)
            target = norm.bias if norm else linear.bias
            if target is not None:
                target.copy_(bias)

        take("first", network.first, network.first_norm)
        take("stride.reduce", network.stride_reduce)
        take("stride.expand", network.stride_expand, network.stride_norm)
        factored = {"early": network.early} | {f"layer{i}": layer for i, layer in enumerate(network.layers)}
        for name, layer in factored.items():
            take(f"{name}.reduce", layer.reduce)
            take(f"{name}.expand", layer.expand, layer.norm)
        take("output.affine", network.ctc_head)
    return network.eval()


def learn_statistics(network: AcousticNetwork, batches: Sequence[torch.Tensor]) -> None:
    """Give batch norm the statistics of ``batches``, features as the network takes them, and leave what it computes."""
    norms = [module for module in network.modules() if isinstance(module, FrameNorm)]
    network.eval()
    with torch.no_grad():
        # The first norm's scale is undone in the layer behind it, whose outputs' mean moves by that.
        for part in ([network.input_norm], [norm for norm in norms if norm is not network.input_norm]):
            for norm, (mean, variance) in _statistics(network, part, batches).items():
                _renormalise(network, norm, mean, variance)


def _statistics(
    network: AcousticNetwork, norms: list[FrameNorm], batches: Sequence[torch.Tensor]
) -> dict[FrameNorm, tuple[torch.Tensor, torch.Tensor]]:
    """(mean, variance) of what each of ``norms`` is given."""
    seen: dict[nn.Module, list[torch.Tensor]] = {norm: [] for norm in norms}

    def note(norm: nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        frames = given[0].flatten(0, 1).double()
        seen[norm].append(torch.stack([torch.full_like(frames[0], len(frames)), frames.sum(0), (frames**2).sum(0)]))

    hooks = [norm.register_forward_pre_hook(note) for norm in norms]
    for batch in batches:
        network(batch)
    for hook in hooks:
        hook.remove()
    found = {}
    for norm in norms:
        count, total, squares = torch.stack(seen[norm]).sum(0)
        mean = total / count
        found[norm] = mean.float(), (squares / count - mean**2).clamp(min=0).float()
    return found


def _renormalise(network: AcousticNetwork, norm: FrameNorm, mean: torch.Tensor, variance: torch.Tensor) -> None:
    assert norm.running_mean is not None and norm.running_var is not None
    before, after = (norm.running_var + norm.eps).rsqrt(), (variance + norm.eps).rsqrt()
    moved = (mean - norm.running_mean) * before
    if norm is network.input_norm:
        behind = network.first_norm
        assert behind.running_mean is not None
        behind.running_mean -= network.first.weight @ moved.repeat(3)
        network.first.weight *= (before / after).repeat(3)
    else:
        norm.bias += norm.weight * moved
        norm.weight *= before / after
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
