"""A year in an hour: ``python -m tests.kiosk.soak --sessions 10000``.

A real kiosk server, started again when it dies as systemd would, is asked by several pages at once while its answers
change and things go wrong: a YAML slip, a full disk, SIGSTOP and SIGKILL in the middle of a question, pages that leave
in the middle of a word, a microphone that is gone. Every question must get its turn, with an answer of a version
that was published when its session began, or later, or of the one before, and memory and descriptors must stay where
they were after the first hundred sessions of a server's life. ``--real`` recognises with Vosk; ``--spoken`` is the
share of spoken questions.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage

from voice_faq.audio.recording import read_recording, resampled
from voice_faq.kiosk.messages import AUDIO_HEADER

from .small_faq import BROKEN, faq_yaml, record_voice, write_answers

PATIENCE_S = 60.0  # for a turn, a restart or a change, on a busy machine too
SETTLED = 100  # sessions of a server's life, after which nothing may grow any more
MOST_GROWTH_MIB = 40.0
MOST_MORE_FILES = 12
TYPED = ("厕所在哪里", "洗手间在几楼", "东西丢了怎么办", "我的包丢了")
GONE = (
    ConnectionClosed,
    InvalidMessage,
    ConnectionError,
    OSError,
    EOFError,
    httpx.NetworkError,
    httpx.RemoteProtocolError,
)
DISK_KIB = 20_000


@dataclass
class Plan:
    """How much of what; faults come every so many sessions, 0 for never."""

    sessions: int
    pages: int = 3
    changes_every: int = 50
    stop_every: int = 90
    kill_every: int = 500
    full_every: int = 130
    leave_every: int = 17
    spoken: float = 0.05
    real: bool = False
    seed: int = 7


@dataclass
class Life:
    """One process of the server."""

    pid: int
    began: int
    """Sessions before it."""
    samples: list[tuple[int, float, int]] = field(default_factory=list)
    """(sessions in this life, MiB, open files)."""

    def memory(self) -> list[int]:
        """A dozen samples, MiB."""
        return [round(sample[1]) for sample in self.samples[:: max(1, len(self.samples) // 12)]]

    def growth(self) -> tuple[float, int] | None:
        """MiB and files between its first hundred sessions and its end; None for a life that was too short."""
        settled = [sample for sample in self.samples if sample[0] >= SETTLED]
        if len(settled) < 8:
            return None
        quarter = len(settled) // 4
        first, last = settled[:quarter], settled[-quarter:]
        memory = statistics.median(s[1] for s in last) - statistics.median(s[1] for s in first)
        return round(memory, 1), min(s[2] for s in last) - min(s[2] for s in first)


class Soak:
    """Everything of one run."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.disk = folder / "disk"
        self.chance = random.Random(plan.seed)
        self.count: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.lives: list[Life] = []
        self.begun = 0
        self.done = 0
        self.version = 0
        self.good = [0]
        self.latencies: list[float] = []
        self._process: subprocess.Popen[str] | None = None
        self._address = ""
        self._up = asyncio.Event()
        self._pcm = b""

    # The server

    async def start(self) -> None:
        """Start the server, or start it again."""
        environment = {
            "VOICE_FAQ_KIOSK__PORT": "0",
            "VOICE_FAQ_ANSWERS": str(self.folder / "answers"),
            "VOICE_FAQ_CACHE_DIR": str(self.disk / "cache"),
            "VOICE_FAQ_STATE_DIR": str(self.disk / "state"),
            "LOOK_EVERY_S": "0.3",
            "HEARD": TYPED[0],
            "REAL": "1" if self.plan.real else "",
        }
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.kiosk.quick_server"],
                env={**os.environ, **environment},
                stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = await asyncio.to_thread(self._process.stdout.readline)
        found = re.search(r"http://\S+/", line)
        assert found, f"the server did not start: {line}{(self.folder / 'log').read_text()[-2000:]}"
        self._address = found[0]
        self.lives.append(Life(self._process.pid, self.done))
        self._up.set()

    def stop(self) -> None:
        """For good."""
        if self._process is not None:
            end(self._process)

    async def health(self) -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
            return dict((await client.get(self._address + "health")).json())

    def sample(self) -> None:
        life = self.lives[-1]
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{life.pid}/status").read_text()
            memory = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]
            life.samples.append((self.done - life.began, memory, len(os.listdir(f"/proc/{life.pid}/fd"))))  # noqa: PTH208

    # What is asked

    async def page(self) -> None:
        """One page; comes again when it was cut off."""
        session = 0
        while self.done < self.plan.sessions:
            await self._up.wait()
            try:
                async with self._connected() as socket:
                    question = 0
                    while self.done < self.plan.sessions:
                        self.begun += 1
                        session += 1
                        await self._happen(self.begun)
                        question = await self._session(socket, session, question)
                        self.done += 1
                        if self.done % 10 == 0:
                            self.sample()
            except GONE as gone:
                if isinstance(gone, TimeoutError):
                    raise  # which is an OSError, and the turn that must not be lost
                self.count["cut off, asked again"] += 1
                await asyncio.sleep(0.2)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[ClientConnection]:
        address = self._address.replace("http", "ws") + "conversation"
        async with connect(address, ping_interval=None, close_timeout=1) as socket:
            await socket.send(json.dumps({"type": "hello", "session": 0, "question": 0}))
            await self._receive(socket, "welcome")
            yield socket

    async def _session(self, socket: ClientConnection, session: int, question: int) -> int:
        """A question or two, and the end; returns the number of the last question."""
        published = len(self.good)
        for _ in range(self.chance.choice((1, 1, 2))):
            question += 1
            if self.plan.leave_every and self.chance.random() < 1 / self.plan.leave_every:
                await self._leave()
            began = time.monotonic()
            spoken = self.chance.random() < self.plan.spoken
            if spoken:
                await self._speak(socket, session, question)
                self.count["spoken"] += 1
            else:
                text = self.chance.choice(TYPED)
                await self._send(socket, "ask", session, question, text=text)
            event = await self._receive(socket, "turn", question)
            self.latencies.append(time.monotonic() - began)
            self.count["turns"] += 1
            if not (spoken and self.plan.real):  # 退卡, of which these answers know nothing
                self._judge(event["turn"]["answer"], published)
            if self.chance.random() < 0.1:
                clause = await self._receive(socket, "clause", question)
                async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
                    heard = await client.get(self._address.rstrip("/") + clause["address"])
                self.count["clauses heard" if heard.status_code == 200 else "clauses that were gone"] += 1
        if self.chance.random() < 0.05:
            await self._send(socket, "microphone", session, question, problem="missing")
            await self._send(socket, "alive", 0, 0, microphone="missing", loudspeaker="works")
        await self._send(socket, "reset", session, question)
        await self._receive(socket, "reset")
        return question

    def _judge(self, answer: str, published: int) -> None:
        """``published``: how many good versions there were when the session began, which keeps its answers."""
        found = re.match(r"第(\d+)版", answer)
        if found is None or int(found[1]) not in self.good[max(0, published - 2) :]:
            self.wrong.append(f"session {self.done}, version {self.version}: {answer}")

    async def _leave(self) -> None:
        """Somebody else begins a question, and the page is closed in the middle of it."""
        async with self._connected() as socket:
            await self._send(socket, "start", 1, 1, rate=16_000)
            await socket.send(AUDIO_HEADER.pack(1, 1) + self._audio()[:6400])
            self.count["pages that left"] += 1

    async def _speak(self, socket: ClientConnection, session: int, question: int) -> None:
        await self._send(socket, "start", session, question, rate=16_000)
        pcm = self._audio()
        for start in range(0, len(pcm), 12_800):
            await socket.send(AUDIO_HEADER.pack(session, question) + pcm[start : start + 12_800])
        await self._send(socket, "stop", session, question)

    def _audio(self) -> bytes:
        """Mono 16-bit PCM, 16 kHz."""
        if not self._pcm:
            if self.plan.real:
                file = Path(__file__).parents[1] / "data" / "recordings" / "canonical-refund.flac"
                self._pcm = resampled(read_recording(file), 16_000).samples.astype("<i2").tobytes()
            else:
                self._pcm = np.random.default_rng(0).integers(-9000, 9000, 16_000).astype("<i2").tobytes()
        return self._pcm

    @staticmethod
    async def _send(socket: ClientConnection, kind: str, session: int, question: int, **content: Any) -> None:
        await socket.send(json.dumps({"type": kind, "session": session, "question": question, **content}))

    async def _receive(self, socket: ClientConnection, kind: str, question: int | None = None) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                event: dict[str, Any] = json.loads(await socket.recv())
                if event["type"] == kind and question in (None, event["question"]):
                    return event
                if event["type"] == "content":
                    self.count["pages told of new content"] += 1

    # What happens

    async def _happen(self, number: int) -> None:
        """Faults go on beside the sessions; a change waits for the one before."""
        plan = self.plan
        if plan.changes_every and number % plan.changes_every == 0:
            async with self._changing:
                pass
        for every, fault in (
            (plan.changes_every, self._change), (plan.stop_every, self._freeze), (plan.kill_every, self._kill),
            (plan.full_every, self._fill),
        ):  # fmt: skip
            if every and number % every == 0:
                self._faults.append(asyncio.create_task(fault()))

    async def _change(self) -> None:
        """Every third change is a slip."""
        async with self._changing:
            self.version += 1
            slip = self.version % 3 == 2
            if not slip:
                self.good.append(self.version)
            self._publish(self.version, BROKEN if slip else None)
            async with asyncio.timeout(2 * PATIENCE_S):
                while True:
                    with contextlib.suppress(httpx.HTTPError):
                        health = await self.health()
                        if slip and health["refused"]:
                            self.count["slips refused"] += 1
                            return
                        if not slip and health["answers"]["folder"].endswith(f"/{self.version}"):
                            self.count["changes swapped in"] += 1
                            return
                    await asyncio.sleep(0.5)

    def _publish(self, version: int, text: str | None = None) -> None:
        toilet, lost = f"第{version}版厕所在二楼。", f"第{version}版失物招领在出口。"
        fresh = write_answers(self.folder / str(version), text or faq_yaml(lost=lost, toilet=toilet))
        if text is None:
            record_voice(fresh)
        link = self.folder / "next"
        link.symlink_to(fresh)
        link.replace(self.folder / "answers")

    async def _freeze(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.7)
            self._process.send_signal(signal.SIGCONT)
            self.count["stopped for a while"] += 1

    async def _kill(self) -> None:
        process = self._process
        if process is None or not self._up.is_set():
            return
        self._up.clear()
        end(process)
        self.count["killed"] += 1
        await self.start()

    async def _fill(self) -> None:
        """The disk with cache and state is full for two seconds."""
        if not self._mounted:
            return
        filler = self.disk / "filler"
        with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(65_536))
        self.count["disk full"] += 1
        await asyncio.sleep(2)
        filler.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _small_disk(self) -> Iterator[None]:
        """Where that is allowed, a file system that is soon full."""
        self.disk.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k", "none", str(self.disk)]
        self._mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        try:
            yield
        finally:
            if self._mounted:
                subprocess.run(["umount", "-l", str(self.disk)], check=False)

    async def run(self) -> dict[str, Any]:
        """The report; ``lost`` and ``wrong`` must be empty."""
        self._faults: list[asyncio.Task[None]] = []
        self._changing = asyncio.Lock()
        began = time.monotonic()
        lost = []
        self._publish(0)
        with self._small_disk():
            await self.start()
            try:
                pages = [asyncio.create_task(self.page()) for _ in range(self.plan.pages)]
                results = await asyncio.gather(*pages, return_exceptions=True)
                results += await asyncio.gather(*self._faults, return_exceptions=True)
                lost = [f"{type(error).__name__}: {error}" for error in results if isinstance(error, BaseException)]
                self.sample()
            finally:
                self.stop()
        grown = [growth for life in self.lives if (growth := life.growth()) is not None]
        slow = sorted(self.latencies)
        return {
            "sessions": self.done, "seconds": round(time.monotonic() - began, 1), **dict(sorted(self.count.items())),
            "turn_ms_median": round(1000 * slow[len(slow) // 2]), "turn_ms_slowest": round(1000 * slow[-1]),
            "lives": len(self.lives),
            "memory_mib_of_last_life": self.lives[-1].memory(),
            "growth_mib": [memory for memory, _ in grown], "growth_files": [files for _, files in grown],
            "lost": lost, "wrong": self.wrong[:10],
        }  # fmt: skip


def end(process: subprocess.Popen[str]) -> None:
    """Kill a server, and what learns for it in a process of its own: that would go on writing into the folder."""
    with process:
        os.killpg(process.pid, signal.SIGKILL)


def fit(report: dict[str, Any]) -> bool:
    """Whether nothing was lost, nothing wrong, and nothing grew."""
    grew = any(memory > MOST_GROWTH_MIB for memory in report["growth_mib"])
    leaked = any(files > MOST_MORE_FILES for files in report["growth_files"])
    return not (report["lost"] or report["wrong"] or grew or leaked)


def soak(plan: Plan) -> dict[str, Any]:
    """In a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="voice-faq-soak-") as folder:
        return asyncio.run(Soak(plan, Path(folder)).run())


def main() -> None:
    usual = Plan(0)
    parser = argparse.ArgumentParser(description="A year in an hour.")
    parser.add_argument("--sessions", type=int, default=10_000)
    for name in ("pages", "changes_every", "stop_every", "kill_every", "full_every", "seed"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(usual, name))
    parser.add_argument("--spoken", type=float, default=usual.spoken, help="share of spoken questions")
    parser.add_argument("--real", action="store_true", help="recognise with Vosk")
    report = soak(Plan(**vars(parser.parse_args())))
    print(json.dumps(report, ensure_ascii=False, indent=1))
    sys.exit(0 if fit(report) else 1)


if __name__ == "__main__":
    main()
