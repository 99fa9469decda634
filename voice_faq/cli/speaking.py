"""Turns said aloud. It imports all that speaks: for commands that do."""

from __future__ import annotations

from pathlib import Path

from voice_faq.audio.player import PortAudioPlayer
from voice_faq.audio.recording import write_wav
from voice_faq.cli.printing import complain, quiet_libraries
from voice_faq.dialogue.turn import Turn
from voice_faq.errors import AudioError, SpeechError
from voice_faq.faq import Faq
from voice_faq.settings import Settings
from voice_faq.speech.clauses import joined
from voice_faq.speech.opening import open_voice
from voice_faq.speech.voice import Voice, begin_speaking


class Mouth:
    """Speaks turns into WAV files or through the loudspeaker; a missing loudspeaker is said once."""

    def __init__(self, settings: Settings, faq: Faq, folder: Path | None) -> None:
        self._folder = folder
        self._player: PortAudioPlayer | None = None
        self._voice = speaking_voice(settings, faq)
        if folder is None:
            quiet_libraries()
            try:
                self._player = PortAudioPlayer(settings.output_device, volume=settings.volume)
            except AudioError as error:
                complain(
                    f"{error}\n答案只显示，不播放。没有扬声器时请加上 --no-speak；"
                    "加上 --out 文件夹，可以把答案存成 WAV。"
                )

    def say(self, turn: Turn, number: int) -> bool:
        """Speak the answer to the end; ``number`` begins the name of its file.

        False where the loudspeaker or the file fails, which is said.
        """
        try:
            clauses = begin_speaking(self._voice, turn)
            if self._folder is not None:
                recording = joined(clauses)
                if recording is not None:
                    write_wav(self._folder / f"{number:03d}-{turn.entry or turn.decision}.wav", recording)
            elif self._player is not None:
                self._player.play(clause.recording for clause in clauses)
                self._player.wait()
                if self._player.failure is not None:
                    raise self._player.failure
        except (SpeechError, AudioError) as error:
            complain(str(error))
            return isinstance(error, SpeechError)  # it has been said at the start already
        return True


def speaking_voice(settings: Settings, faq: Faq) -> Voice:
    """The voice of the answers folder; what does not work is said, and the rest goes on."""
    opened = open_voice(settings, faq.pronunciations)
    for complaint in opened.complaints:
        complain(complaint)
    return opened.voice
