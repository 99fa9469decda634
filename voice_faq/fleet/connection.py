"""The connection to the broker: MQTT 5 over TLS, both sides with a certificate; made again whenever it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import aiomqtt
from cryptography import x509
from cryptography.x509.oid import NameOID

from voice_faq.errors import SettingsError
from voice_faq.fleet_settings import FleetSettings

KEEPALIVE_S: Final = 60
CONNECT_S: Final = 30.0  # for the broker to let a client in
PATIENCE_S: Final = 60.0  # for the broker to confirm something
LEAVE_S: Final = 2.0  # for the broker to take leave of
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
NEEDED: Final = ("broker", "ca", "certificate", "private_key")
log = logging.getLogger(__name__)


def require_broker(fleet: FleetSettings) -> None:
    """Raises SettingsError that names what is missing."""
    missing = [f"fleet.{name}" for name in NEEDED if not getattr(fleet, name)]
    if missing:
        raise SettingsError(
            f"还没有设置 {'、'.join(missing)}。请在设置文件的 [fleet] 下面写上，见 docs/fleet.zh-CN.md。"
        )
    for name in NEEDED[1:]:
        file = getattr(fleet, name)
        if not file.is_file():
            raise SettingsError(f"设置项 fleet.{name}：{file} 不存在。请检查路径。")


def tls(fleet: FleetSettings) -> ssl.SSLContext:
    """For a client of the fleet's broker and of its HTTPS server; raises SettingsError for files that do not fit."""
    assert fleet.ca is not None and fleet.certificate is not None and fleet.private_key is not None  # require_broker
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(fleet.ca))
        context.load_cert_chain(fleet.certificate, fleet.private_key)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise SettingsError(
            f"证书用不了（{reason}）：{fleet.ca}、{fleet.certificate}、{fleet.private_key}。"
            "请检查它们是不是 PEM 格式、私钥和证书是不是一对。"
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def common_name(certificate: Path) -> str:
    """By which the broker knows a client; nothing where the certificate cannot be read."""
    try:
        names = x509.load_pem_x509_certificate(certificate.read_bytes()).subject
    except (OSError, ValueError):
        return ""
    found = names.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


@contextlib.asynccontextmanager
async def connected(
    fleet: FleetSettings, context: ssl.SSLContext, name: str, will: aiomqtt.Will | None = None
) -> AsyncIterator[aiomqtt.Client]:
    """A clean session: what matters is said again, or retained; raises aiomqtt.MqttError when it ends."""
    client = aiomqtt.Client(
        fleet.broker, fleet.broker_port, identifier=name, protocol=aiomqtt.ProtocolVersion.V5, clean_start=True,
        keepalive=KEEPALIVE_S, will=will, tls_context=context, timeout=CONNECT_S,
    )  # fmt: skip
    client.pending_calls_threshold = 1_000
    try:
        async with client:
            client.timeout = PATIENCE_S
            try:
                yield client
            finally:
                client.timeout = LEAVE_S
    finally:
        # aiomqtt keeps the socket of a broker that has never answered; after days there would be no files left.
        client._client._sock_close()


async def for_ever(once: Callable[[], Awaitable[None]], *, first_wait_s: float = FIRST_WAIT_S) -> None:
    """Connect again and again, later each time, with a share of chance so that a fleet does not come back at once."""
    wait = first_wait_s
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await once()
        except aiomqtt.MqttError as error:
            log.warning("和消息服务器的连接断了（%s），稍后再连。", type(error).__name__)
        except Exception as error:
            # A full disk, or a mistake of ours: whoever looks after a kiosk from afar must not lose it.
            log.exception("出错了（%s），稍后再连。", type(error).__name__)
        if asyncio.get_running_loop().time() - began > LONGEST_WAIT_S:
            wait = first_wait_s
        await asyncio.sleep(wait * random.uniform(0.5, 1.5))
        wait = min(2 * wait, LONGEST_WAIT_S)


async def together(*parts: Awaitable[None]) -> None:
    """All at once; the first that fails ends the others, and its error is raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
