import threading
from pathlib import Path

import numpy as np
import pytest
import soxr

from voice_faq.audio.recording import Recording, read_recording
from voice_faq.dialogue.assistant import recognize
from voice_faq.errors import AudioError
from voice_faq.recognition import VoskRecognizer

from ..conftest import DATA

pytestmark = pytest.mark.recognition
REFUND = DATA / "recordings/canonical-refund.flac"


@pytest.fixture(scope="module")
def question() -> Recording:
    return read_recording(REFUND)


def test_a_clear_question_is_recognised_with_confidence(recognizer: VoskRecognizer, question: Recording) -> None:
    heard = recognize(recognizer, question)
    assert "退卡" in heard.transcript
    assert 0.9 < sum(h.confidence for h in heard.hypotheses) <= 1


def test_an_unclear_question_has_alternatives_and_less_confidence(
    recognizer: VoskRecognizer, question: Recording
) -> None:
    clear = sum(h.confidence for h in recognize(recognizer, question).hypotheses)
    heard = recognize(recognizer, read_recording(DATA / "recordings/fresh-19-fees.flac"))
    assert 1 < len(heard.hypotheses) <= 5
    assert len({h.text for h in heard.hypotheses}) == len(heard.hypotheses)
    confidences = [h.confidence for h in heard.hypotheses]
    assert confidences == sorted(confidences, reverse=True) and sum(confidences) < clear - 0.05


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_other_rates_are_resampled(recognizer: VoskRecognizer, question: Recording, rate: int) -> None:
    samples = soxr.resample(question.samples, question.rate, rate)
    assert "卡" in recognize(recognizer, Recording(samples, rate)).transcript


def test_an_impossible_rate_is_refused(recognizer: VoskRecognizer) -> None:
    with pytest.raises(AudioError, match="采样率 4000 Hz 不能用"):
        recognizer.stream(4_000)


def test_words_appear_while_audio_still_comes(recognizer: VoskRecognizer, question: Recording) -> None:
    stream = recognizer.stream(question.rate)
    partials = [stream.accept(chunk) for chunk in question.chunks()]
    first = next(i for i, words in enumerate(partials) if words)
    assert first < len(partials) - 1
    assert stream.finish().transcript


def test_odd_chunks_give_the_same_words(recognizer: VoskRecognizer, question: Recording) -> None:
    pcm = question.samples.tobytes()
    stream = recognizer.stream(question.rate)
    for start in range(0, len(pcm), 3333):
        stream.accept(pcm[start : start + 3333])
    assert stream.finish().transcript == recognize(recognizer, question).transcript


def test_streams_of_one_model_do_not_disturb_each_other(recognizer: VoskRecognizer, question: Recording) -> None:
    other = read_recording(DATA / "recordings/canonical-validity.flac")
    alone = [recognize(recognizer, r).transcript for r in (question, other)]
    together: dict[int, str] = {}

    def work(number: int, recording: Recording) -> None:
        together[number] = recognize(recognizer, recording).transcript

    threads = [threading.Thread(target=work, args=(i, r)) for i, r in enumerate((question, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[0], together[1]] == alone


def test_a_pause_inside_the_question_does_not_end_it(recognizer: VoskRecognizer, question: Recording) -> None:
    pause = np.zeros(2 * question.rate, np.int16)
    doubled = Recording(np.concatenate([question.samples, pause, question.samples]), question.rate)
    assert recognize(recognizer, doubled).transcript.count("退卡") == 2


def test_silence_and_nothing_hold_no_words(recognizer: VoskRecognizer) -> None:
    assert recognizer.stream(16_000).finish().hypotheses == ()
    for seconds in (0.01, 1, 5):
        assert recognize(recognizer, Recording(np.zeros(int(16_000 * seconds), np.int16), 16_000)).transcript == ""


def test_the_default_model_lies_in_the_repository(recognizer: VoskRecognizer) -> None:
    assert recognizer.folder == Path(__file__).parents[2] / "models/voice-faq-cn"
