"""``make bench``: how well our own recogniser understands what the machine says, for each voice.

Errors are counted in characters and whole Latin words, sentence by sentence of the answers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from voice_faq.audio.recording import Recording
from voice_faq.dialogue.assistant import recognize
from voice_faq.errors import VoiceFaqError
from voice_faq.evaluation.transcripts import INTERVAL, Errors, error_rate, interval, mixed_errors
from voice_faq.faq import Faq, load_faq
from voice_faq.recognition import Recognizer, VoskRecognizer
from voice_faq.recognition.model_folder import find_model
from voice_faq.settings import load_settings
from voice_faq.speech.clauses import joined, split_sentences
from voice_faq.speech.pack import VOICE_FOLDER, PackVoice, VoicePack
from voice_faq.speech.spoken_text import to_spoken
from voice_faq.speech.voice import SystemVoice, Voice

EDGE_S: Final = 0.3  # of silence before and after a sentence


def understood(recognizer: Recognizer, voice: Voice, faq: Faq) -> Iterator[Errors]:
    """Errors in each sentence of the answers."""
    for entry in faq.entries:
        for sentence in split_sentences(entry.answer):
            text = "".join(sentence)
            spoken = joined(voice.speak(text))
            assert spoken is not None
            edge = np.zeros(int(EDGE_S * spoken.rate), np.int16)
            heard = recognize(recognizer, Recording(np.concatenate([edge, spoken.samples, edge]), spoken.rate))
            yield mixed_errors(to_spoken(text), heard.transcript)


def main() -> None:
    """Print a line a voice."""
    try:
        settings = load_settings()
        faq = load_faq(settings.answers)
        recognizer = VoskRecognizer(find_model(settings))
        folders = sorted((settings.answers / VOICE_FOLDER).glob("*/"))
        live = SystemVoice(faq.pronunciations, voice=settings.voice, speech_rate=settings.speech_rate)
        voices: list[Voice] = [PackVoice(VoicePack.read(folder), faq.pronunciations, None) for folder in folders]
        shown = Table("声音", "识别错误率", f"{INTERVAL:.0%} 区间", "句子")
        for voice in (*voices, live):
            errors = list(understood(recognizer, voice, faq))
            low, high = interval(errors)
            shown.add_row(voice.name, f"{error_rate(errors):.1%}", f"{low:.1%} … {high:.1%}", str(len(errors)))
        Console(highlight=False).print(shown)
    except VoiceFaqError as error:
        sys.exit(f"voice-faq: {error}")


if __name__ == "__main__":
    main()
