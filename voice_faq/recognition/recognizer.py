"""Streaming recognition with Vosk: one model, many streams, any sample rate, n-best out.

A model whose graph knows nothing of the FAQ can decode twice, where its language model can be exchanged at run time:
once with its own and once with a grammar of the FAQ's wordings. Either says how likely it finds what it heard, so the
two n-best lists are one.
"""

from __future__ import annotations

import json
import math
import shlex
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import soxr

from voice_faq.errors import AudioError, ModelError
from voice_faq.language.dictionary import open_dictionary
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.normalizing import join_words, normalize
from voice_faq.language.words import Segmenter
from voice_faq.recognition.confidence import Calibration, likelihood_per_syllable, read_calibration
from voice_faq.recognition.model_folder import check_files, model_rate

SLOWEST_RATE: Final = 8_000  # Hz
FASTEST_RATE: Final = 192_000  # Hz
CONFIDENCE_SCALE: Final = 0.2  # acoustic likelihoods count frames that are not independent
DITHER_S: Final = 1.0  # length of the noise that is added over and over
TRAILING_SILENCE_S: Final = 0.15  # lets the last word's right context be heard
MOST_IDLE: Final = 2  # decoders of a kind that wait for the next utterance, 20 MiB each


# One LSB of noise, the same in every stream: digital silence has no place in a log spectrum, and Kaldi's own
# dither differs from one utterance to the next.
_DITHER: Final = np.rint(np.random.default_rng(0).normal(size=int(DITHER_S * 16_000))).astype(np.int32)


@dataclass(frozen=True)
class Utterance:
    """What was recognised in one recording."""

    hypotheses: tuple[Hypothesis, ...]
    """n-best list, best first; empty when nothing was heard. The confidences sum to the probability that the
    utterance was understood at all, 1 for a model without a calibration."""
    log_likelihood: float = 0.0
    """Of the model's own best hypothesis, nats; what a calibration is fitted on."""

    @property
    def transcript(self) -> str:
        """The best hypothesis' text, ``""`` when nothing was heard."""
        return self.hypotheses[0].text if self.hypotheses else ""


class RecognitionStream(Protocol):
    """One utterance being heard."""

    def accept(self, pcm: bytes) -> str:
        """Take mono 16-bit little-endian samples at the stream's rate; returns the words so far."""

    def finish(self) -> Utterance:
        """No more audio is coming; the stream cannot be used afterwards."""


class Recognizer(Protocol):
    """A source of recognition streams."""

    def stream(self, rate: int) -> RecognitionStream:
        """A new utterance whose audio comes at ``rate`` Hz."""


class VoskRecognizer:
    """A loaded Vosk model; streams share it and may run in different threads."""

    def __init__(
        self,
        folder: Path,
        *,
        alternatives: int = 5,
        wordings: Sequence[str] = (),
        cache: Path | None = None,
        loaded: VoskRecognizer | None = None,
    ) -> None:
        """Load the model in ``folder``; raises ModelError that names what is missing or broken.

        ``wordings`` are what a second decoding expects; only for models with a runtime graph. In the folder
        ``cache`` lies the dictionary that cuts them into words, where it is kept. ``loaded`` has this very model
        loaded already; it is shared.
        """
        import vosk

        self._model: Any = _load(folder) if loaded is None else loaded._model
        self.folder: Final = folder
        self.rate: Final = model_rate(folder)
        self._alternatives = alternatives
        self._calibration = read_calibration(folder)
        self.phrases: Final = grammar_phrases(wordings, self._knows, cache)
        """Wordings of the second decoding in the model's own words, empty without one."""
        self._decoders = [_Decoders(lambda: vosk.KaldiRecognizer(self._model, float(self.rate)), alternatives)]
        if self.phrases:
            grammar = json.dumps(self.phrases, ensure_ascii=False)
            self._decoders.append(
                _Decoders(lambda: vosk.KaldiRecognizer(self._model, float(self.rate), grammar), alternatives)
            )

    def _knows(self, word: str) -> bool:
        return int(self._model.vosk_model_find_word(word)) >= 0

    def stream(self, rate: int) -> VoskStream:
        """A new utterance; audio at other rates than the model's is resampled.

        Raises AudioError for rates outside 8…192 kHz.
        """
        if not SLOWEST_RATE <= rate <= FASTEST_RATE:
            raise AudioError(f"采样率 {rate} Hz 不能用。请用 {SLOWEST_RATE} 到 {FASTEST_RATE} Hz 之间的录音。")
        decodings = [_Decoding(decoders) for decoders in self._decoders]
        return VoskStream(decodings, rate, self.rate, self._alternatives, self._calibration)


def _load(folder: Path) -> Any:
    """The model in ``folder``; raises ModelError."""
    problems = check_files(folder)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise ModelError(f"语音模型 {folder} 不能用：\n{listed}")
    import vosk

    vosk.SetLogLevel(-1)
    try:
        return vosk.Model(str(folder))
    except Exception as error:  # Vosk raises a bare Exception
        look = shlex.join(["voice-faq", "models", "check", str(folder)])
        raise ModelError(f"语音模型 {folder} 加载失败。请运行 {look} 查看原因，或重新安装模型。") from error


def grammar_phrases(wordings: Sequence[str], knows: Callable[[str], bool], cache: Path | None = None) -> list[str]:
    """``wordings`` in words that a model ``knows``, blanks between; those that it has no words for are left out."""
    if not wordings:
        return []
    cut = Segmenter(dictionary=open_dictionary(cache))

    def known_parts(word: str) -> list[str] | None:
        parts: list[str] = []
        while word:
            length = next((n for n in range(len(word), 0, -1) if knows(word[:n])), 0)
            if not length:
                return None
            parts.append(word[:length])
            word = word[length:]
        return parts

    phrases: dict[str, None] = {}
    for wording in wordings:
        words = [known_parts(word) for word in cut(normalize(wording))]
        if words and all(words):
            phrases[" ".join(part for parts in words for part in parts or ())] = None
    return list(phrases)


