"""Step ``export``: a checkpoint as Kaldi's ``am/final.mdl``, batch norm folded into the affine maps."""

from __future__ import annotations

from typing import Final

import numpy as np

from voice_faq.recognition.graph.topology import BLANK

from .kaldi_io import KaldiWriter
from .network import SKIP, STRIDE, AcousticNetwork
from .transition_model import write_transition_model

NORM_EPSILON: Final = 1e-5  # torch's default
AVERAGED_FRAMES: Final = 1e6  # that the sums over all speech are said to be of; Kaldi wants some number


class _Nnet3:
    """Components and nodes of an nnet3 network, in order."""

    def __init__(self, inputs: int) -> None:
        self.config = [f"input-node name=input dim={inputs}"]
        self.components: list[tuple[str, object]] = []

    def _node(self, name: str, source: str) -> str:
        self.config.append(f"component-node name={name} component={name} input={source}")
        return name

    def affine(self, name: str, source: str, weights: np.ndarray, bias: np.ndarray) -> str:
        self.components.append((name, ("affine", weights, bias)))
        return self._node(name, source)

    def nonlinear(self, name: str, source: str, kind: str, dim: int) -> str:
        self.components.append((name, ("nonlinear", kind, dim)))
        return self._node(name, source)

    def collect(self, name: str, source: str, dim: int) -> str:
        """A node that only holds the sum which its descriptor describes."""
        self.components.append((name, ("bias", np.zeros(dim))))
        return self._node(name, source)

    def write(self, out: KaldiWriter, context: int) -> None:
        out.token("<Nnet3>")
        out.line()
        for line in self.config:
            out.line(line)
        out.line()
        out.token("<NumComponents>")
        out.integer(len(self.components))
        for name, component in self.components:
            out.token("<ComponentName>", name)
            _write_component(out, component)
        out.token("</Nnet3>", "<LeftContext>")
        out.integer(context)
        out.token("<RightContext>")
        out.integer(context)
        out.token("<Priors>")
        out.vector(np.zeros(0))


def _write_component(out: KaldiWriter, component: object) -> None:
    match component:
        case ("affine", np.ndarray() as weights, np.ndarray() as bias):
            out.token("<FixedAffineComponent>", "<LinearParams>")
            out.matrix(weights)
            out.token("<BiasParams>")
            out.vector(bias)
            out.token("</FixedAffineComponent>")
        case ("bias", np.ndarray() as bias):
            out.token("<FixedBiasComponent>", "<Bias>")
            out.vector(bias)
            out.token("</FixedBiasComponent>")
        case ("nonlinear", str(kind), int(dim)):
            empty = np.zeros(0)
            out.token(f"<{kind}>", "<Dim>")
            out.integer(dim)
            for name in ("<ValueAvg>", "<DerivAvg>"):
                out.token(name)
                out.vector(empty)
            out.token("<Count>")
            out.double(0.0)
            out.token("<OderivRms>")
            out.vector(empty)
            for name in ("<OderivCount>", "<NumDimsSelfRepaired>", "<NumDimsProcessed>"):
                out.token(name)
                out.double(0.0)
            out.token(f"</{kind}>")
        case _:
            raise AssertionError(component)


def _spliced(node: str, *offsets: int) -> str:
    return "Append(" + ", ".join(f"Offset({node}, {o})" if o else node for o in offsets) + ")"


def export_average(network: AcousticNetwork) -> bytes | None:
    """Content of ``am/global_cmvn.stats``, Kaldi's sums over all speech; None where no mean is to be taken away.

    With this file Vosk gives each frame to the network as ``features.without_mean`` does.
    """
    if not network.size.without_mean:
        return None
    average = network.average.double().numpy()
    sums = np.stack([np.append(average, 1.0), np.append(average**2 + 1.0, 0.0)]) * AVERAGED_FRAMES
    out = KaldiWriter()
    out.exact_matrix(sums)
    return out.getvalue()


def export_acoustic_model(network: AcousticNetwork, *, blank_bias: float, unit_biases: np.ndarray) -> bytes:
    """Content of ``am/final.mdl``.

    ``blank_bias`` is added to the blank's logit (below 0: fewer deletions), ``unit_biases`` (units,) to those of the
    units, see ``prior``.
    """
    size = network.size
    state = {name: value.double().numpy() for name, value in network.state_dict().items()}

    def norm(name: str) -> tuple[np.ndarray, np.ndarray]:
        scale = 1 / np.sqrt(state[f"{name}.running_var"] + NORM_EPSILON)
        shift = -state[f"{name}.running_mean"] * scale
        if f"{name}.weight" in state:
            scale, shift = scale * state[f"{name}.weight"], shift * state[f"{name}.weight"] + state[f"{name}.bias"]
        return scale, shift

    net = _Nnet3(size.inputs)
    relu = "RectifiedLinearComponent"

    def factored(name: str, prefix: str, source: str, step: int) -> str:
        reduced = net.affine(
            f"{name}.reduce", _spliced(source, -step, 0), state[f"{prefix}.reduce.weight"], np.zeros(size.bottleneck)
        )
        scale, shift = norm(f"{prefix}.norm")
        expanded = net.affine(
            f"{name}.expand", _spliced(reduced, 0, step), state[f"{prefix}.expand.weight"] * scale[:, None], shift
        )
        active = net.nonlinear(f"{name}.relu", expanded, relu, size.width)
        return net.collect(f"{name}.sum", f"Sum({active}, Scale({SKIP}, {source}))", size.width)

    input_scale, input_shift = (np.tile(part, 3) for part in norm("input_norm"))
    first = state["first.weight"]
    scale, shift = norm("first_norm")
    node = net.affine(
        "first",
        _spliced("input", -1, 0, 1),
        first * input_scale * scale[:, None],
        (first @ input_shift) * scale + shift,
    )
    node = net.nonlinear("first.relu", node, relu, size.width)
    node = factored("early", "early", node, 1)
    node = net.affine("stride.reduce", node, state["stride_reduce.weight"], np.zeros(size.bottleneck))
    scale, shift = norm("stride_norm")
    node = net.affine("stride.expand", _spliced(node, -1, 0, 1), state["stride_expand.weight"] * scale[:, None], shift)
    node = net.nonlinear("stride.relu", node, relu, size.width)
    for i, step in enumerate(size.steps):
        node = factored(f"layer{i}", f"layers.{i}", node, STRIDE * step)
    bias = state["ctc_head.bias"].copy()
    bias[BLANK] += blank_bias
    bias[BLANK + 1 :] += unit_biases
    node = net.affine("output.affine", node, state["ctc_head.weight"], bias)
    node = net.nonlinear("output.log-softmax", node, "LogSoftmaxComponent", size.outputs)
    net.config.append(f"output-node name=output input={node} objective=linear")

    out = KaldiWriter()
    write_transition_model(out)
    net.write(out, 0)
    return out.getvalue()
