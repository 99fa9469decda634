"""What a connection is made of: conversations that end, words that stay, and being found."""

from __future__ import annotations

import asyncio
import socket

import pytest
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher
from voice_faq.recognition import Utterance, VoskRecognizer
from voice_faq.settings import Settings
from voice_faq.speech.voice import NoVoice
from voice_faq.wyoming import Parts, conversing
from voice_faq.wyoming.announcing import KIND, announced, reached_at
from voice_faq.wyoming.conversing import FORGOTTEN_S, HEARD_S, MOST_CONVERSATIONS, Conversations
from voice_faq.wyoming.hearing import Question


@pytest.fixture(scope="module")
def parts(settings: Settings, faq: Faq, matcher: Matcher, recognizer: VoskRecognizer) -> Parts:
    return Parts(settings, faq, matcher, recognizer, NoVoice(""))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_conversations_are_forgotten_in_time_and_never_too_many(parts: Parts, faq: Faq) -> None:
    clock = Clock()
    conversations = Conversations(parts, clock)
    for number in range(MOST_CONVERSATIONS + 20):
        conversations.turn("怎么退卡", {"conversation_id": str(number)}, "here")
    assert len(conversations) == MOST_CONVERSATIONS
    newest = {"conversation_id": str(MOST_CONVERSATIONS + 19)}
    assert conversations.turn("再说一遍", newest, "here").answer == faq.entry("refund").answer
    clock.now += FORGOTTEN_S + 1
    assert conversations.turn("再说一遍", newest, "here").answer == faq.prompts.nothing_to_repeat
    assert len(conversations) == 1


@pytest.mark.parametrize("context", [None, [], "x", {}, {"conversation_id": 3}, {"conversation_id": "x" * 1_000}])
def test_without_a_usable_name_the_conversation_is_the_connections(parts: Parts, context: object) -> None:
    conversations = Conversations(parts)
    conversations.turn("怎么退卡", context, "here")
    conversations.end("here")
    assert len(conversations) == 0


def test_a_satellite_is_a_conversation_where_nothing_else_names_one(parts: Parts, faq: Faq) -> None:
    conversations = Conversations(parts)
    conversations.turn("怎么退卡", {"satellite_id": "kitchen"}, "one")
    conversations.end("one")
    assert conversations.turn("再说一遍", {"satellite_id": "kitchen"}, "two").answer == faq.entry("refund").answer


def test_what_was_heard_here_is_matched_with_its_alternatives_for_a_while(parts: Parts) -> None:
    clock = Clock()
    conversations = Conversations(parts, clock)
    unsure = [Hypothesis("怎么退卡", 0.1), Hypothesis("怎么对卡", 0.05)]
    conversations.heard(unsure)
    turn = conversations.turn("怎么退卡", None, "here")
    assert (turn.decision, turn.alternatives) == ("reject", tuple(unsure))
    assert conversations.turn("怎么退卡", None, "here").decision == "answer"  # somebody has typed it
    conversations.heard(unsure)
    clock.now += HEARD_S + 1
    assert conversations.turn("怎么退卡", None, "here").decision == "answer"
    for number in range(100):
        conversations.heard([Hypothesis(str(number), 1.0)])
    assert len(conversations._heard) == conversing.MOST_HEARD


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
    from dataclasses import replace

    from wyoming.audio import AudioChunk

    async def run() -> list[str]:
        question = Question(replace(parts, recognizer=Wavering()), 16_000)
        loud = AudioChunk(rate=16_000, width=2, channels=1, audio=b"\x00\x20" * 1_600)
        told = [await question.hear(loud) for _ in range(6)]
        return [*told, (await question.finish())[0]]

    assert asyncio.run(run()) == ["", "怎", "么", "对", "", "", ""]


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
