"""The commands as an operator runs them, from the key to a content on a kiosk, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from voice_faq.authoring.starting import start_folder

from .broker import Certificates, running

PATIENCE_S = 90.0
REPORT_S = 1
PROGRAM = (sys.executable, "-m", "voice_faq", "fleet")


class Machine:
    """Its settings and its commands."""

    def __init__(self, tmp: Path, name: str, certificates: Certificates, port: int, trusted: str) -> None:
        certificate, private = certificates.make(name)
        self.file = tmp / f"{name}.toml"
        values = {
            "broker": "localhost", "broker_port": port, "ca": str(certificates.ca), "certificate": str(certificate),
            "private_key": str(private), "content_dir": str(tmp / name / "content"), "report_s": REPORT_S,
            "counts_s": 1, "state_dir": str(tmp / name / "state"), "archives_dir": str(tmp / "archives"), "ring_s": 0,
            "ring_most_s": 0, "trusted_keys": [trusted],
        }  # fmt: skip
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
        self.file.write_text("\n".join(["[kiosk]", "port = 1", "[fleet]", *lines]), encoding="utf-8")
        self._env = os.environ | {"VOICE_FAQ_CONFIG": str(self.file), "VOICE_FAQ_STATE_DIR": str(tmp / name)}

    def run(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [*PROGRAM, *arguments], env=self._env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    def kiosk_once(self, wanted: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """The only kiosk as the control room sees it, once it is as wanted."""
        until = time.monotonic() + PATIENCE_S
        while True:
            for kiosk in json.loads(self.run("status", "--json"))["kiosks"]:
                if wanted(kiosk):
                    return dict(kiosk)
            assert time.monotonic() < until, self.run("status")
            time.sleep(REPORT_S / 2)

    @contextlib.contextmanager
    def running(self, command: str) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen([*PROGRAM, command], env=self._env, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            process.stdout.readline()  # it is ready
            yield process
        finally:
            with process:
                process.terminate()


def test_from_the_key_to_a_content_on_a_kiosk_and_back(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path / "certs")
    answers = start_folder(tmp_path / "answers")
    key = tmp_path / "operator.key"
    subprocess.run([*PROGRAM, "key", str(key), "--name", "运营部"], check=True, capture_output=True)
    trusted = (tmp_path / "operator.key.pub").read_text(encoding="utf-8").strip()
    with running(tmp_path / "broker", certificates) as broker:
        kiosk = Machine(tmp_path, "kiosk-1", certificates, broker.port, trusted)
        control = Machine(tmp_path, "control", certificates, broker.port, trusted)

        def pack(version: str) -> str:
            faq = answers / "faq.yaml"
            faq.write_text(faq.read_text(encoding="utf-8") + f"# {version}\n", encoding="utf-8")
            control.run("pack", "--key", str(key), "--version", version, "--answers", str(answers))
            archives = (tmp_path / "archives").glob("*.vfaq")
            return str(max(archives, key=lambda file: file.stat().st_mtime_ns))

        first = pack("第一版")
        assert "换上了 第一版（签名 运营部）" in kiosk.run("install", first)
        assert "没有上一个版本" in kiosk.run("back", code=1)
        assert "没有正在进行的发布" in control.run("stop", code=1)
        with control.running("serve"), kiosk.running("agent"):
            control.kiosk_once(lambda kiosk: kiosk["version"] == "第一版" and kiosk["trouble"] == ["kiosk"])
            assert "第二版（签名 运营部）" in control.run("publish", pack("第二版"))
            control.kiosk_once(lambda kiosk: kiosk["version"] == "第二版")
            assert "没有应答" in control.run("tell", "test", "kiosk-1", "--with", "几点开门", code=1)
            assert "退回" in control.run("stop", "--back")
            control.kiosk_once(lambda kiosk: kiosk["version"] == "第一版")

        # A slip in its settings does not take a kiosk out of sight, and is seen from afar.
        right = kiosk.file.read_text(encoding="utf-8")
        for name, slip in (("broker", ""), ("ca", "'/nowhere.pem'")):
            wrong = re.sub(rf"^{name} = .*$", f"{name} = {slip}", right, flags=re.MULTILINE)
            kiosk.file.write_text(wrong, encoding="utf-8")
            with control.running("serve"), kiosk.running("agent") as agent:
                notes = control.kiosk_once(lambda kiosk: kiosk["notes"])["notes"]
                assert str(kiosk.file) in notes[0] or "/nowhere.pem" in notes[0]
                kiosk.file.write_text(right, encoding="utf-8")
                control.kiosk_once(lambda kiosk: "重新启动" in "".join(kiosk["notes"]))
                assert agent.poll() is None


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    environment = os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    for command in ("agent", "serve"):
        done = subprocess.run([*PROGRAM, command], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "fleet.broker" in done.stderr and "Traceback" not in done.stderr
