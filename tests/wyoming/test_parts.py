"""What a connection is made of: conversations that end, words that stay, and being found."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest
from wyoming.audio import AudioChunk
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from voice_faq.dialogue.conversations import Conversations
from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher
from voice_faq.recognition import Utterance, VoskRecognizer
from voice_faq.settings import Settings
from voice_faq.speech.voice import NoVoice
from voice_faq.wyoming import Parts, connection
from voice_faq.wyoming.announcing import KIND, announced, reached_at
from voice_faq.wyoming.connection import Connection, conversation_name
from voice_faq.wyoming.describing import described
from voice_faq.wyoming.hearing import Question


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
