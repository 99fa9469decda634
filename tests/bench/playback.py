"""``make bench``: from the decision to the first sample heard, and from a key press to silence.

Measured in the waveform that comes out of a PulseAudio null sink, not by times that the player writes down.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Final

from rich.console import Console
from rich.table import Table

from voice_faq.audio.player import PortAudioPlayer
from voice_faq.audio.recording import Recording
from voice_faq.errors import VoiceFaqError
from voice_faq.faq import load_faq
from voice_faq.settings import load_settings
from voice_faq.speech.opening import open_voice
from voice_faq.speech.voice import SystemVoice, Voice

from ..sound_server import Capture, run_with_sound

ROUNDS: Final = 20
AUDIBLE: Final = 200  # of 32768
SILENCE_S: Final = 0.4  # that has passed before a round begins, and after it ends


def start_ms(capture: Capture, player: PortAudioPlayer, voice: Voice, text: str) -> float:
    """From the decision to the first audible sample."""
    return _first_after(capture, player, lambda: player.play(c.recording for c in voice.speak(text)))


def stop_ms(capture: Capture, player: PortAudioPlayer, pieces: Iterable[Recording]) -> float:
    """From the key press to the last audible sample."""
    player.play(pieces)
    time.sleep(0.6)
    capture.forget()
    pressed = time.monotonic()
    player.stop()
    time.sleep(SILENCE_S)
    heard = capture.loud_times(AUDIBLE)
    return float((heard.max() - pressed) * 1000) if len(heard) else 0.0


def _first_after(capture: Capture, player: PortAudioPlayer, begin: Callable[[], None]) -> float:
    time.sleep(SILENCE_S)
    capture.forget()
    decided = time.monotonic()
    begin()
    while not len(heard := capture.loud_times(AUDIBLE)) and time.monotonic() < decided + 10:
        time.sleep(0.005)
    player.stop()
    return float((heard.min() - decided) * 1000)


def run_bench(console: Console) -> None:
    """Measure and print; needs the sound server's environment."""
    settings = load_settings()
    faq = load_faq(settings.answers)
    voice = open_voice(settings, faq.pronunciations).voice
    live = SystemVoice(faq.pronunciations, voice=settings.voice, speech_rate=settings.speech_rate)
    answers = [entry.answer for entry in faq.entries]
    player, capture = PortAudioPlayer(), Capture()
    start_ms(capture, player, voice, answers[0])  # opens the device
    rounds = [answers[i % len(answers)] for i in range(ROUNDS)]
    shown = Table("测量（从扬声器的波形）", "中位数", "第 95 百分位", "次数")
    for name, values in (
        ("得出结果到听到录好的答案", [start_ms(capture, player, voice, text) for text in rounds]),
        ("得出结果到听到系统语音的答案", [start_ms(capture, player, live, text) for text in rounds]),
        ("按键到安静", [stop_ms(capture, player, (c.recording for c in voice.speak(text))) for text in rounds]),
    ):
        late = statistics.quantiles(values, n=20)[-1]
        shown.add_row(name, f"{statistics.median(values):.0f} ms", f"{late:.0f} ms", str(len(values)))
    capture.close()
    player.close()
    live.close()
    console.print(shown)


def main() -> None:
    """Start a sound server, and the benchmark inside its environment."""
    try:
        run_with_sound(__spec__.name)
        run_bench(Console(highlight=False))
    except VoiceFaqError as error:
        sys.exit(f"voice-faq: {error}")


if __name__ == "__main__":
    main()
