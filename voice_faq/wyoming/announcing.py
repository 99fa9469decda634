"""So that Home Assistant finds us by itself."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator
from typing import Final

KIND: Final = "_wyoming._tcp.local."
MULTICAST: Final = "224.0.0.251"

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def announced(host: str, port: int) -> AsyncIterator[None]:
    """Announce the service by mDNS while the block runs; without a network, or on this machine alone, nothing is."""
    address = reached_at(host)
    if address is None:
        yield
        return
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

    zeroconf = None
    try:
        zeroconf = AsyncZeroconf(interfaces=[address])
        name = f"voice-faq-{socket.gethostname().split('.')[0]}.{KIND}"
        service = AsyncServiceInfo(KIND, name, parsed_addresses=[address], port=port)
        await zeroconf.async_register_service(service, allow_name_change=True)
    except Exception as error:  # of its own kinds and the system's; it goes on without being found
        log.warning("没有自动登记到局域网（%s）。请在 Home Assistant 里手工填写地址。", type(error).__name__)
    try:
        yield
    finally:
        if zeroconf is not None:
            with contextlib.suppress(Exception):
                await zeroconf.async_unregister_all_services()
            await zeroconf.async_close()


def reached_at(host: str) -> str | None:
    """The IPv4 address at which other machines reach ``host``; None where they do not."""
    try:
        address = ipaddress.ip_address(socket.gethostbyname(host))
        if address.is_unspecified:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect((MULTICAST, 1))  # sends nothing, but tells which interface would be used
                address = ipaddress.ip_address(probe.getsockname()[0])
    except (OSError, ValueError):
        return None
    return None if address.is_loopback or address.is_unspecified else str(address)
