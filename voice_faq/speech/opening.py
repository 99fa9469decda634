"""Which voice speaks: the recorded one where there is a pack, the system's for what is not recorded."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from voice_faq.advice import command
from voice_faq.errors import SpeechError
from voice_faq.settings import Settings
from voice_faq.speech.engine import EngineProcess
from voice_faq.speech.pack import MANIFEST, PackVoice, VoicePack, damage_note, pack_folder, pack_names
from voice_faq.speech.voice import NoVoice, SystemVoice, Voice


@dataclass(frozen=True)
class OpenedVoice:
    """The voice, and what an operator should know of it."""

    voice: Voice
    complaints: tuple[str, ...]
    """What does not work; empty where all does."""
    engine: EngineProcess | None = None
    """The running synthesiser, where there is one."""
    damage: str | None = None
    """What is wrong with the recordings; one of the complaints."""


def used_pack(settings: Settings) -> tuple[Path | None, str | None]:
    """The folder of the pack that speaks, and a sentence where it is not the one that an operator named.

    An answers folder without that pack is spoken with the first one that it has, and live where it has none.
    Raises SpeechError for what is not a name.
    """
    if settings.voice_pack is None:
        return None, None
    wanted = pack_folder(settings.answers, settings.voice_pack)
    if (wanted / MANIFEST).exists():
        return wanted, None
    others = pack_names(settings.answers)
    missing = f"{wanted.parent} 里没有叫 {wanted.name} 的语音（设置 voice_pack）"
    told = "voice_pack" in settings.model_fields_set
    if others:
        complaint = f"{missing}，改用 {others[0]}。现有的语音：{'、'.join(others)}。"
        return pack_folder(settings.answers, others[0]), complaint if told else None
    build = command("voice", "build", wanted.name, answers=settings.answers)
    return None, f"{missing}，全部由系统语音念。要录制：{build}" if told else None


def open_voice(
    settings: Settings,
    pronunciations: Mapping[str, str],
    *,
    engine: EngineProcess | None = None,
    spare: Path | None = None,
) -> OpenedVoice:
    """The voice of the answers folder; it may be one that cannot speak, but it is never none.

    ``engine`` is a synthesiser that runs already, as these settings ask for it; it is shared. ``spare`` is the folder
    of an older pack, from which comes what is damaged in the pack.
    Raises SpeechError where an operator named a voice of the system that it does not have.
    """
    complaints = []
    live: SystemVoice | None = None
    try:
        live = SystemVoice(pronunciations, voice=settings.voice, speech_rate=settings.speech_rate, engine=engine)
    except SpeechError as error:
        if settings.voice is not None:
            raise
        complaints.append(str(error))
    engine = live.engine if live is not None else None
    folder, complaint = used_pack(settings)
    if complaint is not None:
        complaints.append(complaint)
    speaking: Voice | None = live
    damage: str | None = None
    # An answers folder without recordings is spoken live, which is no fault.
    if folder is not None:
        pack: VoicePack | None = None
        try:
            pack = VoicePack.read(folder)
            damage = damage_note(pack)
        except SpeechError as error:
            damage = str(error)
        if damage is not None:
            complaints.append(damage)
            if spare is not None:
                with contextlib.suppress(SpeechError):
                    speaking = PackVoice(VoicePack.read(spare), pronunciations, live)
        if pack is not None:
            speaking = PackVoice(pack, pronunciations, speaking)
    return OpenedVoice(speaking or NoVoice("\n".join(complaints)), tuple(complaints), engine, damage)
