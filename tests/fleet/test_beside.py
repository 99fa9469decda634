"""A real kiosk's server and its agent's questions over loopback; an HTTPS address to fetch from."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import uvicorn

from voice_faq.authoring.starting import start_folder
from voice_faq.dialogue.turn import Turn
from voice_faq.fleet.beside import BesideError, LocalKiosk, troubles
from voice_faq.fleet.fetching import FetchError, fetch
from voice_faq.fleet.messages import Wanted
from voice_faq.kiosk.content import Refusal
from voice_faq.kiosk.server import make_app
from voice_faq.settings import Settings

from .broker import Certificates, free_port
from .core import open_core
from .loops import run


async def no_chunk(number: int) -> bytes:
    raise AssertionError(number)


def test_a_test_question_is_answered_by_the_kiosk_and_counts_as_nobodys(tmp_path: Path) -> None:
    content = tmp_path / "content"
    answers = start_folder(content / "current" / "answers")
    seen: list[Turn] = []

    class Observer:
        def decided(self, turn: Turn) -> None:
            seen.append(turn)

        def unheard(self) -> None: ...

    kiosk = open_core(Settings(answers=answers, voice_pack=None, cache_dir=tmp_path / "cache"))
    kiosk.observers.add(Observer())

    async def main() -> None:
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(make_app(kiosk), port=port, log_level="error"))
        serving = asyncio.create_task(server.serve())
        marks = tmp_path / "marks"
        beside = LocalKiosk(port, content, ("touch", str(marks)), ("false", "{percent}"))
        while not server.started:
            await asyncio.sleep(0.02)
        assert "九点到下午五点" in await beside.ask("几点开门")
        assert (await beside.health())["pages"] == 0
        # What has many mistakes must not look well for it.
        kiosk.refused.append(Refusal("answers", "faq.yaml:3：这一行写错了，请改正。\n" * 300, ""))
        said = await beside.health()
        assert troubles(said) == ("content",) and said["refused"][0]["error"].startswith("faq.yaml:3：")
        kiosk.refused *= 100
        with pytest.raises(BesideError, match="太长"):
            await beside.health()
        before = (answers / "faq.yaml").stat().st_mtime_ns
        await beside.reload()
        assert (answers / "faq.yaml").stat().st_mtime_ns > before
        await beside.restart()
        assert marks.exists()
        with pytest.raises(BesideError, match="volume_command"):
            await beside.volume(40)
        with pytest.raises(BesideError):
            await beside.ask("")
        server.should_exit = True
        await serving
        with pytest.raises(BesideError, match="没有应答"):
            await beside.health()

    run(main())
    assert seen == []


def test_what_is_not_well_is_named_whatever_else_a_kiosk_says() -> None:
    assert troubles({"pages": 0, "version": "9", "microphone": "ok", "loudspeaker": {"state": "ok", "name": "x"}}) == ()
    assert troubles({"microphone": "denied", "voice": {"ok": False}, "page": "hung"}) == ("microphone", "voice", "page")
    assert troubles({"refused": [{"part": "answers"}], "silent_s": 500.0}) == ("page", "content")
    assert troubles({"refused": [{"part": "settings"}, "odd"]}) == ("content", "settings")
    assert troubles({"microphone": "unknown", "silent_s": None, "refused": [], "loudspeaker": "a new word"}) == ()


@contextmanager
def https(content: bytes, certificates: Certificates, cut_after: int) -> Iterator[tuple[int, list[str]]]:
    """(port, ranges that were asked for); the first answer breaks off."""
    ranges: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range", "")
            ranges.append(asked)
            begin = int(asked[6:-1]) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            self.wfile.write(content[begin:] if asked else content[:cut_after])

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.make("files", server=True))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], ranges
    finally:
        server.shutdown()
        server.server_close()


def test_an_archive_comes_over_https_in_two_parts(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    certificates = Certificates(tmp_path / "certs")
    with https(content, certificates, 100_000) as (port, ranges):
        wanted = Wanted(
            content="0" * 16, sha256=hashlib.sha256(content).hexdigest(), size=len(content),
            url=f"https://localhost:{port}/x.vfaq",
        )  # fmt: skip
        with pytest.raises(FetchError):  # of nobody we know
            run(fetch(wanted, tmp_path / "stranger", no_chunk, ssl.create_default_context()))
        context = ssl.create_default_context(cafile=str(certificates.ca))
        with pytest.raises(FetchError):
            run(fetch(wanted, tmp_path / "incoming", no_chunk, context))
        whole = run(fetch(wanted, tmp_path / "incoming", no_chunk, context))
        assert whole.read_bytes() == content
        assert len(ranges) == 2 and ranges[1].startswith("bytes=") and ranges[1] != "bytes=0-"
