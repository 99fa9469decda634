"""``python -m tests.fleet.three_hundred --kiosks 300``: a fleet on one Mosquitto, with killing and cutting.

Prints what it measured; fails where a kiosk ends with half a content, or a count is lost or doubled.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiomqtt

from voice_faq.fleet import connection
from voice_faq.fleet.archive import Manifest
from voice_faq.fleet.control import ControlRoom
from voice_faq.fleet.desk import Desk
from voice_faq.fleet.installing import ContentStore
from voice_faq.fleet.keys import make_key
from voice_faq.fleet.rings import place
from voice_faq.fleet.state import State
from voice_faq.fleet_settings import FleetSettings

from .broker import Certificates, running
from .simulated import BAD, install_first, read_rows, sealed
from .worker import settings_of

A_WORKER = 25
PATIENCE_S = 180.0
BALLAST_S = 60.0


class Processes:
    """Workers and cores, by their first kiosk's name."""

    def __init__(self, plan: Path, workers: list[list[str]], cores: list[str]) -> None:
        self._commands = {
            names[0]: [sys.executable, "-m", "tests.fleet.worker", str(plan), *names] for names in workers
        } | {name: [sys.executable, "-m", "tests.fleet.core", str(plan), name] for name in cores}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(self._commands[name])

    def start_all(self) -> None:
        for name in self._commands:
            self.start(name)

    def kill(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGKILL)
        self.running[name].wait()

    def cut(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGUSR1)

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait()


