"""Opens the answers folder: as it is kept where its files are the same, else by reading them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from voice_faq.cache import cache_file, read_cache, write_cache
from voice_faq.faq.entries import Faq

FAQ_FILE: Final = "faq.yaml"
PROMPTS_FILE: Final = "prompts.yaml"


def load_faq(folder: Path, *, cache: Path | None = None) -> Faq:
    """The FAQ in ``folder``; once read, it is kept in the folder ``cache``.

    Raises FaqError that lists all mistakes of all files.
    """
    kept_in = _cache_file(folder, cache)
    content = read_cache(kept_in) if kept_in is not None else None
    if content is not None:
        try:
            return Faq.model_validate_json(content)
        except ValidationError:
            pass  # it is broken, and made again
    from voice_faq.faq.loading import read_faq  # reading YAML takes long to import

    faq = read_faq(folder / FAQ_FILE, folder / PROMPTS_FILE)
    # A file may have been saved while it was read.
    if kept_in is not None and kept_in == _cache_file(folder, cache):
        write_cache(kept_in, faq.model_dump_json(exclude_unset=True).encode())
    return faq


def _cache_file(folder: Path, cache: Path | None) -> Path | None:
    if cache is None:
        return None
    try:
        files = [(folder / name).read_bytes() for name in (FAQ_FILE, PROMPTS_FILE)]
    except OSError:
        return None
    return cache_file(cache, "faq", *files, sources=("faq", "language"))
