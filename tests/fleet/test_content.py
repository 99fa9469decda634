"""What a kiosk makes of a content: only what is signed, whole, safe and without a mistake is ever used."""

from __future__ import annotations

import hashlib
import io
import os
import ssl
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from voice_faq.authoring.starting import start_folder
from voice_faq.errors import FaqError, InputError, SettingsError, SpeechError
from voice_faq.faq import load_faq
from voice_faq.fleet.archive import ContentError, FileLine, Manifest, content_id, safe_path, write_archive
from voice_faq.fleet.checking import check_content
from voice_faq.fleet.fetching import FetchError, fetch
from voice_faq.fleet.installing import ContentStore
from voice_faq.fleet.keys import PrivateKey, make_key, parse_key, read_key, trusted
from voice_faq.fleet.messages import CHUNK, Wanted
from voice_faq.fleet.packing import pack_content

from ..killing import LineCounter
from .loops import run
from .simulated import record, sealed

LARGEST = 10_000_000


@pytest.fixture
def key(tmp_path: Path) -> PrivateKey:
    return make_key(tmp_path / "operator.key", "运营部")


def forged(
    folder: Path, key: PrivateKey, files: dict[str, bytes], *, packed: Callable[[tarfile.TarFile], None] | None = None
) -> Path:
    """Signed, whatever is in it."""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:xz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        if packed is not None:
            packed(tar)
    lines = tuple(
        FileLine(path=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    )
    manifest = Manifest(
        id=content_id(lines), version="假的", signed_by="x", made="", files=lines,
        sha256=hashlib.sha256(body.getvalue()).hexdigest(),
    )  # fmt: skip
    body.seek(0)
    archive = folder / "forged.vfaq"
    with archive.open("wb") as out:
        write_archive(out, manifest, body, key)
    return archive


def install(store: ContentStore, archive: Path, *keys: PrivateKey, largest: int = LARGEST) -> Manifest:
    return store.install(archive, [key.public for key in keys], check_content, largest=largest)


def test_a_content_is_installed_switched_to_and_back(tmp_path: Path, key: PrivateKey) -> None:
    store = ContentStore(tmp_path / "content")
    ids = []
    for version in ("一", "二", "三"):
        archive, manifest = sealed(tmp_path, key, version)
        assert install(store, archive, key).signed_by == "运营部"
        store.switch(manifest.id)
        ids.append(manifest.id)
    assert load_faq(store.folder / "current" / "answers").entries[0].answer.startswith("三。")
    assert (store.current, store.previous) == (ids[2], ids[1])
    store.prune()
    assert [store.has(content) for content in ids] == [False, True, True]
    store.switch(store.previous)
    assert store.version(store.current) == "二" and store.previous == ids[2]


def test_what_is_changed_or_signed_by_a_stranger_is_not_even_unpacked(tmp_path: Path, key: PrivateKey) -> None:
    store = ContentStore(tmp_path / "content")
    archive, _ = sealed(tmp_path, key, "一")
    good = archive.read_bytes()
    stranger = make_key(tmp_path / "stranger.key", "运营部")
    with pytest.raises(ContentError, match="签名"):
        install(store, archive, stranger)
    for place in (5, 60, good.index(b"\n", 30) + 3, len(good) - 9):
        archive.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(ContentError):
            install(store, archive, key)
    for length in (0, 10, 200, len(good) - 1):
        archive.write_bytes(good[:length])
        with pytest.raises(ContentError):
            install(store, archive, key)
    assert list(store.versions.iterdir()) == []


@pytest.mark.parametrize(
    "path",
    ["../evil", "answers/../../evil", "/etc/evil", "answers//x", "answers/.ssh/x", "other/x", "faq.yaml",
     "answers/a\\b", "answers/con\n", "answers/" + "x/" * 9 + "y", "answers/C:x", "answers/end."],
)  # fmt: skip
def test_no_path_leads_out(tmp_path: Path, key: PrivateKey, path: str) -> None:
    assert not safe_path(path)
    with pytest.raises(ContentError, match="文件名"):
        install(ContentStore(tmp_path / "content"), forged(tmp_path, key, {path: b"x"}), key)
    assert not (tmp_path / "evil").exists()


def test_links_more_than_is_listed_and_too_much_are_refused(tmp_path: Path, key: PrivateKey) -> None:
    store = ContentStore(tmp_path / "content")

    def link(tar: tarfile.TarFile) -> None:
        member = tarfile.TarInfo("answers/link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)

    with pytest.raises(ContentError, match="没有的文件"):
        install(store, forged(tmp_path, key, {"answers/x": b"x"}, packed=link), key)
    with pytest.raises(ContentError, match="largest_mb"):
        install(store, forged(tmp_path, key, {"answers/x": b"\0" * 200_000}), key, largest=100_000)
    with pytest.raises(ContentError, match="重名"):
        install(store, forged(tmp_path, key, {"answers/x": b"x", "answers/X": b"x"}), key)


def test_a_mistake_in_the_answers_is_told_with_its_line_and_nothing_changes(tmp_path: Path, key: PrivateKey) -> None:
    store = ContentStore(tmp_path / "content")
    archive, first = sealed(tmp_path, key, "一")
    install(store, archive, key)
    store.switch(first.id)
    files = {f"answers/{f.name}": f.read_bytes() for f in (store.folder / "current/answers").iterdir() if f.is_file()}
    files["answers/faq.yaml"] = files["answers/faq.yaml"].replace(b"hotline:", b"hotlin:")
    with pytest.raises(ContentError, match=r"answers/faq\.yaml:\d+"):
        install(store, forged(tmp_path, key, files), key)
    assert store.current == first.id and [f.name for f in store.versions.iterdir()] == [first.id]


def test_answers_with_a_mistake_are_not_packed(tmp_path: Path, key: PrivateKey) -> None:
    with pytest.raises(FaqError):
        pack_content(tmp_path / "nothing", tmp_path / "out", key, "x")
    assert not (tmp_path / "out").exists()


def test_a_damaged_recording_is_not_packed(tmp_path: Path, key: PrivateKey) -> None:
    answers = start_folder(tmp_path / "answers")
    record(answers, 1.0)
    pack_content(answers, tmp_path / "good", key, "x")
    next((answers / "voice").rglob("*.opus")).write_bytes(b"")
    with pytest.raises(SpeechError, match="录音不见了或者不完整"):
        pack_content(answers, tmp_path / "out", key, "x")
    assert not (tmp_path / "out").exists()


def test_a_key_is_never_replaced_and_is_its_owners_alone(tmp_path: Path, key: PrivateKey) -> None:
    file = tmp_path / "operator.key"
    with pytest.raises(InputError, match="已经有"):
        make_key(file, "别人")
    assert file.stat().st_mode & 0o077 == 0
    assert read_key(file).public == key.public == parse_key(str(key.public))
    with pytest.raises(SettingsError, match="trusted_keys"):
        trusted(["ed25519 abc 谁"])


TRACED = ("fleet/installing.py", "fleet/archive.py", "voice_faq/files.py")
PLACES = 40


def test_killed_anywhere_it_has_the_old_or_the_new_content(tmp_path: Path, key: PrivateKey) -> None:
    old_archive, old = sealed(tmp_path, key, "旧")
    new_archive, new = sealed(tmp_path, key, "新")
    keys = [key.public]

    def begin(name: str) -> ContentStore:
        store = ContentStore(tmp_path / name)
        store.install(old_archive, keys, lambda _: None, largest=LARGEST)
        store.switch(old.id)
        return store

    def change(store: ContentStore, at: int) -> int:
        counter = LineCounter(at, TRACED)
        sys.settrace(counter)
        try:
            store.install(new_archive, keys, lambda _: None, largest=LARGEST)
            store.switch(new.id)
            store.prune()
        finally:
            sys.settrace(None)
        return counter.seen

    lines = change(begin("measured"), -1)
    seen = {old.id: 0, new.id: 0}
    for place in range(PLACES + 1):
        store = begin(f"kiosk-{place}")
        child = os.fork()
        if child == 0:
            try:
                change(store, 1 + place * lines // PLACES)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        seen[store.current] += 1
        files = old.files if store.current == old.id else new.files
        for line in files:
            found = hashlib.sha256((store.folder / "current" / line.path).read_bytes()).hexdigest()
            assert found == line.sha256
        if place % 10 == 0:  # it goes on as if nothing had been
            change(store, -1)
            assert store.current == new.id
            assert not [f for f in store.versions.iterdir() if f.name not in (old.id, new.id)]
    assert min(seen.values()) > 0


def test_a_download_goes_on_where_it_was_and_a_wrong_one_is_thrown_away(tmp_path: Path) -> None:
    content = os.urandom(CHUNK * 19 + 5)
    wanted = Wanted(content="0" * 16, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    asked: list[int] = []
    broken = True

    async def get_chunk(number: int) -> bytes:
        asked.append(number)
        if broken and number == 12:
            raise FetchError("cut off")
        return content[number * CHUNK : (number + 1) * CHUNK]

    context = ssl.create_default_context()
    with pytest.raises(FetchError):
        run(fetch(wanted, tmp_path, get_chunk, context))
    asked.clear()
    broken = False
    whole = run(fetch(wanted, tmp_path, get_chunk, context))
    assert whole.read_bytes() == content and min(asked) == 12
    whole.unlink()
    other = wanted.model_copy(update={"sha256": "1" * 64})
    with pytest.raises(FetchError, match="校验值"):
        run(fetch(other, tmp_path, get_chunk, context))
    assert not list(tmp_path.glob("*.part"))
