"""Who signs content: ed25519 keys, through ``cryptography``.

The private key is a PEM file (PKCS #8) for whoever makes content, and belongs on no server; the public key is one line,
``ed25519 BASE64 NAME``, which a kiosk's settings trust.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from voice_faq.errors import InputError, SettingsError, reason

KIND: Final = "ed25519"
SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True)
class PublicKey:
    """One that is trusted."""

    raw: bytes
    name: str

    def __str__(self) -> str:
        return f"{KIND} {base64.b64encode(self.raw).decode()} {self.name}"

    def signed(self, content: bytes, signature: bytes) -> bool:
        """Whether it is this key's signature of ``content``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, content)
        except InvalidSignature:
            return False
        return True


class PrivateKey:
    """Signs."""

    def __init__(self, key: Ed25519PrivateKey, name: str) -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw(), name)

    def sign(self, content: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(content)


def make_key(file: Path, name: str) -> PrivateKey:
    """A new key, kept in ``file`` for its owner alone, and its public line in ``file.pub``.

    Raises InputError where there is one already: what it has signed would be worth nothing any more.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made = PrivateKey(key, name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(pem)
        file.with_name(file.name + ".pub").write_text(f"{made.public}\n", encoding="utf-8")
    except FileExistsError:
        raise InputError(f"{file}：已经有这个文件，没有改它。旧密钥签过的内容还要靠它，请换个文件名。") from None
    except OSError as error:
        raise InputError(f"{file}：密钥写不进去（{reason(error)}）。请检查路径和权限。") from None
    return made


def read_key(file: Path) -> PrivateKey:
    """The private key in ``file``; its name is the one in ``file.pub``. Raises InputError."""
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except OSError as error:
        raise InputError(f"{file}：密钥读不了（{reason(error)}）。要新建一个：voice-faq fleet key 文件名") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{file}：不是 voice-faq fleet key 建的密钥。请给出私钥文件（不是 .pub）。")
    try:
        name = parse_key(file.with_name(file.name + ".pub").read_text(encoding="utf-8").strip()).name
    except (OSError, ValueError):
        name = file.stem
    return PrivateKey(key, name)


def parse_key(line: str) -> PublicKey:
    """A public key from its line. Raises ValueError."""
    kind, _, rest = line.strip().partition(" ")
    text, _, name = rest.partition(" ")
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raw = b""
    if kind != KIND or len(raw) != 32 or not name.strip():
        raise ValueError(line)
    return PublicKey(raw, name.strip())


def trusted(lines: Iterable[str]) -> tuple[PublicKey, ...]:
    """The keys of the setting ``fleet.trusted_keys``; raises SettingsError."""
    keys = []
    for line in lines:
        try:
            keys.append(parse_key(line))
        except ValueError:
            raise SettingsError(
                f"设置项 fleet.trusted_keys：{line!r} 不是公钥。请照抄 voice-faq fleet key 打印的那一行，"
                "例如 ed25519 AAAA… 运营部。"
            ) from None
    return tuple(keys)
