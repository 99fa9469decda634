"""``voice-faq wyoming`` by Home Assistant itself, in an environment that has it with what its voice parts require:

    python tests/wyoming/home_assistant.py 10700 question.wav …        # WAV files of 16 kHz, 16 bits, one channel

A core without a page: its config flow adds the server as a person would, its Assist pipeline hears each recording, asks
and speaks; then a conversation goes on. Prints JSON, a line each.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import tempfile
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from homeassistant import auth, bootstrap, loader
from homeassistant.components import stt, tts
from homeassistant.components.assist_pipeline import PipelineEventType, async_pipeline_from_audio_stream
from homeassistant.components.assist_pipeline.pipeline import KEY_ASSIST_PIPELINE
from homeassistant.components.conversation import async_converse
from homeassistant.config_entries import SOURCE_USER, ConfigEntries
from homeassistant.const import __version__
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component

CHUNK_BYTES = 3_200
HEADER_BYTES = 44
LANGUAGE = "zh-CN"
COMPONENTS = ("homeassistant", "http", "conversation", "stt", "tts", "assist_pipeline", "wyoming")
AUDIO = stt.SpeechMetadata(
    language=LANGUAGE, format=stt.AudioFormats.WAV, codec=stt.AudioCodecs.PCM,
    bit_rate=stt.AudioBitRates.BITRATE_16, sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
    channel=stt.AudioChannels.CHANNEL_MONO,
)  # fmt: skip


async def main(port: int, files: list[Path]) -> None:
    """Add the server, let each recording be heard, and talk on."""
    with tempfile.TemporaryDirectory() as folder:
        hass = await started(folder)
        entities = await added(hass, port)
        told({"home_assistant": __version__, "entities": entities})
        pipeline = await hass.data[KEY_ASSIST_PIPELINE].pipeline_store.async_create_item({
            "name": "voice-faq", "language": LANGUAGE, "tts_voice": None,
            "wake_word_entity": None, "wake_word_id": None,
            **{f"{part}_engine": entity for part, entity in entities.items()},
            **{f"{part}_language": LANGUAGE for part in entities},
        })  # fmt: skip
        for file in files:
            told({"file": file.name, **await heard(hass, pipeline.id, file)})
        conversation = None
        for text in ("怎么退卡", "再说一遍", "优惠和退卡", "第二个", "今天天气怎么样"):
            result = await async_converse(
                hass, text, conversation, Context(), language=LANGUAGE, agent_id=entities["conversation"]
            )
            conversation = result.conversation_id
            told({"asked": text, **answer_of(result.response.as_dict())})
        await hass.async_stop(force=True)


async def started(folder: str) -> HomeAssistant:
    """A core with what voice needs."""
    hass = HomeAssistant(folder)
    hass.config.skip_pip = True
    loader.async_setup(hass)
    hass.config_entries = ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    hass.auth = await auth.auth_manager_from_config(hass, [{"type": "homeassistant"}], [])
    for name in COMPONENTS:
        assert await async_setup_component(hass, name, {name: {}}), name
    return hass


async def added(hass: HomeAssistant, port: int) -> dict[str, str]:
    """Entities by part, after Add integration, Wyoming Protocol."""
    data = {"host": "127.0.0.1", "port": port}
    result = await hass.config_entries.flow.async_init("wyoming", context={"source": SOURCE_USER}, data=data)
    assert result["type"] == "create_entry", result
    await hass.async_block_till_done()
    ours = [state for state in hass.states.async_all() if state.entity_id.endswith("voice_faq")]
    return {state.domain: state.entity_id for state in ours}


async def heard(hass: HomeAssistant, pipeline: str, file: Path) -> dict[str, Any]:
    """What the pipeline makes of a recording."""
    events: dict[str, Any] = {}
    await async_pipeline_from_audio_stream(
        hass, context=Context(), event_callback=lambda event: events.update({event.type: event.data}),
        stt_metadata=AUDIO, stt_stream=audio(file), pipeline_id=pipeline, conversation_id=None,
        tts_audio_output={tts.ATTR_PREFERRED_FORMAT: "wav"},
    )  # fmt: skip
    assert PipelineEventType.ERROR not in events, events
    token = events[PipelineEventType.TTS_END]["tts_output"]["token"]
    spoken = b"".join([chunk async for chunk in tts.async_get_stream(hass, token).async_stream_result()])
    with wave.open(io.BytesIO(spoken)) as wav:
        # The header of a stream does not know how much will follow.
        seconds = (len(spoken) - HEADER_BYTES) / (wav.getframerate() * wav.getsampwidth() * wav.getnchannels())
    return {
        "text": events[PipelineEventType.STT_END]["stt_output"]["text"],
        **answer_of(events[PipelineEventType.INTENT_END]["intent_output"]["response"]),
        "seconds": round(seconds, 1),
    }


def answer_of(response: dict[str, Any]) -> dict[str, Any]:
    """Of an intent's response."""
    return {"type": response["response_type"], "answer": response["speech"]["plain"]["speech"]}


async def audio(file: Path) -> AsyncIterator[bytes]:
    """As it comes from a satellite."""
    with wave.open(str(file)) as recording:
        pcm = recording.readframes(recording.getnframes())
    for start in range(0, len(pcm), CHUNK_BYTES):
        yield pcm[start : start + CHUNK_BYTES]
        await asyncio.sleep(0)


def told(line: dict[str, Any]) -> None:
    """To whoever started this."""
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]]))
