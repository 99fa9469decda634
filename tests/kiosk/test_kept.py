"""The last good content on the disk: a loss of power, a full disk and a folder that cannot be written harm nothing."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from voice_faq.cache import NEWEST, cache_file, write_cache
from voice_faq.files import MEMORY, scratch_parent
from voice_faq.kiosk.kept import LastGood
from voice_faq.kiosk.sources import Sources, look, versions_of
from voice_faq.kiosk.starts import Starts
from voice_faq.settings import Settings

from .pages import serving
from .small_faq import BROKEN, TOILET, faq_yaml, write_answers
from .test_server import page_of


def content(folder: Path) -> Any:
    """As much of one as is kept."""
    sources = Sources(folder, folder / "voice" / "ours", None)
    return SimpleNamespace(sources=sources, stamps=look(sources), versions=versions_of(sources))


def version(folder: Path, text: str, clauses: int = 40) -> Any:
    write_answers(folder, text)
    (folder / "voice" / "ours").mkdir(parents=True, exist_ok=True)
    (folder / "voice" / "ours" / "manifest.json").write_text(text, encoding="utf-8")
    for number in range(clauses):
        (folder / "voice" / "ours" / f"{number:020x}.opus").write_bytes(text.encode() * 10)
    return content(folder)


@pytest.fixture
def settings_here(tmp_path: Path) -> Settings:
    return Settings(answers=tmp_path / "answers", state_dir=tmp_path / "state")


def test_killed_at_any_moment_one_whole_copy_is_there(tmp_path: Path, settings_here: Settings) -> None:
    one, two = version(tmp_path / "one", faq_yaml("一")), version(tmp_path / "two", faq_yaml("二"))
    kept = LastGood(settings_here)
    assert kept.keep(one)
    known = {one.versions.answers: faq_yaml("一"), two.versions.answers: faq_yaml("二")}
    chance = random.Random(7)
    for _ in range(25):
        child = os.fork()
        if child == 0:
            while True:
                kept.keep(two)
                kept.keep(one)
        time.sleep(chance.uniform(0.002, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        answers = kept.answers
        assert answers is not None
        found = versions_of(Sources(answers, answers / "voice" / "ours", None))
        assert (answers / "faq.yaml").read_text(encoding="utf-8") == known[str(found.answers)]
        assert found.voice == (one if found.answers == one.versions.answers else two).versions.voice
        assert len(list((answers / "voice" / "ours").iterdir())) == 41
    # The last one killed may have put either in place, and what is there already is not written again.
    assert kept.keep(one) and kept.keep(two) and kept.answers is not None
    assert [folder.name for folder in kept.folder.parent.iterdir()] == [kept.folder.name], (
        "what was begun is swept away"
    )


def test_a_copy_that_was_damaged_is_none(tmp_path: Path, settings_here: Settings) -> None:
    kept = LastGood(settings_here)
    assert kept.answers is None
    kept.keep(version(tmp_path / "one", faq_yaml()))
    assert kept.answers is not None
    (kept.folder / "answers" / "faq.yaml").write_bytes(b"\0" * 100)
    assert kept.answers is None


def test_what_has_not_changed_is_not_copied_again(tmp_path: Path, settings_here: Settings) -> None:
    kept = LastGood(settings_here)
    kept.keep(version(tmp_path / "one", faq_yaml()))
    recording = kept.folder / "answers" / "voice" / "ours" / f"{0:020x}.opus"
    before = recording.stat().st_ino
    write_answers(tmp_path / "one", faq_yaml("新的"))
    assert kept.keep(content(tmp_path / "one"))
    assert recording.stat().st_ino == before and "新的" in (kept.folder / "answers" / "faq.yaml").read_text()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system without a free byte."""
    place = tmp_path / "full"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "none", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("nothing may be mounted here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path) -> Path:
    filler = place / "filler"
    with filler.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def test_on_a_full_disk_the_older_copy_stays(tmp_path: Path, full_disk: Path) -> None:
    kept = LastGood(Settings(answers=tmp_path / "answers", state_dir=full_disk / "state"))
    one = version(tmp_path / "one", faq_yaml("一"), clauses=4)
    assert kept.keep(one)
    filler = fill(full_disk)
    assert not kept.keep(version(tmp_path / "two", faq_yaml("二"), clauses=4))
    assert kept.answers is not None and "一" in (kept.answers / "faq.yaml").read_text()
    Starts(full_disk / "state").begin()
    filler.unlink()
    assert kept.keep(version(tmp_path / "two", faq_yaml("二"), clauses=4))


def test_temporary_files_go_to_memory_where_the_disk_is_full(full_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.access(MEMORY, os.W_OK):
        pytest.skip("no /dev/shm")
    fill(full_disk)
    monkeypatch.setattr("tempfile.tempdir", str(full_disk))
    assert scratch_parent() == MEMORY


def test_a_start_is_counted_as_a_restart_after_an_end_that_nobody_wanted(tmp_path: Path) -> None:
    for restarts, ended in ((0, True), (0, False), (1, True), (1, True)):
        starts = Starts(tmp_path)
        starts.begin()
        assert starts.restarts == restarts and not starts.failed_before
        starts.ready()
        if ended:
            starts.end()
    Starts(tmp_path).begin()
    again = Starts(tmp_path)
    again.begin()
    assert again.failed_before and again.restarts == 2
    (tmp_path / "starts.json").write_bytes(b"\0\0")
    after = Starts(tmp_path)
    after.begin()
    assert after.restarts == 0


def test_a_clock_that_was_set_back_drops_nothing_new_from_the_cache(tmp_path: Path) -> None:
    for number in range(NEWEST + 2):
        old = cache_file(tmp_path, "kind", number)
        write_cache(old, b"old")
        os.utime(old, (4e9, 4e9))  # in the year 2096
    new = cache_file(tmp_path, "kind", "new")
    write_cache(new, b"new")
    assert new.read_bytes() == b"new" and len(list(tmp_path.iterdir())) <= NEWEST + 1


def test_a_file_that_became_older_has_changed(tmp_path: Path) -> None:
    sources = content(write_answers(tmp_path / "one")).sources
    before = look(sources)
    os.utime(tmp_path / "one" / "faq.yaml", (0, 0))
    assert look(sources) != before
    shutil.rmtree(tmp_path / "one")
    assert look(sources).answers[0][1:] == (0, 0, 0)


def test_with_nowhere_to_write_a_kiosk_answers_and_speaks(tmp_path: Path, full_disk: Path) -> None:
    answers = write_answers(tmp_path / "answers")
    fill(full_disk)
    subprocess.run(["mount", "-o", "remount,ro", full_disk], check=True)
    nowhere = {"VOICE_FAQ_CACHE_DIR": str(full_disk / "cache"), "VOICE_FAQ_STATE_DIR": str(full_disk / "state")}
    with Path("/dev/full").open("w") as log:  # not even what goes wrong can be written down
        told = {"VOICE_FAQ_ANSWERS": str(answers), "TMPDIR": str(full_disk), **nowhere}
        with serving(errors=log, quick=True, **told) as server, page_of(server) as page:
            page.send("ask", text="厕所在哪里")
            assert page.receive("turn")["turn"]["answer"] == TOILET
            heard = httpx.get(server.address.rstrip("/") + page.receive("clause")["address"])
            assert heard.content[:4] == b"RIFF"
            page.send("microphone", problem="missing")
            write_answers(answers, BROKEN)
            deadline = time.monotonic() + 120
            while not httpx.get(server.address + "health").json()["refused"]:
                assert time.monotonic() < deadline
                time.sleep(0.5)
            page.send("ask", text="厕所在哪里")
            assert page.receive("turn")["turn"]["answer"] == TOILET
