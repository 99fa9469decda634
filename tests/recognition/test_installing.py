"""Installing from a server on loopback: everything that can go wrong with a download does."""

import errno
import hashlib
import http.server
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from voice_faq.errors import ModelError
from voice_faq.recognition import installing
from voice_faq.recognition.installing import OfficialModel, install_model, official_model
from voice_faq.recognition.model_folder import find_model
from voice_faq.settings import Settings, load_settings

NAME = "vosk-model-test-0.1"


class Server:
    """Serves one archive with ranges; can hang up in the middle."""

    def __init__(self) -> None:
        self.content = b""
        self.hang_up_after: int | None = None
        self.ranges: list[str | None] = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = self.headers.get("Range")
                owner.ranges.append(wanted)
                if self.path != f"/{NAME}.zip":
                    self.send_error(404)
                    return
                start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
                body = owner.content[start:]
                self.send_response(206 if wanted else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if owner.hang_up_after is not None:
                    body = body[: owner.hang_up_after]
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def own(server: Server, tmp_path: Path) -> Settings:
    return load_settings(models_url=server.url, models_dir=tmp_path / "models")


def archive(settings: Settings, extra: Callable[[zipfile.ZipFile], None] = lambda _zip: None) -> bytes:
    """The default model under another name, as the official archives are packed."""
    buffer = io.BytesIO()
    source = find_model(Settings(models_dir=settings.models_dir))
    with zipfile.ZipFile(buffer, "w") as packed:
        for file in sorted(source.rglob("*")):
            if file.is_file():
                packed.write(file, f"{NAME}/{file.relative_to(source)}")
        extra(packed)
    return buffer.getvalue()


def model_of(content: bytes) -> OfficialModel:
    return OfficialModel(NAME, "a test", len(content), hashlib.sha256(content).hexdigest())


def leftovers(settings: Settings) -> list[str]:
    return sorted(p.name for p in settings.models_dir.iterdir() if p.name != ".download")


def test_a_model_is_downloaded_verified_and_put_in_place(server: Server, own: Settings) -> None:
    server.content = archive(own)
    seen: list[tuple[int, int | None]] = []
    folder = install_model(model_of(server.content), own, lambda done, total: seen.append((done, total)))
    assert folder == own.models_dir / NAME == find_model(own.model_copy(update={"model": NAME}))
    assert seen[-1] == (len(server.content), len(server.content))
    assert leftovers(own) == [NAME]
    assert list((own.models_dir / ".download").iterdir()) == []


def test_a_second_run_downloads_nothing(server: Server, own: Settings) -> None:
    server.content = archive(own)
    install_model(model_of(server.content), own)
    install_model(model_of(server.content), own)
    assert len(server.ranges) == 1


def test_a_broken_download_is_resumed(server: Server, own: Settings) -> None:
    server.content = archive(own)
    server.hang_up_after = 1_000_000
    with pytest.raises(ModelError, match="再运行一次会接着下"):
        install_model(model_of(server.content), own)
    assert leftovers(own) == []
    server.hang_up_after = None
    install_model(model_of(server.content), own)
    first, second = server.ranges
    assert first is None and second is not None and int(second[6:-1]) > 0
    assert leftovers(own) == [NAME]


def test_a_wrong_checksum_installs_nothing_and_starts_afresh(server: Server, own: Settings) -> None:
    good = archive(own)
    server.content = good[:-1] + b"!"
    with pytest.raises(ModelError, match="校验和不对，已删除"):
        install_model(model_of(good), own)
    assert leftovers(own) == [] and list((own.models_dir / ".download").iterdir()) == []
    server.content = good
    install_model(model_of(good), own)
    assert leftovers(own) == [NAME]


def test_a_full_disk_is_said_and_resumed(server: Server, own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    server.content = archive(own)
    usage = installing.shutil.disk_usage(own.models_dir.parent)
    monkeypatch.setattr(installing.shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(ModelError, match="磁盘满了"):
        install_model(model_of(server.content), own)
    monkeypatch.undo()
    install_model(model_of(server.content), own)
    assert leftovers(own) == [NAME]


def test_a_disk_that_fills_up_while_unpacking_leaves_nothing_behind(
    server: Server, own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = archive(own)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "extractall", full)
    with pytest.raises(ModelError, match="磁盘满了"):
        install_model(model_of(server.content), own)
    assert leftovers(own) == []


@pytest.mark.parametrize("path", ["../outside.txt", "/tmp/outside.txt", "a/../../outside.txt", "C:/outside.txt"])
def test_paths_that_lead_out_are_refused(server: Server, own: Settings, path: str) -> None:
    server.content = archive(own, lambda packed: packed.writestr(path, "x"))
    with pytest.raises(ModelError, match="不安全的路径"):
        install_model(model_of(server.content), own)
    assert leftovers(own) == []


def test_links_in_the_archive_are_refused(server: Server, own: Settings) -> None:
    def add_link(packed: zipfile.ZipFile) -> None:
        link = zipfile.ZipInfo(f"{NAME}/link")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")

    server.content = archive(own, add_link)
    with pytest.raises(ModelError, match="不安全的路径"):
        install_model(model_of(server.content), own)


def test_an_incomplete_model_is_not_put_in_place(server: Server, own: Settings) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(f"{NAME}/README", "nothing else")
    server.content = buffer.getvalue()
    with pytest.raises(ModelError, match=r"不完整：am/final\.mdl"):
        install_model(model_of(server.content), own)
    assert leftovers(own) == []


@pytest.mark.parametrize("place", [8, 10])  # marks of encryption and of the way of compressing
def test_an_archive_that_cannot_be_unpacked_is_told(server: Server, own: Settings, place: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(f"{NAME}/README", "nothing else")
    content = bytearray(buffer.getvalue())
    content[content.rindex(b"PK\x01\x02") + place] ^= 1
    server.content = bytes(content)
    with pytest.raises(ModelError, match="压缩包是坏的"):
        install_model(model_of(server.content), own)
    assert leftovers(own) == []


def test_a_server_without_the_model_is_said(server: Server, own: Settings) -> None:
    with pytest.raises(ModelError, match="服务器回答 404"):
        install_model(OfficialModel("vosk-model-none", "", None, None), own)


def test_no_server_is_said(own: Settings) -> None:
    gone = own.model_copy(update={"models_url": "http://127.0.0.1:9"})
    with pytest.raises(ModelError, match="网络断了"):
        install_model(OfficialModel(NAME, "", None, None), gone)


def test_the_official_models_are_known_by_name() -> None:
    small = official_model("vosk-model-small-cn-0.22")
    assert small.size == 43_898_754
    assert small.sha256 == "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba"
    with pytest.raises(ModelError, match=r"可以安装的有：vosk-model-small-cn-0\.22、vosk-model-cn-0\.22"):
        official_model("nix")
