"""Makes a signed archive of an answers folder, its voice packs and a model."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from voice_faq.errors import InputError, ModelError, SpeechError, reason
from voice_faq.faq import load_faq
from voice_faq.faq.opening import FAQ_FILE, PROMPTS_FILE
from voice_faq.files import workspace
from voice_faq.fleet.archive import SUFFIX, FileLine, Manifest, content_id, safe_path, write_archive
from voice_faq.fleet.keys import PrivateKey
from voice_faq.recognition.model_folder import check_files
from voice_faq.speech.pack import MANIFEST, VOICE_FOLDER, VoicePack, damage_note, pack_folder, pack_names

_XZ_PRESET: Final = 1  # Opus and models hardly shrink, whatever time one takes


def pack_content(
    answers: Path, out: Path, key: PrivateKey, version: str, *, voices: tuple[str, ...] | None = None,
    model: Path | None = None,
) -> tuple[Path, Manifest]:  # fmt: skip
    """Write the archive into the folder ``out``; ``voices`` are names of packs, None for all that there are.

    Raises FaqError for answers with mistakes, SpeechError for a broken pack, ModelError, InputError.
    """
    load_faq(answers)
    files = {f"answers/{name}": answers / name for name in (FAQ_FILE, PROMPTS_FILE)}
    for name in pack_names(answers) if voices is None else voices:
        folder = pack_folder(answers, name)
        pack = VoicePack.read(folder)
        damage = damage_note(pack)
        if damage is not None:
            raise SpeechError(damage)
        recorded = {clause.file_name for clause in pack.clauses.values()}
        for file in (MANIFEST, *sorted(recorded)):
            files[f"answers/{VOICE_FOLDER}/{name}/{file}"] = folder / file
    if model is not None:
        problems = check_files(model)
        if problems:
            raise ModelError(f"{model}\n" + "\n".join(map(str, problems)))
        files.update({f"model/{file.relative_to(model).as_posix()}": file for file in _files_in(model)})
    odd = [name for name in files if not safe_path(name)]
    if odd:
        raise InputError(f"文件名 {odd[0]!r} 不能放进内容包。请只用文字、数字、连字符和点，再试一次。")
    try:
        return _pack(files, out, key, version)
    except OSError as error:
        raise InputError(f"内容包没有做成（{error.filename or out}：{reason(error)}）。") from None


def _pack(files: dict[str, Path], out: Path, key: PrivateKey, version: str) -> tuple[Path, Manifest]:
    out.mkdir(parents=True, exist_ok=True)
    with workspace(out, "pack") as work:
        packed, lines = work / "files.tar.xz", []
        with tarfile.open(packed, "w:xz", preset=_XZ_PRESET) as tar:
            for name, file in files.items():
                content = file.read_bytes()
                lines.append(FileLine(path=name, size=len(content), sha256=hashlib.sha256(content).hexdigest()))
                member = tarfile.TarInfo(name)  # nothing of whoever packs it
                member.size = len(content)
                with file.open("rb") as source:
                    tar.addfile(member, source)
        with packed.open("rb") as source:
            manifest = Manifest(
                id=content_id(lines), version=version, signed_by=key.public.name,
                made=datetime.now().astimezone().isoformat(timespec="seconds"),
                sha256=hashlib.file_digest(source, "sha256").hexdigest(), files=tuple(lines),
            )  # fmt: skip
            source.seek(0)
            with (work / "archive").open("wb") as archive:
                write_archive(archive, manifest, source, key)
        return (work / "archive").replace(out / f"{manifest.id}{SUFFIX}"), manifest


def _files_in(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith("."))
