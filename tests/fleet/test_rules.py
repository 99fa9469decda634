"""The broker's rules in docs/: who may say and hear what."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import aiomqtt
import pytest

from voice_faq.fleet import connection
from voice_faq.fleet.connection import common_name, connected, tls
from voice_faq.fleet_settings import FleetSettings

from .broker import Certificates, running
from .loops import run


def test_a_kiosk_speaks_and_hears_for_itself_alone_and_a_stranger_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = Certificates(tmp_path / "certs")
    with running(tmp_path / "broker", certificates) as broker:

        def of(name: str) -> FleetSettings:
            certificate, private = certificates.make(name)
            assert common_name(certificate) == name
            return FleetSettings(
                broker="localhost", broker_port=broker.port, ca=certificates.ca, certificate=certificate,
                private_key=private,
            )  # fmt: skip

        async def heard(client: aiomqtt.Client) -> set[str]:
            """Until what was said last of all has arrived."""
            topics: set[str] = set()
            async with asyncio.timeout(60):
                async for message in client.messages:
                    if message.topic.value.endswith("/last"):
                        return topics
                    topics.add(message.topic.value)
            return topics

        async def main() -> None:
            one, room = of("kiosk-1"), of("control")
            async with connected(one, tls(one), "kiosk-1") as kiosk, connected(room, tls(room), "control") as control:
                await control.subscribe("voice-faq/#", qos=1)
                await kiosk.subscribe("voice-faq/#", qos=1)
                for topic in (
                    "up/kiosk-2/status",
                    "down/kiosk-1/wanted",
                    "content/x/0",
                    "up/kiosk-1/status",
                    "up/kiosk-1/last",
                ):
                    await kiosk.publish(f"voice-faq/{topic}", b"kiosk", qos=1)
                assert await heard(control) == {"voice-faq/up/kiosk-1/status"}
                for topic in ("down/kiosk-2/wanted", "down/kiosk-1/wanted", "content/x/0", "down/kiosk-1/last"):
                    await control.publish(f"voice-faq/{topic}", b"control", qos=1)
                assert await heard(kiosk) == {"voice-faq/down/kiosk-1/wanted", "voice-faq/content/x/0"}

            bare = ssl.create_default_context(cafile=str(certificates.ca))
            monkeypatch.setattr(connection, "CONNECT_S", 5.0)
            with pytest.raises(aiomqtt.MqttError):
                async with asyncio.timeout(60), connected(one, bare, "kiosk-1"):
                    pass

        run(main())


def test_a_broker_that_never_answers_costs_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = Certificates(tmp_path)
    certificate, private = certificates.make("kiosk-1")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*certificates.make("broker", server=True))
    monkeypatch.setattr(connection, "CONNECT_S", 0.2)

    async def main() -> list[int]:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.read(1_000):
                pass
            writer.close()

        listening = await asyncio.start_server(silent, "127.0.0.1", 0, ssl=server)
        fleet = FleetSettings(
            broker="localhost", broker_port=listening.sockets[0].getsockname()[1], ca=certificates.ca,
            certificate=certificate, private_key=private,
        )  # fmt: skip
        opened = []
        for _ in range(6):
            with pytest.raises(aiomqtt.MqttError):
                async with connected(fleet, tls(fleet), "kiosk-1"):
                    pass
            await asyncio.sleep(0.1)
            opened.append(len(list(Path("/proc/self/fd").iterdir())))
        listening.close()
        return opened

    opened = run(main())
    assert max(opened[2:]) <= opened[1] + 1
