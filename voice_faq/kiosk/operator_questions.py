"""What a program of the operator on this machine may ask a kiosk; none of it counts as a rider's."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from voice_faq.dialogue.assistant import Assistant
from voice_faq.kiosk.parts import Kiosk

LONGEST: Final = 200  # characters
LARGEST: Final = 4_000  # bytes


def operator_routes(kiosk: Kiosk) -> list[Route]:
    """``POST /operator/question`` with ``{"question": …}`` gives the turn as JSON; no observer is told."""

    async def question(request: Request) -> Response:
        try:
            body = await request.json() if int(request.headers.get("content-length", LARGEST + 1)) <= LARGEST else {}
            asked = str(body["question"]).strip()
        except (ValueError, KeyError, TypeError):
            asked = ""
        if not 1 <= len(asked) <= LONGEST:
            return JSONResponse({"error": f"question 要写 1 到 {LONGEST} 个字。"}, status_code=400)
        assistant = Assistant(
            kiosk.content.faq, kiosk.content.matcher, None, longest_question_s=kiosk.settings.longest_question_s
        )
        turn = await asyncio.get_running_loop().run_in_executor(kiosk.workers, lambda: assistant.ask_text(asked))
        return JSONResponse(turn.as_json(), headers={"Cache-Control": "no-store"})

    return [Route("/operator/question", question, methods=["POST"])]