class _Decoders:
    """Kaldi recognisers of one kind, used again and again.

    A graph that is composed while it decodes is remembered by the recogniser that composed it: one that has heard
    some questions needs half the time. A recogniser is never in two streams at once.
    """

    def __init__(self, make: Callable[[], Any], alternatives: int) -> None:
        self._make = make
        self.alternatives: Final = alternatives
        self._idle: deque[Any] = deque(maxlen=MOST_IDLE)

    def take(self) -> Any:
        try:
            return self._idle.pop()
        except IndexError:
            decoder = self._make()
            decoder.SetMaxAlternatives(self.alternatives)
            return decoder

    def give_back(self, decoder: Any) -> None:
        """``decoder`` must have given a final result; what it has heard is forgotten here."""
        decoder.AcceptWaveform(b"")
        self._idle.append(decoder)


class _Decoding:
    """One utterance in one decoder; pauses inside it do not end it, their pieces are joined."""

    def __init__(self, decoders: _Decoders) -> None:
        self._decoders = decoders
        self._decoder = decoders.take()
        self._pieces: list[list[tuple[str, float]]] = []
        self._between_pieces = True

    def accept(self, pcm: bytes) -> None:
        """Mono 16-bit samples at the model's rate, at least one."""
        self._between_pieces = bool(self._decoder.AcceptWaveform(pcm))
        if self._between_pieces:
            self._keep(self._decoder.Result())

    def words_so_far(self) -> str:
        partial = str(json.loads(self._decoder.PartialResult()).get("partial", ""))
        return "".join([*(piece[0][0] for piece in self._pieces), join_words(partial)])

    def finish(self) -> list[tuple[str, float]]:
        """(text, log-likelihood) of everything heard, best first."""
        self._keep(self._decoder.FinalResult())
        if not self._between_pieces:
            # Between two pieces Vosk would not let go of what it has heard.
            self._decoders.give_back(self._decoder)
        return [(text, score) for text, score in _joined(self._pieces, self._decoders.alternatives) if text]

    def _keep(self, result: str) -> None:
        alternatives = json.loads(result).get("alternatives", [])
        piece: dict[str, float] = {}
        for alternative in alternatives:
            text = join_words(str(alternative["text"]))
            # Homonymous paths give the same text twice; the first is the likeliest.
            piece.setdefault(text, float(alternative["confidence"]))
        if any(piece):
            self._pieces.append(list(piece.items()))


class VoskStream:
    """One utterance, heard by one decoding or by two at a time."""

    def __init__(
        self,
        decodings: Sequence[_Decoding],
        rate: int,
        model_rate: int,
        alternatives: int,
        calibration: Calibration | None,
    ) -> None:
        self._decodings = decodings
        self._calibration = calibration
        self._model_rate = model_rate
        self._resampler = soxr.ResampleStream(rate, model_rate, 1, dtype="int16") if rate != model_rate else None
        self._alternatives = alternatives
        self._carry = b""
        self._fed = 0

    def accept(self, pcm: bytes) -> str:
        """Take mono 16-bit samples; returns the words so far."""
        pcm = self._carry + pcm
        whole = len(pcm) // 2 * 2
        self._carry = pcm[whole:]
        self._feed(self._resampled(pcm[:whole], last=False))
        return self._decodings[0].words_so_far()

    def finish(self) -> Utterance:
        """The n-best list of everything heard."""
        self._feed(self._resampled(b"", last=True))
        self._feed(bytes(2 * int(TRAILING_SILENCE_S * self._model_rate)))
        heard = [decoding.finish() for decoding in self._decodings]
        likeliest: dict[str, float] = {}
        for text, score in sorted((pair for decoded in heard for pair in decoded), key=lambda pair: -pair[1]):
            likeliest.setdefault(text, score)
        if not heard[0]:
            return Utterance(())
        text, score = heard[0][0]
        understood = 1.0
        if self._calibration is not None:
            understood = self._calibration.confidence(likelihood_per_syllable(text, score))
        return Utterance(_as_hypotheses(list(likeliest.items())[: self._alternatives], understood), score)

    def _resampled(self, pcm: bytes, *, last: bool) -> bytes:
        if self._resampler is None:
            return pcm
        return bytes(self._resampler.resample_chunk(np.frombuffer(pcm, np.int16), last=last).tobytes())

    def _feed(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, "<i2").astype(np.int32)
        if len(samples) == 0:
            return
        samples += np.take(_DITHER, np.arange(self._fed, self._fed + len(samples)), mode="wrap")
        self._fed += len(samples)
        dithered = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
        for decoding in self._decodings:
            decoding.accept(dithered)


def _joined(pieces: list[list[tuple[str, float]]], limit: int) -> list[tuple[str, float]]:
    """The likeliest texts over all pieces, with their summed log-likelihoods."""
    best: list[tuple[str, float]] = [("", 0.0)] if pieces else []
    for piece in pieces:
        both = [(a + b, x + y) for a, x in best for b, y in piece]
        best = sorted(both, key=lambda pair: -pair[1])[:limit]
    return best


def _as_hypotheses(scored: list[tuple[str, float]], understood: float) -> tuple[Hypothesis, ...]:
    """Log-likelihoods as shares of the probability ``understood``."""
    top = max(score for _, score in scored)
    shares = [math.exp(CONFIDENCE_SCALE * (score - top)) for _, score in scored]
    total = sum(shares) / understood
    return tuple(Hypothesis(text, round(share / total, 4)) for (text, _), share in zip(scored, shares, strict=True))
