"""The server behind the page, over real connections: what it answers, and whom it lets be."""

from __future__ import annotations

import asyncio
import io
import json
import re
import socket
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import pytest
import soundfile as sf
import websockets
import zxingcpp
from websockets.asyncio.client import connect as connect_asynchronously
from websockets.sync.client import ClientConnection, connect

from voice_faq.audio.recording import read_recording, resampled
from voice_faq.faq import Faq
from voice_faq.kiosk.messages import AUDIO_HEADER
from voice_faq.settings import Settings

from ..conftest import DATA
from .pages import MESSAGE, Server, ask_as_spoken, serving

PCM = resampled(read_recording(DATA / "recordings" / "canonical-refund.flac"), 16_000).samples.astype("<i2").tobytes()
Result = TypeVar("Result")


REQUESTS = ("start", "ask", "show", "choose", "repeat")


def message(kind: str, session: int = 0, question: int = 0, **content: Any) -> str:
    return json.dumps({"type": kind, "session": session, "question": question, **content})


class Page:
    """A page without a screen: counts its questions as the real one does."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.session = 1
        self.question = 0
        connection.send(message("hello"))

    def send(self, kind: str, **content: Any) -> None:
        self.question += kind in REQUESTS
        self.connection.send(message(kind, self.session, self.question, **content))

    def audio(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), MESSAGE):
            self.connection.send(AUDIO_HEADER.pack(self.session, self.question) + pcm[start : start + MESSAGE])

    def receive(self, kind: str, timeout: float = 120.0) -> dict[str, Any]:
        """The next event of a kind; others are passed over."""
        return receive(self.connection, kind, timeout)

    def reset(self) -> None:
        self.send("reset")
        self.session += 1


@contextmanager
def page_of(server: Server) -> Iterator[Page]:
    with connect(server.socket, ping_interval=None) as connection:
        page = Page(connection)
        page.receive("welcome")
        yield page


def receive(page: ClientConnection, kind: str, timeout: float = 120.0) -> dict[str, Any]:
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
def page(server: Server) -> Iterator[Page]:
    with page_of(server) as opened:
        yield opened


def ask_aloud(page: Page, rate: int = 16_000, pcm: bytes = PCM) -> dict[str, Any]:
    page.send("start", rate=rate)
    page.audio(pcm)
    page.send("stop")
    return page.receive("turn")


def test_a_question_becomes_a_turn_and_clauses_of_the_voice_pack(page: Page, server: Server, faq: Faq) -> None:
    event = ask_aloud(page)
    turn = event["turn"]
    assert (turn["decision"], turn["entry"], turn["input"]) == ("answer", "refund", "microphone")
    assert set(turn) == {
        "input", "transcript", "alternatives", "decision", "entry", "score", "candidates", "answer", "command",
        "timings_ms",
    }  # fmt: skip
    assert (event["session"], event["question"]) == (page.session, page.question)
    assert "".join(page.receive("speech")["clauses"]) == faq.entry("refund").answer
    first = page.receive("clause")
    audio = httpx.get(server.address.rstrip("/") + first["address"])
    assert audio.headers["content-type"] == "audio/ogg" and audio.headers["cache-control"] == "no-store"
    assert page.receive("spoken")["clauses"] >= 2


def test_words_appear_while_they_are_spoken(page: Page) -> None:
    page.send("start", rate=16_000)
    page.audio(PCM)
    assert page.receive("words")["text"]
    page.send("cancel")


def test_audio_at_a_browsers_own_rate_is_understood(page: Page) -> None:
    pcm = (
        resampled(read_recording(DATA / "recordings" / "canonical-refund.flac"), 44_100).samples.astype("<i2").tobytes()
    )
    assert ask_aloud(page, 44_100, pcm)["turn"]["entry"] == "refund"


def test_silence_is_not_a_question_and_no_refusal_either(page: Page) -> None:
    page.send("start", rate=16_000)
    page.audio(bytes(64_000))
    page.send("stop")
    assert page.receive("silence")["question"] == page.question


def test_what_is_made_live_is_forgotten_with_its_session(faq: Faq) -> None:
    with serving(VOICE_FAQ_VOICE_PACK="none") as server, page_of(server) as page:
        page.send("show", entry="overdraft")
        address = server.address.rstrip("/") + page.receive("clause")["address"]
        page.receive("spoken", timeout=30)
        audio = httpx.get(address)
        assert audio.status_code == 200 and audio.headers["cache-control"] == "no-store"
        assert audio.content[:4] == b"RIFF"
        page.reset()
        page.receive("reset")
        assert httpx.get(address).status_code == 404


def test_a_reset_forgets_speed_volume_and_the_last_answer(page: Page) -> None:
    page.send("show", entry="refund")
    page.send("change", command="slower")
    assert page.receive("manner")["pace"] < 1
    page.reset()
    assert page.receive("reset") == {"type": "reset", "session": 1, "question": 1, "pace": 1.0, "volume": 1.0}
    page.send("repeat")
    assert "还没有可以重复" in page.receive("turn")["turn"]["answer"]


def test_a_question_longer_than_is_allowed_is_ended_and_answered() -> None:
    with serving(VOICE_FAQ_LONGEST_QUESTION_S="4") as server, page_of(server) as page:
        page.send("start", rate=16_000)
        page.audio(PCM + bytes(96_000))
        assert page.receive("turn")["turn"]["decision"] in ("answer", "clarify", "reject")


def test_no_page_from_elsewhere_gets_in(server: Server) -> None:
    with pytest.raises(websockets.InvalidStatus):
        connect(server.socket, origin=websockets.Origin("http://evil.example"))
    with connect(server.socket, origin=websockets.Origin(server.address.rstrip("/"))) as connection:
        Page(connection).receive("welcome")
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
    with page_of(server) as page, page_of(server) as neighbour:
        for nonsense in (
            "",
            "{",
            "[]",
            '{"type": "fly"}',
            '{"type": "stop"}',
            message("fly"),
            message("stop", -1),
            message("start", 1, 1, rate=1),
            message("ask", 1, 1, text=3),
        ):
            page.connection.send(nonsense)
            assert page.receive("mistake")["problem"]
        with pytest.raises(websockets.ConnectionClosed):
            for _ in range(40):
                page.connection.send("\0" * 100)
                page.receive("mistake")
        assert ask_aloud(neighbour)["turn"]["entry"] == "refund"


def test_a_message_too_large_ends_only_its_own_connection(server: Server) -> None:
    with page_of(server) as page, page_of(server) as neighbour:
        page.connection.send(bytes(1_000_000))
        with pytest.raises(websockets.ConnectionClosed):
            page.receive("turn")
        assert ask_aloud(neighbour)["turn"]["entry"] == "refund"


def test_a_page_that_floods_waits_for_itself_alone(server: Server) -> None:
    async def flood(until: float) -> int:
        sent = 0
        async with connect_asynchronously(server.socket, close_timeout=0.5, ping_interval=None) as page:
            await page.send(message("hello"))
            await page.send(message("start", 1, 1, rate=16_000))
            while time.monotonic() < until:
                try:
                    await asyncio.wait_for(page.send(AUDIO_HEADER.pack(1, 1) + bytes(32_000)), 0.5)
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
        with page_of(server) as page:
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
        with page_of(server) as page:
            page.send("start", rate=16_000)
            page.audio(PCM[:64_000])
            page.connection.socket.shutdown(socket.SHUT_RDWR)
    with page_of(server) as page:
        assert ask_aloud(page)["turn"]["entry"] == "refund"
    deadline = time.monotonic() + 10
    while pages() > before:
        assert time.monotonic() < deadline, "vanished pages are still counted"
        time.sleep(0.1)


def test_one_page_too_many_is_asked_to_wait() -> None:
    with serving(VOICE_FAQ_KIOSK__SESSIONS="1") as server, page_of(server) as first:
        with connect(server.socket) as second, pytest.raises(websockets.ConnectionClosed) as closed:
            Page(second).receive("welcome")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013
        assert ask_aloud(first)["turn"]["entry"] == "refund"


def test_twenty_pages_that_ask_at_once_are_all_answered_right(server: Server) -> None:
    async def ask_all() -> list[tuple[str | None, float]]:
        return await asyncio.gather(*(ask_as_spoken(server, PCM) for _ in range(20)))

    assert [entry for entry, _ in apart(ask_all())] == ["refund"] * 20
    assert server.peak_mib < 1_000  # 240 at rest; the busier the machine, the more of them are decoded at once


def test_no_recording_is_left_on_disk(server: Server, page: Page, settings: Settings) -> None:
    ask_aloud(page)
    opened = [str(fd.readlink()) for fd in Path(f"/proc/{server.process.pid}/fd").iterdir()]
    files = [Path(name) for name in opened if name.startswith("/") and Path(name).is_file()]
    written = [f for f in files if f.suffix in (".wav", ".pcm", ".raw", ".flac", ".opus")]
    assert not [f for f in written if not f.is_relative_to(settings.answers)]


def test_earcons_are_short_sounds(server: Server) -> None:
    for name in ("listening", "understood", "not_understood", "cancelled", "error"):
        wav = httpx.get(f"{server.address}earcons/{name}.wav").content
        samples, rate = sf.read(io.BytesIO(wav), dtype="int16")
        assert 0.05 < len(samples) / rate < 0.25 and np.abs(samples).max() > 1_000


def test_a_port_in_use_is_said_with_what_to_do(server: Server) -> None:
    import subprocess
    import sys

    port = server.address.split(":")[-1].strip("/")
    done = subprocess.run([sys.executable, "-m", "voice_faq", "kiosk", "--port", port], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"端口 {port} 用不了" in done.stderr and "Traceback" not in done.stderr


def test_everything_that_the_server_sends_names_its_session_and_its_question(page: Page) -> None:
    page.session, page.question = 7, 40
    page.send("ask", text="怎么退卡")
    for kind in ("turn", "speech", "clause", "spoken"):
        event = page.receive(kind)
        assert (event["session"], event["question"]) == (7, 41)


def test_what_comes_late_or_twice_or_from_the_last_rider_lands_nowhere(page: Page, faq: Faq) -> None:
    page.session, page.question = 5, 20
    page.send("show", entry="refund")
    page.receive("spoken")
    send = page.connection.send
    send(message("show", 5, 21, entry="overdraft"))  # twice
    send(message("ask", 5, 3, text="支持透支吗"))  # late
    send(message("ask", 4, 99, text="支持透支吗"))  # the last rider's
    send(message("reset", 4, 99))
    send(message("change", 4, 21, command="slower"))
    send(message("cancel", 5, 20))
    page.send("repeat")
    assert page.receive("turn")["turn"]["answer"] == faq.entry("refund").answer
    page.receive("spoken")
    with pytest.raises(TimeoutError):
        page.receive("turn", timeout=0.5)


def test_a_new_rider_finds_nothing_of_the_last_one_even_without_a_farewell(page: Page) -> None:
    page.send("show", entry="refund")
    page.receive("turn")
    page.session += 1
    page.send("repeat")
    assert "还没有可以重复" in page.receive("turn")["turn"]["answer"]


def test_audio_of_another_question_is_not_heard(page: Page) -> None:
    page.send("start", rate=16_000)
    page.question -= 1
    page.audio(PCM)
    page.question += 1
    page.send("stop")
    page.receive("silence")


def test_only_what_says_that_it_is_a_page_takes_the_place_of_one() -> None:
    with serving(VOICE_FAQ_KIOSK__SESSIONS="2") as server, ExitStack() as idle:
        opened = [idle.enter_context(connect(server.socket)) for _ in range(40)]
        with page_of(server) as page:
            assert ask_aloud(page)["turn"]["entry"] == "refund"
        with pytest.raises(websockets.ConnectionClosed):
            opened[0].recv(timeout=30)


def test_the_server_shows_that_it_is_there(page: Page) -> None:
    page.receive("alive", timeout=30)


def test_nothing_that_was_asked_is_logged_whatever_happens(tmp_path: Path) -> None:
    secret = "我想退掉这张卡"
    log = tmp_path / "log"
    with log.open("w") as errors, serving(errors=errors) as server:
        with page_of(server) as page:
            page.send("ask", text=secret)
            page.connection.send(message("ask", 1, 9, text=[secret]))
            page.connection.send(secret)
            page.receive("mistake")
            page.connection.send(b"\xff\xfe" + secret.encode("gbk"), text=True)  # not UTF-8
            with pytest.raises(websockets.ConnectionClosed):
                page.receive("nothing")
        for kind in ("ask", "search"):
            with page_of(server) as page:
                page.send(kind, text=secret, **({"number": 1} if kind == "search" else {}))
                page.connection.socket.shutdown(socket.SHUT_RDWR)  # aborts in the middle of the answer
        with page_of(server) as page:
            assert ask_aloud(page)["turn"]["entry"] == "refund"
    text = log.read_text(encoding="utf-8", errors="replace")
    assert secret not in text and "input_value" not in text and "Traceback" not in text and "退" not in text
    assert len(text.splitlines()) < 10


def test_the_page_can_say_its_controls_its_list_and_its_errors(server: Server, faq: Faq) -> None:
    spoken = server.address + "spoken/"
    for name in (
        "greeting",
        "how_to",
        "kept",
        "no_microphone",
        "number/2",
        "group/1",
        "question/refund",
        "details/refund",
    ):
        said = httpx.get(spoken + name, timeout=60)
        assert said.headers["cache-control"] == "no-store"
        samples, rate = sf.read(io.BytesIO(said.content), dtype="int16")
        assert len(samples) / rate > 0.2 and np.abs(samples).max() > 1_000, name
    for name in ("nothing", "number/0", "number/x", "group/99", "group/-1", "question/none", "details/../refund"):
        assert httpx.get(spoken + name).status_code == 404


@pytest.mark.parametrize("entry", ["refund", "how-to-open", "support", "missing-exit"])
def test_the_code_to_take_along_holds_the_answer_as_text(server: Server, faq: Faq, entry: str) -> None:
    picture = httpx.get(f"{server.address}take-away/zh/{entry}.svg")
    assert picture.headers["cache-control"] == "no-store"
    text = read_code(picture.text)
    assert text.startswith(faq.entry(entry).question) and faq.hotline in text
    assert faq.entry(entry).answer in text or faq.entry(entry).shown.strip() in text


def read_code(svg: str) -> str:
    """As a telephone reads it: segno draws each row of modules as strokes."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])  # type: ignore[index]
    modules = np.full((size, size), 255, np.uint8)
    path = re.search(r'stroke="#000"[^>]* d="([^"]+)"', svg) or re.search(r' d="(M[^"]+)"[^>]*stroke', svg)
    assert path is not None, svg[:300]
    x = y = 0.0
    for command, values in re.findall(r"([Mmh])([^Mmh]*)", path[1]):
        numbers = [float(v) for v in re.findall(r"-?[\d.]+", values)]
        if command == "M":
            x, y = numbers
        elif command == "m":
            x, y = x + numbers[0], y + numbers[1]
        else:
            modules[int(y), int(x) : int(x + numbers[0])] = 0
            x += numbers[0]
    found = zxingcpp.read_barcodes(np.kron(modules, np.ones((4, 4), np.uint8)))
    assert len(found) == 1
    return str(found[0].text)


@pytest.mark.parametrize(("words", "stays"), [("是的", True), ("我还在", True), ("等一下", True), ("怎么退卡", False)])
def test_a_reply_to_the_question_whether_anybody_is_there_is_no_question(words: str, stays: bool) -> None:
    with serving(quick=True, HEARD=words) as server, page_of(server) as page:
        page.send("start", rate=16_000, reply=True)
        page.audio(PCM)
        page.send("stop")
        event = page.receive("stayed" if stays else "turn")
        assert event["question"] == page.question
