"""The systemd units: one for a kiosk with its browser, in the user's session; one for the server alone.

What a unit forbids is what the program was seen not to need. Chromium keeps its own sandbox, which wants user
namespaces, chroot, and memory that it may write and run; what protects the kernel's log and settings does not go
together with the user namespace of a user's unit, and a user may change neither. The server needs none of these, no
device, and no network but this machine's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WATCHDOG_S: Final = 60
_PLAIN: Final = re.compile(r"[\w@%+=:,./-]+", re.ASCII)

_COMMON: Final = """\
# Killed and started again where recogniser, voice{page} have not answered for so long.
Type=notify
NotifyAccess=main
WatchdogSec={watchdog}
# The first start learns the answers, which takes minutes for a thousand of them.
TimeoutStartSec=15min
TimeoutStopSec=20
TimeoutAbortSec=10
Restart=always
RestartSec=2
KillMode=mixed
LimitCORE=0
LimitNOFILE=4096
TasksMax={tasks}
MemoryHigh={high}
MemoryMax={most}
UMask=0077

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateUsers=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelModules=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
"""

_BROWSER: Final = """\
# {name}, written by: voice-faq kiosk install
# Changes of your own: systemctl --user edit voice-faq-kiosk

[Unit]
Description=voice-faq kiosk
PartOf=graphical-session.target
After=graphical-session.target
StartLimitIntervalSec=0

[Service]
ExecStart={command}
{common}\
ProtectSystem=full
# X11's socket, which PrivateTmp would hide.
BindReadOnlyPaths=-/tmp/.X11-unix
SystemCallFilter=~@clock @cpu-emulation @debug @module @obsolete @raw-io @reboot @swap
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

[Install]
WantedBy=graphical-session.target
"""

_SERVER: Final = """\
# {name}, written by: voice-faq kiosk install --server
# Changes of your own: systemctl edit voice-faq-server

[Unit]
Description=voice-faq server
StartLimitIntervalSec=0

[Service]
User={user}
ExecStart={command}
Environment=VOICE_FAQ_STATE_DIR=%S/voice-faq VOICE_FAQ_CACHE_DIR=%C/voice-faq
StateDirectory=voice-faq
CacheDirectory=voice-faq
{common}\
ProtectSystem=strict
ProtectHome=read-only
ProtectProc=invisible
ProtectKernelLogs=yes
ProtectKernelTunables=yes
PrivateDevices=yes
DevicePolicy=closed
RemoveIPC=yes
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET
IPAddressDeny=any
IPAddressAllow=localhost
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True)
class Unit:
    """A unit's file, and how systemctl reaches it."""

    name: str
    text: str
    folder: Path
    systemctl: tuple[str, ...]


def browser_unit(command: Sequence[str], folder: Path | None = None) -> Unit:
    """Of the user whose graphical session is the kiosk."""
    name = "voice-faq-kiosk.service"
    common = _COMMON.format(page=" or page", watchdog=WATCHDOG_S, tasks=2048, high="2500M", most="3G")
    text = _BROWSER.format(name=name, command=_line([*command, "--browser"]), common=common)
    return Unit(name, text, folder or Path.home() / ".config/systemd/user", ("systemctl", "--user"))


def server_unit(command: Sequence[str], user: str, folder: Path | None = None) -> Unit:
    """Of the system, where something else shows the page; ``user`` owns the settings and the answers."""
    name = "voice-faq-server.service"
    common = _COMMON.format(page="", watchdog=WATCHDOG_S, tasks=256, high="1500M", most="2G")
    text = _SERVER.format(name=name, command=_line(command), user=user, common=common)
    return Unit(name, text, folder or Path("/etc/systemd/system"), ("systemctl",))


def _line(words: Sequence[str]) -> str:
    """As systemd.service(5) quotes."""
    return " ".join(word if _PLAIN.fullmatch(word) else _quoted(word) for word in words)


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def escaped(word: str) -> str:
    """A word in which ``%`` and ``$`` stand for themselves."""
    return word.replace("%", "%%").replace("$", "$$")
