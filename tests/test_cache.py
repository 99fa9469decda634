"""What is kept for the next start."""

from __future__ import annotations

import os
from pathlib import Path

from voice_faq.cache import NEWEST, cache_file, read_cache, write_cache


def test_old_files_of_a_kind_go(tmp_path: Path) -> None:
    other = cache_file(tmp_path, "faq", "x")
    write_cache(other, b"other")
    files = [cache_file(tmp_path, "matching", number) for number in range(NEWEST + 3)]
    for age, file in enumerate(reversed(files[:-1])):
        file.write_bytes(b"old")
        os.utime(file, (1_000_000 - age, 1_000_000 - age))
    write_cache(files[-1], b"new")
    assert sorted(tmp_path.iterdir()) == sorted([other, *files[-NEWEST:]])
    assert read_cache(files[-1]) == b"new" and read_cache(files[0]) is None


def test_what_was_made_from_something_else_lies_elsewhere(tmp_path: Path) -> None:
    made = [("ab", "c"), ("a", "bc"), ("abc",), (b"abc",), ("ab", "c", 1), ("ab", "c", 1.0)]
    names = {cache_file(tmp_path, "matching", *parts, sources=("matching",)) for parts in made}
    assert len(names) == len(made)
    assert cache_file(tmp_path, "matching", "a") == cache_file(tmp_path, "matching", "a")
