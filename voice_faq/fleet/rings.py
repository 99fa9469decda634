"""Which kiosks go first: a hash of their names decides, so it is always the same ones, all over the network."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence, Set


def place(kiosk: str) -> int:
    """A kiosk's place in the row, by its name alone."""
    return int.from_bytes(hashlib.sha256(kiosk.encode()).digest()[:8])


def rings_of(kiosks: Iterable[str], shares: Sequence[float], *, away: Set[str] = frozenset()) -> dict[str, int]:
    """The ring of each kiosk, from 0; ``shares`` of all grow to 1.

    Each ring has at least one kiosk more than the one before as long as there are any; kiosks that are ``away`` prove
    nothing, so they come last.
    """
    row = sorted(kiosks, key=lambda kiosk: (kiosk in away, place(kiosk), kiosk))
    rings, begun = {}, 0
    for number, share in enumerate(shares):
        end = (
            len(row) if number == len(shares) - 1 else min(len(row), max(begun + 1, math.ceil(share * len(row) - 1e-9)))
        )
        rings.update(dict.fromkeys(row[begun:end], number))
        begun = end
    return rings
