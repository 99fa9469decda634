"""The server behind the page, over real connections: what it answers, and whom it lets be."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import pytest
import soundfile as sf
import websockets
from websockets.asyncio.client import connect as connect_asynchronously
from websockets.sync.client import ClientConnection, connect

from voice_faq.audio.recording import read_recording, resampled
from voice_faq.faq import Faq
from voice_faq.settings import Settings

from ..conftest import DATA
from .pages import MESSAGE, Server, ask_as_spoken, serving

PCM = resampled(read_recording(DATA / "recordings" / "canonical-refund.flac"), 16_000).samples.astype("<i2").tobytes()
Result = TypeVar("Result")


def send(page: ClientConnection, kind: str, **content: Any) -> None:
    page.send(json.dumps({"type": kind, **content}))


def receive(page: ClientConnection, kind: str, timeout: float = 30.0) -> dict[str, Any]:
    """The next event of a kind; others are passed over."""
    deadline = time.monotonic() + timeout
    while True:
        event: dict[str, Any] = json.loads(page.recv(timeout=deadline - time.monotonic()))
        if event["type"] == kind:
            return event


def apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run in a thread of its own: Playwright keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture
def page(server: Server) -> Iterator[ClientConnection]:
    with connect(server.socket) as connection:
        receive(connection, "welcome")
        yield connection


def ask_aloud(page: ClientConnection, rate: int = 16_000, pcm: bytes = PCM) -> dict[str, Any]:
    send(page, "start", rate=rate)
    for start in range(0, len(pcm), MESSAGE):
        page.send(pcm[start : start + MESSAGE])
    send(page, "stop")
    return receive(page, "turn")


def test_a_question_becomes_a_turn_and_clauses_of_the_voice_pack(
    page: ClientConnection, server: Server, faq: Faq
) -> None:
    event = ask_aloud(page)
    turn = event["turn"]
    assert (turn["decision"], turn["entry"], turn["input"]) == ("answer", "refund", "microphone")
    assert set(turn) == {
        "input", "transcript", "alternatives", "decision", "entry", "score", "candidates", "answer", "command",
        "timings_ms",
    }  # fmt: skip
    assert event["question"] == faq.entry("refund").question
    assert "".join(receive(page, "speech")["clauses"]) == faq.entry("refund").answer
    first = receive(page, "clause")
    audio = httpx.get(server.address.rstrip("/") + first["address"])
    assert audio.headers["content-type"] == "audio/ogg" and "immutable" in audio.headers["cache-control"]
    assert receive(page, "spoken")["clauses"] >= 2


def test_words_appear_while_they_are_spoken(page: ClientConnection) -> None:
    send(page, "start", rate=16_000)
    for start in range(0, len(PCM), MESSAGE):
        page.send(PCM[start : start + MESSAGE])
    assert receive(page, "words")["text"]
    send(page, "cancel")


def test_audio_at_a_browsers_own_rate_is_understood(page: ClientConnection) -> None:
    pcm = (
        resampled(read_recording(DATA / "recordings" / "canonical-refund.flac"), 44_100).samples.astype("<i2").tobytes()
    )
    assert ask_aloud(page, 44_100, pcm)["turn"]["entry"] == "refund"


def test_silence_is_not_a_question(page: ClientConnection) -> None:
    event = ask_aloud(page, pcm=bytes(64_000))
    assert event["turn"]["decision"] == "reject" and event["turn"]["transcript"] == ""


def test_what_is_made_live_is_forgotten_with_its_session(faq: Faq) -> None:
    with serving(VOICE_FAQ_VOICE_PACK="none") as server, connect(server.socket) as page:
        send(page, "show", entry="overdraft")
        address = server.address.rstrip("/") + receive(page, "clause")["address"]
        receive(page, "spoken", timeout=30)
        audio = httpx.get(address)
        assert audio.status_code == 200 and audio.headers["cache-control"] == "no-store"
        assert audio.content[:4] == b"RIFF"
        send(page, "reset")
        receive(page, "reset")
        assert httpx.get(address).status_code == 404


def test_a_reset_forgets_speed_volume_and_the_last_answer(page: ClientConnection) -> None:
    send(page, "show", entry="refund")
    send(page, "change", command="slower")
    assert receive(page, "manner")["pace"] < 1
    send(page, "reset")
    assert receive(page, "reset") == {"type": "reset", "pace": 1.0, "volume": 1.0}
    send(page, "repeat")
    assert "还没有可以重复" in receive(page, "turn")["turn"]["answer"]


def test_a_question_longer_than_is_allowed_is_ended_and_answered() -> None:
    with serving(VOICE_FAQ_LONGEST_QUESTION_S="4") as server, connect(server.socket) as page:
        send(page, "start", rate=16_000)
        for start in range(0, len(PCM + bytes(96_000)), MESSAGE):
            page.send((PCM + bytes(96_000))[start : start + MESSAGE])
        assert receive(page, "turn")["turn"]["decision"] in ("answer", "clarify", "reject")


def test_no_page_from_elsewhere_gets_in(server: Server) -> None:
    with pytest.raises(websockets.InvalidStatus):
        connect(server.socket, origin=websockets.Origin("http://evil.example"))
    with connect(server.socket, origin=websockets.Origin(server.address.rstrip("/"))) as page:
        receive(page, "welcome")
    assert httpx.get(server.address, headers={"Host": "evil.example"}).status_code == 400
    with pytest.raises(websockets.InvalidStatus):
        connect(server.socket, additional_headers={"Host": "evil.example"})


def test_the_server_is_there_for_this_machine_alone(server: Server) -> None:
    port = int(re.search(r":(\d+)/", server.address)[1])  # type: ignore[index]
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)} - {
        "127.0.0.1",
        "127.0.1.1",
    }
    for address in own:
        with pytest.raises(OSError), socket.create_connection((str(address), port), timeout=1):
            pass


def test_responses_forbid_everything_from_outside(server: Server) -> None:
    headers = httpx.get(server.address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers and "set-cookie" not in headers
    page = httpx.get(server.address).text
    assert not re.search(r"<script(?![^>]*src=)|style=|\son\w+=|https?://(?!www\.w3\.org)", page)


@pytest.mark.parametrize(
    "path", ["voice/../faq.yaml", "voice/manifest.json", "live/x.wav", "page/../server.py", "earcons/no.wav", "logo"]
)
def test_only_what_a_page_needs_is_handed_out(server: Server, path: str) -> None:
    with httpx.Client() as client:
        request = client.build_request("GET", server.address)
        request.url = request.url.copy_with(raw_path=f"/{path}".encode())
        assert client.send(request).status_code in (404, 405)


def test_nonsense_is_answered_with_what_is_wrong_and_then_hung_up(server: Server, faq: Faq) -> None:
    with connect(server.socket) as page, connect(server.socket) as neighbour:
        for nonsense in (
            "",
            "{",
            "[]",
            '{"type": "fly"}',
            '{"type": "start", "rate": 1}',
            '{"type": "ask", "text": 3}',
        ):
            page.send(nonsense)
            assert receive(page, "mistake")["problem"]
        with pytest.raises(websockets.ConnectionClosed):
            for _ in range(40):
                page.send("\0" * 100)
                receive(page, "mistake")
        assert ask_aloud(neighbour)["turn"]["entry"] == "refund"


def test_a_message_too_large_ends_only_its_own_connection(server: Server) -> None:
    with connect(server.socket) as page, connect(server.socket) as neighbour:
        receive(page, "welcome")
        page.send(bytes(1_000_000))
        with pytest.raises(websockets.ConnectionClosed):
            receive(page, "turn")
        assert ask_aloud(neighbour)["turn"]["entry"] == "refund"


def test_a_page_that_floods_waits_for_itself_alone(server: Server) -> None:
    async def flood(until: float) -> int:
        sent = 0
        async with connect_asynchronously(server.socket, close_timeout=0.5) as page:
            await page.send('{"type": "start", "rate": 16000}')
            while time.monotonic() < until:
                try:
                    await asyncio.wait_for(page.send(bytes(32_000)), 0.5)
                    sent += 1
                except TimeoutError:
                    break  # the server takes no more for now: this is what should happen
        return sent

    async def floods() -> list[int]:
        until = time.monotonic() + 2
        flooding = asyncio.gather(*(flood(until) for _ in range(4)))
        await asyncio.sleep(0.5)
        entry = await asyncio.to_thread(ask_in_peace)
        assert entry == "refund"
        return await flooding

    def ask_in_peace() -> str:
        with connect(server.socket) as page:
            return str(ask_aloud(page)["turn"]["entry"])

    before = server.peak_mib
    sent = apart(floods())
    assert max(sent) < 400, "seconds of audio taken in a few seconds"
    assert server.peak_mib - before < 150


def test_pages_that_vanish_or_stall_are_let_go(server: Server) -> None:
    def pages() -> int:
        return int(httpx.get(server.address + "health").json()["pages"])

    before = pages()
    for _ in range(5):
        with connect(server.socket) as page:
            send(page, "start", rate=16_000)
            page.send(PCM[:64_000])
            page.socket.shutdown(socket.SHUT_RDWR)
    with connect(server.socket) as page:
        assert ask_aloud(page)["turn"]["entry"] == "refund"
    deadline = time.monotonic() + 10
    while pages() > before:
        assert time.monotonic() < deadline, "vanished pages are still counted"
        time.sleep(0.1)


def test_one_page_too_many_is_asked_to_wait() -> None:
    with serving(VOICE_FAQ_KIOSK__SESSIONS="1") as server, connect(server.socket) as first:
        receive(first, "welcome")
        with connect(server.socket) as second, pytest.raises(websockets.ConnectionClosed) as closed:
            receive(second, "welcome")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013
        assert ask_aloud(first)["turn"]["entry"] == "refund"


def test_twenty_pages_that_ask_at_once_are_all_answered_right(server: Server) -> None:
    async def ask_all() -> list[tuple[str | None, float]]:
        return await asyncio.gather(*(ask_as_spoken(server, PCM) for _ in range(20)))

    assert [entry for entry, _ in apart(ask_all())] == ["refund"] * 20
    assert server.peak_mib < 700


def test_no_recording_is_left_on_disk(server: Server, page: ClientConnection, settings: Settings) -> None:
    ask_aloud(page)
    opened = [str(fd.readlink()) for fd in Path(f"/proc/{server.process.pid}/fd").iterdir()]
    files = [Path(name) for name in opened if name.startswith("/") and Path(name).is_file()]
    written = [f for f in files if f.suffix in (".wav", ".pcm", ".raw", ".flac", ".opus")]
    assert not [f for f in written if not f.is_relative_to(settings.answers)]


def test_earcons_are_short_sounds(server: Server) -> None:
    for name in ("listening", "understood", "not_understood", "cancelled", "error"):
        wav = httpx.get(f"{server.address}earcons/{name}.wav").content
        import io

        samples, rate = sf.read(io.BytesIO(wav), dtype="int16")
        assert 0.05 < len(samples) / rate < 0.25 and np.abs(samples).max() > 1_000


def test_a_port_in_use_is_said_with_what_to_do(server: Server) -> None:
    import subprocess
    import sys

    port = server.address.split(":")[-1].strip("/")
    done = subprocess.run([sys.executable, "-m", "voice_faq", "kiosk", "--port", port], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"端口 {port} 用不了" in done.stderr and "Traceback" not in done.stderr
