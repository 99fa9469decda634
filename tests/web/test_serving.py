"""A local page's server, in a process of its own: who gets in, and who takes nobody's place."""

from __future__ import annotations

import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import websockets
from websockets.sync.client import connect

PROGRAM = """
import logging
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from voice_faq import web

web.serving.REQUEST_S, web.serving.STALLED_S = 0.4, 0.8

def ready(address):
    for name in ("", "uvicorn", "uvicorn.error", "websockets", "websockets.server", "asyncio"):
        logging.getLogger(name).setLevel(1)
    print(address, flush=True)

async def hello(request):
    return PlainTextResponse("hello " + (await request.body()).decode())

async def large(_):
    return PlainTextResponse("x" * 30_000_000)

async def broken(request):
    int("what was typed")

async def talk(socket):
    await socket.accept()
    try:
        raise ValueError("what was said")
    except ValueError:
        await socket.receive_json()

web.serve(
    web.local_app([
        Route("/", hello, methods=["GET", "POST"]), Route("/large", large), Route("/broken", broken),
        WebSocketRoute("/talk", talk),
    ]),
    port=0, ready=ready,
)
"""


@dataclass
class Program:
    address: str
    port: int
    log: Path
    pid: int


@contextmanager
def running(folder: Path, files: int = 1024) -> Iterator[Program]:
    log = folder / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=errors, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
        )  # fmt: skip
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            yield Program(address, int(address.split(":")[-1].strip("/")), log, process.pid)
        finally:
            with process:
                process.kill()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with running(tmp_path_factory.mktemp("program")) as started:
        yield started


def closed_within(opened: socket.socket, seconds: float) -> bool:
    opened.settimeout(seconds)
    try:
        while opened.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


HEAD = b" / HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET" + HEAD, b"POST" + HEAD + b"Content-Length: 9\r\n\r\nhal"])
def test_a_request_that_never_becomes_whole_is_given_up(program: Program, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", program.port)) as opened:
        opened.sendall(begun)
        assert closed_within(opened, 10)


def test_so_is_the_second_request_of_a_connection(program: Program) -> None:
    with socket.create_connection(("127.0.0.1", program.port)) as opened:
        opened.sendall(b"GET" + HEAD + b"\r\nGET / HT")
        assert closed_within(opened, 10)


def test_a_response_that_nobody_takes_is_given_up(program: Program) -> None:
    with socket.create_connection(("127.0.0.1", program.port)) as opened:
        opened.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        deadline = time.monotonic() + 20
        while f":{opened.getsockname()[1]:04X} " not in open_connections(program):
            assert time.monotonic() < deadline
        while f":{opened.getsockname()[1]:04X} " in open_connections(program):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def open_connections(program: Program) -> str:
    """The server's side of the established ones, as Linux lists them."""
    lines = Path("/proc/net/tcp").read_text().splitlines()
    return "\n".join(line for line in lines if f":{program.port:04X} 0100007F" in line and " 01 " in line)


def test_idle_connections_take_nobodys_place_and_fill_no_log(tmp_path: Path) -> None:
    with running(tmp_path, files=128) as small, ExitStack() as open_ones:
        for _ in range(300):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", small.port)))
        assert httpx.get(small.address).text == "hello "
        assert small.log.stat().st_size < 10_000


def test_errors_are_told_in_one_line_without_what_was_said_and_not_again_and_again(tmp_path: Path) -> None:
    with running(tmp_path) as program:
        for _ in range(12):
            assert httpx.get(program.address + "broken").status_code == 500
        for payload in ("{not json", "not json".encode("utf-16")):
            with connect(program.address.replace("http", "ws") + "talk") as page:
                page.send(payload, text=True)
                with pytest.raises(websockets.ConnectionClosed):
                    page.recv(timeout=10)
        log = program.log.read_text()
    assert "what was" not in log and "not json" not in log and "Traceback" not in log
    assert "ValueError" in log
    lines = log.strip().splitlines()
    assert 1 <= len(lines) <= 10 and all(re.match(r"\d{4}-\d\d-\d\d .* voice-faq: ", line) for line in lines)


def test_a_page_from_elsewhere_changes_nothing(program: Program) -> None:
    assert httpx.post(program.address, content="x").text == "hello x"
    own = {"Origin": program.address.rstrip("/")}
    assert httpx.post(program.address, content="x", headers=own).status_code == 200
    assert httpx.post(program.address, content="x", headers={"Origin": "http://evil.example"}).status_code == 403
    assert httpx.post(program.address, content="x", headers={"Origin": "null"}).status_code == 403
    assert httpx.get(program.address, headers={"Host": "evil.example"}).status_code == 400
