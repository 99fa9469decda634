"""The system's synthesiser through pyttsx3, rendered to audio; playing it is the player's work."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from voice_faq.audio.recording import Recording, read_recording
from voice_faq.errors import AudioError, SpeechError
from voice_faq.speech.spoken_text import to_pinyin, to_spoken

ESPEAK_MANDARIN: Final = "sit/cmn-latn-pinyin"
"""The voice that reads toned pinyin; plain ``sit/cmn`` spells tone digits in English."""
INSTALL_HINT: Final = "Debian/Ubuntu 请运行：sudo apt-get install espeak-ng"


class Voice(Protocol):
    """Text in, audio out."""

    name: str

    def render(self, text: str, pace: float = 1.0) -> Recording:
        """Speak ``text`` into memory, slower with ``pace`` below 1; raises SpeechError."""


class SystemVoice:
    """pyttsx3: espeak-ng on Linux with pinyin input, SAPI5 on Windows and NSSpeech on macOS with Chinese text."""

    def __init__(self, pronunciations: Mapping[str, str], *, voice: str | None = None, speech_rate: int = 170) -> None:
        """``speech_rate``: words a minute; raises SpeechError when there is no Mandarin voice."""
        self._pronunciations = dict(pronunciations)
        self._speech_rate = speech_rate
        self._lock = threading.Lock()
        try:
            import pyttsx3

            self._engine: Any = pyttsx3.init()
        except Exception as error:  # pyttsx3 raises whatever the system's driver raises
            raise SpeechError(f"语音合成启动不了（{error}）。{INSTALL_HINT}") from None
        self._espeak = sys.platform not in ("win32", "darwin")
        if self._espeak:
            _silence_espeak_driver()
        self.name = voice or (ESPEAK_MANDARIN if self._espeak else self._first_chinese_voice())
        self._choose(self.name)

    def render(self, text: str, pace: float = 1.0) -> Recording:
        """Speak ``text``; an empty text is refused with SpeechError, as pyttsx3 would wait for ever."""
        words = to_pinyin(text, self._pronunciations) if self._espeak else to_spoken(text)
        if not words.strip():
            raise SpeechError("没有可以念的文字。")
        with self._lock, tempfile.TemporaryDirectory(prefix="voice-faq-") as folder:
            file = Path(folder) / "speech.wav"
            try:
                self._engine.setProperty("rate", round(self._speech_rate * pace))
                self._engine.save_to_file(words, str(file))
                self._engine.runAndWait()
                return read_recording(file)
            except AudioError as error:
                raise SpeechError(f"语音合成没有产生声音（{error}）。{INSTALL_HINT}") from None
            except Exception as error:  # as above
                raise SpeechError(f"语音合成失败（{error}）。{INSTALL_HINT}") from None

    def _first_chinese_voice(self) -> str:
        for voice in self._engine.getProperty("voices"):
            described = " ".join([str(voice.id), str(voice.name), *map(str, voice.languages or [])]).lower()
            if any(mark in described for mark in ("zh-cn", "zh_cn", "chinese", "mandarin")):
                return str(voice.id)
        raise SpeechError("系统里没有中文语音。请在系统设置里添加普通话语音。")

    def _choose(self, name: str) -> None:
        """pyttsx3 stays on English without a word when it does not know the voice: read it back.

        The engine sets properties when it next runs, so it has to speak a syllable first.
        """
        self._engine.setProperty("voice", name)
        try:
            self.render("好")
        except SpeechError as error:
            raise SpeechError(f"语音 {name} 用不了：{error}") from None
        chosen = str(self._engine.getProperty("voice"))
        known = {
            str(v.id).lower(): {str(v.id).lower(), str(v.name).lower()} for v in self._engine.getProperty("voices")
        }
        if name.lower() not in known.get(chosen.lower(), {chosen.lower()}):
            raise SpeechError(f"没有名为 {name} 的语音（现在是 {chosen}）。{INSTALL_HINT}")


def _silence_espeak_driver() -> None:
    """The driver prints to standard output for each file; that would break ``--json``."""
    import pyttsx3.drivers.espeak as driver

    driver.print = lambda *_args, **_options: None
