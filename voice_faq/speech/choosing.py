"""Who records a voice pack: whom an operator names, or else the voice that recorded it before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from voice_faq.advice import command
from voice_faq.errors import SpeechError
from voice_faq.settings import Settings
from voice_faq.speech.building import Recorder, SystemRecorder
from voice_faq.speech.kokoro import NeuralMissingError
from voice_faq.speech.neural import NeuralRecorder, voice_named_like
from voice_faq.speech.pack import VoicePack, pack_folder, pack_names
from voice_faq.speech.voice import SystemVoice

ENGINES: Final = (NeuralRecorder.engine, SystemRecorder.engine)


def recorder_for(
    settings: Settings,
    pack: str,
    pronunciations: Mapping[str, str],
    *,
    engine: str | None = None,
    voice: str | None = None,
) -> Recorder:
    """The recorder for ``pack``; where engine or voice is None, those that recorded it before.

    A new pack is recorded by the neural voice that is named like it. Raises SpeechError that says what there is.
    """
    try:
        before: VoicePack | None = VoicePack.read(pack_folder(settings.answers, pack))
    except SpeechError:
        before = None
    engine = engine or (before.engine if before else NeuralRecorder.engine)
    if voice is None and before is not None and before.engine == engine:
        voice = before.voice
    if engine == SystemRecorder.engine:
        wanted = voice or settings.voice
        return SystemRecorder(SystemVoice(pronunciations, voice=wanted, speech_rate=settings.speech_rate))
    if engine != NeuralRecorder.engine:
        raise SpeechError(f"没有叫 {engine} 的录制方法。请写 {' 或 '.join(ENGINES)}。")
    try:
        return NeuralRecorder(voice or voice_named_like(pack), pronunciations)
    except NeuralMissingError as error:
        taken = {pack, *pack_names(settings.answers)}
        free = next(name for name in ("system", *(f"system-{n}" for n in range(2, 1000))) if name not in taken)
        other = command("voice", "build", free, "--engine", SystemRecorder.engine, answers=settings.answers)
        raise SpeechError(f"{error}；或者用系统的语音另录一份：{other}") from None
