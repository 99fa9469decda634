"""``voice-faq wyoming`` by Home Assistant's own code, in an environment that has Home Assistant:

python tests/wyoming/home_assistant.py 10700 question.wav …        # WAV files of 16 kHz, 16 bits, one channel
"""

from __future__ import annotations

import asyncio
import inspect
import io
import sys
import tempfile
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

from homeassistant.components import stt
from homeassistant.components.conversation import ConversationInput
from homeassistant.components.wyoming.conversation import WyomingConversationEntity
from homeassistant.components.wyoming.data import WyomingService
from homeassistant.components.wyoming.stt import WyomingSttProvider
from homeassistant.components.wyoming.tts import WyomingTtsProvider
from homeassistant.core import Context, HomeAssistant

CHUNK_BYTES = 3_200
METADATA = stt.SpeechMetadata(
    language="zh-CN", format=stt.AudioFormats.WAV, codec=stt.AudioCodecs.PCM,
    bit_rate=stt.AudioBitRates.BITRATE_16, sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
    channel=stt.AudioChannels.CHANNEL_MONO,
)  # fmt: skip


async def main(port: int, files: list[Path]) -> None:
    """Recognise, answer, repeat and speak each."""
    with tempfile.TemporaryDirectory() as folder:
        hass = HomeAssistant(folder)
        service = await WyomingService.create("127.0.0.1", port)
        assert service is not None, "no info"
        entry = SimpleNamespace(entry_id="entry")
        hearing, speaking = WyomingSttProvider(entry, service), WyomingTtsProvider(entry, service)
        answering = WyomingConversationEntity(entry, service)
        answering.hass = hass
        print("platforms:", *service.platforms)
        for file in files:
            heard = await hearing.async_process_audio_stream(METADATA, audio(file))
            answer = await ask(answering, heard.text or "", str(file))
            assert await ask(answering, "再说一遍", str(file)) == answer
            _, wav = await speaking.async_get_tts_audio(answer, "zh-CN", {})
            with wave.open(io.BytesIO(wav)) as spoken:
                seconds = spoken.getnframes() / spoken.getframerate()
            print(f"{file.name}: {heard.result}: {heard.text} → {answer} ({seconds:.1f} s)")


async def audio(file: Path) -> AsyncIterator[bytes]:
    """As it comes from a satellite."""
    with wave.open(str(file)) as recording:
        pcm = recording.readframes(recording.getnframes())
    for start in range(0, len(pcm), CHUNK_BYTES):
        yield pcm[start : start + CHUNK_BYTES]
        await asyncio.sleep(0)


async def ask(agent: WyomingConversationEntity, text: str, conversation: str) -> str:
    """What the agent says; fields of its input differ between versions."""
    fields = {
        "text": text, "context": Context(), "conversation_id": conversation, "device_id": None, "satellite_id": None,
        "language": "zh-CN", "agent_id": "agent",
    }  # fmt: skip
    known = inspect.signature(ConversationInput).parameters
    result = await agent.async_process(ConversationInput(**{k: v for k, v in fields.items() if k in known}))
    return str(result.response.speech["plain"]["speech"])


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]]))
