"""Careless speech: Kokoro articulates and intones like a newsreader, people at a kiosk do not.

Kokoro's text encoder says in 512 numbers a token what its decoder shall articulate. Drawn towards the neighbouring
tokens, a sound falls short of its target (Lindblom's undershoot: lenited initials, weak nasal endings, centralised
vowels); drawn towards another sound, it lies between the two, as where a speaker's 四 is nearly 是. Another part
of Kokoro predicts the pitch; within a narrower range, later and smoothed, tones fall short of theirs, too
(Xu's peak delay and carry-over). Durations stay.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from voice_faq.speech.kokoro import Kokoro, kokoro_network, kokoro_session

TARGETS: Final = "/encoder/text_encoder/Transpose_2_output_0"
"""(1, 512, tokens) float32, what the decoder articulates."""
PITCH: Final = "/encoder/F0_proj/Conv_output_0"
"""(1, 1, frames) float32 in Hz, frames of 12.5 ms; a few Hz where there is no voice."""
CHANGED: Final = "/changed"
"""Ends the names of the network's inputs that take the place of its own TARGETS and PITCH."""
FRAME: Final = 0.0125  # seconds
LEAST_PITCH: Final = 50.0  # Hz; below it there is no voice

CARELESS: Final = 0.8  # of the speakers
MOST_UNDERSHOOT: Final = 1.0  # share of a token's target that its neighbours take at the most
OWN_SOUNDS: Final = 0.6  # of the phonemes, which a careless speaker does not quite say as others do
FARTHEST: Final = 0.75  # of the way to another phoneme
PITCH_RANGES: Final = 0.35, 1.05  # of Kokoro's, which is wider than that of people who read aloud
REGISTERS: Final = -2.5, 2.5  # semitones
MOST_DELAY: Final = 0.05  # seconds
MOST_SMOOTHING: Final = 0.06  # seconds

# Phoneme of misaki → those that it may come near.
NEAR: Final = {
    "ʂ": "sɕ", "s": "ʂ", "ꭧ": "ʦʨ", "ʦ": "ꭧ", "ʨ": "ꭧʦ", "ɕ": "sʂ", "ɻ": "l", "l": "n", "x": "f", "f": "x",
    "p": "tk", "t": "kp", "k": "tp", "m": "n", "n": "ŋ", "ŋ": "n",
    "a": "əɛɤ", "ə": "aɤɛ", "ɛ": "aeə", "e": "əɛi", "i": "yeɨ", "y": "iu", "u": "ʊoɤ", "o": "əuɔ", "ʊ": "uo",
    "ɤ": "əo", "ɨ": "iəɤ", "ɔ": "o", "w": "u", "j": "i", "ɥ": "j",
}  # fmt: skip


@dataclass(frozen=True)
class Intonation:
    """What one speaker makes of Kokoro's pitch in one utterance."""

    range: float = 1.0
    """Semitones above and below the utterance's mean, as a share of Kokoro's."""
    register: float = 0.0
    """Semitones above Kokoro's mean."""
    delay: float = 0.0
    """Seconds by which pitch comes after the sounds, ≥ 0."""
    smoothing: float = 0.0
    """Standard deviation, in seconds, of the Gaussian that pitch is smoothed with, ≥ 0."""


