"""A real kiosk without sound: ``python -m tests.fleet.core PLAN.json NAME``.

Answers and matcher are loaded, its server answers ``/health`` and test questions, typed questions are asked as riders
would; the agent asks it over loopback. It loads what ``current`` leads to anew when that changes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
from datetime import date
from pathlib import Path

import uvicorn

from voice_faq.dialogue.assistant import Assistant
from voice_faq.faq import load_faq
from voice_faq.fleet.agent import Agent
from voice_faq.fleet.beside import LocalKiosk
from voice_faq.fleet.counting import CountsFile
from voice_faq.kiosk import open_kiosk
from voice_faq.kiosk.parts import Kiosk
from voice_faq.kiosk.server import make_app
from voice_faq.matching import Matcher
from voice_faq.settings import Settings
from voice_faq.speech.voice import NoVoice

from ..kiosk.quick_server import QuickRecognizer
from .broker import free_port
from .simulated import CountStore, read_rows
from .worker import settings_of

QUESTIONS = (
    "你们几点开门", "几点关门", "洗手间在哪", "卫生间怎么走", "我的包丢了", "失物招领在哪里", "怎么找工作人员",
    "转人工", "服务台在哪里", "今天天气怎么样",
)  # fmt: skip


def open_core(settings: Settings) -> Kiosk:
    faq = load_faq(settings.answers)
    matcher = Matcher(faq, settings.wrong_answers, cache=settings.cache_dir)
    return open_kiosk(settings, faq, matcher, QuickRecognizer(), NoVoice("no sound"))  # type: ignore[arg-type]


async def main(plan: dict[str, object], name: str) -> None:
    fleet = settings_of(plan, name)
    settings = Settings(answers=fleet.content_dir / "current" / "answers", voice_pack=None, cache_dir=fleet.state_dir)
    kiosk = await asyncio.to_thread(open_core, settings)
    store = CountStore(fleet.state_dir / "counts.sqlite")
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(make_app(kiosk), port=port, log_level="error"))
    beside = LocalKiosk(port, fleet.content_dir, ("true",), ("true", "{percent}"))
    agent = Agent(fleet, name, beside, CountsFile(store.path, read_rows), retry_s=2.0, first_wait_s=0.5)
    quiet = Path(str(plan["tmp"])) / "quiet"

    async def riders() -> None:
        on = agent.store.current
        while True:
            await asyncio.sleep(float(str(plan["turn_s"])))
            if agent.store.current != on:
                on = agent.store.current
                fresh = await asyncio.to_thread(open_core, settings)
                kiosk.renew(fresh.content)
            assistant = Assistant(kiosk.content.faq, kiosk.content.matcher, None, longest_question_s=60)
            for _ in range(0 if quiet.exists() else int(str(plan["burst"]))):
                turn = assistant.ask_text(random.choice(QUESTIONS))
                store.add(date.today(), turn.decision, turn.entry or "")

    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        group.create_task(agent.run())
        group.create_task(riders())


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2]))
