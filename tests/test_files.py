"""Writes that are whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from voice_faq import files
from voice_faq.files import swap_folder, workspace, write_whole


def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "faq.yaml"
    write_whole(file, b"old")
    file.chmod(0o640)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]
    write_whole(file, b"new")
    assert file.read_bytes() == b"new" and file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("exchanges", [True, False])
def test_a_folder_is_swapped_in_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchanges: bool) -> None:
    if not exchanges:
        monkeypatch.setattr(files, "_exchanged", lambda *_: False)
    fresh, target = tmp_path / "work/model", tmp_path / "models/model"
    for content in ("first", "second"):
        fresh.mkdir(parents=True, exist_ok=True)
        (fresh / content).touch()
        swap_folder(fresh, target)
        assert [p.name for p in target.iterdir()] == [content]
    assert [p.name for p in fresh.iterdir()] == ["first"]


def test_what_a_killed_process_left_is_removed_and_what_a_running_one_uses_stays(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from voice_faq.files import workspace\n"
        "with workspace(Path(sys.argv[1]), 'build') as work:\n    print(work, flush=True)\n    time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    running, killed = (subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2))
    try:
        used, left = (Path(p.stdout.readline().strip()) for p in (running, killed) if p.stdout is not None)
        with killed:
            killed.kill()
        assert left.is_dir()
        with workspace(tmp_path, "build") as work:
            assert not left.exists() and used.is_dir() and work.is_dir()
        assert not work.exists()
    finally:
        with running:
            running.kill()
