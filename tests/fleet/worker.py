"""A process of simulated kiosks: ``python -m tests.fleet.worker PLAN.json NAME…``; SIGUSR1 cuts their connections."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import socket
import sys
from collections import Counter
from pathlib import Path

from voice_faq.fleet.agent import Agent
from voice_faq.fleet_settings import FleetSettings

from .simulated import SimulatedKiosk, make_agent


def settings_of(plan: dict[str, object], name: str) -> FleetSettings:
    tmp = Path(str(plan["tmp"]))
    base = FleetSettings.model_validate(plan["fleet"])
    return base.model_copy(
        update={
            "content_dir": tmp / "kiosks" / name / "content", "state_dir": tmp / "kiosks" / name / "state",
            "certificate": tmp / "certs" / f"{name}.pem", "private_key": tmp / "certs" / f"{name}.key",
            "line": f"{int(name[-3:]) % 6 + 1}号线", "station": f"车站{int(name[-3:]) % 40:02d}",
        }
    )  # fmt: skip


def cut(agents: list[Agent]) -> None:
    """As if the cable was pulled."""
    for agent in agents:
        client = agent._client
        wire = client._client.socket() if client is not None else None
        if isinstance(wire, socket.socket):
            wire.shutdown(socket.SHUT_RDWR)


async def main(plan: dict[str, object], names: list[str]) -> None:
    agents, kiosks = [], []
    for name in names:
        fleet = settings_of(plan, name)
        kiosk = SimulatedKiosk(fleet, turn_s=float(str(plan["turn_s"])), burst=int(str(plan["burst"])))
        kiosks.append(kiosk)
        agents.append(make_agent(fleet, name, kiosk))
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, cut, agents)
    quiet = Path(str(plan["tmp"])) / "quiet"

    async def until_quiet() -> None:
        """Riders go home when all is to be counted; what was sent is written down for who measures."""
        while True:
            await asyncio.sleep(0.5)
            if quiet.exists():
                for kiosk in kiosks:
                    kiosk.burst = 0
            sent = sum((agent.sent_messages for agent in agents), Counter[str]())
            size = sum((agent.sent_bytes for agent in agents), Counter[str]())
            file = Path(str(plan["tmp"])) / "sent" / names[0]
            file.with_suffix(".part").write_text(json.dumps([sent, size]))
            file.with_suffix(".part").replace(file)

    async with asyncio.TaskGroup() as group:
        group.create_task(until_quiet())
        for agent, kiosk in zip(agents, kiosks, strict=True):
            group.create_task(agent.run())
            group.create_task(kiosk.riders())


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    logging.getLogger("mqtt").setLevel(logging.CRITICAL)  # it is cut off here
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2:]))
