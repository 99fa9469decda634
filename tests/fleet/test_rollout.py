"""A publication's steps, by what kiosks are made to say."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from voice_faq.fleet import rollout as rollouts
from voice_faq.fleet.known import Rollout
from voice_faq.fleet.messages import Counts, Health, Status
from voice_faq.fleet.rings import rings_of
from voice_faq.fleet.state import State
from voice_faq.fleet_settings import FleetSettings

OLD, NEW = "0" * 16, "1" * 16
KIOSKS = 100
HOUR = 3_600.0


class Network:
    """A hundred kiosks that say what a test wants, and a clock."""

    def __init__(self, folder: Path) -> None:
        self.fleet = FleetSettings(state_dir=folder)
        self.state = State(folder)
        self.now = time.time()
        self.names = [f"kiosk-{n:02d}" for n in range(KIOSKS)]
        with self.state.change():
            for name in self.names:
                self.status(name, OLD)
                self.counts(name, OLD, answer=90, reject=10, since=(0, 0))
        self.state.ask_rollout(NEW)
        rollouts.begin(self.state, self.rollout, self.state.kiosks(self.now), self.fleet.rings, self.now)
        self.first = [name for name, ring in rings_of(self.names, self.fleet.rings).items() if ring == 0]

    @property
    def rollout(self) -> Rollout:
        newest = self.state.rollout()
        assert newest is not None
        return newest

    def status(self, name: str, content: str, step: str = "", fault: str | None = None) -> None:
        self.state.heard_status(
            name,
            Status.model_validate(
                {"online": True, "content": content, "wanted": NEW, "step": step, "reason": "line 3", "fault": fault}
            ),
            self.now,
        )
        self.state.heard_health(name, Health(), self.now)

    def counts(self, name: str, content: str, answer: int, reject: int, since: tuple[int, int]) -> None:
        rows = (("answer", "refund", answer), ("reject", "", reject))
        counts = Counts(
            source="a" * 16, day=date.today().isoformat(), rows=rows, content=content,
            since={"answer": since[0], "reject": since[1]},
        )  # fmt: skip
        self.state.heard_counts(name, counts, self.now)

    def installed(self, ring: int) -> None:
        for member in self.state.members(self.rollout.id):
            if member.ring <= ring:
                self.status(member.kiosk, NEW)
                self.counts(member.kiosk, NEW, answer=390, reject=40, since=(300, 30))

    def step(self, hours: float = 0.0) -> Rollout:
        self.now += hours * HOUR
        with self.state.change():
            for name, kiosk in self.state.kiosks(self.now).items():  # who is not cut off goes on reporting
                if name not in self.cut:
                    self.state.heard_health(name, Health(trouble=kiosk.trouble), self.now)
        kiosks = self.state.kiosks(self.now)
        rollouts.advance(self.state, self.rollout, kiosks, self.fleet, self.now, date.today())
        return self.rollout

    cut: frozenset[str] = frozenset()

    def wanted(self, content: str) -> int:
        return sum(kiosk.wanted == content for kiosk in self.state.kiosks(self.now).values())


@pytest.fixture
def network(tmp_path: Path) -> Network:
    return Network(tmp_path)


def test_a_good_content_takes_its_hours_from_ring_to_ring(network: Network) -> None:
    assert network.wanted(NEW) == 1
    assert "没有换好" in network.step(2).reason
    for ring, all_of_them in enumerate((1, 10, 100)):
        assert network.wanted(NEW) == all_of_them and network.rollout.ring == ring
        network.installed(ring)
        assert network.step(0).ring == ring
        network.step(1.1)
    assert network.rollout.state == "done"


def test_one_that_is_refused_goes_back_at_once(network: Network) -> None:
    network.status(network.first[0], OLD, "refused", "content")
    assert network.step().state == "back" and "line 3" in network.rollout.reason
    assert network.wanted(OLD) == 1 and network.wanted(NEW) == 0


def test_a_full_disk_is_the_kiosks_own_trouble(network: Network) -> None:
    network.installed(0)
    network.step(1.1)
    network.installed(1)
    second = next(m.kiosk for m in network.state.members(network.rollout.id) if m.ring == 1)
    network.status(second, OLD, "waiting", "kiosk")
    assert network.step(1.1).ring == 2


def test_more_refusals_go_back(network: Network) -> None:
    network.installed(0)
    network.counts(network.first[0], NEW, answer=100, reject=40, since=(10, 30))
    assert network.step().state == "back" and "答不上来的问题变多了" in network.rollout.reason


def test_too_few_questions_wait_two_days_and_then_count_for_good(network: Network) -> None:
    network.installed(0)
    network.counts(network.first[0], NEW, answer=390, reject=40, since=(2, 1))
    assert "只有 3 个问题" in network.step(2).reason and network.rollout.ring == 0
    assert network.step(50).ring == 1


def ill(network: Network, names: list[str]) -> None:
    for name in names:
        network.state.heard_health(name, Health(trouble=("microphone",)), network.now)


def test_kiosks_that_fall_ill_go_back_unless_the_others_do_too(network: Network) -> None:
    network.installed(0)
    network.step(1.1)
    network.installed(1)
    members = network.state.members(network.rollout.id)
    inside = [m.kiosk for m in members if m.ring <= 1]
    ill(network, network.names)
    assert network.step().state == "running"
    ill(network, inside[:4])
    for name in set(network.names) - set(inside[:4]):
        network.state.heard_health(name, Health(), network.now)
    assert network.step().state == "back" and "出了故障" in network.rollout.reason


def test_a_network_that_is_away_in_the_last_ring_waits_for_a_person(network: Network) -> None:
    for ring in range(2):
        network.installed(ring)
        network.step(1.1)
    network.installed(2)
    network.cut = frozenset(network.names[:40])
    for name in network.cut:
        network.state.heard_status(name, Status(online=False), network.now)
    assert network.step(1.1).state == "running" and "失联" in network.rollout.reason
    assert network.step(60).state == "held"
    rollouts.go_on(network.state, network.rollout, network.state.kiosks(network.now), network.now)
    assert network.rollout.state == "done"


def test_another_publication_takes_the_place_of_one_that_is_on(network: Network) -> None:
    before = network.rollout
    network.state.ask_rollout(OLD)
    assert network.rollout.state == "asked"
    assert [old.state for old in network.state.rollouts() if old.id == before.id] == ["stopped"]
