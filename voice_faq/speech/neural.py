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
from voice_faq.speech.pack import VoicePack
from voice_faq.speech.reading import Latin, Pause, Word, read_aloud
from voice_faq.speech.voice import with_pause, without_silence

VOICES_FOLDER: Final = "models/voices"
FRAME_S: Final = 0.01  # in which the quietest moment of a pause is looked for
BEFORE_S: Final = 0.25  # of a clause's end in which its pause is looked for …
AFTER_S: Final = 0.1  # … and after it

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
        file = folder / f"{voice}.bin"
        if not file.is_file():
            known = "、".join(neural_voices(folder)) or "没有"
            raise SpeechError(f"{folder} 里没有 {voice}.bin。现有的声音：{known}。")
        self.voice = voice
        self._style = read_style(file)
        self._pronunciations = pronunciations
        self._kokoro = Kokoro()

    def record(self, clauses: Sequence[str]) -> list[Recording]:
        """A recording of each of the ``clauses`` of one sentence, at 24 kHz; in a row they are the sentence."""
        pieces = [clause_phonemes(clause, self._pronunciations) for clause in clauses]
        said = self._kokoro.speak(pieces, self._style)
        samples = (np.clip(said.samples, -1, 1) * 32767).astype(np.int16)
        cuts = [0, *(_quietest(said.samples, float(end)) for end in said.ends[1:-1]), len(samples)]
        recordings = [Recording(samples[start:end], RATE) for start, end in itertools.pairwise(cuts)]
        recordings[0] = without_silence(recordings[0], end=False)
        recordings[-1] = with_pause(without_silence(recordings[-1], start=False), clauses[-1])
        return recordings


def neural_voices(folder: Path | None = None) -> list[str]:
    """Names of the style tables that come with voice-faq, or of those in ``folder``."""
    return sorted(f.stem for f in (folder or data_root() / VOICES_FOLDER).glob("*.bin"))


def voice_of_pack(folder: Path) -> str:
    """The voice that recorded a pack, or else the one that is named like its folder; raises SpeechError."""
    try:
        pack = VoicePack.read(folder)
        if pack.engine == NeuralRecorder.engine:
            return pack.voice
    except SpeechError:
        pass
    for voice in neural_voices():
        if voice.endswith(f"_{folder.name}") or voice == folder.name:
            return voice
    raise SpeechError(f"不知道用哪个声音录 {folder.name}。请加上 --voice，可以是：{'、'.join(neural_voices())}")


def _quietest(samples: np.ndarray, seconds: float) -> int:
    """The sample in the quietest moment around ``seconds``."""
    step = int(FRAME_S * RATE)
    first = max(step, int((seconds - BEFORE_S) * RATE))
    frames = samples[first : int((seconds + AFTER_S) * RATE)]
    frames = frames[: len(frames) // step * step].reshape(-1, step)
    level = np.convolve((frames**2).mean(1), np.ones(3) / 3, "same")
    return int(first + (level.argmin() + 0.5) * step)


def clause_phonemes(clause: str, pronunciations: Mapping[str, str]) -> str:
    """What Kokoro is given: ``你好，`` → ``ni↗xau↓, ``."""
    result = ""
    for sound in read_aloud(clause, pronunciations):
        match sound:
            case Word():
                result += "".join(map(syllable_phonemes, sound.syllables)) + " "
            case Latin():
                result += latin_phonemes(sound.text) + " "
            case Pause():
                result = result.rstrip() + _MARKS.get(sound.mark[0], ". ")
    return result


def latin_phonemes(word: str) -> str:
    """A known word as one, any other letter by letter."""
    known = LATIN_PHONEMES.get(word.lower())
    return known or " ".join(LETTER_PHONEMES[letter] for letter in word.lower() if letter in LETTER_PHONEMES)


def syllable_phonemes(pinyin: str) -> str:
    """``hao3`` → ``xau↓``."""
    from misaki.zh import ZHG2P

    return str(ZHG2P.py2ipa(pinyin)).replace("\u032f", "")  # Kokoro has no mark for non-syllabic vowels
