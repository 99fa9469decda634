"""What small networks have in common: how their weights are kept, and how they share a processor."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import numpy as np
from threadpoolctl import ThreadpoolController

_STEP: Final = "_step"
_ONE_AT_A_TIME: Final = threading.Lock()  # or one would put back another's limit for good


def archive_of(*contents: bytes) -> dict[str, np.ndarray]:
    """What NumPy archives have; what a later one has stands in for what an earlier one has of that name."""
    kept: dict[str, np.ndarray] = {}
    for content in contents:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            kept |= {name: archive[name] for name in archive.files}
    return kept


def scaled(kept: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The weights of an archive, float32: matrices are whole numbers there, with each column's step in ``…_step``."""
    weights = {name: value.astype(np.float32) for name, value in kept.items() if not name.endswith(_STEP)}
    for name in weights:
        if name + _STEP in kept:
            weights[name] *= kept[name + _STEP]
    return weights


@contextmanager
def one_thread() -> Iterator[None]:
    """A product's threads wait for each other busily where something else has a processor: within, it has one."""
    with _ONE_AT_A_TIME, _threads().limit(limits=1, user_api="blas"):
        yield


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()
