"""What Home Assistant is told of us before it asks anything."""

from __future__ import annotations

from typing import Any, Final

from wyoming.info import (
    AsrModel,
    AsrProgram,
    Attribution,
    HandleModel,
    HandleProgram,
    Info,
    TtsProgram,
    TtsVoice,
)  # fmt: skip

from voice_faq import __version__
from voice_faq.wyoming.parts import LANGUAGE, Parts

NAME: Final = "voice-faq"
LANGUAGES: Final = [LANGUAGE, "zh"]
VOSK: Final = Attribution("Alpha Cephei", "https://alphacephei.com/vosk/")
OURS: Final = Attribution(NAME, "https://pypi.org/project/voice-faq/")


def described(parts: Parts) -> Info:
    """Recognition, handling and speech, one program each."""
    title = parts.faq.title
    version: dict[str, Any] = {"installed": True, "version": __version__}
    return Info(
        asr=[
            AsrProgram(
                name=NAME, description="离线普通话识别", attribution=VOSK, supports_transcript_streaming=True,
                models=[
                    AsrModel(
                        name=parts.settings.model, description=f"识别“{title}”的问题", attribution=OURS,
                        languages=LANGUAGES, **version,
                    )
                ],
                **version,
            )
        ],
        handle=[
            HandleProgram(
                name=NAME, description=title, attribution=OURS,
                models=[
                    HandleModel(
                        name="faq", description=f"{title}，{len(parts.faq.entries)} 个问题", attribution=OURS,
                        languages=LANGUAGES, **version,
                    )
                ],
                **version,
            )
        ],
        tts=[
            TtsProgram(
                name=NAME, description="录好的普通话，没录的由系统语音念", attribution=OURS,
                supports_synthesize_streaming=True,
                voices=[
                    TtsVoice(
                        name=parts.settings.voice_pack or "system", description=parts.voice.name, attribution=OURS,
                        languages=LANGUAGES, **version,
                    )
                ],
                **version,
            )
        ],
    )  # fmt: skip
