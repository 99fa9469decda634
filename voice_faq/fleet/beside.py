"""The kiosk that an agent runs beside: over loopback HTTP, and by the commands that an operator has set."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import httpx

from voice_faq.errors import VoiceFaqError, reason
from voice_faq.faq.opening import FAQ_FILE
from voice_faq.fleet.messages import bounded

TIMEOUT_S: Final = 10.0
COMMAND_S: Final = 30.0
SILENT_PAGE_S: Final = 180.0  # a hidden page is heard once a minute
PARTS: Final = ("microphone", "loudspeaker", "recogniser", "voice", "page", "browser", "disk", "content", "settings")
_BAD: Final = frozenset(
    {"bad", "broken", "dead", "denied", "error", "failed", "full", "hung", "impaired", "missing", "refused", "stuck"}
)


class BesideError(VoiceFaqError):
    """The kiosk does not answer, or a command failed."""


class Beside(Protocol):
    """What an agent asks of its kiosk; all raise BesideError."""

    async def health(self) -> dict[str, Any]:
        """What it says of itself."""

    async def ask(self, question: str) -> str:
        """What it would answer to an operator's question, which counts as nobody's."""

    async def reload(self) -> None:
        """Look at the content again."""

    async def restart(self) -> None:
        """As a service."""

    async def volume(self, percent: int) -> None:
        """Of the loudspeaker, 0 to 100."""


class LocalKiosk:
    """A ``voice-faq kiosk`` on this machine."""

    def __init__(self, port: int, content: Path, restart: Sequence[str], volume: Sequence[str]) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._content = content
        self._restart = tuple(restart)
        self._volume = tuple(volume)

    async def health(self) -> dict[str, Any]:
        """See Beside."""
        said = bounded(await self._asked("GET", "/health"))
        if said is None:
            raise BesideError("终端的状态读不懂，或者太长。")
        return said

    async def ask(self, question: str) -> str:
        """See Beside."""
        turn = await self._asked("POST", "/operator/question", {"question": question})
        if not isinstance(turn, dict):
            raise BesideError("终端的回答读不懂。")
        return f"{turn.get('decision', '')} {turn.get('entry') or ''}：{turn.get('answer', '')}"[:4_000]

    async def reload(self) -> None:
        """A kiosk looks at its content again when a file of it has another time."""
        file = self._content / "current" / "answers" / FAQ_FILE
        try:
            os.utime(file)
        except OSError as error:
            raise BesideError(f"{file}：没有可以重新读入的内容（{reason(error)}）。") from None

    async def restart(self) -> None:
        """See Beside."""
        await self._run(self._restart, "fleet.restart_command")

    async def volume(self, percent: int) -> None:
        """See Beside."""
        await self._run([part.replace("{percent}", str(percent)) for part in self._volume], "fleet.volume_command")

    async def _asked(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_S) as client:
                answer = await client.request(method, self._address + path, json=body)
                answer.raise_for_status()
                return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise BesideError(f"终端程序没有应答（{type(error).__name__}）。") from None

    async def _run(self, command: Sequence[str], setting: str) -> None:
        if not command:
            raise BesideError(f"这台机器没有设置 {setting}。")
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            raise BesideError(f"{command[0]}：运行不了（{reason(error)}）。请检查设置项 {setting}。") from None
        try:
            code = await asyncio.wait_for(process.wait(), COMMAND_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise BesideError(f"{command[0]}：{COMMAND_S:.0f} 秒还没有做完。") from None
        if code:
            raise BesideError(f"{command[0]}：没有成功（退出码 {code}）。请检查设置项 {setting}。")


def troubles(health: dict[str, Any]) -> tuple[str, ...]:
    """What a kiosk's report says is not well; a report that says nothing of a part, or a new word, says nothing bad."""
    found = {part for part in PARTS if _ill(health.get(part))}
    refused = health.get("refused")
    for change in refused if isinstance(refused, list) else []:
        found.add("settings" if isinstance(change, dict) and change.get("part") == "settings" else "content")
    silent = health.get("silent_s")
    if isinstance(silent, int | float) and silent > SILENT_PAGE_S:
        found.add("page")
    return tuple(part for part in PARTS if part in found)


def _ill(state: Any) -> bool:
    if isinstance(state, dict):
        return any(_ill(state.get(key)) for key in ("ok", "fit", "state", "status")) or bool(state.get("error"))
    return state is False or (isinstance(state, str) and state.lower() in _BAD)
