"""Which voice speaks: the recorded one where there is a pack, the system's for what is not recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voice_faq.errors import SpeechError
from voice_faq.settings import Settings
from voice_faq.speech.pack import MANIFEST, PackVoice, VoicePack, pack_folder
from voice_faq.speech.voice import NoVoice, SystemVoice, Voice


@dataclass(frozen=True)
class OpenedVoice:
    """The voice, and what an operator should know of it."""

    voice: Voice
    complaints: tuple[str, ...]
    """What does not work; empty where all does."""


def open_voice(settings: Settings, pronunciations: Mapping[str, str]) -> OpenedVoice:
    """The voice of the answers folder; it may be one that cannot speak, but it is never none.

    Raises SpeechError where an operator named a voice of the system that it does not have.
    """
    complaints = []
    live: SystemVoice | None = None
    try:
        live = SystemVoice(pronunciations, voice=settings.voice, speech_rate=settings.speech_rate)
    except SpeechError as error:
        if settings.voice is not None:
            raise
        complaints.append(str(error))
    folder = pack_folder(settings.answers, settings.voice_pack) if settings.voice_pack else None
    # An answers folder without recordings is spoken live, which is no fault.
    if folder is not None and (folder / MANIFEST).exists():
        try:
            return OpenedVoice(PackVoice(VoicePack.read(folder), pronunciations, live), tuple(complaints))
        except SpeechError as error:
            complaints.append(str(error))
    return OpenedVoice(live or NoVoice("\n".join(complaints)), tuple(complaints))
