import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import soxr

from voice_faq.audio.recording import Recording, read_recording
from voice_faq.dialogue.assistant import recognize
from voice_faq.errors import AudioError
from voice_faq.evaluation.recordings import read_recorded
from voice_faq.evaluation.transcripts import character_errors
from voice_faq.faq import load_faq
from voice_faq.recognition import VoskRecognizer, open_recognizer
from voice_faq.recognition.graph.building import COMPILED_FROM
from voice_faq.recognition.graph.compiling import build_graph
from voice_faq.recognition.graph.general_ngrams import END, GENERAL_FILE, read_general
from voice_faq.recognition.graph.language_model import GeneralModel, lexicon_pronunciations
from voice_faq.recognition.model_folder import find_model
from voice_faq.recognition.recognizer import grammar_phrases
from voice_faq.settings import Settings

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
    heard = recognize(recognizer, in_noise(question, snr=-9))
    assert 1 < len(heard.hypotheses) <= 5
    assert len({h.text for h in heard.hypotheses}) == len(heard.hypotheses)
    confidences = [h.confidence for h in heard.hypotheses]
    assert confidences == sorted(confidences, reverse=True) and sum(confidences) < clear - 0.05


def in_noise(clean: Recording, *, snr: float) -> Recording:
    """White noise beside it, ``snr`` dB quieter than it is on the average."""
    samples = clean.samples.astype(float)
    spread = np.sqrt(np.mean(samples**2)) * 10 ** (-snr / 20)
    noisy = samples + np.random.default_rng(0).normal(0, spread, len(samples))
    return Recording(noisy.clip(-32_768, 32_767).astype(np.int16), clean.rate)


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


def test_a_decoder_that_is_used_again_hears_the_same(recognizer: VoskRecognizer, question: Recording) -> None:
    """Its graph is remembered, what it has heard is not."""
    other = read_recording(DATA / "recordings/canonical-validity.flac")
    fresh = VoskRecognizer(recognizer.folder)
    first = recognize(fresh, question)
    assert recognize(fresh, other) == recognize(VoskRecognizer(recognizer.folder), other)
    assert recognize(fresh, question) == first


def test_a_stream_that_is_dropped_leaves_the_next_ones_alone(recognizer: VoskRecognizer, question: Recording) -> None:
    alone = recognize(recognizer, question)
    for chunk in (bytes(2), question.samples[: question.rate].tobytes()):
        recognizer.stream(question.rate).accept(chunk)
    assert recognize(recognizer, question) == alone


@pytest.fixture(scope="module")
def wordings(settings: Settings) -> list[str]:
    return [wording for entry in load_faq(settings.answers).entries for wording in entry.all_wordings]


@pytest.fixture(scope="module")
def stranger(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model like the official ones: a runtime graph that knows nothing of the FAQ."""
    folder = Path(shutil.copytree(find_model(settings), tmp_path_factory.mktemp("stranger") / "general"))
    general = read_general(folder / GENERAL_FILE)
    vocabulary = sorted(word for word in general[()] if word != END and lexicon_pronunciations(word))
    build_graph(GeneralModel(general, {*vocabulary, END}).model, folder / "graph")
    for name in (COMPILED_FROM, "confidence.json"):
        (folder / name).unlink()
    return folder


def test_a_second_decoding_hears_questions_that_the_models_own_graph_does_not_expect(
    stranger: Path, wordings: list[str]
) -> None:
    one, two = VoskRecognizer(stranger), VoskRecognizer(stranger, wordings=wordings)
    asked = [q for q in read_recorded(DATA / "recordings.tsv") if q.path.stem.startswith("canonical")]
    wrong = {
        recognizer: sum(
            character_errors(q.transcript, recognize(recognizer, read_recording(q.path)).transcript).wrong
            for q in asked
        )
        for recognizer in (one, two)
    }
    assert wrong[two] < 0.7 * wrong[one]


def test_a_second_decoding_leaves_other_talk_to_the_first(stranger: Path, wordings: list[str]) -> None:
    one, two = VoskRecognizer(stranger), VoskRecognizer(stranger, wordings=wordings)
    talk = [q for q in read_recorded(DATA / "recordings.tsv") if q.path.stem.startswith("oov")]
    heard = [(recognize(r, read_recording(q.path)).transcript, q.path.stem) for q in talk for r in (one, two)]
    assert len(talk) == 10 and len(set(heard)) <= 12  # two of ten may differ


def test_the_second_decoding_is_for_graphs_without_the_answers(stranger: Path, settings: Settings) -> None:
    faq = load_faq(settings.answers)
    assert open_recognizer(settings, faq).phrases == []
    phrases = open_recognizer(settings.model_copy(update={"model": str(stranger)}), faq).phrases
    assert len(phrases) > 500


def test_wordings_are_cut_into_words_that_the_model_knows() -> None:
    known = {"怎么", "退", "卡", "交通", "交通卡"}
    assert grammar_phrases(["怎么退交通卡？", "怎么退ETC", "交通怎么卡"], known.__contains__) == [
        "怎么 退 交通卡", "交通 怎么 卡",
    ]  # fmt: skip
