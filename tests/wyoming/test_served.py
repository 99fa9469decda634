"""``voice-faq wyoming`` with the model, the answers and the voice that come with it, by the protocol's own client."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info, SelectProgram
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize

from voice_faq.audio.recording import Recording, read_recording, resampled
from voice_faq.dialogue.assistant import recognize
from voice_faq.errors import SettingsError
from voice_faq.evaluation.transcripts import character_errors, error_rate
from voice_faq.faq import Faq
from voice_faq.matching import Matcher
from voice_faq.recognition import VoskRecognizer
from voice_faq.settings import Settings
from voice_faq.speech.voice import NoVoice
from voice_faq.wyoming import Parts
from voice_faq.wyoming.server import Place, _serve, place

from ..cli.running import voice_faq
from ..conftest import DATA
from .clients import Client, Served, connected, listen, serving, speak, speak_streamed

REFUND = read_recording(DATA / "recordings" / "canonical-refund.flac")
LONGEST_S = 8
Work = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wyoming") / "log"


@pytest.fixture(scope="module")
def served(log: Path) -> Iterator[Served]:
    limits = {"VOICE_FAQ_WYOMING__CONNECTIONS": "6", "VOICE_FAQ_LONGEST_QUESTION_S": str(LONGEST_S)}
    with log.open("w") as errors, serving(errors, **limits) as running:
        yield running
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0


def on(served: Served, work: Work) -> None:
    async def run() -> None:
        async with connected(served) as client:
            await work(client)

    asyncio.run(run())


def test_it_says_all_that_it_offers(served: Served, faq: Faq) -> None:
    async def work(client: Client) -> None:
        info = Info.from_event(await client.ask(Describe()))
        (asr,), (handle,), (tts,) = info.asr, info.handle, info.tts
        for program in (asr, handle, tts):
            assert program.installed and program.name == "voice-faq" and program.version
        assert asr.supports_transcript_streaming and tts.supports_synthesize_streaming
        models = [asr.models[0], handle.models[0], tts.voices[0]]
        assert all(model.installed and "zh-CN" in model.languages for model in models)
        assert handle.description == faq.title and tts.voices[0].name == "xiaoxiao"
        assert Pong.is_type((await client.ask(SelectProgram("voice-faq"), Ping("ping"))).type)

    on(served, work)


@pytest.mark.recognition
def test_a_recording_becomes_words_while_it_is_said_then_an_answer_and_its_voice(
    served: Served, faq: Faq, recognizer: VoskRecognizer
) -> None:
    async def work(client: Client) -> None:
        heard = await listen(client, REFUND)
        assert heard.transcript == recognize(recognizer, REFUND).transcript and heard.transcript.endswith("怎么退卡")
        assert heard.before_the_end >= 2 and heard.transcript.startswith("".join(heard.chunks[: heard.before_the_end]))
        answer = Handled.from_event(await client.ask(Transcript(heard.transcript, context={"conversation_id": "a"})))
        assert answer.text == faq.entry("refund").answer and answer.context == {"conversation_id": "a"}
        said = await speak(client, answer.text)
        assert said.seconds > 3 and np.abs(said.samples.astype(int)).max() > 3_000
        back = recognize(recognizer, said).transcript
        assert error_rate([character_errors(answer.text, back)]) < 0.35, back

    on(served, work)


@pytest.mark.recognition
@pytest.mark.parametrize(("rate", "width", "channels"), [(48_000, 2, 2), (22_050, 4, 1)])
def test_audio_of_other_forms_is_understood(served: Served, rate: int, width: int, channels: int) -> None:
    async def work(client: Client) -> None:
        assert (await listen(client, resampled(REFUND, rate), width, channels)).transcript.endswith("怎么退卡")

    on(served, work)


def test_silence_is_an_empty_transcript(served: Served) -> None:
    async def work(client: Client) -> None:
        heard = await listen(client, Recording(np.zeros(16_000, np.int16), 16_000), words_first=False)
        assert (heard.transcript, heard.chunks, heard.before_the_end) == ("", [""], 0)

    on(served, work)


def test_a_conversation_goes_on_over_connections_and_two_do_not_mix(served: Served, faq: Faq) -> None:
    async def ask(text: str, name: str | None) -> Event:
        async with connected(served) as client:
            return await client.ask(Transcript(text, context={"conversation_id": name} if name else None))

    async def run() -> None:
        offered = Handled.from_event(await ask("退卡", "one"))
        assert offered.text is not None and "第几个" in offered.text
        other = await ask("第一个", "two")
        assert Handled.from_event(other).text == faq.prompts.listening
        chosen = Handled.from_event(await ask("第一个", "one"))
        assert chosen.text in (faq.entry("refund").answer, faq.entry("damaged-device").answer)
        assert Handled.from_event(await ask("再说一遍", "one")).text == chosen.text
        assert "音箱" in (Handled.from_event(await ask("慢一点", "one")).text or "")
        # Without a name it is the connection's.
        assert Handled.from_event(await ask("再说一遍", None)).text == faq.prompts.nothing_to_repeat
        async with connected(served) as client:
            await client.ask(Transcript("怎么退卡"))
            again = Handled.from_event(await client.ask(Transcript("再说一遍")))
            assert again.text == faq.entry("refund").answer

    asyncio.run(run())


def test_what_has_no_answer_is_said_to_be_not_handled(served: Served, faq: Faq) -> None:
    async def work(client: Client) -> None:
        event = await client.ask(Transcript("今天天气怎么样"))
        assert NotHandled.from_event(event).text == faq.prompts.not_known and NotHandled.is_type(event.type)
        event = await client.ask(Transcript("好的"))
        assert Handled.is_type(event.type) and Handled.from_event(event).text == faq.prompts.listening
        event = await client.ask(Transcript(""))
        assert NotHandled.is_type(event.type) and NotHandled.from_event(event).text

    on(served, work)


def test_speech_is_the_same_whole_or_streamed_and_what_is_not_recorded_is_spoken_too(served: Served, faq: Faq) -> None:
    text = faq.entry("validity").answer

    async def work(client: Client) -> None:
        whole = await speak(client, text)
        streamed = await speak_streamed(client, text[:7], text[7:20], text[20:])
        assert (whole.rate, len(whole.samples)) == (streamed.rate, len(streamed.samples))
        live = await speak(client, text + "东四十条的厕所在二层。")
        assert live.rate == whole.rate and live.seconds > whole.seconds + 1
        assert (await speak(client, "")).seconds == 0 == (await speak_streamed(client)).seconds

    on(served, work)


@pytest.mark.recognition
def test_a_question_that_never_ends_is_ended(served: Served) -> None:
    async def work(client: Client) -> None:
        form = {"rate": 16_000, "width": 2, "channels": 1}
        await client.send(Transcribe(), AudioStart(**form))
        pcm = resampled(REFUND, 16_000).samples.astype("<i2").tobytes()
        pcm *= LONGEST_S * 32_000 // len(pcm) + 2
        await client.send(*(AudioChunk(audio=pcm[n : n + 32_000], **form) for n in range(0, len(pcm), 32_000)))
        transcript = (await client.until(Transcript))[-1]
        assert Transcript.from_event(transcript).text
        await client.receive()
        await client.send(AudioStop())  # too late, for nothing
        assert Pong.is_type((await client.ask(Ping())).type)

    on(served, work)


GARBAGE = [
    b"\n", b"{}\n", b"[]\n", b"null\n", b"\xff\xfe\n", b'{"type": 3}\n', b"GET / HTTP/1.1\r\n\r\n",
    b'{"type": "audio-chunk", "payload_length": 99999999999}\n', b'{"type": "ping", "data_length": -1}\n',
    b'{"type": "ping", "data_length": 3}\n[1]', b'{"type": "ping", "data_length": true}\n',
    b'{"type": "transcript", "data": "text"}\n', b"[" * 30_000 + b"\n", b"x" * 200_000,
    b'{"type": "transcribe", "data_length": 100}\n{', os.urandom(5_000),
]  # fmt: skip


def test_garbage_ends_its_own_connection_at_most(served: Served) -> None:
    for garbage in GARBAGE:
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as client:
            try:
                client.sendall(garbage)
                client.shutdown(socket.SHUT_WR)
                while client.recv(65_536):
                    pass
            except OSError as error:  # the server may have ended it at any moment
                assert isinstance(error, ConnectionError) or error.errno == errno.ENOTCONN

    async def nonsense(client: Client) -> None:
        form = {"rate": 16_000, "width": 2, "channels": 1}
        for events in (
            [Event("no-such-event", {"a": 1})],
            [Event("audio-start", {"rate": "x", "width": 2, "channels": 1}), AudioChunk(audio=b"12", **form)],
            [AudioStart(**form), AudioChunk(audio=b"123", rate=8_000, width=2, channels=1)],
            [AudioStart(**form), AudioChunk(audio=b"12345", rate=16_000, width=3, channels=0)],
            [AudioStart(rate=10, width=2, channels=1), AudioChunk(audio=b"1234", rate=10, width=2, channels=1)],
            [AudioStop()], [Event("transcript", {})], [Event("transcript", {"text": ["怎么退卡"]})],
            [Transcript("长" * 5_000)], [Event("synthesize", {"text": None})], [Event("transcribe", {}, b"1" * 1_000)],
        ):  # fmt: skip
            await client.send(*events)
        seen = {(await client.receive()).type for _ in range(8)}
        assert seen == {"error"}
        assert Pong.is_type((await client.ask(Ping())).type)

    on(served, nonsense)

    async def too_much(client: Client) -> None:
        for _ in range(20):
            assert Error.is_type((await client.ask(Event("transcript", {}))).type)

    with pytest.raises((AssertionError, ConnectionError)):
        on(served, too_much)

    async def still_there(client: Client) -> None:
        assert Handled.is_type((await client.ask(Transcript("怎么退卡"))).type)

    on(served, still_there)


def test_one_connection_too_many_is_told_so_and_a_place_is_free_again(served: Served) -> None:
    async def run() -> None:
        async with connected(served) as a, connected(served) as b, connected(served) as c, connected(served) as d:
            async with connected(served) as e, connected(served) as f:
                for client in (a, b, c, d, e, f):
                    await client.ask(Ping())
                async with connected(served) as one_too_many:
                    assert Error.from_event(await one_too_many.receive()).code == "busy"
            for _ in range(100):
                async with connected(served) as again:
                    if Pong.is_type((await again.ask(Ping())).type):
                        return
                await asyncio.sleep(0.05)
            pytest.fail("no place is free")

    asyncio.run(run())


def test_nothing_that_was_asked_is_logged(served: Served, log: Path) -> None:
    async def work(client: Client) -> None:
        await client.ask(Transcript("孔雀东南飞在哪里"))
        await client.ask(Event("transcript", {"text": ["孔雀东南飞"]}))
        await client.send(Synthesize("孔雀东南飞"))
        await client.until(AudioStop)

    on(served, work)
    text = log.read_text(encoding="utf-8")
    assert "孔雀" not in text and json.dumps("孔雀")[1:-1] not in text and "退卡" not in text


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1", "tcp://127.0.0.1", "tcp://127.0.0.1:x", "unix://", "10700"])
def test_addresses_are_checked(uri: str) -> None:
    with pytest.raises(SettingsError, match="不能用"):
        place(uri)


def test_an_address_in_use_is_said(
    served: Served, settings: Settings, faq: Faq, matcher: Matcher, recognizer: VoskRecognizer
) -> None:
    parts = Parts(settings, faq, matcher, recognizer, NoVoice(""))
    with pytest.raises(SettingsError, match="已经有一个"):
        asyncio.run(_serve(parts, Place(None, "127.0.0.1", served.port), print))
    parts.close()


def test_a_slip_in_the_address_is_told_without_a_traceback() -> None:
    assert "不能用" in voice_faq("wyoming", "--uri", "http://127.0.0.1:1", code=1)[1]


def test_it_starts_with_the_last_good_settings_where_the_file_has_a_slip(tmp_path: Path) -> None:
    file, log = tmp_path / "config.toml", tmp_path / "log"
    told = {"VOICE_FAQ_CONFIG": str(file), "VOICE_FAQ_STATE_DIR": str(tmp_path / "state")}
    for text in ("[wyoming]\nconnections = 1\n", "[wyoming]\nconections = 1\n"):
        file.write_text(text, encoding="utf-8")
        with log.open("w", encoding="utf-8") as errors, serving(errors=errors, **told):
            pass
    assert "wyoming.conections" in log.read_text(encoding="utf-8")


def test_without_the_extra_it_says_what_to_install() -> None:
    program = "import sys; sys.modules['wyoming'] = None; sys.argv = ['voice-faq', 'wyoming']\n"
    program += "from voice_faq.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and 'pip install "voice-faq[wyoming]"' in done.stderr
