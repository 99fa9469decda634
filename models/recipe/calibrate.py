"""Step ``calibrate``: from which log-likelihood a syllable on an utterance was understood.

A logistic curve is fitted by Newton's method on recordings that are neither trained on nor reported; half
of an utterance's characters right counts as understood, which is what matching by sound can live with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.audio.recording import read_recording
from voice_faq.dialogue.assistant import recognize
from voice_faq.evaluation.recordings import read_recorded
from voice_faq.evaluation.transcripts import character_errors
from voice_faq.recognition import VoskRecognizer
from voice_faq.recognition.confidence import Calibration, likelihood_per_syllable

UNDERSTOOD: Final = 0.5  # character error rate up to which an utterance counts as understood
STEPS: Final = 50
RIDGE: Final = 1e-3  # keeps the slope finite where the two kinds do not overlap


def fit_calibration(likelihoods: np.ndarray, understood: np.ndarray) -> Calibration:
    """``likelihoods`` (n,) in nats a syllable, ``understood`` (n,) of 0 and 1; both kinds must be there."""
    if len(set(understood.tolist())) < 2:
        raise ValueError("calibration needs utterances that were understood and such that were not")
    center, spread = float(likelihoods.mean()), float(likelihoods.std()) + 1e-9
    inputs = np.stack([(likelihoods - center) / spread, np.ones(len(likelihoods))], 1)
    weights = np.zeros(2)
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        gradient = inputs.T @ (expected - understood) + RIDGE * weights
        curvature = (inputs * (expected * (1 - expected))[:, None]).T @ inputs + RIDGE * np.eye(2)
        weights = weights - np.linalg.solve(curvature, gradient)
    slope = float(weights[0]) / spread
    return Calibration(midpoint=center - float(weights[1]) / slope, slope=slope)


def calibrate_model(model: Path, tables: list[Path]) -> None:
    """Fit on the recordings of ``tables`` and write the calibration into the model folder."""
    recognizer = VoskRecognizer(model)
    likelihoods, understood = [], []
    for table in tables:
        for question in read_recorded(table):
            heard = recognize(recognizer, read_recording(question.path))
            if not heard.transcript:
                continue
            errors = character_errors(question.transcript, heard.transcript)
            likelihoods.append(likelihood_per_syllable(heard.transcript, heard.log_likelihood))
            understood.append(float(errors.wrong <= UNDERSTOOD * errors.length))
    calibration = fit_calibration(np.array(likelihoods), np.array(understood))
    calibration.write(model)
    print(f"{calibration} from {len(understood)} utterances, {sum(understood):.0f} of them understood")
