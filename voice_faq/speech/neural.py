"""Records clauses with Kokoro: a whole sentence in one breath, cut in its pauses."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.audio.recording import Recording
from voice_faq.data import data_root
from voice_faq.errors import SpeechError
from voice_faq.speech.kokoro import RATE, Kokoro, read_style
from voice_faq.speech.reading import Latin, Pause, Word, read_aloud
from voice_faq.speech.voice import with_pause, without_silence

VOICES_FOLDER: Final = "models/voices"
FRAME_S: Final = 0.01  # in which the quietest moment of a pause is looked for
AROUND_S: Final = 0.06  # of a mark's own time, in which its pause is looked for too
PAUSE_LEVEL: Final = 0.1  # amplitude, as a share of the sentence's, up to which a moment is a pause
SPEEDS: Final = {"zm_yunyang": 0.9}  # factors for hasty voices; others say about 4.6 syllables a second
STRONGER_MARKS: Final = ("; ", ". ")
CUT_FADE_S: Final = 0.004  # at a cut, so that it does not click

# American English in misaki's symbols: brand names as announcers in Chinese stations say them.
LATIN_PHONEMES: Final[dict[str, str]] = {
    "apple": "ˈæpᵊl", "pay": "pˈA", "watch": "wˈɑʧ", "iphone": "ˈIfˌOn", "ipad": "ˈIpˌæd", "ios": "ˌIˌOˈɛs",
    "watchos": "wˈɑʧˌOˈɛs", "ipados": "ˈIpˌædˌOˈɛs", "app": "ˈæp", "applecare": "ˈæpᵊlkˌɛɹ", "pos": "pˌiˌOˈɛs",
    "plus": "plˈʌs", "pro": "pɹˈO", "max": "mˈæks", "mini": "mˈɪni", "series": "sˈɪɹiz", "wifi": "wˈIfˌI",
    "store": "stˈɔɹ", "retail": "ɹˈitˌAl", "ok": "ˌOkˈA", "face": "fˈAs", "touch": "tˈʌʧ",
}  # fmt: skip
LETTER_PHONEMES: Final[dict[str, str]] = {
    "a": "ˈA", "b": "bˈi", "c": "sˈi", "d": "dˈi", "e": "ˈi", "f": "ˈɛf", "g": "ʤˈi", "h": "ˈAʧ", "i": "ˈI",
    "j": "ʤˈA", "k": "kˈA", "l": "ˈɛl", "m": "ˈɛm", "n": "ˈɛn", "o": "ˈO", "p": "pˈi", "q": "kjˈu", "r": "ˈɑɹ",
    "s": "ˈɛs", "t": "tˈi", "u": "jˈu", "v": "vˈi", "w": "dˈʌbᵊlju", "x": "ˈɛks", "y": "wˈI", "z": "zˈi",
}  # fmt: skip
_MARKS: Final = {
    "，": ", ", ",": ", ", "、": ", ", "；": "; ", ";": "; ", "：": ": ", ":": ": ", "？": "? ", "?": "? ", "！": "! ",
    "!": "! ",
}  # fmt: skip


class NeuralRecorder:
    """A Kokoro voice that records sentences for a voice pack."""

    engine = "kokoro"

    def __init__(self, voice: str, pronunciations: Mapping[str, str], *, folder: Path | None = None) -> None:
        """``voice``: name of a ``.bin`` style table in ``folder``, by default those that come with voice-faq."""
        folder = folder or data_root() / VOICES_FOLDER
        known = neural_voices(folder)
        if voice not in known:
            raise SpeechError(f"没有叫 {voice} 的神经语音。{folder} 里有：{'、'.join(known) or '没有'}。")
        self.voice = voice
        self._style = read_style(folder / f"{voice}.bin")
        self._pronunciations = pronunciations
        self._speed = SPEEDS.get(voice, 1.0)
        self._kokoro = Kokoro()

    def record(self, clauses: Sequence[str]) -> list[Recording]:
        """A recording of each of the ``clauses`` of one sentence, at 24 kHz; in a row they are the sentence.

        Where the voice runs over a mark, it gets a stronger one, and at last two breaths.
        """
        # What is said and the mark after it apart, so that the time of each mark is known.
        pieces = [piece for clause in clauses for piece in clause_phonemes(clause, self._pronunciations)]
        for stronger in (*STRONGER_MARKS, None):
            said = self._kokoro.speak(pieces, self._style, self._speed)
            marks = list(itertools.islice(itertools.pairwise(said.ends), 1, len(pieces) - 1, 2))
            cuts = [_quietest(said.samples, float(start), float(end)) for start, end in marks]
            run_over = [i for i, cut in enumerate(cuts) if _level(said.samples, cut) > PAUSE_LEVEL]
            if not run_over:
                break
            if stronger is None:
                first = run_over[0] + 1
                return self.record(clauses[:first]) + self.record(clauses[first:])
            for mark in run_over:
                pieces[2 * mark + 1] = stronger
        samples = (np.clip(said.samples, -1, 1) * 32767).astype(np.int16)
        recordings = [_faded(samples[start:end]) for start, end in itertools.pairwise([0, *cuts, len(samples)])]
        recordings[0] = without_silence(recordings[0], end=False)
        recordings[-1] = with_pause(without_silence(recordings[-1], start=False), clauses[-1])
        return recordings


def neural_voices(folder: Path | None = None) -> list[str]:
    """Names of the style tables that come with voice-faq, or of those in ``folder``."""
    return sorted(f.stem for f in (folder or data_root() / VOICES_FOLDER).glob("*.bin"))


def voice_named_like(pack: str) -> str:
    """The voice for a new pack by its name, ``xiaoxiao`` → ``zf_xiaoxiao``; raises SpeechError where there is none."""
    for voice in neural_voices():
        if voice.endswith(f"_{pack}") or voice == pack:
            return voice
    raise SpeechError(
        f"不知道用哪个声音录 {pack}。请加上 --voice，可以是：{'、'.join(neural_voices())}；"
        "或者加上 --engine pyttsx3，用系统的语音录。"
    )


def _quietest(samples: np.ndarray, start: float, end: float) -> int:
    """The sample in the quietest moment of a mark that lasts from ``start`` to ``end`` seconds."""
    step = int(FRAME_S * RATE)
    first = max(0, int((start - AROUND_S) * RATE))
    frames = samples[first : int((end + AROUND_S) * RATE)]
    frames = frames[: len(frames) // step * step].reshape(-1, step)
    level = np.convolve((frames**2).mean(1), np.ones(3) / 3, "same")
    return int(first + (level.argmin() + 0.5) * step)


def _level(samples: np.ndarray, cut: int) -> float:
    """Of the moment around a cut, as a share of the whole."""
    half = int(FRAME_S * RATE) // 2
    moment = samples[max(0, cut - half) : cut + half]
    return float(np.sqrt((moment**2).mean() / (samples**2).mean()))


def _faded(samples: np.ndarray) -> Recording:
    size = min(int(CUT_FADE_S * RATE), len(samples) // 2)
    edges = np.ones(len(samples))
    edges[:size] = np.linspace(0, 1, size)
    edges[len(samples) - size :] = np.linspace(1, 0, size)
    return Recording((samples * edges).astype(np.int16), RATE)


def clause_phonemes(clause: str, pronunciations: Mapping[str, str]) -> tuple[str, str]:
    """What Kokoro is given, and the mark at its end: ``你好，`` → ``ni↗xau↓`` and ``, ``."""
    said, mark = "", ""
    for sound in read_aloud(clause, pronunciations):
        if not isinstance(sound, Pause):
            said += mark
            mark = ""
        match sound:
            case Word():
                said += "".join(map(syllable_phonemes, sound.syllables)) + " "
            case Latin():
                said += latin_phonemes(sound.text) + " "
            case Pause():
                said, mark = said.rstrip(), _MARKS.get(sound.mark[0], ". ")
    return said.rstrip(), mark or " "


def latin_phonemes(word: str) -> str:
    """A known word as one, any other letter by letter."""
    known = LATIN_PHONEMES.get(word.lower())
    return known or " ".join(LETTER_PHONEMES[letter] for letter in word.lower() if letter in LETTER_PHONEMES)


def syllable_phonemes(pinyin: str) -> str:
    """``hao3`` → ``xau↓``."""
    from misaki.zh import ZHG2P

    return str(ZHG2P.py2ipa(pinyin)).replace("\u032f", "")  # Kokoro has no mark for non-syllabic vowels
