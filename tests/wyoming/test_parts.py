"""What a connection is made of: conversations that end, words that stay, and being found."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from wyoming.audio import AudioChunk
from wyoming.event import async_read_event, async_write_event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from voice_faq.dialogue.conversations import Conversations
from voice_faq.errors import SettingsError
from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher
from voice_faq.recognition import Utterance, VoskRecognizer
from voice_faq.settings import Settings
from voice_faq.speech.pack import PackVoice, VoicePack
from voice_faq.speech.voice import NoVoice
from voice_faq.wyoming import Parts, connection
from voice_faq.wyoming.announcing import KIND, announced, reached_at
from voice_faq.wyoming.connection import Connection, conversation_name
from voice_faq.wyoming.describing import described
from voice_faq.wyoming.hearing import Question
from voice_faq.wyoming.server import Place, _serve


@pytest.fixture(scope="module")
def parts(settings: Settings, faq: Faq, matcher: Matcher, recognizer: VoskRecognizer) -> Parts:
    return Parts(settings, faq, matcher, recognizer, NoVoice(""))


@pytest.mark.parametrize("context", [None, [], "x", {}, {"conversation_id": 3}, {"conversation_id": "x" * 1_000}])
def test_without_a_usable_name_the_conversation_is_the_connections(context: object) -> None:
    assert conversation_name(context) is None


def test_a_satellite_is_a_conversation_where_nothing_else_names_one() -> None:
    assert conversation_name({"satellite_id": "kitchen"}) != conversation_name({"device_id": "kitchen"})
    both = {"satellite_id": "kitchen", "conversation_id": "one"}
    assert conversation_name(both) == conversation_name({"conversation_id": "one"}) is not None


class Wavering:
    """A recogniser that changes its mind."""

    said = iter(["怎", "怎么", "怎么对", "怎么对卡", "怎么退卡", "怎么退卡呢"])

    def stream(self, rate: int) -> Wavering:
        return self

    def accept(self, pcm: bytes) -> str:
        return next(self.said)

    def finish(self) -> Utterance:
        return Utterance((Hypothesis("怎么退卡呢", 1.0),))


def test_only_words_that_were_said_twice_running_are_told_and_none_is_taken_back(parts: Parts) -> None:
    async def run() -> list[str]:
        question = Question(replace(parts, recognizer=Wavering()), 16_000)
        loud = AudioChunk(rate=16_000, width=2, channels=1, audio=b"\x00\x20" * 1_600)
        told = [await question.hear(loud) for _ in range(6)]
        return [*told, (await question.finish())[0]]

    assert asyncio.run(run()) == ["", "怎", "么", "对", "", "", ""]


def test_a_client_that_says_nothing_is_hung_up_on(parts: Parts, faq: Faq, matcher: Matcher) -> None:
    async def run() -> None:
        conversations = Conversations(faq, matcher, longest_question_s=60)

        async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await Connection(reader, writer, parts, conversations, described(parts)).run()
            writer.close()

        async with await asyncio.start_server(met, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            assert await asyncio.wait_for(reader.read(), 30) == b""
            writer.close()

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(connection, "IDLE_S", 0.1)
        asyncio.run(run())


def test_a_stream_whose_voice_fails_is_ended_and_the_next_one_begins(
    parts: Parts, faq: Faq, matcher: Matcher, caplog: pytest.LogCaptureFixture
) -> None:
    silent = replace(parts, voice=PackVoice(VoicePack(Path("nowhere"), "ours", "x", {}), {}, None))
    text = "提醒张三，去医院，已经设好。"
    stream = SynthesizeStart(), SynthesizeChunk(text), Synthesize(text), SynthesizeStop()
    wanted = ["audio-start", "audio-stop", "error", "synthesize-stopped"] * 2

    async def run() -> list[str]:
        conversations = Conversations(faq, matcher, longest_question_s=60)

        async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await Connection(reader, writer, silent, conversations, described(silent)).run()

        async with await asyncio.start_server(met, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for event in (*stream, *stream):
                await async_write_event(event.event(), writer)
            events = [await asyncio.wait_for(async_read_event(reader), 30) for _ in wanted]
            writer.close()
        return [event.type for event in events if event is not None]

    assert asyncio.run(run()) == wanted
    assert "张三" not in caplog.text and "还没有录音" in caplog.text


def test_a_socket_that_somebody_listens_at_is_not_taken(parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "voice-faq.sock"

    async def both() -> None:
        listening = asyncio.Event()
        first = asyncio.create_task(_serve(parts, Place(path), lambda _: listening.set()))
        await listening.wait()
        with pytest.raises(SettingsError, match="已经有一个"):
            await _serve(parts, Place(path), print)
        await asyncio.open_unix_connection(path)  # the first still answers
        first.cancel()

    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()  # as of one that was killed
    asyncio.run(both())


def test_home_assistant_finds_it() -> None:
    address = reached_at("0.0.0.0")
    if address is None:
        pytest.skip("no network interface but the loopback")

    async def run() -> AsyncServiceInfo:
        async with announced("0.0.0.0", 10_799):
            looking = AsyncZeroconf(interfaces=[address])
            found = AsyncServiceInfo(KIND, f"voice-faq-{socket.gethostname().split('.')[0]}.{KIND}")
            await found.async_request(looking.zeroconf, 10_000)
            await looking.async_close()
            return found

    found = asyncio.run(run())
    assert (found.parsed_addresses(), found.port) == ([address], 10_799)


def test_what_listens_on_this_machine_alone_is_not_announced() -> None:
    assert reached_at("127.0.0.1") is None and reached_at("localhost") is None and reached_at("no.such.host.") is None
