"""The kiosk's server with a recogniser that hears the same in any sound: ``python -m tests.kiosk.quick_server``."""

from __future__ import annotations

import os

from voice_faq.audio.level import level_dbfs
from voice_faq.faq import load_faq
from voice_faq.kiosk import open_kiosk, serve
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher
from voice_faq.recognition import Utterance
from voice_faq.settings import load_settings
from voice_faq.speech.opening import open_voice

HEARD = os.environ.get("HEARD", "怎么退卡")
SOUND_DBFS = -45.0


class QuickStream:
    def __init__(self) -> None:
        self._loud = 0

    def accept(self, pcm: bytes) -> str:
        self._loud += level_dbfs(pcm) > SOUND_DBFS
        return HEARD if self._loud > 2 else ""

    def finish(self) -> Utterance:
        return Utterance((Hypothesis(HEARD, 1.0),) if self._loud > 2 else ())


class QuickRecognizer:
    def stream(self, rate: int) -> QuickStream:
        return QuickStream()


def main() -> None:
    settings = load_settings()
    faq = load_faq(settings.answers)
    voice = open_voice(settings, faq.pronunciations).voice
    parts = open_kiosk(settings, faq, Matcher(faq, settings.wrong_answers), QuickRecognizer(), voice)
    serve(parts, lambda address: print(address, flush=True))


if __name__ == "__main__":
    main()
