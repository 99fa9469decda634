"""How sure recognition may be of an utterance as a whole.

Vosk's n-best list says how the hypotheses compare with each other, not whether any of them is right. The
log-likelihood a syllable does: speech that the model follows scores far higher than speech, or noise, that
it does not. Where likely becomes unlikely differs from model to model, so a model may carry a calibration
(``recipe calibrate`` fits one); without it every utterance is trusted.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from voice_faq.errors import ModelError

CALIBRATION_FILE: Final = "confidence.json"
LATIN_SYLLABLES: Final = 2  # of a word of Latin letters, roughly

_PIECE: Final = re.compile(r"[\u4e00-\u9fff]|[A-Za-z]+")


def likelihood_per_syllable(text: str, log_likelihood: float) -> float:
    """``log_likelihood`` (nats) of the whole ``text`` shared out over its syllables; 0 for an empty text."""
    pieces = _PIECE.findall(text)
    count = sum(LATIN_SYLLABLES if piece.isascii() else 1 for piece in pieces)
    return log_likelihood / count if count else 0.0


@dataclass(frozen=True)
class Calibration:
    """A logistic curve over the log-likelihood a syllable."""

    midpoint: float
    """Nats a syllable at which an utterance is as likely understood as not."""
    slope: float
    """Steepness, 1/nat, above 0."""

    def confidence(self, likelihood: float) -> float:
        """Probability, 0…1, that an utterance with this log-likelihood a syllable was understood."""
        return 1 / (1 + math.exp(min(50.0, -self.slope * (likelihood - self.midpoint))))

    def write(self, model: Path) -> None:
        """Put the calibration into the model folder."""
        rounded = {name: round(value, 3) for name, value in asdict(self).items()}
        (model / CALIBRATION_FILE).write_text(json.dumps(rounded) + "\n", encoding="utf-8")


def read_calibration(model: Path) -> Calibration | None:
    """The model's calibration, None when it has none; raises ModelError for a broken file."""
    path = model / CALIBRATION_FILE
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Calibration(float(content["midpoint"]), float(content["slope"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}：文件内容不对（{error}）。请重新安装模型，或删掉这个文件。") from None
