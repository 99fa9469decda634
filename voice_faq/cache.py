"""What took long to make, kept for the next start: files in a folder that may be removed at any time.

What a file was made from stands in its name. One that is missing, broken or of another version is made again; a folder
that cannot be written costs nothing but time.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path
from typing import Final

from voice_faq import __version__
from voice_faq.files import write_whole

NEWEST: Final = 4  # files of a kind that stay: a few answers folders, or the last versions of one
_PACKAGE: Final = Path(__file__).parent
_DIGITS: Final = 32


def cache_file(folder: Path, kind: str, *made_from: object, sources: tuple[str, ...] = ()) -> Path:
    """Where that is kept which code of ``kind`` makes from these texts and numbers.

    ``sources`` are the packages whose code makes it, ``matching``: what they made before they were changed counts for
    nothing.
    """
    digest = hashlib.sha256(repr((__version__, *made_from)).encode("utf-8", "surrogatepass"))
    for package in sources:
        for file in sorted((_PACKAGE / package).iterdir()):
            if file.suffix in (".py", ".json"):
                digest.update(file.read_bytes())
    return folder / f"{kind}-{digest.hexdigest()[:_DIGITS]}"


def read_cache(file: Path) -> bytes | None:
    """What is kept there; None where nothing is."""
    try:
        return file.read_bytes()
    except OSError:
        return None


def write_cache(file: Path, content: bytes) -> None:
    """Keep ``content``, and of its kind the newest few; what is not named as ours is stays."""
    with contextlib.suppress(OSError):
        write_whole(file, content)
        named = re.compile(f"{re.escape(file.name[:-_DIGITS])}[0-9a-f]{{{_DIGITS}}}")
        ours = [other for other in file.parent.iterdir() if named.fullmatch(other.name) and other.is_file()]
        kept = sorted(ours, key=lambda f: f.stat().st_mtime, reverse=True)
        for old in kept[NEWEST:]:
            if old != file:  # a clock that was set back makes the newest look old
                old.unlink()
