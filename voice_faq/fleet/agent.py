"""A kiosk's side of the fleet: tells how it is and what it counted, gets content, obeys commands.

It is a process of its own, so neither a broker nor a content can harm the kiosk. What it has to say waits in the outbox
while there is no broker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import aiomqtt

from voice_faq import __version__
from voice_faq.errors import SettingsError, VoiceFaqError
from voice_faq.fleet import connection
from voice_faq.fleet.beside import Beside, BesideError, troubles
from voice_faq.fleet.checking import check_content
from voice_faq.fleet.counting import CountRow, CountsSource, tally
from voice_faq.fleet.fetching import CHUNK_S, FetchError
from voice_faq.fleet.following import RETRY_S, Follower
from voice_faq.fleet.installing import ContentStore
from voice_faq.fleet.messages import Command, Counted, Counts, Fault, Gaps, Health, Result, Row, Status, Wanted, read
from voice_faq.fleet.outbox import Outbox, Waiting
from voice_faq.fleet.topics import Topics
from voice_faq.fleet_settings import FleetSettings

LOST: Final = "和消息服务器的连接断了，稍后接着传。"
RESEND_S: Final = 120.0  # counts that nobody has confirmed
log = logging.getLogger(__name__)


@dataclass
class Agent:
    """``run`` goes on for ever."""

    fleet: FleetSettings
    name: str
    beside: Beside
    counts: CountsSource
    gaps: Callable[[], Sequence[tuple[str, int]]] = tuple
    """What may be told of questions without an answer: (text, how often)."""
    settings_mistake: Callable[[], str] = str
    """Of the settings file, as it is now."""
    check: Callable[[Path], None] = check_content
    retry_s: float = RETRY_S
    first_wait_s: float = connection.FIRST_WAIT_S
    sent_bytes: Counter[str] = field(default_factory=Counter)
    """Of payloads, by kind of message."""
    sent_messages: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        connection.require_broker(self.fleet)
        self.topics = Topics(self.fleet.topic)
        self.store = ContentStore(self.fleet.content_dir)
        self.outbox = Outbox(self.fleet.state_dir / "agent.sqlite")
        self._tls = connection.tls(self.fleet)
        self._client: aiomqtt.Client | None = None
        self._linked = asyncio.Event()
        self._to_send = asyncio.Event()
        self._chunks: dict[int, asyncio.Future[bytes]] = {}
        self._obeying: dict[str, asyncio.Task[None]] = {}
        self._unkept: dict[str, Waiting] = {}
        """What a full disk does not take is sent while the process lives."""
        self.follower = Follower(
            self.fleet, self.store, self.outbox, self._tls, self.check, self._tell, self._around_switch,
            self._get_chunk, self.retry_s,
        )  # fmt: skip
        self._mistake = self.settings_mistake()[:2_000]
        self._status = Status(
            online=True, software=__version__, line=self.fleet.line, station=self.fleet.station,
            every_s=self.fleet.report_s,
        )  # fmt: skip

    async def run(self) -> None:
        """Until it is cancelled; then the broker is told that the kiosk's agent has gone."""
        self.store.prune(self._loading)
        self._tell()
        try:
            await connection.together(
                connection.for_ever(self._connection, first_wait_s=self.first_wait_s),
                self._every(self.fleet.report_s, self.report_health),
                self._every(self.fleet.counts_s, self.report_counts),
                self.follower.run(),
            )
        finally:
            self.outbox.close()

    # --- what is said -------------------------------------------------------------------------------------------

    async def report_health(self) -> None:
        """Ask the kiosk how it is, and tell it."""
        mistake = (await asyncio.to_thread(self.settings_mistake))[:2_000]
        if mistake != self._mistake:
            self._mistake = mistake
            self._tell(self._status.step, self._status.reason, self._status.fault)
        try:
            said = await self.beside.health()
            trouble = troubles(said)
        except BesideError:
            said, trouble = {}, ("kiosk",)
        health = Health(time=time.time(), trouble=trouble, kiosk=said, dropped=self.outbox.dropped)
        self._send("health", "health", health.bytes())
        gaps = Gaps(rows=tuple((text[:200], times) for text, times in self.gaps())[:500])
        if gaps.rows or self.outbox.fact("gaps") == "told":
            self.outbox.keep("gaps", "told" if gaps.rows else "")
            self._send("gaps", "gaps", gaps.bytes())

    async def report_counts(self) -> None:
        """Tell each day whose numbers the control room does not have yet."""
        rows = await asyncio.to_thread(self.counts.rows, None)
        source = await asyncio.to_thread(self.counts.source)
        by_day: dict[date, list[CountRow]] = {}
        for row in rows:
            by_day.setdefault(row.day, []).append(row)
        content, since = self.store.current, self._since_switch(rows)
        newest = max(by_day, default=None)
        for day, counted in by_day.items():
            told = day == newest
            message = Counts(
                source=source, day=day.isoformat(), rows=tuple(sorted(_row(row) for row in counted)),
                content=content if told else "", since=since if told else {},
            )  # fmt: skip
            if self.outbox.told(message.day) != message.digest:
                self._send(f"counts/{message.day}", "counts", message.bytes(), confirmed_by=message.digest)

    def _since_switch(self, rows: Sequence[CountRow]) -> dict[str, int]:
        """By decision, since the current content is on."""
        kept = json.loads(self.outbox.fact("switch") or "{}")
        if kept.get("content") != self.store.current:
            newest = max((row.day.isoformat() for row in rows), default="")
            before = tally(row for row in rows if row.day.isoformat() >= newest)
            kept = {"content": self.store.current, "day": newest, "before": before}
            self.outbox.keep("switch", json.dumps(kept))
        total = tally(row for row in rows if row.day.isoformat() >= kept["day"])
        grown = {name: times - kept["before"].get(name, 0) for name, times in total.items()}
        return {name: times for name, times in grown.items() if times > 0}

    def _around_switch(self) -> None:
        """What was counted with the old content is not counted for the new one."""
        with contextlib.suppress(OSError, sqlite3.Error):
            self._since_switch(self.counts.rows(None))

    @property
    def _loading(self) -> str:
        return self.follower.wanted.content if self.follower.wanted is not None else ""

    def _tell(self, step: str = "", reason: str = "", fault: Fault | None = None) -> None:
        """How it stands with the content."""
        current = self.store.current
        self._status = Status.model_validate({
            **self._status.model_dump(), "time": time.time(), "content": current,
            "version": self.store.version(current) if current else "", "wanted": self._loading,
            "step": step, "reason": reason[:2_000],
            "fault": fault, "settings": self._mistake,
        })  # fmt: skip
        self._send("status", "status", self._status.bytes())

    def _send(self, key: str, what: str, payload: bytes, *, confirmed_by: str = "") -> None:
        try:
            self.outbox.put(key, what, payload, confirmed_by=confirmed_by)
        except sqlite3.Error as error:
            log.error("%s 写不进去（%s）。请检查剩余空间。", self.fleet.state_dir, type(error).__name__)
            self._unkept[key] = Waiting(key, what, payload, confirmed_by, -time.monotonic_ns())
        else:
            self._unkept.pop(key, None)
        self._to_send.set()

    # --- the connection -----------------------------------------------------------------------------------------

    async def _connection(self) -> None:
        will = aiomqtt.Will(self.topics.up(self.name, "status"), Status(online=False).bytes(), qos=1, retain=True)
        async with connection.connected(self.fleet, self._tls, self.name, will) as client:
            await client.subscribe([(self.topics.down(self.name, "+"), 1), (self.topics.room, 1)])
            self._client = client
            self._linked.set()
            self._tell(self._status.step, self._status.reason, self._status.fault)
            try:
                await connection.together(self._hear(client), self._speak(client))
            finally:
                self._linked.clear()
                self._client = None
                for waiting in self._chunks.values():
                    if not waiting.done():
                        waiting.set_exception(FetchError(LOST))
                with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                    # Whoever leaves in order has no last will.
                    async with asyncio.timeout(2):
                        await client.publish(will.topic, will.payload, qos=1, retain=True)

    async def _hear(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            parts = self.topics.parts(message.topic.value)
            if parts is None or not isinstance(message.payload, bytes):
                continue
            if message.topic.value == self.topics.room:
                self.outbox.room(message.payload[:32].decode("ascii", "replace"))
            elif parts[0] == "content" and parts[1] == self._loading:
                waiting = self._chunks.get(int(parts[2])) if parts[2].isdecimal() else None
                if waiting is not None and not waiting.done():
                    waiting.set_result(message.payload)
            elif parts[2] == "counted" and (counted := read(Counted, message.payload)):
                self.outbox.confirmed(f"counts/{counted.day}", counted.day, counted.digest)
            elif parts[2] == "wanted" and (wanted := read(Wanted, message.payload)):
                self.follower.order(wanted)
            elif parts[2] == "command" and (command := read(Command, message.payload)):
                self._begin(command)

    async def _speak(self, client: aiomqtt.Client) -> None:
        """Send what waits; counts again now and then until they are confirmed."""
        sent: dict[str, tuple[int, float]] = {}
        while True:
            self._to_send.clear()
            for message in [*self.outbox.waiting(), *self._unkept.values()]:
                number, when = sent.get(message.key, (0, 0.0))
                if message.number == number and time.monotonic() - when < RESEND_S:
                    continue
                await self._publish(client, message)
                sent[message.key] = (message.number, time.monotonic())
                if self._unkept.get(message.key) is message:
                    del self._unkept[message.key]
                elif not message.confirmed_by:
                    self.outbox.sent(message)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._to_send.wait(), RESEND_S / 2)

    async def _publish(self, client: aiomqtt.Client, message: Waiting) -> None:
        topic = self.topics.up(self.name, message.what)
        self.sent_messages[message.what] += 1
        self.sent_bytes[message.what] += len(message.payload)
        await client.publish(topic, message.payload, qos=1, retain=message.what in ("status", "gaps"))

    async def _get_chunk(self, number: int) -> bytes:
        """A chunk is retained at the broker, so it comes to whoever subscribes to it."""
        await self._linked.wait()
        client = self._client
        if client is None:
            raise FetchError(LOST)
        topic = self.topics.chunk(self._loading, number)
        waiting = self._chunks[number] = asyncio.get_running_loop().create_future()
        try:
            await client.subscribe(topic, qos=1)
            chunk = await asyncio.wait_for(waiting, CHUNK_S)
            await client.unsubscribe(topic)
            return bytes(chunk)
        except (aiomqtt.MqttError, TimeoutError):
            raise FetchError("内容包没有传完，稍后接着传。") from None
        finally:
            self._chunks.pop(number, None)
            if not waiting.cancel() and not waiting.cancelled():
                waiting.exception()  # nobody else looks at it where the subscription failed

    # --- what is obeyed -----------------------------------------------------------------------------------------

    def _begin(self, command: Command) -> None:
        if command.id not in self._obeying:
            task = self._obeying[command.id] = asyncio.create_task(self._obey(command))
            task.add_done_callback(lambda _: self._obeying.pop(command.id, None))

    async def _obey(self, command: Command) -> None:
        """Once; who asks again is told again."""
        payload = self.outbox.result(command.id)
        if payload is None:
            if command.until < time.time():
                return
            try:
                result = Result(id=command.id, good=True, told=await self._done(command))
            except VoiceFaqError as error:
                result = Result(id=command.id, good=False, told=str(error)[:4_000])
            payload = result.bytes()
            self.outbox.keep_result(command.id, payload)
        self._send(f"result/{command.id}", "result", payload)

    async def _done(self, command: Command) -> str:
        match command.name:
            case "reload":
                await self.beside.reload()
                return "已经让终端重新读入内容。"
            case "restart":
                await self.beside.restart()
                return "终端已经重新启动。"
            case "volume":
                if not (command.argument.isdecimal() and int(command.argument) <= 100):
                    raise BesideError("音量要写 0 到 100 的整数。")
                await self.beside.volume(int(command.argument))
                return f"音量已经调到 {int(command.argument)}%。"
            case "test":
                return await self.beside.ask(command.argument)

    async def _every(self, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await action()
            except (OSError, sqlite3.Error, VoiceFaqError) as error:
                log.warning("这一次没有报上去（%s），下次再报。", type(error).__name__)
            await asyncio.sleep(seconds)


def agent_name(fleet: FleetSettings) -> str:
    """Of this kiosk; raises SettingsError where neither a setting nor its certificate says it."""
    name = fleet.name or (connection.common_name(fleet.certificate) if fleet.certificate is not None else "")
    if not name:
        raise SettingsError("这台终端还没有名字。请写上设置项 fleet.name，和证书里的名字（CN）一样。")
    return name


def _row(row: CountRow) -> Row:
    return (row.decision, row.entry or "", row.count)
