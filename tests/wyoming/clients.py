"""``voice-faq wyoming`` in a process of its own, and what a Wyoming client does with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

from voice_faq.audio.recording import Recording

CHUNK_S = 0.1
PATIENCE_S = 30.0


@dataclass
class Served:
    process: subprocess.Popen[str]
    port: int


@contextlib.contextmanager
def serving(errors: IO[str] | None = None, **environment: str) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-m", "voice_faq", "wyoming", "--uri", "tcp://127.0.0.1:0"],
        env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=errors, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"tcp://127\.0\.0\.1:(\d+)", line)
        assert found, f"the server did not start: {line}"
        yield Served(process, int(found[1]))
    finally:
        with process:
            process.kill()


class Client:
    """The library's own client."""

    def __init__(self, client: AsyncTcpClient) -> None:
        self.client = client

    async def send(self, *events: Any) -> None:
        for event in events:
            await self.client.write_event(event if isinstance(event, Event) else event.event())

    async def receive(self) -> Event:
        event = await asyncio.wait_for(self.client.read_event(), PATIENCE_S)
        assert event is not None, "hung up"
        return event

    async def until(self, kind: Any) -> list[Event]:
        """All events up to the first of a kind."""
        events = []
        while not events or not kind.is_type(events[-1].type):
            events.append(await self.receive())
        return events

    async def ask(self, *events: Any) -> Event:
        """The first event of the reply."""
        await self.send(*events)
        return await self.receive()


@contextlib.asynccontextmanager
async def connected(served: Served) -> AsyncIterator[Client]:
    async with AsyncTcpClient("127.0.0.1", served.port) as client:
        yield Client(client)


@dataclass
class Heard:
    transcript: str = ""
    chunks: list[str] = field(default_factory=list)
    before_the_end: int = 0
    """Chunks that came while audio was still being sent."""


async def listen(
    client: Client, said: Recording, width: int = 2, channels: int = 1, *, words_first: bool = True
) -> Heard:
    """As a satellite does, reading beside; with ``words_first`` it ends only when it has seen two chunks."""
    heard, sent, words = Heard(), asyncio.Event(), asyncio.Event()

    async def read() -> None:
        while not TranscriptStop.is_type((event := await client.receive()).type):
            if TranscriptChunk.is_type(event.type):
                heard.chunks.append(TranscriptChunk.from_event(event).text)
                heard.before_the_end += not sent.is_set()
                if len(heard.chunks) == 2:
                    words.set()
            elif Transcript.is_type(event.type):
                heard.transcript = Transcript.from_event(event).text
            else:
                assert TranscriptStart.is_type(event.type), event.type

    reading = asyncio.create_task(read())
    form = {"rate": said.rate, "width": width, "channels": channels}
    await client.send(Transcribe(language="zh-CN"), AudioStart(**form))
    step = int(CHUNK_S * said.rate)
    samples = np.repeat(said.samples, channels)
    raw = samples.astype("<i2").tobytes() if width == 2 else (samples.astype("<i4") * 65_536).tobytes()
    size = step * width * channels
    for start in range(0, len(raw), size):
        await client.send(AudioChunk(audio=raw[start : start + size], **form))
    if words_first:
        await asyncio.wait_for(words.wait(), PATIENCE_S)
    sent.set()
    await client.send(AudioStop())
    await reading
    return heard


async def speak(client: Client, text: str) -> Recording:
    await client.send(Synthesize(text))
    return recording_of(await client.until(AudioStop))


async def speak_streamed(client: Client, *parts: str) -> Recording:
    await client.send(SynthesizeStart(), *(SynthesizeChunk(part) for part in parts))
    await client.send(Synthesize("".join(parts)), SynthesizeStop())
    events = await client.until(SynthesizeStopped)
    return recording_of(events[:-1])


def recording_of(events: list[Event]) -> Recording:
    """Audio as the protocol has it: a start, chunks of that form, a stop."""
    assert AudioStart.is_type(events[0].type) and AudioStop.is_type(events[-1].type), [e.type for e in events]
    form = AudioStart.from_event(events[0])
    assert (form.width, form.channels) == (2, 1)
    chunks = [AudioChunk.from_event(event) for event in events[1:-1]]
    assert all((chunk.rate, chunk.width, chunk.channels) == (form.rate, 2, 1) for chunk in chunks)
    return Recording(np.frombuffer(b"".join(chunk.audio for chunk in chunks), "<i2"), form.rate)
