"""The control room's side: hears all kiosks, keeps what they say, and tells them what they shall do."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from voice_faq.errors import reason
from voice_faq.fleet import connection, rollout
from voice_faq.fleet.known import Content, Kiosk
from voice_faq.fleet.messages import CHUNK, Command, Counted, Counts, Gaps, Health, Result, Status, Wanted, read
from voice_faq.fleet.state import State
from voice_faq.fleet.topics import Topics
from voice_faq.fleet_settings import NAME_PATTERN, FleetSettings

TICK_S: Final = 1.0
BATCH: Final = 1_000  # messages in a transaction
GATHER_S: Final = 0.05  # for which a transaction waits for more
SHARE: Final = 2.0  # times as long as a look takes, nobody looks
AT_ONCE: Final = 200  # orders on their way
COMMAND_AGAIN_S: Final = 15.0
RETAINED_S: Final = 3.0  # for the broker to hand out what it keeps
SETTLE_S: Final = 1.0  # and as much for every thousand kiosks, until all are heard that are there
AT_BROKER: Final = 2  # contents that stay there besides those that are wanted
_NAME: Final = re.compile(NAME_PATTERN)
log = logging.getLogger(__name__)


@dataclass
class ControlRoom:
    """``run`` goes on for ever."""

    fleet: FleetSettings
    state: State
    tick_s: float = TICK_S
    first_wait_s: float = connection.FIRST_WAIT_S
    heard_messages: Counter[str] = field(default_factory=Counter)
    heard_bytes: Counter[str] = field(default_factory=Counter)
    """Of payloads, by kind of message."""

    def __post_init__(self) -> None:
        connection.require_broker(self.fleet)
        self._tls = connection.tls(self.fleet)
        assert self.fleet.certificate is not None  # require_broker
        self._name = connection.common_name(self.fleet.certificate) or "control"
        self.topics = Topics(self.fleet.topic)
        self.linked = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled."""
        await connection.for_ever(self._connection, first_wait_s=self.first_wait_s)

    async def _connection(self) -> None:
        async with connection.connected(self.fleet, self._tls, self._name) as client:
            await self._ask_what_is_kept(client)
            await client.publish(self.topics.room, self.state.room.encode(), qos=1, retain=True)
            # Whoever is there is named by a retained status; whoever went while nobody listened is not.
            self.state.nobody_online()
            await client.subscribe(f"{self.fleet.topic}/up/#", qos=1)
            self.linked.set()
            try:
                await connection.together(self._hear(client), self._act(client))
            finally:
                self.linked.clear()

    async def _ask_what_is_kept(self, client: aiomqtt.Client) -> None:
        """A broker that has lost its memory is given all of it again."""
        expected = {content.id for content in self.state.contents() if content.at_broker}
        if not expected:
            return
        await client.subscribe(self.topics.chunk("+", "index"), qos=1)
        try:
            async with asyncio.timeout(RETAINED_S):
                async for message in client.messages:
                    parts = self.topics.parts(message.topic.value)
                    if parts is not None and message.payload:
                        expected.discard(parts[1])
                    if not expected:
                        break
        except TimeoutError:
            self.state.forget_sent()
        await client.unsubscribe(self.topics.chunk("+", "index"))

    async def _hear(self, client: aiomqtt.Client) -> None:
        """In batches; counts are confirmed when they are on the disk."""
        messages = client.messages
        while True:
            batch = [await anext(messages)]
            # They arrive one by one, but a disk syncs only so often.
            await asyncio.sleep(GATHER_S)
            while len(messages) and len(batch) < BATCH:
                batch.append(await anext(messages))
            confirmations: list[tuple[str, Counted]] = []
            with self.state.change():
                for message in batch:
                    confirmations += self._heard(message)
            # Whom this does not reach says it again.
            await asyncio.gather(
                *(client.publish(self.topics.down(kiosk, "counted"), told.bytes()) for kiosk, told in confirmations)
            )

    def _heard(self, message: aiomqtt.Message) -> list[tuple[str, Counted]]:
        parts = self.topics.parts(message.topic.value)
        if parts is None or parts[0] != "up" or not _NAME.match(parts[1]):
            return []
        (_, kiosk, what), payload, now = parts, message.payload, time.time()
        self.heard_messages[what] += 1
        self.heard_bytes[what] += len(payload) if isinstance(payload, bytes) else 0
        if what == "status" and (status := read(Status, payload)):
            self.state.heard_status(kiosk, status, now)
        elif what == "health" and (health := read(Health, payload)):
            self.state.heard_health(kiosk, health, now)
        elif what == "gaps" and (gaps := read(Gaps, payload)):
            self.state.heard_gaps(kiosk, gaps)
        elif what == "result" and (result := read(Result, payload)):
            self.state.heard_result(kiosk, result)
        elif what == "counts" and (counts := read(Counts, payload)):
            self.state.heard_counts(kiosk, counts, now)
            return [(kiosk, Counted(day=counts.day, digest=counts.digest))]
        return []

    async def _act(self, client: aiomqtt.Client) -> None:
        cleaned: date | None = None
        await asyncio.sleep(SETTLE_S * (1 + len(self.state.kiosks(time.time())) / 1_000))
        while True:
            now, today = time.time(), date.today()
            if cleaned != today:
                self.state.forget_old(today)
                cleaned = today
            kiosks = self.state.kiosks(now)
            await self._send_commands(client, kiosks, now)
            await self._publish(client, kiosks, now, today)
            # A large fleet takes long to look at, and hearing it comes first.
            await asyncio.sleep(max(self.tick_s, SHARE * (time.time() - now)))

    async def _publish(self, client: aiomqtt.Client, kiosks: dict[str, Kiosk], now: float, today: date) -> None:
        newest = self.state.rollout()
        if newest is not None:
            content = self.state.content(newest.content)
            if content is not None and newest.state in ("asked", "running", "done"):
                await self._bring(client, content)
            if newest.state == "asked":
                rollout.begin(self.state, newest, kiosks, self.fleet.rings, now)
            elif newest.state == "running":
                rollout.advance(self.state, newest, kiosks, self.fleet, now, today)
            elif newest.state == "done":
                # Who came later gets what all have.
                self.state.want([k.name for k in kiosks.values() if not k.wanted], newest.content)
        kiosks = self.state.kiosks(now)
        await self._order(client, [kiosk for kiosk in kiosks.values() if kiosk.wanted not in ("", kiosk.sent)])
        await self._tidy(client, kiosks)

    async def _order(self, client: aiomqtt.Client, kiosks: list[Kiosk]) -> None:
        """To all of a ring at once."""
        contents = {content: self.state.content(content) for content in {kiosk.wanted for kiosk in kiosks}}
        for content in contents.values():
            if content is not None:
                await self._bring(client, content)
        for begun in range(0, len(kiosks), AT_ONCE):
            some = kiosks[begun : begun + AT_ONCE]
            await asyncio.gather(
                *(
                    client.publish(
                        self.topics.down(kiosk.name, "wanted"),
                        _wanted(kiosk.wanted, contents[kiosk.wanted]).bytes(),
                        qos=1,
                        retain=True,
                    )
                    for kiosk in some
                )
            )
            self.state.were_sent(some)

    async def _bring(self, client: aiomqtt.Client, content: Content) -> None:
        """All chunks to the broker, and then the index that says so."""
        if content.url or content.at_broker:
            return
        try:
            with content.path.open("rb") as archive:
                number = 0
                while chunk := await asyncio.to_thread(archive.read, CHUNK):
                    await client.publish(self.topics.chunk(content.id, number), chunk, qos=1, retain=True)
                    number += 1
        except OSError as error:
            log.error("%s：内容包读不了（%s），终端收不到它。", content.path, reason(error))
            return
        await client.publish(self.topics.chunk(content.id, "index"), str(number).encode(), qos=1, retain=True)
        self.state.at_broker(content.id, True)

    async def _tidy(self, client: aiomqtt.Client, kiosks: dict[str, Kiosk]) -> None:
        """Chunks that nobody will ask for leave the broker."""
        needed = {kiosk.wanted for kiosk in kiosks.values()}
        kept = [content for content in self.state.contents() if content.at_broker]
        for content in [c for c in kept if c.id not in needed][AT_BROKER:]:
            await client.publish(self.topics.chunk(content.id, "index"), b"", qos=1, retain=True)
            for number in range(-(-content.size // CHUNK)):
                await client.publish(self.topics.chunk(content.id, number), b"", qos=1, retain=True)
            self.state.at_broker(content.id, False)

    async def _send_commands(self, client: aiomqtt.Client, kiosks: dict[str, Kiosk], now: float) -> None:
        for row in self.state.commands(open_at=now):
            if row["kiosk"] in kiosks and now - row["sent"] > COMMAND_AGAIN_S:
                command = Command(id=row["id"], name=row["name"], argument=row["argument"], until=row["until"])
                expiry = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
                expiry.MessageExpiryInterval = max(1, int(row["until"] - now))
                await client.publish(
                    self.topics.down(row["kiosk"], "command"), command.bytes(), qos=1, properties=expiry
                )
                self.state.command_sent(row["id"], now)


def _wanted(content: str, known: Content | None) -> Wanted:
    """The order; one that was brought by hand is only known to who has it."""
    if known is None:
        return Wanted(content=content, sha256="0" * 64, size=1)
    return Wanted(content=content, sha256=known.sha256, size=known.size, url=known.url or None)
