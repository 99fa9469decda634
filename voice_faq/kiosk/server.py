"""The server behind the page: files, settings of the page, and a WebSocket a page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from voice_faq import web
from voice_faq.audio.earcons import Earcon
from voice_faq.audio.recording import wav_bytes
from voice_faq.dialogue.guide import sentence
from voice_faq.errors import SpeechError
from voice_faq.kiosk.colours import operator_style
from voice_faq.kiosk.operator import operator_routes
from voice_faq.kiosk.parts import Kiosk
from voice_faq.kiosk.session import Session
from voice_faq.kiosk.speech_files import LIVE, RECORDED
from voice_faq.kiosk.take_away import qr_code, take_away_text
from voice_faq.speech.clauses import joined
from voice_faq.web import POLICY_VIOLATION, from_own_page, local_app, page_files

PAGE: Final = Path(str(files("voice_faq.kiosk"))) / "page"
NOT_KEPT: Final = {"Cache-Control": "no-store"}
"""For whatever shows what was asked: a browser keeps a copy on disk of all else."""

log = logging.getLogger(__name__)


def make_app(kiosk: Kiosk) -> Starlette:
    """The server as an ASGI application."""

    async def page(_: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def page_settings(_: Request) -> Response:
        return JSONResponse(kiosk.for_page())

    async def style(_: Request) -> Response:
        return Response(operator_style(kiosk.settings.kiosk.colour), media_type="text/css")

    async def logo(_: Request) -> Response:
        file = kiosk.settings.kiosk.logo
        return FileResponse(file) if file is not None else Response(status_code=404)

    async def earcon(request: Request) -> Response:
        name = request.path_params["name"].upper()
        if name not in Earcon.__members__:
            return Response(status_code=404)
        return Response(wav_bytes(Earcon[name].recording), media_type="audio/wav")

    async def recorded(request: Request) -> Response:
        file = kiosk.speech.recorded(request.path_params["name"])
        if file is None:
            return Response(status_code=404)
        return FileResponse(file, media_type="audio/ogg", headers=NOT_KEPT)

    async def live(request: Request) -> Response:
        wav = kiosk.speech.live(request.path_params["name"])
        if wav is None:
            return Response(status_code=404)
        return Response(wav, media_type="audio/wav", headers=NOT_KEPT)

    async def health(_: Request) -> Response:
        return JSONResponse({"pages": kiosk.pages})

    async def spoken(request: Request) -> Response:
        text = sentence(kiosk.faq, request.path_params["name"])
        if text is None:
            return Response(status_code=404)
        try:
            loop = asyncio.get_running_loop()
            said = await loop.run_in_executor(kiosk.speakers, lambda: joined(kiosk.voice.speak(text)))
        except SpeechError as error:
            log.warning("%s", error)
            said = None
        if said is None:
            return Response(status_code=404)
        return Response(wav_bytes(said), media_type="audio/wav", headers=NOT_KEPT)

    async def take_away(request: Request) -> Response:
        try:
            text = take_away_text(kiosk.faq, request.path_params["entry"], request.path_params["language"])
        except KeyError:
            return Response(status_code=404)
        return Response(qr_code(text), media_type="image/svg+xml", headers=NOT_KEPT)

    async def conversation(socket: WebSocket) -> None:
        if not from_own_page(socket):
            await socket.close(POLICY_VIOLATION)
            return
        await socket.accept()
        await Session(socket, kiosk).run()

    return local_app(
        [
            Route("/", page),
            Route("/settings.json", page_settings),
            Route("/operator.css", style),
            Route("/logo", logo),
            Route("/earcons/{name}.wav", earcon),
            Route(RECORDED + "{name}", recorded),
            Route(LIVE + "{name}", live),
            Route("/spoken/{name:path}", spoken),
            Route("/take-away/{language}/{entry}.svg", take_away),
            Route("/health", health),
            *operator_routes(kiosk),
            WebSocketRoute("/conversation", conversation),
            page_files("/page", PAGE),
        ],
        kiosk.close,
    )


def serve(kiosk: Kiosk, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; ``ready`` is told the page's address once it can be opened.

    Raises SettingsError where the port is taken.
    """
    web.serve(make_app(kiosk), port=kiosk.settings.kiosk.port, ready=ready)
