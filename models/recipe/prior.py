"""How often each unit is said, which the network has learned and the language model says once more.

Where a network does not know a speaker's sounds it falls back on the frequent ones. So a share of their log-prior is
taken from its outputs, as hybrid systems do, and with CTC EESEN (Miao, Gowayyed and Metze, ASRU 2015).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from voice_faq.recognition.graph.general_ngrams import END, GeneralNgrams
from voice_faq.recognition.graph.language_model import lexicon_pronunciations
from voice_faq.recognition.graph.units import UNITS

# What published models have, see EXPERIMENTS.md.
PRIOR_POWER: Final = 0.3
BLANK_BIAS: Final = -3.0
LEAST: Final = 1e-4  # prior of a unit that no word has, before all are made to sum up to 1


def unit_prior(ngrams: GeneralNgrams) -> np.ndarray:
    """P(unit) in general Mandarin, in the order of UNITS, from its words' first pronunciations; sums to 1."""
    frequency = dict.fromkeys(UNITS, 0.0)
    for word, probability in ngrams[()].items():
        if word == END:
            continue
        for units in lexicon_pronunciations(word)[:1]:
            for unit in units:
                frequency[unit] += probability
    prior = np.array(list(frequency.values()))
    prior = prior / prior.sum() + LEAST
    return np.asarray(prior / prior.sum())


def prior_biases(prior: np.ndarray, power: float) -> np.ndarray:
    """What is added to the units' logits to divide by ``prior`` (units,) to the ``power``.

    Their mean over running speech is 0, so that units as a whole gain nothing over the blank.
    """
    log_prior = np.log(prior)
    return np.asarray(-power * (log_prior - (prior * log_prior).sum()))
