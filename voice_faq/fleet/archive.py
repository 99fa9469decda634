"""A signed archive: one file that holds a content, and proof of who made it.

    VOICE-FAQ CONTENT 1
    {"id": …, "version": …, "signed_by": …, "made": …, "sha256": …, "files": [{"path", "size", "sha256"}, …]}
    BASE64 OF THE SIGNATURE OF THE LINE ABOVE
    a tar.xz with these files in this order

Nothing is parsed or unpacked before its signature has been verified; the tar's hash stands in the signed line.
``tail -n +4 FILE | tar tJ`` lists one without us.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import lzma
import os
import re
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voice_faq.errors import VoiceFaqError
from voice_faq.fleet.keys import SIGNATURE_BYTES, PrivateKey, PublicKey
from voice_faq.fleet.messages import ID

FIRST_LINE: Final = b"VOICE-FAQ CONTENT 1\n"
SUFFIX: Final = ".vfaq"
LARGEST_MANIFEST: Final = 8_000_000  # bytes
MOST_FILES: Final = 50_000
BLOCK: Final = 1 << 20
_PART: Final = re.compile(r"[\w-][\w .()+=@-]{0,119}")
_DEEPEST: Final = 8  # folders


class ContentError(VoiceFaqError):
    """A content that no kiosk may use, whichever it is."""


class FileLine(BaseModel):
    """A file of the content."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Annotated[str, Field(max_length=500)]
    size: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What is in it and who says so."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str, Field(pattern=ID)]
    """Of its files: the same content has the same id."""
    version: Annotated[str, Field(min_length=1, max_length=100)]
    """As people call it."""
    signed_by: str
    made: str
    """Date and time with its zone."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Of the packed files."""
    files: Annotated[tuple[FileLine, ...], Field(min_length=1, max_length=MOST_FILES)]

    @property
    def unpacked(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


def content_id(files: Iterable[FileLine]) -> str:
    """Of these files."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.path}\0{file.size}\0{file.sha256}\n".encode())
    return digest.hexdigest()[:16]


def safe_path(path: str) -> bool:
    """Whether a file of this name lies inside the content, on every system: ``answers/faq.yaml``."""
    parts = path.split("/")
    return (
        2 <= len(parts) <= _DEEPEST
        and parts[0] in ("answers", "model")
        and all(_PART.fullmatch(part) and not part.endswith((".", " ")) for part in parts)
    )


def write_archive(out: IO[bytes], manifest: Manifest, packed: IO[bytes], key: PrivateKey) -> None:
    """Sign and join."""
    line = manifest.model_dump_json().encode()
    out.write(FIRST_LINE + line + b"\n" + base64.b64encode(key.sign(line)) + b"\n")
    while block := packed.read(BLOCK):
        out.write(block)


def read_manifest(archive: IO[bytes], keys: Sequence[PublicKey]) -> Manifest:
    """The manifest, verified; ``archive`` stands before the packed files then.

    Raises ContentError for what nobody trusted has signed.
    """
    if archive.read(len(FIRST_LINE)) != FIRST_LINE:
        raise ContentError("这不是 voice-faq fleet pack 做的内容包。")
    line = archive.readline(LARGEST_MANIFEST)
    try:
        signature = base64.b64decode(archive.readline(200).strip(), validate=True)
    except binascii.Error:
        signature = b""
    signer = next(
        (
            key
            for key in keys
            if line.endswith(b"\n") and len(signature) == SIGNATURE_BYTES and key.signed(line[:-1], signature)
        ),
        None,
    )
    if signer is None:
        raise ContentError("内容包的签名对不上任何一把信任的公钥（设置项 fleet.trusted_keys）。没有使用它。")
    try:
        manifest = Manifest.model_validate_json(line)
    except ValidationError:
        raise ContentError("内容包的清单读不懂，可能是更新的版本做的。请先升级这台机器上的 voice-faq。") from None
    if content_id(manifest.files) != manifest.id:
        raise ContentError("内容包的清单和它的编号对不上。请重新打包。")
    # Who signed is told by the key, not by what the archive says of itself.
    return manifest.model_copy(update={"signed_by": signer.name})


def unpack(archive: IO[bytes], manifest: Manifest, folder: Path, *, largest: int) -> None:
    """Write the files into ``folder``, and to the disk; ``archive`` stands behind its manifest.

    Raises ContentError for a path that leads out, too large a content (``largest`` in bytes), or one that is not what
    its manifest says; OSError where the disk does not take it.
    """
    wrong = [file.path for file in manifest.files if not safe_path(file.path)]
    if wrong or len({file.path.casefold() for file in manifest.files}) < len(manifest.files):
        raise ContentError(f"内容包里有不允许的文件名：{(wrong or ['重名'])[0]!r}。没有使用它。")
    if manifest.unpacked > largest:
        raise ContentError(
            f"内容包解开有 {manifest.unpacked / 1e6:.0f} MB，超过了 {largest / 1e6:.0f} MB（设置项 fleet.largest_mb）。"
        )
    start = archive.tell()
    digest = hashlib.sha256()
    while block := archive.read(BLOCK):
        digest.update(block)
    if digest.hexdigest() != manifest.sha256:
        raise ContentError("内容包损坏了：里面的文件和清单的校验值不同。")
    archive.seek(start)
    try:
        with tarfile.open(fileobj=archive, mode="r|xz") as tar:
            for line in manifest.files:
                member = tar.next()
                if member is None or not member.isreg() or (member.name, member.size) != (line.path, line.size):
                    raise ContentError(f"内容包里的 {line.path} 和清单不同。没有使用它。")
                source = tar.extractfile(member)
                assert source is not None  # a regular file
                _write(source, folder / line.path, line)
            if tar.next() is not None:
                raise ContentError("内容包里有清单上没有的文件。没有使用它。")
    except (tarfile.TarError, lzma.LZMAError, EOFError) as error:
        raise ContentError(f"内容包解不开（{type(error).__name__}）。请重新打包。") from None
    for place in [*(p for p in folder.rglob("*") if p.is_dir()), folder]:
        sync_folder(place)


def _write(source: IO[bytes], target: Path, line: FileLine) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as out:
        while block := source.read(BLOCK):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != line.sha256:
        raise ContentError(f"内容包里的 {line.path} 和清单的校验值不同。没有使用它。")


def sync_folder(folder: Path) -> None:
    """Its names are on the disk when this returns."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
