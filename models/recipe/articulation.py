"""Careless speech: Kokoro articulates like a newsreader, people at a kiosk do not.

Kokoro's text encoder says in 512 numbers a token what its decoder shall articulate. Drawn towards the neighbouring
tokens, a sound falls short of its target (Lindblom's undershoot: lenited initials, weak nasal endings, centralised
vowels); drawn towards another sound, it lies between the two, as where a speaker's 四 is nearly 是. Durations and
pitch come from another encoder and stay.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from voice_faq.speech.kokoro import Kokoro, kokoro_network, kokoro_session

TARGETS: Final = "/encoder/text_encoder/Transpose_2_output_0"
"""(1, 512, tokens) float32, what the decoder articulates."""
OTHER_TARGETS: Final = "articulation"
CARELESS: Final = 0.8  # of the speakers
MOST_UNDERSHOOT: Final = 1.0  # share of a token's target that its neighbours take at the most
OWN_SOUNDS: Final = 0.6  # of the phonemes, which a careless speaker does not quite say as others do
FARTHEST: Final = 0.75  # of the way to another phoneme

# Phoneme of misaki → those that it may come near.
NEAR: Final = {
    "ʂ": "sɕ", "s": "ʂ", "ꭧ": "ʦʨ", "ʦ": "ꭧ", "ʨ": "ꭧʦ", "ɕ": "sʂ", "ɻ": "l", "l": "n", "x": "f", "f": "x",
    "p": "tk", "t": "kp", "k": "tp", "m": "n", "n": "ŋ", "ŋ": "n",
    "a": "əɛɤ", "ə": "aɤɛ", "ɛ": "aeə", "e": "əɛi", "i": "yeɨ", "y": "iu", "u": "ʊoɤ", "o": "əuɔ", "ʊ": "uo",
    "ɤ": "əo", "ɨ": "iəɤ", "ɔ": "o", "w": "u", "j": "i", "ɥ": "j",
}  # fmt: skip


@dataclass(frozen=True)
class Articulation:
    """How one speaker falls short of the standard in one utterance."""

    undershoot: float = 0.0
    """The most that a token's target is drawn towards its neighbours', 0…1; each token draws its own share."""
    sounds: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Phoneme → another, and how far on the way to it the speaker goes, 0…1."""
    seed: int = 0


PRECISE: Final = Articulation()


def random_articulation(rng: random.Random) -> Articulation:
    """One in five speaks like a newsreader."""
    if rng.random() > CARELESS:
        return PRECISE
    sounds = {
        phoneme: (rng.choice(others), rng.uniform(0, FARTHEST))
        for phoneme, others in NEAR.items()
        if rng.random() < OWN_SOUNDS
    }
    return Articulation(rng.uniform(0, MOST_UNDERSHOOT), sounds, rng.getrandbits(32))


def drawn_to_neighbours(targets: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """``targets`` (1, n, tokens), each token by its share (tokens,) at the mean of its neighbours; the ends stay."""
    moved = targets.copy()
    neighbours = (targets[..., :-2] + targets[..., 2:]) / 2
    moved[..., 1:-1] += shares[1:-1] * (neighbours - targets[..., 1:-1])
    return moved


class CarelessKokoro(Kokoro):
    """Kokoro with an articulation that can be set before each utterance."""

    _EXTRA = "train"

    def __init__(self) -> None:
        """Raises SpeechError where the packages of the extra ``train`` are not installed."""
        super().__init__()
        self.articulation = PRECISE

    def _load(self) -> Any:
        encoder, decoder = _two_networks()
        self._encoder = kokoro_session(encoder)
        return kokoro_session(decoder)

    def _run(self, feeds: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        targets = self._targets(feeds)
        tokens = feeds["tokens"][0]
        far = {
            self._token_ids[phoneme]: (self._token_ids[other], share)
            for phoneme, (other, share) in self.articulation.sounds.items()
        }
        if far:
            moves = [far.get(int(token), (int(token), 0.0)) for token in tokens]
            others = np.array([[other for other, _ in moves]], np.int64)
            shares = np.array([share for _, share in moves], np.float32)
            targets = targets + shares * (self._targets(feeds | {"tokens": others}) - targets)
        if self.articulation.undershoot:
            shares = np.random.default_rng(self.articulation.seed).uniform(0, self.articulation.undershoot, len(tokens))
            targets = drawn_to_neighbours(targets, shares.astype(np.float32))
        return super()._run(feeds | {OTHER_TARGETS: targets})

    def _targets(self, feeds: dict[str, np.ndarray]) -> np.ndarray:
        return np.asarray(self._encoder.run([TARGETS], feeds)[0])


def _two_networks() -> tuple[bytes, bytes]:
    """(text to TARGETS, all the rest with OTHER_TARGETS in their place)."""
    import onnx
    from onnx.helper import make_graph, make_model, make_tensor_value_info

    network = onnx.load_from_string(kokoro_network())
    graph = network.graph
    # onnxruntime computes what nobody asks for, too.
    needed, nodes = {TARGETS}, []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            nodes.insert(0, node)
    constants = [constant for constant in graph.initializer if constant.name in needed]
    targets = make_tensor_value_info(TARGETS, onnx.TensorProto.FLOAT, None)
    encoder = make_model(
        make_graph(nodes, "text encoder", graph.input, [targets], constants),
        opset_imports=network.opset_import,
        ir_version=network.ir_version,
    ).SerializeToString()
    for node in graph.node:
        node.input[:] = [OTHER_TARGETS if name == TARGETS else name for name in node.input]
    graph.input.append(make_tensor_value_info(OTHER_TARGETS, onnx.TensorProto.FLOAT, None))
    return encoder, network.SerializeToString()
