"""What several ways of comparing meanings do with vectors."""

from __future__ import annotations

import numpy as np


def products(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Of a vector of shape (dimensions,) with each row of shape (…, dimensions)."""
    # Not by ``@``: a product's threads wait for each other busily where something else has a processor.
    return np.asarray(np.einsum("...d,d->...", rows, vector))


def unit(rows: np.ndarray) -> np.ndarray:
    """Each row of shape (…, dimensions) with the length 1, float32; one of nothing but 0 stays."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32)
