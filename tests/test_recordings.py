"""The whole street on recorded questions by voices that the model was not trained on."""

from __future__ import annotations

import numpy as np
import pytest

from voice_faq.audio.recording import Recording, read_recording
from voice_faq.dialogue.assistant import Assistant
from voice_faq.dialogue.turn import Turn
from voice_faq.evaluation.recordings import RecordedQuestion, read_recorded
from voice_faq.faq import Faq
from voice_faq.matching import Matcher
from voice_faq.recognition import VoskRecognizer

from .conftest import DATA

pytestmark = pytest.mark.recognition
RECORDED = read_recorded(DATA / "recordings.tsv")
KNOWN_FAILURES = {
    line.split("\t")[0]: line.split("\t")[1]
    for line in (DATA / "known-failures.tsv").read_text(encoding="utf-8").splitlines()[1:]
}


@pytest.fixture(scope="module")
def turns(faq: Faq, matcher: Matcher, recognizer: VoskRecognizer) -> dict[str, Turn]:
    """Every recording's turn, by the file's name."""
    assistant = Assistant(faq, matcher, recognizer, longest_question_s=60)
    result = {}
    for question in RECORDED:
        assistant.forget()
        result[question.path.stem] = assistant.ask_recording(question.path.name, read_recording(question.path))
    return result


@pytest.mark.parametrize("question", RECORDED, ids=lambda q: q.path.stem)
def test_a_recorded_question_goes_where_it_should(
    question: RecordedQuestion, turns: dict[str, Turn], request: pytest.FixtureRequest
) -> None:
    reason = KNOWN_FAILURES.get(question.path.stem)
    if reason is not None:
        request.applymarker(pytest.mark.xfail(reason=reason))
    turn = turns[question.path.stem]
    assert question.answered_by(turn), f"heard {turn.transcript!r}, {turn.decision} {turn.candidates}"


def test_at_least_twelve_canonical_questions_are_answered(turns: dict[str, Turn]) -> None:
    canonical = [q for q in RECORDED if q.path.stem.startswith("canonical-")]
    assert len(canonical) == 15
    assert sum(q.answered_by(turns[q.path.stem]) for q in canonical) >= 12


def test_nothing_out_of_scope_is_answered_but_what_is_listed(turns: dict[str, Turn]) -> None:
    foreign = [q for q in RECORDED if q.expected == "-"]
    assert len(foreign) >= 8
    answered = {q.path.stem for q in foreign if turns[q.path.stem].decision == "answer"}
    assert answered <= KNOWN_FAILURES.keys()


def test_the_table_has_voices_noise_and_known_failures_that_exist() -> None:
    assert len(RECORDED) >= 30
    assert len({q.voice for q in RECORDED}) >= 2
    assert {q.sound.split()[0] for q in RECORDED} >= {"clean", "babble", "noise", "hall"}
    assert KNOWN_FAILURES.keys() <= {q.path.stem for q in RECORDED}


def noises() -> dict[str, np.ndarray]:
    """Four seconds each of what a microphone hears between questions, int16 at 16 kHz."""
    rng = np.random.default_rng(1)
    t = np.arange(4 * 16_000) / 16_000
    talk = np.zeros(len(t))
    for question in RECORDED[:8]:
        talk += np.resize(read_recording(question.path).samples.astype(float), len(t))
    hum = sum(np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 9))
    sounds = {"hiss": rng.normal(size=len(t)), "hum": hum, "beeps": np.sin(5_500 * t) * (t * 2 % 2 < 1), "talk": talk}
    return {name: (x / np.abs(x).max() * 12_000).astype(np.int16) for name, x in sounds.items()}


@pytest.mark.parametrize("name", ["hiss", "hum", "beeps", "talk"])
def test_noise_is_asked_to_say_it_again(name: str, faq: Faq, matcher: Matcher, recognizer: VoskRecognizer) -> None:
    assistant = Assistant(faq, matcher, recognizer, longest_question_s=60)
    turn = assistant.ask_recording(name, Recording(noises()[name], 16_000))
    assert turn.decision == "reject" and turn.answer == faq.prompts.not_caught