class Proof:
    def __init__(self, tmp: Path, number: int, real: int, broker_port: int, certificates: Certificates) -> None:
        """``real`` of the ``number`` kiosks are whole ones, which take 250 MB each."""
        self.tmp = tmp
        self.key = make_key(tmp / "operator.key", "运营部")
        candidates = sorted((f"kiosk-{n:03d}" for n in range(number)), key=place)
        self.names = candidates
        # The first ring has a real core, the others lie anywhere.
        self.cores = candidates[:: number // real][:real]
        simulated = [name for name in candidates if name not in self.cores]
        random.shuffle(simulated)
        self.workers = [simulated[n : n + A_WORKER] for n in range(0, len(simulated), A_WORKER)]
        for name in [*candidates, "control"]:
            certificates.make(name)
        fleet = {
            "broker": "localhost", "broker_port": broker_port, "ca": str(certificates.ca),
            "trusted_keys": [str(self.key.public)], "report_s": 10, "counts_s": 5, "ring_s": 2.0,
            "certificate": str(tmp / "certs" / "control.pem"), "private_key": str(tmp / "certs" / "control.key"),
            "state_dir": str(tmp / "control"), "archives_dir": str(tmp / "archives"),
        }  # fmt: skip
        self.plan: dict[str, object] = {"tmp": str(tmp), "fleet": fleet, "turn_s": 1.0, "burst": 4}
        (tmp / "plan.json").write_text(json.dumps(self.plan))
        (tmp / "sent").mkdir()
        self.fleet = FleetSettings.model_validate(fleet)
        self.state = State(self.fleet.state_dir)
        self.desk = Desk(self.fleet, self.state)
        self.room = ControlRoom(self.fleet, self.state, tick_s=0.5)
        self.processes = Processes(tmp / "plan.json", self.workers, self.cores)
        self.stores = {name: ContentStore(settings_of(self.plan, name).content_dir) for name in self.names}
        self.manifests: dict[str, Manifest] = {}

    async def sealed(self, version: str) -> tuple[Path, Manifest]:
        archive, manifest = await asyncio.to_thread(sealed, self.tmp, self.key, version, BALLAST_S)
        self.manifests[manifest.id] = manifest
        print(f"packed {version}: {archive.stat().st_size / 1e6:.2f} MB", flush=True)
        return archive, manifest

    def current(self) -> Counter[str]:
        return Counter(store.current for store in self.stores.values())

    def rollout_state(self) -> str:
        newest = self.state.rollout()
        return newest.state if newest is not None else ""

    def questions(self, names: list[str]) -> int:
        """Of riders, as far as the control room knows."""
        asked = self.state.counts_by_kiosk(date.today() - timedelta(days=2), date.today() + timedelta(days=2))
        return sum(asked[name].questions for name in names if name in asked)

    def no_half_content(self) -> None:
        """What each kiosk would use now is whole, file by file."""
        for name, store in self.stores.items():
            content = store.current
            assert content in self.manifests, f"{name}: no content"
            for line in self.manifests[content].files:
                found = hashlib.sha256((store.versions / content / line.path).read_bytes()).hexdigest()
                assert found == line.sha256, f"{name}: half a content ({line.path})"

    def counted(self) -> tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]:
        """(at the kiosks, in the control room)."""
        here: Counter[tuple[str, ...]] = Counter()
        for name in self.names:
            for row in read_rows(settings_of(self.plan, name).state_dir / "counts.sqlite"):
                here[name, row.day.isoformat(), row.decision, row.entry or ""] += row.count
        there: Counter[tuple[str, ...]] = Counter()
        for found in self.state._db.rows("SELECT kiosk, day, decision, entry, times FROM counts"):
            there[found["kiosk"], found["day"], found["decision"], found["entry"]] += found["times"]
        return here, there

    async def chaos(self) -> int:
        """Half of all kiosks are cut off, and then killed, one process after another; the rest goes on."""
        victims = [names[0] for names in self.workers]
        random.shuffle(victims)
        victims = victims[: (len(victims) + 1) // 2]
        hit = sum(len(names) for names in self.workers if names[0] in victims)
        for name in victims:
            await asyncio.sleep(random.uniform(0.3, 2.0))
            self.processes.cut(name)
            await asyncio.sleep(random.uniform(0.1, 1.5))
            self.processes.kill(name)
            await asyncio.to_thread(self.no_half_content)
            self.processes.start(name)
        return hit


async def until(true: Callable[[], bool], what: str, proof: Proof) -> float:
    """Seconds."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > PATIENCE_S:
            seen = proof.desk.overview()
            for kiosk in seen.pop("kiosks")[:20]:
                print(kiosk)
            print(seen["rollout"], proof.current())
            raise AssertionError(f"not within {PATIENCE_S:.0f} s: {what}")
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def sys_counters(fleet: FleetSettings) -> dict[str, float]:
    """Mosquitto's own."""
    names = ("bytes/received", "bytes/sent", "messages/received", "messages/sent")
    found: dict[str, float] = {}
    async with connection.connected(fleet, connection.tls(fleet), "control-counters") as client:
        for name in names:
            await client.subscribe(f"$SYS/broker/{name}")
        async with asyncio.timeout(30):
            async for message in client.messages:
                assert isinstance(message, aiomqtt.Message) and isinstance(message.payload, bytes)
                found[message.topic.value.removeprefix("$SYS/broker/")] = float(message.payload)
                if len(found) == len(names):
                    return found
    return found


def sent(tmp: Path) -> tuple[Counter[str], Counter[str]]:
    messages: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for file in (tmp / "sent").iterdir():
        if file.suffix != ".part":
            one, other = json.loads(file.read_text())
            messages.update(one)
            size.update(other)
    return messages, size


async def prove(proof: Proof, calm_s: float) -> dict[str, Any]:
    number = len(proof.names)
    first, _ = await proof.sealed("第一版")
    good_archive, good = await proof.sealed("第二版")
    third_archive, third = await proof.sealed("第三版")
    bad_archive, bad = await proof.sealed(BAD)
    for name in proof.names:
        install_first(settings_of(proof.plan, name), first)
    figures: dict[str, Any] = {"kiosks": number, "real cores": len(proof.cores)}
    control = asyncio.create_task(proof.room.run())
    proof.processes.start_all()
    try:
        figures["all online, s"] = await until(
            lambda: sum(k.online for k in proof.state.kiosks(time.time()).values()) == number, "all online", proof
        )
        # A ring is compared with its own past, so it has one.
        ring = proof.names[: max(1, math.ceil(number / 100))]
        figures["a past to compare with, s"] = await until(lambda: proof.questions(ring) > 300, "questions", proof)

        proof.desk.publish_file(good_archive)
        figures["publication through three rings to all, s"] = await until(
            lambda: proof.current() == {good.id: number}, "good content everywhere", proof
        )
        await until(lambda: proof.rollout_state() == "done", "done", proof)
        print(figures, flush=True)

        before, began = await sys_counters(proof.fleet), time.monotonic()
        told = await asyncio.to_thread(sent, proof.tmp)
        await asyncio.sleep(calm_s)
        after, took = await sys_counters(proof.fleet), time.monotonic() - began
        told_after = await asyncio.to_thread(sent, proof.tmp)
        figures["calm"] = {
            "seconds": took, **{name: after[name] - before[name] for name in before},
            "kiosks said": dict(told_after[0] - told[0]), "of bytes": dict(told_after[1] - told[1]),
        }  # fmt: skip

        proof.desk.publish_file(bad_archive)
        figures["bad content: until it goes back, s"] = await until(
            lambda: proof.rollout_state() == "back", "bad content goes back", proof
        )
        newest = proof.state.rollout()
        assert newest is not None and newest.ring == 0, newest
        figures["bad content: why"] = newest.reason
        figures["bad content: until all have the old, s"] = await until(
            lambda: proof.current() == {good.id: number}, "old content everywhere", proof
        )
        figures["bad content: kiosks that ever had it"] = sum(store.has(bad.id) for store in proof.stores.values())
        print(figures, flush=True)

        proof.desk.publish_file(third_archive)
        chaos = asyncio.create_task(proof.chaos())
        figures["with half of them cut off and killed, s"] = await until(
            lambda: chaos.done() and proof.current() == {third.id: number}, "third content everywhere", proof
        )
        figures["killed"] = await chaos
        await asyncio.to_thread(proof.no_half_content)
        figures["kiosks with half a content"] = 0

        (proof.tmp / "quiet").touch()
        await asyncio.sleep(2)
        here, there = {}, {0: 0}

        def same() -> bool:
            nonlocal here, there
            here, there = proof.counted()  # type: ignore[assignment]
            return here == there

        figures["until all counts are there, s"] = await until(same, "counts", proof)
        figures["turns counted at kiosks"] = sum(here.values())
        figures["turns counted in the control room"] = sum(there.values())
        assert not control.done()
    finally:
        proof.processes.end()
        control.cancel()
        await asyncio.gather(control, return_exceptions=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kiosks", type=int, default=300)
    parser.add_argument("--real", type=int, default=4, help="of them whole ones, 250 MB of memory each")
    parser.add_argument("--calm", type=float, default=30.0, help="seconds in which messages are counted")
    given = parser.parse_args()
    os.environ.setdefault("PYTHONPATH", str(Path(__file__).parents[2]))
    with tempfile.TemporaryDirectory() as folder:
        tmp = Path(folder)
        certificates = Certificates(tmp / "certs")
        with running(tmp / "broker", certificates) as broker:
            proof = Proof(tmp, given.kiosks, given.real, broker.port, certificates)
            figures = asyncio.run(prove(proof, given.calm))
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
