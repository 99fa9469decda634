"""Ten recordings through ``voice-faq wyoming`` at the speed of speech: ``python -m tests.wyoming.ten``."""

from __future__ import annotations

import asyncio
import csv
import time

from wyoming.asr import Transcribe, Transcript, TranscriptChunk
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.handle import Handled

from voice_faq.audio.recording import read_recording, resampled
from voice_faq.faq import load_faq
from voice_faq.settings import Settings

from ..conftest import DATA
from .clients import CHUNK_S, Client, Served, connected, serving, speak

RATE = 16_000


async def one(served: Served, file: str) -> tuple[str, list[float], float, float, str, float, float]:
    """Transcript, when each chunk came (s before the end of audio), then how long transcript, answer and audio took."""
    said = resampled(read_recording(DATA / file), RATE)
    pcm = said.samples.astype("<i2").tobytes()
    form = {"rate": RATE, "width": 2, "channels": 1}
    chunks: list[float] = []
    async with connected(served) as client:
        done = asyncio.create_task(_read(client, chunks))
        await client.send(Transcribe(language="zh-CN"), AudioStart(**form))
        began = time.monotonic()
        step = int(CHUNK_S * RATE) * 2
        for number, start in enumerate(range(0, len(pcm), step), 1):
            await client.send(AudioChunk(audio=pcm[start : start + step], **form))
            await asyncio.sleep(began + number * CHUNK_S - time.monotonic())
        ended = time.monotonic()
        await client.send(AudioStop())
        text = await done
        heard_s = time.monotonic() - ended
    async with connected(served) as client:
        began = time.monotonic()
        event = await client.ask(Transcript(text, context={"conversation_id": file}))
        answered_s = time.monotonic() - began
        answer = (Handled.from_event(event).text or "") if Handled.is_type(event.type) else f"[{event.type}]"
    async with connected(served) as client:
        began = time.monotonic()
        spoken = await speak(client, Handled.from_event(event).text or "")
        spoken_s = time.monotonic() - began
    return text, [ended - at for at in chunks], heard_s, answered_s, answer, spoken.seconds, spoken_s


async def _read(client: Client, chunks: list[float]) -> str:
    while not Transcript.is_type((event := await client.receive()).type):
        if TranscriptChunk.is_type(event.type):
            chunks.append(time.monotonic())
    return Transcript.from_event(event).text


def main() -> None:
    """Print the figures."""
    faq = load_faq(Settings().answers)
    answers = {entry.answer: entry.id for entry in faq.entries}
    with (DATA / "recordings.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["expected"] in answers.values()]
    right = 0
    with serving() as served:
        for row in rows[5:25:2]:
            text, early, heard_s, answered_s, answer, seconds, spoken_s = asyncio.run(one(served, row["file"]))
            entry = answers.get(answer, answer)
            right += entry == row["expected"]
            before = sum(at > 0 for at in early)
            print(
                f"{row['file']}: {text}: {entry} (expected {row['expected']}); {before} chunks while it was said, "
                f"transcript {heard_s * 1000:.0f} ms after the end, answer {answered_s * 1000:.0f} ms, "
                f"{seconds:.1f} s of audio in {spoken_s * 1000:.0f} ms"
            )
    print(f"{right} of 10 as expected")


if __name__ == "__main__":
    main()
