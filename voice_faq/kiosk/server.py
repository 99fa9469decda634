"""The server behind the page: files, settings of the page, and a WebSocket a page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from voice_faq import web
from voice_faq.audio.earcons import Earcon
from voice_faq.audio.recording import wav_bytes
from voice_faq.dialogue.guide import sentence
from voice_faq.errors import SpeechError
from voice_faq.kiosk.colours import operator_style
from voice_faq.kiosk.health import health
from voice_faq.kiosk.metrics import MISSING, Metrics
from voice_faq.kiosk.operator_questions import operator_routes
from voice_faq.kiosk.parts import Kiosk
from voice_faq.kiosk.session import Session
from voice_faq.kiosk.speech_files import LIVE, RECORDED
from voice_faq.kiosk.take_away import qr_code, take_away_text
from voice_faq.speech.clauses import joined
from voice_faq.web import POLICY_VIOLATION, from_own_page, local_app, page_files

PAGE: Final = Path(str(files("voice_faq.kiosk"))) / "page"
CONTENT: Final = "content"
"""The parameter in which a page names the content that it shows."""
NOT_KEPT: Final = {"Cache-Control": "no-store"}
"""For whatever shows what was asked: a browser keeps a copy on disk of all else."""

log = logging.getLogger(__name__)


def make_app(
    kiosk: Kiosk, *, metrics: Metrics | None = None, background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
) -> Starlette:
    """The server as an ASGI application; ``background`` runs as long as it does."""

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
        name = request.path_params["name"]
        file = next(filter(None, (content.speech.recorded(name) for content in kiosk.contents())), None)
        if file is None:
            return Response(status_code=404)
        return FileResponse(file, media_type="audio/ogg", headers=NOT_KEPT)

    async def live(request: Request) -> Response:
        name = request.path_params["name"]
        wav = next(filter(None, (content.speech.live(name) for content in kiosk.contents())), None)
        if wav is None:
            return Response(status_code=404)
        return Response(wav, media_type="audio/wav", headers=NOT_KEPT)

    async def how_it_is(_: Request) -> Response:
        return JSONResponse(health(kiosk), headers=NOT_KEPT)

    async def for_prometheus(_: Request) -> Response:
        if metrics is None:
            return PlainTextResponse(MISSING, status_code=404)
        text, media_type = metrics.text()
        return Response(text, media_type=media_type, headers=NOT_KEPT)

    async def spoken(request: Request) -> Response:
        content = kiosk.content_named(request.query_params.get(CONTENT))
        text = sentence(content.faq, request.path_params["name"])
        if text is None:
            return Response(status_code=404)
        try:
            loop = asyncio.get_running_loop()
            said = await loop.run_in_executor(kiosk.speakers, lambda: joined(content.voice.speak(text)))
        except SpeechError as error:
            log.warning("%s", error)
            said = None
        if said is None:
            return Response(status_code=404)
        return Response(wav_bytes(said), media_type="audio/wav", headers=NOT_KEPT)

    async def take_away(request: Request) -> Response:
        content = kiosk.content_named(request.query_params.get(CONTENT))
        try:
            text = take_away_text(content.faq, request.path_params["entry"], request.path_params["language"])
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
            Route("/health", how_it_is),
            Route("/metrics", for_prometheus),
            *operator_routes(kiosk),
            WebSocketRoute("/conversation", conversation),
            page_files("/page", PAGE),
        ],
        kiosk.close,
        background=background,
    )


def serve(kiosk: Kiosk, ready: Callable[[str], None]) -> None:
    """The server alone, until Ctrl-C or SIGTERM; ``ready`` is told the page's address once it can be opened.

    Raises SettingsError where the port is taken.
    """
    web.serve(make_app(kiosk), port=kiosk.settings.kiosk.port, ready=ready)
