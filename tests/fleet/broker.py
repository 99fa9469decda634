"""A real Mosquitto on loopback with TLS, client certificates and the ACL of docs/, and the certificates it needs."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DOCS = Path(__file__).parents[2] / "docs"
PATIENCE_S = 60.0


def mosquitto() -> str:
    """Skips the test where it is not installed."""
    path = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip("not installed: mosquitto")
    return path


class Certificates:
    """An authority and what it has signed, in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fleet")])
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self._certificate(self._name, self._key.public_key(), authority=True))

    def make(self, name: str, *, server: bool = False) -> tuple[Path, Path]:
        """(certificate, private key) of ``name``."""
        certificate, private = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate.write_bytes(self._certificate(subject, key.public_key(), server=server))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, private

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, authority: bool = False, server: bool = False
    ) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if server:
            addresses = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            made = made.add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        if authority:
            made = made.add_extension(
                x509.KeyUsage(
                    digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
                    key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )  # fmt: skip
        return made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Broker:
    """It can be stopped and started again on its port."""

    folder: Path
    port: int
    program: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([self.program, "-c", str(self.folder / "mosquitto.conf")])
        until = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()


@contextlib.contextmanager
def running(folder: Path, certificates: Certificates) -> Iterator[Broker]:
    """With the configuration and the ACL that docs/ recommends, but for paths and port."""
    program = mosquitto()
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    certificate, key = certificates.make("broker", server=True)
    shutil.copy(DOCS / "mosquitto-voice-faq.acl", folder / "acl")
    changed = {
        "listener": f"{port} 127.0.0.1", "cafile": certificates.ca, "certfile": certificate, "keyfile": key,
        "acl_file": folder / "acl", "persistence_location": f"{folder}/",
    }  # fmt: skip
    lines = (DOCS / "mosquitto-voice-faq.conf").read_text(encoding="utf-8").splitlines()
    for name, value in changed.items():
        assert any(re.match(rf"{name} ", line) for line in lines), name
        lines = [f"{name} {value}" if line.startswith(f"{name} ") else line for line in lines]
    lines += [f"log_dest file {folder / 'log'}", "sys_interval 1"]
    if os.geteuid() == 0:
        lines.append("user root")
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    broker = Broker(folder, port, program)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
