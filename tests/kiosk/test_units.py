"""The systemd units: what systemd says of them, and how they are put in place and taken away."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from voice_faq.errors import SettingsError
from voice_faq.kiosk.installing import install, remove
from voice_faq.kiosk.units import Unit, browser_unit, escaped, server_unit

DOCS = Path(__file__).parents[2] / "docs"
COMMAND = ("%h/voice-faq/.venv/bin/voice-faq", "kiosk")
SERVER = ("/opt/voice-faq/.venv/bin/voice-faq", "kiosk")


def units(folder: Path) -> list[tuple[Unit, float]]:
    """Each with the exposure that it may have."""
    runs = (sys.executable, "kiosk")
    return [(browser_unit(runs, folder), 4.0), (server_unit(runs, "daemon", folder), 2.5)]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="not installed: systemd-analyze")
@pytest.mark.parametrize("number", [0, 1])
def test_systemd_finds_no_fault_and_little_exposure(tmp_path: Path, number: int) -> None:
    unit, most = units(tmp_path)[number]
    file = tmp_path / unit.name
    file.write_text(unit.text)
    verified = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True)
    assert verified.returncode == 0 and unit.name not in verified.stderr, verified.stderr
    analyzed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", file], capture_output=True, text=True
    ).stdout
    found = re.search(r"exposure level for .*: ([\d.]+)", analyzed)
    assert found and float(found[1]) <= most, analyzed


def test_the_units_in_the_documentation_are_those_that_are_installed() -> None:
    assert (DOCS / "voice-faq-kiosk.service").read_text() == browser_unit(COMMAND).text
    assert (DOCS / "voice-faq-server.service").read_text() == server_unit(SERVER, "kiosk").text


def test_words_with_marks_reach_the_program_as_they_are() -> None:
    text = browser_unit([*COMMAND, "--answers", escaped('/home/我的 "100%" $答案')]).text
    assert (
        'ExecStart=%h/voice-faq/.venv/bin/voice-faq kiosk --answers "/home/我的 \\"100%%\\" $$答案" --browser\n' in text
    )


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that only writes down what it is asked, and fails where a file named ``fail`` lies beside it."""
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n[ -e {tmp_path}/fail ] && echo "no bus" >&2 && exit 1\nexit 0\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return tmp_path


def test_install_and_remove_say_what_they_do(systemctl: Path) -> None:
    pytest.importorskip("sdnotify")
    unit = browser_unit(COMMAND, systemctl / "units")
    said: list[str] = []
    install(unit, said.append)
    file = systemctl / "units" / unit.name
    assert file.read_text() == unit.text
    asked = (systemctl / "asked").read_text().splitlines()
    assert asked == [f"--user {words}" for words in ("daemon-reload", f"enable {unit.name}", f"restart {unit.name}")]
    assert said[0] == f"写好了：{file}" and all(any(line in told for told in said) for line in asked)
    install(unit, said.append, start=False)
    assert f"没有变：{file}" in said and (systemctl / "asked").read_text().count("restart") == 1
    remove(unit, said.append)
    assert not file.exists() and f"--user disable --now {unit.name}" in (systemctl / "asked").read_text()
    said.clear()
    remove(unit, said.append)
    assert "没有装过" in said[0]


def test_what_systemd_refuses_is_said_with_how_far_it_came(systemctl: Path) -> None:
    pytest.importorskip("sdnotify")
    (systemctl / "fail").touch()
    unit = server_unit(SERVER, "kiosk", systemctl / "units")
    with pytest.raises(SettingsError, match=r"systemctl daemon-reload 没有成功：no bus.*前面的步骤都留着"):
        install(unit, lambda _: None)


def test_a_machine_without_systemd_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sdnotify")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="没有 systemd"):
        install(browser_unit(COMMAND, tmp_path), lambda _: None)
    assert not list(tmp_path.iterdir())
