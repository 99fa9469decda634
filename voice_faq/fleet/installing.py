"""The versions of a kiosk's content: beside each other, one of them current, and the one before it kept.

    content/versions/ID/answers  model
    content/current -> versions/ID
    content/previous -> versions/ID
    content/incoming/            archives on their way

A version appears whole, by a rename after all of it is on the disk; ``current`` changes from one to the next by
another rename. Whenever the power fails, ``current`` is the old or the new one.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from voice_faq.files import workspace
from voice_faq.fleet.archive import Manifest, read_manifest, sync_folder, unpack
from voice_faq.fleet.keys import PublicKey
from voice_faq.fleet.messages import ID

NAME_FILE: Final = "version.txt"
_PARTS: Final = (".current.part", ".previous.part")


class ContentStore:
    """Of one kiosk; only one process may change it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions = folder / "versions"
        self.incoming = folder / "incoming"

    @property
    def current(self) -> str:
        """Id of the version that is on; nothing where none is."""
        return self._named("current")

    @property
    def previous(self) -> str:
        """Id of the one before."""
        return self._named("previous")

    def has(self, content: str) -> bool:
        """Whether the version is here."""
        return bool(re.fullmatch(ID, content)) and (self.versions / content).is_dir()

    def version(self, content: str) -> str:
        """What people call it; its id where that is lost."""
        try:
            return (self.versions / content / NAME_FILE).read_text(encoding="utf-8").strip()[:100]
        except OSError:
            return content

    def install(
        self, archive: Path, keys: Sequence[PublicKey], check: Callable[[Path], None], *, largest: int
    ) -> Manifest:
        """Verify, unpack and check an archive and put it beside the others; nothing is switched.

        ``check`` is given the folder, and raises ContentError for what must not be used; ``largest`` in bytes.
        Raises ContentError, and OSError for what is the machine's own trouble.
        """
        with archive.open("rb") as file, workspace(self.versions, "unpack") as work:
            manifest = read_manifest(file, keys)
            if not self.has(manifest.id):
                fresh = work / manifest.id
                fresh.mkdir()
                (fresh / NAME_FILE).write_text(manifest.version, encoding="utf-8")
                unpack(file, manifest, fresh, largest=largest)
                check(fresh)
                fresh.rename(self.versions / manifest.id)
                sync_folder(self.versions)
        return manifest

    def switch(self, content: str) -> None:
        """Make a version that is here the current one; the kiosk notices by itself."""
        before = self.current
        if before == content:
            return
        if before:
            self._point("previous", before)
        self._point("current", content)

    def prune(self, *keep: str) -> None:
        """Remove versions that are neither current, nor the one before, nor in ``keep``, and archives left behind."""
        stay = {self.current, self.previous, *keep}
        for name in _PARTS:
            (self.folder / name).unlink(missing_ok=True)
        for folder in self.versions.iterdir() if self.versions.is_dir() else ():
            if re.fullmatch(ID, folder.name) and folder.name not in stay:
                # Half a version must not look like one.
                dead = folder.with_name(f".dead-{folder.name}")
                folder.rename(dead)
                shutil.rmtree(dead, ignore_errors=True)
            elif folder.name.startswith(".dead-"):
                shutil.rmtree(folder, ignore_errors=True)
        for file in self.incoming.iterdir() if self.incoming.is_dir() else ():
            if file.name.partition(".")[0] not in keep:
                with contextlib.suppress(OSError):
                    file.unlink()

    def _named(self, link: str) -> str:
        try:
            name = (self.folder / link).readlink().name
        except OSError:
            return ""
        return name if self.has(name) else ""

    def _point(self, link: str, content: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder / f".{link}.part"
        part.unlink(missing_ok=True)
        part.symlink_to(Path("versions") / content)
        part.replace(self.folder / link)
        sync_folder(self.folder)
