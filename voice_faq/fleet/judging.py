"""Whether a ring is worse off with a new content: tests that are honest with few questions and many looks.

Refusals: Wald's sequential probability ratio test ("Sequential Tests of Statistical Hypotheses", 1945). One hypothesis
is that questions are refused as before, the other that the odds of a refusal have doubled. The sum of the
log-likelihood ratios is compared with two bounds, which hold however often one looks: above the upper one the content
is worse (a false alarm in FALSE_ALARM of all contents at most), below the lower one it is not (missed in MISSED of the
bad ones at most), and between them nobody knows yet, and the ring waits. Questions at one kiosk hang together (a child
plays, a microphone breaks), so no kiosk alone can reach the upper bound where there are others.

Trouble and silence: how many kiosks that were well are not, against how many it would be by chance (binomial tail).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

FALSE_ALARM: Final = 0.01
MISSED: Final = 0.05
UPPER: Final = math.log((1 - MISSED) / FALSE_ALARM)
LOWER: Final = math.log(MISSED / (1 - FALSE_ALARM))
ODDS: Final = 2.0  # times, which count as worse
ONE_KIOSK: Final = 0.6  # of the upper bound, at most, where there are others
USUAL: Final = (3, 20)  # refusals and questions that stand for a fleet that has asked nothing yet
USUAL_TROUBLE: Final = (1, 50)  # kiosks that fall ill by chance while a ring is watched
CERTAIN: Final = 0.01
LIKELY: Final = 0.2
Z: Final = 1.28  # 90 % of a normal distribution lie below it
ASKED: Final = ("answer", "clarify", "reject")


class Verdict(Enum):
    """Of a ring."""

    WORSE = "worse"
    UNKNOWN = "unknown"
    FINE = "fine"


@dataclass(frozen=True)
class Asked:
    """Questions and how many of them were refused."""

    refused: int
    questions: int

    def __add__(self, other: Asked) -> Asked:
        return Asked(self.refused + other.refused, self.questions + other.questions)

    @property
    def share(self) -> float:
        """0…1; 0 where nothing was asked."""
        return self.refused / self.questions if self.questions else 0.0


def asked(by_decision: Mapping[str, int]) -> Asked:
    """Of counts by decision; commands and silence are no questions."""
    return Asked(by_decision.get("reject", 0), sum(by_decision.get(name, 0) for name in ASKED))


def upper_share(hits: int, all_of_them: int) -> float:
    """Wilson's upper bound of a share that was seen ``hits`` times in ``all_of_them``; 90 %, one-sided."""
    n, p = all_of_them, hits / all_of_them
    centre = p + Z * Z / (2 * n)
    spread = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return min(0.95, (centre + spread) / (1 + Z * Z / n))


def refusals(before: Asked, after: Iterable[Asked]) -> Verdict:
    """``before``: all questions of the kiosks with the content they had; ``after``: a sum for each kiosk."""
    usual = before + Asked(*USUAL)
    old = upper_share(usual.refused, usual.questions)
    new = ODDS * old / (1 - old + ODDS * old)
    kiosks = [a for a in after if a.questions]
    most = ONE_KIOSK * UPPER if len(kiosks) > 1 else UPPER
    evidence = sum(
        min(most, a.refused * math.log(new / old) + (a.questions - a.refused) * math.log((1 - new) / (1 - old)))
        for a in kiosks
    )
    if evidence >= UPPER:
        return Verdict.WORSE
    return Verdict.FINE if evidence <= LOWER else Verdict.UNKNOWN


def tail(hits: int, all_of_them: int, share: float) -> float:
    """Probability of at least ``hits`` in ``all_of_them`` by chance, each with probability ``share``."""
    if hits <= 0:
        return 1.0
    log_in, log_out = math.log(share), math.log1p(-share)
    return min(1.0, math.fsum(
        math.exp(
            math.lgamma(all_of_them + 1) - math.lgamma(k + 1) - math.lgamma(all_of_them - k + 1)
            + k * log_in + (all_of_them - k) * log_out
        )
        for k in range(hits, all_of_them + 1)
    ))  # fmt: skip


def trouble(ill: int, ring: int, others_ill: int, others: int) -> Verdict:
    """Of ``ring`` kiosks that were well before ``ill`` are not now, of ``others`` without the content ``others_ill``.

    A power cut or a broker that was away makes the others ill too, and proves nothing against the content.
    """
    by_chance = upper_share(others_ill + USUAL_TROUBLE[0], others + USUAL_TROUBLE[1])
    probability = tail(ill, ring, by_chance)
    if probability < CERTAIN:
        return Verdict.WORSE
    return Verdict.FINE if probability >= LIKELY else Verdict.UNKNOWN
