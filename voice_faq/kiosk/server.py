"""The server behind the page, for this machine alone: files, settings of the page, and a WebSocket a page."""

from __future__ import annotations

import contextlib
import os
import socket as sockets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from voice_faq.audio.earcons import Earcon
from voice_faq.audio.recording import wav_bytes
from voice_faq.errors import SettingsError
from voice_faq.faq import Faq
from voice_faq.kiosk.colours import operator_style
from voice_faq.kiosk.session import POLICY_VIOLATION, TRY_AGAIN_LATER, Session
from voice_faq.kiosk.speech_files import LIVE, RECORDED, SpeechFiles
from voice_faq.matching import Matcher
from voice_faq.matching.searching import EntrySearch
from voice_faq.recognition import Recognizer
from voice_faq.settings import Settings
from voice_faq.speech import Voice
from voice_faq.speech.pack import pack_folder

ADDRESS: Final = "127.0.0.1"
HOSTS: Final = ("127.0.0.1", "localhost")
MESSAGE_BYTES: Final = 64 * 1024  # of one WebSocket message; a page sends 40 ms of audio at a time
PING_S: Final = 20.0  # after which a page that has vanished is noticed
PAGE: Final = Path(str(files("voice_faq.kiosk"))) / "page"
LOGO_SUFFIXES: Final = (".svg", ".png", ".webp", ".jpg", ".jpeg")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass
class Kiosk:
    """What all pages share."""

    settings: Settings
    faq: Faq
    matcher: Matcher
    recognizer: Recognizer
    voice: Voice
    speech: SpeechFiles
    search: EntrySearch
    workers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="worker")
    )
    """Recognise and match."""
    speakers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="speaker"))
    """Read and make what is spoken."""
    pages: int = 0
    """Open now."""

    def close(self) -> None:
        """End the threads."""
        self.workers.shutdown(wait=False, cancel_futures=True)
        self.speakers.shutdown(wait=False, cancel_futures=True)

    def for_page(self) -> dict[str, Any]:
        """What a page has to know of the FAQ and the settings."""
        kiosk = self.settings.kiosk
        return {
            "title": self.faq.title,
            "hotline": self.faq.hotline,
            "operator": kiosk.operator,
            "logo": kiosk.logo is not None,
            "theme": kiosk.theme,
            "talk": kiosk.talk,
            "endPointingSeconds": kiosk.end_pointing_s,
            "idleSeconds": kiosk.idle_s,
            "graceSeconds": kiosk.grace_s,
            "longestQuestionSeconds": self.settings.longest_question_s,
            "earcons": self.settings.earcons,
            "spokenGreeting": kiosk.spoken_greeting,
            "greeting": self.faq.prompts.greeting,
            "examples": [{"entry": entry.id, "text": entry.wordings[0]} for entry in self.faq.entries],
            "entries": [{"id": e.id, "question": e.question, "group": e.group} for e in self.faq.entries],
        }


def open_kiosk(settings: Settings, faq: Faq, matcher: Matcher, recognizer: Recognizer, voice: Voice) -> Kiosk:
    """Check the settings that only the page uses; raises SettingsError."""
    logo = settings.kiosk.logo
    if logo is not None and (not logo.is_file() or logo.suffix.lower() not in LOGO_SUFFIXES):
        raise SettingsError(f"设置项 kiosk.logo：{logo} 不是能用的图片。请给出 SVG、PNG、WebP 或 JPEG 文件。")
    pack = pack_folder(settings.answers, settings.voice_pack) if settings.voice_pack else None
    return Kiosk(settings, faq, matcher, recognizer, voice, SpeechFiles(pack), EntrySearch(faq))


class SafeHeaders:
    """Adds HEADERS to every response; nothing is cached but what never changes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


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
        # Named by what they say: a file never changes.
        lasting = {"Cache-Control": "max-age=31536000, immutable"}
        return FileResponse(file, media_type="audio/ogg", headers=lasting)

    async def live(request: Request) -> Response:
        wav = kiosk.speech.live(request.path_params["name"])
        if wav is None:
            return Response(status_code=404)
        return Response(wav, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    async def health(_: Request) -> Response:
        return JSONResponse({"pages": kiosk.pages})

    async def conversation(socket: WebSocket) -> None:
        # A browser names the page that opens the connection; it must be ours. Other programs name none.
        origin = socket.headers.get("origin")
        if origin is not None and origin != f"http://{socket.headers.get('host')}":
            await socket.close(POLICY_VIOLATION)
            return
        await socket.accept()
        if kiosk.pages >= kiosk.settings.kiosk.sessions:
            await socket.close(TRY_AGAIN_LATER)
            return
        kiosk.pages += 1
        try:
            await Session(socket, kiosk).run()
        finally:
            kiosk.pages -= 1

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        kiosk.close()

    return Starlette(
        routes=[
            Route("/", page),
            Route("/settings.json", page_settings),
            Route("/operator.css", style),
            Route("/logo", logo),
            Route("/earcons/{name}.wav", earcon),
            Route(RECORDED + "{name}", recorded),
            Route(LIVE + "{name}", live),
            Route("/health", health),
            WebSocketRoute("/conversation", conversation),
            Mount("/page", StaticFiles(directory=PAGE)),
        ],
        middleware=[Middleware(SafeHeaders), Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS))],
        lifespan=lifespan,
    )


def serve(kiosk: Kiosk, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; ``ready`` is told the page's address once it can be opened.

    Raises SettingsError where the port is taken.
    """
    port = kiosk.settings.kiosk.port
    with sockets.socket() as listening:
        listening.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        try:
            listening.bind((ADDRESS, port))
        except OSError as error:
            raise SettingsError(
                f"端口 {port} 用不了（{error.strerror}）。可能已经有一个 voice-faq kiosk 在运行；"
                "请先关掉它，或用 --port 换一个端口。"
            ) from None
        config = uvicorn.Config(
            make_app(kiosk), log_level="warning", access_log=False, server_header=False,
            ws_max_size=MESSAGE_BYTES, ws_ping_interval=PING_S, ws_ping_timeout=PING_S,
            # A few bytes that unpack to megabytes would get past every limit.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        listening.listen()
        ready(f"http://{ADDRESS}:{listening.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[listening])
