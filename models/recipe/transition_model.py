"""The ``<TransitionModel>`` of ``final.mdl``, from the package's topology."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from voice_faq.recognition.graph.topology import (
    BLANK,
    LOG_PROBABILITIES,
    PHONE_IDS,
    POSITIONS,
    SILENCE_PHONE,
)
from voice_faq.recognition.graph.units import UNITS

from .kaldi_io import KaldiWriter


def _triples() -> Iterator[tuple[int, int, int]]:
    """(phone, state, output class), sorted."""
    yield SILENCE_PHONE, 0, BLANK
    for number, unit in enumerate(UNITS, 1):
        for position in POSITIONS:
            phone = PHONE_IDS[f"{unit}_{position}"]
            yield phone, 0, number
            yield phone, 1, BLANK


def write_transition_model(out: KaldiWriter) -> None:
    """The ``<TransitionModel>`` part of ``final.mdl``."""
    out.token("<TransitionModel>", "<Topology>")
    out.integers(list(PHONE_IDS.values()))
    out.integers([-1, *(0 if p == SILENCE_PHONE else 1 for p in PHONE_IDS.values())])
    silence = [(0, [(0, 0.5), (1, 0.5)]), (-1, [])]
    unit = [(0, [(0, 0.5), (1, 0.25), (2, 0.25)]), (1, [(1, 0.5), (2, 0.5)]), (-1, [])]
    entries: list[list[tuple[int, list[tuple[int, float]]]]] = [silence, unit]
    out.integer(len(entries))
    for states in entries:
        out.integer(len(states))
        for pdf_class, arcs in states:
            out.integer(pdf_class, len(arcs))
            for destination, probability in arcs:
                out.integer(destination)
                out.real(probability)
    out.token("</Topology>", "<Triples>")
    triples = list(_triples())
    out.integer(len(triples))
    for triple in triples:
        out.integer(*triple)
    out.token("</Triples>", "<LogProbs>")
    out.vector(np.array(LOG_PROBABILITIES))
    out.token("</LogProbs>", "</TransitionModel>")
