"""How answers are spoken to the person who is there: pace and loudness, changed by voice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from voice_faq.dialogue.commands import Command

PACE_STEP: Final = 1.2
PACES: Final = (0.7, 1.6)
LOUDNESS_STEP: Final = 1.5
LOUDNESSES: Final = (0.3, 2.0)


@dataclass(frozen=True)
class Manner:
    """Factors on the operator's settings."""

    pace: float = 1.0
    """0.7…1.6; below 1 slower."""
    loudness: float = 1.0
    """0.3…2 times the operator's volume."""

    def changed(self, command: Command) -> Manner:
        """One step slower, faster, louder or quieter; the same at the end of the range."""
        if command in (Command.SLOWER, Command.FASTER):
            step = PACE_STEP if command is Command.FASTER else 1 / PACE_STEP
            return replace(self, pace=_within(self.pace * step, PACES))
        step = LOUDNESS_STEP if command is Command.LOUDER else 1 / LOUDNESS_STEP
        return replace(self, loudness=_within(self.loudness * step, LOUDNESSES))


def _within(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])
