"""Kaldi's binary file format, as far as an acoustic model needs it (base/io-funcs.h, matrix/*.cc)."""

from __future__ import annotations

import io
import struct
from typing import Final

import numpy as np

BINARY_HEADER: Final = b"\0B"
_CODES: Final = (0, 64, 192, 255)  # of a compressed column's minimum, quartiles and maximum


class KaldiWriter:
    """Collects tokens, numbers, vectors and matrices in Kaldi's binary form."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._out.write(BINARY_HEADER)

    def token(self, *tokens: str) -> None:
        """Words between angle brackets, names."""
        for token in tokens:
            self._out.write(token.encode() + b" ")

    def line(self, text: str = "") -> None:
        """A line of text inside the binary file, as nnet3 keeps its configuration."""
        self._out.write(text.encode() + b"\n")

    def integer(self, *values: int) -> None:
        """32-bit integers."""
        for value in values:
            self._out.write(b"\x04" + struct.pack("<i", value))

    def real(self, value: float) -> None:
        """A 32-bit float."""
        self._out.write(b"\x04" + struct.pack("<f", value))

    def double(self, value: float) -> None:
        """A 64-bit float."""
        self._out.write(b"\x08" + struct.pack("<d", value))

    def integers(self, values: list[int]) -> None:
        """A vector of 32-bit integers."""
        self._out.write(b"\x04" + struct.pack("<i", len(values)) + np.asarray(values, "<i4").tobytes())

    def vector(self, values: np.ndarray) -> None:
        """A float vector, shape (n,)."""
        self.token("FV")
        self.integer(len(values))
        self._out.write(np.asarray(values, "<f4").tobytes())

    def exact_matrix(self, values: np.ndarray) -> None:
        """A matrix of doubles, shape (rows, columns)."""
        self.token("DM")
        self.integer(*values.shape)
        self._out.write(np.asarray(values, "<f8").tobytes())

    def matrix(self, values: np.ndarray) -> None:
        """A matrix, shape (rows, columns), in Kaldi's one-byte compression.

        Each column has its own scale: straight lines between its minimum, quartiles and maximum (Kaldi's
        compressed-matrix.h), with 64, 128 and 63 steps.
        """
        low = float(values.min())
        span = max(float(values.max()) - low, 1e-5)
        marks = np.rint((np.percentile(values, (0, 25, 75, 100), axis=0) - low) / span * 65535).astype(int)
        for i in range(1, 4):  # they must rise
            marks[i] = np.maximum(marks[i], marks[i - 1] + 1)
        marks -= np.maximum(marks[3] - 65535, 0)
        knots = low + span * marks / 65535
        codes = np.empty(values.shape[::-1], np.uint8)
        for column, (line, heights) in enumerate(zip(values.T, knots.T, strict=True)):
            codes[column] = np.clip(np.rint(np.interp(line, heights, _CODES)), 0, 255)
        self.token("CM")
        self._out.write(struct.pack("<ffii", low, span, *values.shape))
        self._out.write(marks.T.astype("<u2").tobytes() + codes.tobytes())

    def getvalue(self) -> bytes:
        """Everything written so far."""
        return self._out.getvalue()


def read_vector(data: bytes, place: int) -> np.ndarray:
    """The float vector that ``KaldiWriter.vector`` wrote at ``place``, shape (n,), float32."""
    assert data[place : place + 4] == b"FV \x04"
    (count,) = struct.unpack_from("<i", data, place + 4)
    return np.frombuffer(data, "<f4", count, place + 8).copy()


def read_exact_matrix(data: bytes, place: int) -> np.ndarray:
    """The matrix of doubles that ``KaldiWriter.exact_matrix`` wrote at ``place``, shape (rows, columns)."""
    assert data[place : place + 3] == b"DM "
    rows, columns = struct.unpack_from("<xixi", data, place + 3)
    return np.frombuffer(data, "<f8", rows * columns, place + 13).reshape(rows, columns)


def read_matrix(data: bytes, place: int) -> np.ndarray:
    """The compressed matrix that ``KaldiWriter.matrix`` wrote at ``place``, shape (rows, columns), float32."""
    assert data[place : place + 3] == b"CM "
    low, span, rows, columns = struct.unpack_from("<ffii", data, place + 3)
    marks = np.frombuffer(data, "<u2", columns * 4, place + 19).reshape(columns, 4)
    codes = np.frombuffer(data, np.uint8, columns * rows, place + 19 + columns * 8).reshape(columns, rows)
    knots = low + span * marks / 65535
    lines = [np.interp(code, _CODES, heights) for code, heights in zip(codes, knots, strict=True)]
    return np.stack(lines, 1).astype(np.float32)
