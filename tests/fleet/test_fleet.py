"""A dozen kiosks, a control room and a real Mosquitto: what an operator wants of them."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from voice_faq.errors import SettingsError
from voice_faq.fleet.agent import Agent
from voice_faq.fleet.connection import require_broker
from voice_faq.fleet.control import ControlRoom
from voice_faq.fleet.desk import Desk
from voice_faq.fleet.keys import make_key, read_key
from voice_faq.fleet.rings import place
from voice_faq.fleet.state import State
from voice_faq.fleet_settings import FleetSettings

from .broker import Broker, Certificates, running
from .loops import run
from .simulated import BAD, SimulatedKiosk, install_first, make_agent, read_rows, sealed

KIOSKS = 12
PATIENCE_S = 60.0


@dataclass
class Fleet:
    """All that is running."""

    tmp: Path
    settings: FleetSettings
    state: State
    desk: Desk
    kiosks: dict[str, SimulatedKiosk]
    agents: dict[str, Agent]
    tasks: dict[str, asyncio.Task[None]]
    broker: Broker
    control: asyncio.Task[None] | None = None

    def of(self, name: str) -> FleetSettings:
        folder = self.tmp / name
        return self.settings.model_copy(
            update={"content_dir": folder / "content", "state_dir": folder / "state", "line": "10号线",
                    "station": name[:6], "certificate": self.tmp / "certs" / f"{name}.pem",
                    "private_key": self.tmp / "certs" / f"{name}.key"}
        )  # fmt: skip

    def start(self, name: str) -> None:
        agent = make_agent(self.of(name), name, self.kiosks[name])
        self.agents[name] = agent

        async def live() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(agent.run())
                group.create_task(self.kiosks[name].riders())

        self.tasks[name] = asyncio.create_task(live())

    async def cut(self, name: str) -> None:
        self.tasks[name].cancel()
        await asyncio.gather(self.tasks[name], return_exceptions=True)

    async def restart_control(self) -> None:
        if self.control is not None:
            self.control.cancel()
            await asyncio.gather(self.control, return_exceptions=True)
        room = ControlRoom(self.settings, State(self.settings.state_dir), tick_s=0.1, first_wait_s=0.2)
        self.control = asyncio.create_task(room.run())

    def online(self) -> set[str]:
        return {kiosk.name for kiosk in self.state.kiosks(time.time()).values() if kiosk.online}

    def current(self) -> Counter[str]:
        return Counter(kiosk.store.current for kiosk in self.kiosks.values())

    def rollout_state(self) -> str:
        newest = self.state.rollout()
        return newest.state if newest else ""


async def until(true: Callable[[], bool], told: Callable[[], object] = lambda: "") -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, (inspect.getsource(true), told())
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def fleet_of(tmp: Path, number: int) -> AsyncIterator[Fleet]:
    key = make_key(tmp / "operator.key", "运营部")
    certificates = Certificates(tmp / "certs")
    names = [f"line10-{n // 4:02d}-{n:02d}" for n in range(number)]
    for name in [*names, "control"]:
        certificates.make(name)
    with running(tmp / "broker", certificates) as broker:
        settings = FleetSettings(
            broker="localhost", broker_port=broker.port, ca=certificates.ca, trusted_keys=(str(key.public),),
            certificate=tmp / "certs" / "control.pem", private_key=tmp / "certs" / "control.key",
            state_dir=tmp / "control", archives_dir=tmp / "archives", report_s=1, counts_s=1, ring_s=0.2,
        )  # fmt: skip
        first, _ = sealed(tmp, key, "第一版")
        state = State(settings.state_dir)
        fleet = Fleet(tmp, settings, state, Desk(settings, state), {}, {}, {}, broker)
        for name in names:
            install_first(fleet.of(name), first)
            fleet.kiosks[name] = SimulatedKiosk(fleet.of(name), turn_s=0.02)
            fleet.start(name)
        await fleet.restart_control()
        try:
            await until(lambda: fleet.online() == set(names))
            yield fleet
        finally:
            tasks = [task for task in (fleet.control, *fleet.tasks.values()) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            state.close()


def counted_in_control(state: State) -> Counter[tuple[str, str, str, str]]:
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for row in state._db.rows("SELECT kiosk, day, decision, entry, times FROM counts"):
        counted[row["kiosk"], row["day"], row["decision"], row["entry"]] += row["times"]
    return counted


def counted_at_kiosks(fleet: Fleet) -> Counter[tuple[str, str, str, str]]:
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for name, kiosk in fleet.kiosks.items():
        for row in read_rows(kiosk.counts.path):
            counted[name, row.day.isoformat(), row.decision, row.entry or ""] += row.count
    return counted


def test_a_dozen_kiosks(tmp_path: Path) -> None:
    run(_a_dozen_kiosks(tmp_path))


async def _a_dozen_kiosks(tmp_path: Path) -> None:
    async with fleet_of(tmp_path, KIOSKS) as fleet:
        key = make_key(tmp_path / "other.key", "别人")
        operator = read_key(tmp_path / "operator.key")
        first = next(iter(fleet.current()))
        row = sorted(fleet.kiosks, key=place)

        # A good content goes from ring to ring, the same kiosk first as ever.
        archive, good = await asyncio.to_thread(sealed, tmp_path, operator, "第二版")
        fleet.desk.publish_file(archive)
        await until(lambda: len(fleet.current()) > 1)
        # The control room is restarted in the middle of it.
        await fleet.restart_control()
        assert [name for name in row if fleet.kiosks[name].store.current == good.id][:1] == row[:1]
        await until(lambda: fleet.rollout_state() == "done", fleet.desk.overview)
        await until(lambda: fleet.current() == {good.id: KIOSKS})
        assert all(kiosk.store.previous == first for kiosk in fleet.kiosks.values())

        # A bad one answers less, so it gets no farther than the first ring and goes back.
        archive, bad = await asyncio.to_thread(sealed, tmp_path, operator, BAD)
        fleet.desk.publish_file(archive)
        await until(lambda: fleet.rollout_state() == "back", fleet.desk.overview)
        newest = fleet.state.rollout()
        assert newest is not None and newest.ring == 0 and "答不上来的问题变多了" in newest.reason
        await until(lambda: fleet.current() == {good.id: KIOSKS})
        had = [name for name, kiosk in fleet.kiosks.items() if kiosk.store.has(bad.id)]
        assert had == row[:1]

        # What somebody else has signed is refused, and told.
        archive, _ = await asyncio.to_thread(sealed, tmp_path, key, "别人的")
        trusting = Desk(fleet.settings.model_copy(update={"trusted_keys": (str(key.public),)}), fleet.state)
        trusting.publish_file(archive)
        await until(lambda: fleet.rollout_state() == "back", fleet.desk.overview)
        newest = fleet.state.rollout()
        assert newest is not None and "签名" in newest.reason
        assert fleet.current() == {good.id: KIOSKS}

        # Commands; a test question is nobody's turn.
        asked = set(fleet.desk.command(row[:2], "test", "怎么退卡")["commands"])
        fleet.desk.command(row[2:3], "volume", "40")
        await until(lambda: asked <= {c["id"] for c in fleet.state.commands() if c["good"]})
        await until(lambda: fleet.kiosks[row[2]].obeyed == ["volume 40"])

        # The broker goes and forgets all, kiosks go and come; nothing is lost or doubled.
        await asyncio.to_thread(fleet.broker.stop)
        await fleet.cut(row[3])
        await fleet.cut(row[4])
        (fleet.broker.folder / "mosquitto.db").unlink()
        await asyncio.sleep(1.0)
        await asyncio.to_thread(fleet.broker.start)
        fleet.start(row[3])
        await until(lambda: fleet.online() == set(row) - {row[4]})
        archive, third = await asyncio.to_thread(sealed, tmp_path, operator, "第三版")
        fleet.desk.publish_file(archive)
        await until(lambda: fleet.rollout_state() == "done", fleet.desk.overview)
        await until(lambda: fleet.current()[third.id] == KIOSKS - 1)
        fleet.start(row[4])
        await until(lambda: fleet.current() == {third.id: KIOSKS})
        for name in fleet.kiosks:
            fleet.kiosks[name].turn_s = 3_600.0
        await until(lambda: counted_in_control(fleet.state) == counted_at_kiosks(fleet))
        assert counted_at_kiosks(fleet).total() > 100


def test_a_broker_that_lets_nobody_in_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"fleet\.broker"):
        require_broker(FleetSettings())
