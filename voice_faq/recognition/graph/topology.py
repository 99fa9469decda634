"""Phones, states and transition ids of a CTC network that Kaldi decodes.

SIL has one state with a loop. Every unit has state 0 (the unit) and state 1 (blank). The four position
variants of a unit share its output class; SIL and all states 1 share the blank's.

The graph is smaller than Kaldi's topology would make it: a unit is entered through the transition that leaves
its state 0, and then the loops of both states turn on one graph state. A unit may so flicker between itself and
blank, and the silence after a word is its last blank; only what comes before the first word needs SIL.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from voice_faq.recognition.graph.units import UNITS

SILENCE: Final = "SIL"
SILENCE_PHONE: Final = 1
BLANK: Final = 0  # output class
POSITIONS: Final = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}

PHONES: Final = (SILENCE, *(f"{unit}_{position}" for unit in UNITS for position in POSITIONS))
PHONE_IDS: Final = {phone: number for number, phone in enumerate(PHONES, 1)}


@dataclass(frozen=True)
class UnitTransitions:
    """Transition ids of one phone; ``blank_*`` are 0 for SIL."""

    loop: int
    to_blank: int
    leave: int
    blank_loop: int
    blank_leave: int


def _assign() -> tuple[dict[int, UnitTransitions], list[float]]:
    table, log_probabilities, following = {}, [0.0], 1
    for phone in PHONE_IDS.values():
        if phone == SILENCE_PHONE:
            table[phone] = UnitTransitions(following, 0, following + 1, 0, 0)
            log_probabilities += [math.log(0.5)] * 2
            following += 2
        else:
            table[phone] = UnitTransitions(*range(following, following + 5))
            log_probabilities += [math.log(p) for p in (0.5, 0.25, 0.25, 0.5, 0.5)]
            following += 5
    return table, log_probabilities


TRANSITIONS, LOG_PROBABILITIES = _assign()
TRANSITION_COUNT: Final = len(LOG_PROBABILITIES) - 1


def self_loops() -> dict[int, tuple[int, ...]]:
    """For the transition that enters a phone, the loops on the graph state behind it."""
    return {ids.leave: (ids.loop, ids.blank_loop) if ids.blank_loop else (ids.loop,) for ids in TRANSITIONS.values()}


def positional(units: tuple[str, ...]) -> list[int]:
    """Phone ids of a word's units, marked by their place in the word."""
    if len(units) == 1:
        return [PHONE_IDS[units[0] + "_S"]]
    marks = ["B", *["I"] * (len(units) - 2), "E"]
    return [PHONE_IDS[f"{unit}_{mark}"] for unit, mark in zip(units, marks, strict=True)]


def word_boundaries() -> str:
    """Content of ``word_boundary.int``."""
    lines = [f"{SILENCE_PHONE} nonword"]
    lines += [f"{PHONE_IDS[f'{u}_{p}']} {POSITIONS[p]}" for u in UNITS for p in POSITIONS]
    return "\n".join(lines) + "\n"
