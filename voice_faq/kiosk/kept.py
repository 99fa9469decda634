"""The last content without a mistake, kept for a start at which what the settings name has one.

``state_dir/last-good/NAME/`` holds the answers' files with the recorded voice, and the model where it is not the one
that comes with voice-faq. It is made beside itself, brought to the disk and put in place in one step, so a loss of
power leaves the old copy or the new one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Collection, Set
from pathlib import Path
from typing import Any, Final

from voice_faq.data import data_root
from voice_faq.errors import SpeechError, reason
from voice_faq.files import name_by_path, swap_folder, sync_tree, workspace
from voice_faq.kept_settings import LAST_GOOD
from voice_faq.kiosk.content import Content
from voice_faq.kiosk.sources import ANSWER_FILES, Sources, Stamp, versions_of
from voice_faq.settings import Settings
from voice_faq.speech.pack import VOICE_FOLDER, VoicePack, is_whole

MOST_BYTES: Final = 400_000_000  # of a model; a larger one is not copied
_RECORD: Final = "whole.json"
_ANSWERS: Final = "answers"
_MODEL: Final = "model"

log = logging.getLogger(__name__)


class LastGood:
    """The copy of one answers folder, by the name that the settings give it."""

    def __init__(self, settings: Settings) -> None:
        named = os.path.abspath(settings.answers)  # noqa: PTH100  # resolve() would follow the link that is swapped
        self.folder: Final = settings.state_dir / LAST_GOOD / name_by_path(Path(named))

    @property
    def answers(self) -> Path | None:
        """An answers folder with its voice; None where none is kept, or not as it was."""
        folder = self.folder / _ANSWERS
        kept = self._record().get("answers")
        return folder if kept is not None and versions_of(Sources(folder, None, None)).answers == kept else None

    @property
    def model(self) -> Path | None:
        """A model's folder; None where none is kept."""
        folder = self.folder / _MODEL
        return folder if self._record() and folder.is_dir() else None

    def knows_model(self, stamp: Stamp) -> bool:
        """Whether a model whose files look like this was loaded without trouble before."""
        return bool(stamp) and self._record().get("model") == _short(stamp)

    def keep(self, content: Content, refused: Collection[str] = ()) -> bool:
        """Copy what ``content`` was read from; False where that did not work and the older copy stays.

        ``refused`` are the parts with mistakes: of models and recordings the older copy's stay, and beside answers with
        mistakes nothing is copied.
        """
        if "answers" in refused:
            return False
        older = self._record().get("model")
        record = {
            "answers": content.versions.answers,
            "voice": _short(content.stamps.voice),
            "model": older if "model" in refused else _short(content.stamps.model),
        }
        if self._record() == record and self.answers is not None:
            return True
        try:
            with workspace(self.folder.parent, "keep") as work:
                fresh = work / self.folder.name
                self._copy(content.sources, fresh, refused)
                if versions_of(Sources(fresh / _ANSWERS, None, None)).answers != record["answers"]:
                    return False  # changed meanwhile; what it is now will be looked at, and kept, by itself
                (fresh / _RECORD).write_text(json.dumps(record), encoding="utf-8")
                sync_tree(fresh)
                swap_folder(fresh, self.folder)
        except OSError as error:
            log.warning(
                "%s：最后一份好的内容存不进去（%s）。现在照常回答；请清理磁盘，或检查权限。",
                self.folder.parent,
                reason(error),
            )
            return False
        return True

    def _copy(self, sources: Sources, fresh: Path, refused: Collection[str]) -> None:
        answers = fresh / _ANSWERS
        answers.mkdir(parents=True)
        for name in ANSWER_FILES:
            shutil.copyfile(sources.answers / name, answers / name)
        if sources.pack is not None:
            inside = Path(VOICE_FOLDER) / sources.pack.name
            copy = _copy_whole_recordings if "voice" in refused else _copy_tree
            copy(sources.pack, answers / inside, self.folder / _ANSWERS / inside)
        model, older = sources.model, self.folder / _MODEL
        if "model" in refused:
            model = older if older.is_dir() else None
        if model is None or data_root() in model.parents:
            return
        if sum(file.stat().st_size for file in model.rglob("*") if file.is_file()) <= MOST_BYTES:
            _copy_tree(model, fresh / _MODEL, older)

    def _record(self) -> dict[str, Any]:
        try:
            record = json.loads((self.folder / _RECORD).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}


def _copy_tree(source: Path, target: Path, older: Path, *, without: Set[str] = frozenset()) -> None:
    """Copy a folder; what the older copy has already is linked, so that a change costs only what has changed."""

    def copy(file: str, copied: str) -> str:
        before = older / Path(file).relative_to(source)
        if _same(Path(file), before):
            os.link(before, copied)
            return copied
        return shutil.copy2(file, copied)

    shutil.copytree(source, target, copy_function=copy, ignore=lambda _, names: without & set(names))


def _copy_whole_recordings(pack: Path, copied: Path, older: Path) -> None:
    """What is damaged in the pack is taken from the older copy, or left out."""
    try:
        damaged = {clause.file_name: clause.seconds for clause in VoicePack.read(pack).damaged()}
    except SpeechError:
        pack, damaged = older, {}
    if pack.is_dir():
        _copy_tree(pack, copied, older, without=set(damaged))
    for name, seconds in damaged.items():
        if is_whole(older / name, seconds):
            os.link(older / name, copied / name)


def _same(file: Path, other: Path) -> bool:
    try:
        one, two = file.stat(), other.stat()
    except OSError:
        return False
    return (one.st_size, one.st_mtime_ns) == (two.st_size, two.st_mtime_ns)


def _short(stamp: Stamp) -> str:
    return hashlib.sha256(repr(stamp).encode()).hexdigest()[:16]
