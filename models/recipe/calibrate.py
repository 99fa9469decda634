"""Step ``calibrate``: from which log-likelihood a syllable on an utterance was understood.

A logistic curve is fitted by Newton's method on recordings that are neither trained on nor reported; half
of an utterance's characters right counts as understood, which is what matching by sound can live with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from voice_faq.audio.recording import read_recording
from voice_faq.dialogue.assistant import recognize
from voice_faq.evaluation.recordings import read_recorded
from voice_faq.evaluation.transcripts import character_errors
from voice_faq.recognition import VoskRecognizer
from voice_faq.recognition.confidence import Calibration, likelihood_per_syllable, read_calibration

UNDERSTOOD: Final = 0.5  # character error rate up to which an utterance counts as understood
ASKED_AGAIN: Final = 0.5  # no answer of an utterance that is likelier misunderstood than not
BINS: Final = 5
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


def heard_of(recognizer: VoskRecognizer, table: Path) -> tuple[np.ndarray, np.ndarray]:
    """(log-likelihood a syllable (n,), whether it was understood (n,) of 0 and 1) of the utterances of ``table``.

    What was not heard at all is left out: it gets no answer whatever the calibration says.
    """
    likelihoods, understood = [], []
    for question in read_recorded(table):
        heard = recognize(recognizer, read_recording(question.path))
        if not heard.transcript:
            continue
        errors = character_errors(question.transcript, heard.transcript)
        likelihoods.append(likelihood_per_syllable(heard.transcript, heard.log_likelihood))
        understood.append(float(errors.wrong <= UNDERSTOOD * errors.length))
    return np.array(likelihoods), np.array(understood)


def calibrate_model(model: Path, tables: list[Path]) -> None:
    """Fit on the recordings of ``tables`` and write the calibration into the model folder."""
    recognizer = VoskRecognizer(model)
    heard = [heard_of(recognizer, table) for table in tables]
    likelihoods, understood = (np.concatenate(parts) for parts in zip(*heard, strict=True))
    calibration = fit_calibration(likelihoods, understood)
    calibration.write(model)
    print(f"{calibration} from {len(understood)} utterances, {sum(understood):.0f} of them understood")


def reliability(confidences: np.ndarray, understood: np.ndarray) -> list[tuple[float, float, int, float, float]]:
    """(from, to, utterances, mean confidence, share understood) of each of BINS that is not empty (DeGroot and
    Fienberg, "The comparison and evaluation of forecasters", 1983)."""
    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.searchsorted(edges, confidences, side="right") - 1, 0, BINS - 1)
    return [
        (float(edges[i]), float(edges[i + 1]), int(inside.sum()), float(confidences[inside].mean()),
         float(understood[inside].mean()))
        for i in range(BINS) if (inside := place == i).any()
    ]  # fmt: skip


def show_reliability(model: Path, tables: list[Path]) -> None:
    """Print for each table whether the model's confidence is what it says, and whom it wrongs.

    Who was understood with a confidence below ASKED_AGAIN is asked again, however well the words fit an entry.
    """
    calibration = read_calibration(model)
    if calibration is None:
        raise ValueError(f"{model} has no calibration: run calibrate first")
    shown = Table("table", "confidence", "utterances", "predicted", "observed")
    told = []
    recognizer = VoskRecognizer(model)
    for table in tables:
        likelihoods, understood = heard_of(recognizer, table)
        confidences = np.array([calibration.confidence(x) for x in likelihoods])
        for low, high, count, predicted, observed in reliability(confidences, understood):
            shown.add_row(str(table), f"{low:.1f}–{high:.1f}", str(count), f"{predicted:.2f}", f"{observed:.2f}")
        again = float((confidences[understood == 1] < ASKED_AGAIN).mean())
        brier = float(((confidences - understood) ** 2).mean())
        told.append(
            f"{table}: {again:.1%} of {understood.sum():.0f} understood are asked again; Brier score {brier:.3f}"
        )
    Console().print(shown, *told, sep="\n", soft_wrap=True)
