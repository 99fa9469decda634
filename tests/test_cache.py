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


def test_what_is_only_named_alike_is_the_operators(tmp_path: Path) -> None:
    digits = "0123456789abcdef" * 2
    theirs = [
        tmp_path / f"faq-{name}" for name in ("2024.yaml", "旧", "a" * 31, "G" * 32, digits + ".bak", f"x-{digits}")
    ]
    for file in theirs:
        file.write_text("ours", encoding="utf-8")
        os.utime(file, (1_000, 1_000))
    (tmp_path / f"faq-{digits}").mkdir()
    for number in range(NEWEST + 3):
        write_cache(cache_file(tmp_path, "faq", number), b"new")
    assert len(list(tmp_path.iterdir())) == NEWEST + len(theirs) + 1
    assert all(file.is_file() for file in theirs)
