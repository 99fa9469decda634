"""What was learned from an FAQ and how it is indexed, kept for the next start.

It holds the operator's wordings in pieces, and nothing that anybody asked.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import pypinyin
import rapidfuzz

from voice_faq.cache import cache_file, read_cache, write_cache
from voice_faq.language.dictionary import load_jieba
from voice_faq.matching.answers import AnswerIndex
from voice_faq.matching.combination import Combination
from voice_faq.matching.discriminant import Discriminant
from voice_faq.matching.index import WordingIndex
from voice_faq.matching.posting_lists import PostingLists

_KIND: Final = "matching"
_FORM: Final = "form"


@dataclass(frozen=True)
class Learned:
    """What matching needs of an FAQ beside its texts."""

    index: WordingIndex
    combination: Combination
    answer_from: float
    """Probability from which on to answer."""
    words: dict[str, str]
    """The FAQ's, see ``spoken_words``."""


_CLASSES: Final[dict[str, type]] = {
    c.__name__: c for c in (Learned, WordingIndex, AnswerIndex, PostingLists, Discriminant, Combination)
}


def kept_or_learned(folder: Path | None, learned_from: tuple[object, ...], learn: Callable[[], Learned]) -> Learned:
    """What is kept in ``folder`` of these wordings and settings, or what ``learn`` gives, which is kept then."""
    if folder is None:
        return learn()
    libraries = [(library.__name__, library.__version__) for library in (np, load_jieba(), pypinyin, rapidfuzz)]
    libraries.append(("opencc", version("opencc")))  # itself imported for traditional characters alone
    file = cache_file(folder, _KIND, learned_from, libraries, sources=("matching", "language"))
    content = read_cache(file)
    if content is not None:
        try:
            return unpacked(content)
        except Exception:  # an archive that is broken raises whatever its broken part leads to
            pass  # it is learned again
    learned = learn()
    write_cache(file, packed(learned))
    return learned


def packed(learned: Learned) -> bytes:
    """As a NumPy archive; raises TypeError for what it has no form for."""
    arrays: dict[str, Any] = {}
    form = json.dumps(_form(learned, arrays), ensure_ascii=False).encode()
    written = io.BytesIO()
    np.savez(written, **arrays | {_FORM: np.frombuffer(form, np.uint8)})
    return written.getvalue()


def unpacked(content: bytes) -> Learned:
    """The same again, to the last bit; raises errors of many kinds where ``content`` is none of ours."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        learned = _value(json.loads(archive[_FORM].tobytes()), archive)
    if not isinstance(learned, Learned):
        raise ValueError(type(learned))
    return learned


def _form(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """``value`` as JSON has it, but for numbers in arrays, which are put into ``arrays``."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if type(value) in _CLASSES.values():
        return {type(value).__name__: {name: _form(part, arrays) for name, part in vars(value).items()}}
    if isinstance(value, np.ndarray) and value.dtype != object:
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"numbers": name}
    if isinstance(value, np.ndarray):
        return {"texts": value.tolist()}
    if isinstance(value, dict):
        return {"dict": [[key, _form(part, arrays)] for key, part in value.items()]}
    if isinstance(value, set):
        return {"pairs": sorted(value)}
    raise TypeError(f"no form for {type(value)}")


def _value(form: Any, arrays: Any) -> Any:
    """What ``_form`` was made of."""
    if not isinstance(form, dict):
        return form
    ((kind, content),) = form.items()
    if kind == "numbers":
        return arrays[content]
    if kind == "texts":
        return np.array(content, object)
    if kind == "dict":
        return {key: _value(part, arrays) for key, part in content}
    if kind == "pairs":
        return {(word, entry) for word, entry in content}
    made: Any = object.__new__(_CLASSES[kind])
    vars(made).update({name: _value(part, arrays) for name, part in content.items()})
    return made