@dataclass(frozen=True)
class Articulation:
    """How one speaker falls short of the standard in one utterance."""

    undershoot: float = 0.0
    """The most that a token's target is drawn towards its neighbours', 0…1; each token draws its own share."""
    sounds: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Phoneme → another, and how far on the way to it the speaker goes, 0…1."""
    seed: int = 0
    intonation: Intonation = field(default_factory=Intonation)


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
    return Articulation(
        rng.uniform(0, MOST_UNDERSHOOT),
        sounds,
        rng.getrandbits(32),
        Intonation(
            rng.uniform(*PITCH_RANGES),
            rng.uniform(*REGISTERS),
            rng.uniform(0, MOST_DELAY),
            rng.uniform(0, MOST_SMOOTHING),
        ),
    )


def drawn_to_neighbours(targets: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """``targets`` (1, n, tokens), each token by its share (tokens,) at the mean of its neighbours; the ends stay."""
    moved = targets.copy()
    neighbours = (targets[..., :-2] + targets[..., 2:]) / 2
    moved[..., 1:-1] += shares[1:-1] * (neighbours - targets[..., 1:-1])
    return moved


def intoned(pitch: np.ndarray, intonation: Intonation) -> np.ndarray:
    """``pitch`` (frames,) in Hz, frames of 12.5 ms, as a speaker of that intonation has it; what has no voice stays."""
    voiced = pitch >= LEAST_PITCH
    if intonation == Intonation() or not voiced.any():
        return pitch
    frames = np.arange(len(pitch))
    # Between voiced sounds pitch goes straight from the one to the next, so that smoothing knows no gaps.
    contour = np.interp(frames - intonation.delay / FRAME, frames[voiced], 12 * np.log2(pitch[voiced]))
    mean = contour[voiced].mean()
    contour = mean + intonation.register + intonation.range * (_smoothed(contour, intonation.smoothing) - mean)
    return np.where(voiced, np.maximum(2 ** (contour / 12), LEAST_PITCH), pitch).astype(pitch.dtype)


def _smoothed(contour: np.ndarray, seconds: float) -> np.ndarray:
    width = seconds / FRAME
    if width == 0:
        return contour
    reach = int(3 * width) + 1
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.convolve(np.pad(contour, reach, mode="edge"), weights / weights.sum(), mode="valid")


class CarelessKokoro(Kokoro):
    """Kokoro with an articulation that can be set before each utterance."""

    _EXTRA = "train"

    def __init__(self) -> None:
        """Raises SpeechError where the packages of the extra ``train`` are not installed."""
        super().__init__()
        self.articulation = PRECISE

    def _load(self) -> Any:
        targets, pitch, rest = _three_networks()
        self._target_session, self._pitch_session = kokoro_session(targets), kokoro_session(pitch)
        return kokoro_session(rest)

    def _run(self, feeds: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        (pitch,) = self._pitch_session.run([PITCH], feeds)
        changed = {
            TARGETS + CHANGED: self._changed_targets(feeds),
            PITCH + CHANGED: intoned(pitch.ravel(), self.articulation.intonation).reshape(pitch.shape),
        }
        return super()._run(feeds | changed)

    def _changed_targets(self, feeds: dict[str, np.ndarray]) -> np.ndarray:
        tokens = feeds["tokens"]
        targets = self._targets(tokens)
        far = {
            self._token_ids[phoneme]: (self._token_ids[other], share)
            for phoneme, (other, share) in self.articulation.sounds.items()
        }
        if far:
            moves = [far.get(int(token), (int(token), 0.0)) for token in tokens[0]]
            others = np.array([[other for other, _ in moves]], np.int64)
            shares = np.array([share for _, share in moves], np.float32)
            targets = targets + shares * (self._targets(others) - targets)
        if self.articulation.undershoot:
            shares = np.random.default_rng(self.articulation.seed).uniform(0, self.articulation.undershoot, tokens.size)
            targets = drawn_to_neighbours(targets, shares.astype(np.float32))
        return targets

    def _targets(self, tokens: np.ndarray) -> np.ndarray:
        return np.asarray(self._target_session.run([TARGETS], {"tokens": tokens})[0])


def _three_networks() -> tuple[bytes, bytes, bytes]:
    """Text to TARGETS; all that PITCH needs; the rest, with both in their changed form as further inputs."""
    import onnx
    from onnx.helper import make_tensor_value_info

    network = onnx.load_from_string(kokoro_network())
    parts = []
    for name in (TARGETS, PITCH):
        output = make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        parts.append(_part(network, [output]))
        for node in network.graph.node:
            node.input[:] = [name + CHANGED if given == name else given for given in node.input]
        network.graph.input.append(make_tensor_value_info(name + CHANGED, onnx.TensorProto.FLOAT, None))
    return parts[0], parts[1], _part(network, list(network.graph.output))


def _part(network: Any, outputs: list[Any]) -> bytes:
    """What computes ``outputs``, and nothing else: onnxruntime computes what nobody asks for, too."""
    from onnx.helper import make_graph, make_model

    needed, nodes = {output.name for output in outputs}, []
    for node in reversed(network.graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            nodes.insert(0, node)
    graph = make_graph(
        nodes,
        "part",
        [given for given in network.graph.input if given.name in needed],
        outputs,
        [constant for constant in network.graph.initializer if constant.name in needed],
    )
    part = make_model(graph, opset_imports=network.opset_import, ir_version=network.ir_version)
    return bytes(part.SerializeToString())
