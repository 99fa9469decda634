"""The OVOS skill on a bus of OVOS's own, and in its pipeline of common queries."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any

import pytest

pytest.importorskip("ovos_workshop", reason="OVOS is not installed; pip install ovos-workshop")

from ovos_bus_client.message import Message
from ovos_bus_client.session import Session
from ovos_utils.fakebus import FakeBus

from voice_faq.ovos import VoiceFaqSkill

ID = "voice-faq.openvoiceos"


class Bus(FakeBus):
    """Remembers what went over it."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        super().__init__()

    def emit(self, message: Message) -> None:
        self.sent.append(message)
        super().emit(message)

    def of(self, kind: str) -> list[Message]:
        return [message for message in self.sent if message.msg_type == kind]


@pytest.fixture(scope="module")
def bus() -> Bus:
    return Bus()


@pytest.fixture(scope="module")
def skill(bus: Bus) -> Iterator[VoiceFaqSkill]:
    skill = VoiceFaqSkill(bus=bus, skill_id=ID)
    yield skill
    skill.default_shutdown()


def send(bus: Bus, kind: str, session: str, lang: str = "zh-cn", **data: Any) -> None:
    bus.sent.clear()
    context = {"session": Session(session, lang=lang).serialize(), "source": "test", "destination": "skills"}
    bus.emit(Message(kind, {"lang": lang, **data}, context))


def ask(bus: Bus, text: str, session: str = "one", lang: str = "zh-cn") -> tuple[bool, list[str]]:
    """As a fallback: whether it was handled, and what was said."""
    kind, ended = f"ovos.skills.fallback.{ID}.response", threading.Event()
    bus.once(kind, lambda _: ended.set())
    send(bus, f"ovos.skills.fallback.{ID}.request", session, lang, utterances=[text])
    assert ended.wait(30)  # it works in a thread of its own
    (response,) = bus.of(kind)
    return bool(response.data["result"]), [message.data["utterance"] for message in bus.of("speak")]


def test_a_common_query_gets_the_answer_and_its_probability(skill: VoiceFaqSkill, bus: Bus) -> None:
    send(bus, "question:query", "query", phrase="怎么退卡")
    first, last = bus.of("question:query.response")
    assert first.data["searching"] is True
    assert last.data["answer"] == skill.faq.entry("refund").answer and 0.5 < last.data["conf"] <= 1
    for phrase, lang in (("今天天气怎么样", "zh-cn"), ("退卡", "zh-cn"), ("怎么退卡", "en-us")):
        send(bus, "question:query", "query", lang, phrase=phrase)
        assert "answer" not in bus.of("question:query.response")[-1].data


def test_as_a_fallback_it_answers_asks_back_and_goes_on(skill: VoiceFaqSkill, bus: Bus) -> None:
    assert ask(bus, "怎么退卡") == (True, [skill.faq.entry("refund").answer])
    assert ask(bus, "再说一遍") == (True, [skill.faq.entry("refund").answer])
    handled, said = ask(bus, "退卡", "two")
    assert handled and "第几个" in said[0]
    handled, said = ask(bus, "第二个", "two")
    assert handled and said[0] in (skill.faq.entry("refund").answer, skill.faq.entry("damaged-device").answer)


def test_few_words_go_on_from_the_last_answer_and_what_is_for_others_is_left_to_them(
    skill: VoiceFaqSkill, bus: Bus
) -> None:
    ask(bus, "怎么开通", "three")
    assert ask(bus, "那退呢", "three") == (True, [skill.faq.entry("refund").answer])
    assert ask(bus, "今天天气怎么样", "three") == (False, [])


@pytest.mark.parametrize(("text", "lang"), [
    ("今天天气怎么样", "zh-cn"), ("再说一遍", "zh-cn"), ("怎么退卡", "en-us"), ("", "zh-cn"),
])  # fmt: skip
def test_what_is_not_its_own_is_left_to_others(skill: VoiceFaqSkill, bus: Bus, text: str, lang: str) -> None:
    assert ask(bus, text, f"other {text} {lang}", lang) == (False, [])
    send(bus, "ovos.skills.fallback.ping", f"ping {text} {lang}", lang, utterances=[text])
    assert bus.of("ovos.skills.fallback.pong")[0].data == {"skill_id": ID, "can_handle": False}


def test_it_says_that_it_can_answer_before_it_is_asked_to(skill: VoiceFaqSkill, bus: Bus) -> None:
    send(bus, "ovos.skills.fallback.ping", "ping", utterances=["怎么退卡"])
    assert bus.of("ovos.skills.fallback.pong")[0].data == {"skill_id": ID, "can_handle": True}


def test_it_needs_no_network_and_ovos_finds_it(skill: VoiceFaqSkill) -> None:
    needs = VoiceFaqSkill.runtime_requirements
    assert not (needs.requires_internet or needs.requires_network or needs.network_before_load)
    found = [point.value for point in entry_points(group="opm.skill") if point.name == ID]
    assert found == ["voice_faq.ovos:VoiceFaqSkill"]


def test_the_pipeline_of_common_queries_takes_the_answer(skill: VoiceFaqSkill, bus: Bus) -> None:
    commonqa = pytest.importorskip("ovos_commonqa.opm")
    service = commonqa.CommonQAService(bus=bus)
    send(bus, "ovos.common_query.ping", "pipeline")
    assert service.common_query_skills == [ID]
    context = {"session": Session("pipeline", lang="zh-cn").serialize()}
    answered, query = service.handle_question(Message("common_query.question", {"utterance": "怎么退卡"}, context))
    assert answered and query.selected_skill == ID and query.callback_data["answer"] == skill.faq.entry("refund").answer
