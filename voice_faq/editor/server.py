"""The page's server: its files to anybody on this machine, everything else to who has the key."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from voice_faq import web
from voice_faq.authoring.folder import OutsideChangeError
from voice_faq.authoring.tables.files import LARGEST_BYTES
from voice_faq.editor.access import Access
from voice_faq.editor.desk import Desk
from voice_faq.editor.trying import Trial
from voice_faq.errors import InputError, VoiceFaqError
from voice_faq.kiosk.server import PAGE as KIOSK_PAGE

PAGE: Final = Path(str(files("voice_faq.editor"))) / "page"
LARGEST_REQUEST: Final = 4_000_000  # bytes of JSON
LARGEST_AUDIO: Final = 12_000_000  # bytes, a minute at the highest usual rate
ACTIONS: Final = frozenset((
    "open", "pulse", "notes", "entry_notes", "save_entry", "add_entry", "delete_entry", "suggestions", "save_section",
    "save_prompts", "pronounce", "history", "restore", "apply_import", "unanswered", "forget_unanswered", "evaluation",
    "save_evaluation", "start_job", "stop_job", "model_note",
))  # fmt: skip
"""Methods of Desk that take the JSON of a request."""

Handler = Callable[[Request], Awaitable[Response]]


def make_app(desk: Desk, access: Access) -> Starlette:
    """The server as an ASGI application."""
    trial = Trial(desk)

    def guarded(handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            if not access.allows(request.headers.get("authorization", "")):
                return JSONResponse({"error": "这个页面已经失效。请打开终端里打印的新地址。"}, status_code=403)
            try:
                return await handler(request)
            except OutsideChangeError as changed:
                return JSONResponse({"error": str(changed), "now": changed.now}, status_code=409)
            except VoiceFaqError as error:
                return JSONResponse({"error": str(error)}, status_code=400)

        return answer

    async def page(_: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def enter(request: Request) -> Response:
        try:
            token = str(json.loads(await _body(request, 10_000)).get("token", ""))
        except (ValueError, AttributeError, InputError):
            token = ""
        key = access.exchange(token)
        if key is None:
            return JSONResponse({"error": "这个地址已经用过了。请打开终端里打印的新地址。"}, status_code=403)
        return JSONResponse({"key": key})

    async def act(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in ACTIONS:
            return JSONResponse({"error": "没有这个操作。"}, status_code=404)
        return JSONResponse(
            await run_in_threadpool(_called, getattr(desk, name), await _body(request, LARGEST_REQUEST))
        )

    async def preview_import(request: Request) -> Response:
        content = await _body(request, LARGEST_BYTES)
        exact = request.query_params.get("exact") == "1"
        name = request.query_params.get("name", "")
        return JSONResponse(await run_in_threadpool(desk.preview_import, name, content, exact))

    async def export(request: Request) -> Response:
        content = await run_in_threadpool(desk.export, request.path_params["kind"])
        return Response(content, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    async def ask(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(_called, trial.ask, await _body(request, LARGEST_REQUEST)))

    async def hear(request: Request) -> Response:
        rate = request.query_params.get("rate", "")
        pcm = await _body(request, LARGEST_AUDIO)
        return JSONResponse(await run_in_threadpool(trial.hear, pcm, int(rate) if rate.isdecimal() else 0))

    async def speak(request: Request) -> Response:
        wav = await run_in_threadpool(_called, trial.speak, await _body(request, LARGEST_REQUEST))
        return Response(wav, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    return web.local_app(
        [
            Route("/", page),
            Route("/enter", enter, methods=["POST"]),
            Route("/api/import", guarded(preview_import), methods=["POST"]),
            Route("/api/export/{kind}", guarded(export)),
            Route("/api/ask", guarded(ask), methods=["POST"]),
            Route("/api/hear", guarded(hear), methods=["POST"]),
            Route("/api/speak", guarded(speak), methods=["POST"]),
            Route("/api/{name}", guarded(act), methods=["POST"]),
            web.page_files("/editor", PAGE),
            web.page_files("/page", KIOSK_PAGE),  # its microphone and its font
        ],
        desk.close,
    )


def serve(desk: Desk, *, port: int, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; ``ready`` is told an address that works once. Raises SettingsError for a port in use."""
    origin = ""
    access = Access(lambda token: ready(f"{origin}#{token}"))

    def listening(address: str) -> None:
        nonlocal origin
        origin = address
        ready(f"{origin}#{access.issue()}")

    web.serve(make_app(desk, access), port=port, ready=listening)


async def _body(request: Request, most: int) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > most:
            raise InputError(f"内容太大了，最多 {most // 1_000_000 or 1} MB。")
    return bytes(content)


def _called(action: Callable[..., Any], body: bytes) -> Any:
    """``action`` with the request's JSON as its arguments; raises InputError where they do not fit."""
    try:
        arguments = json.loads(body or b"{}")
        if not isinstance(arguments, dict):
            raise ValueError
    except ValueError:
        raise InputError("请求读不懂。请刷新页面再试。") from None
    try:
        return action(**arguments)
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"请求读不懂（{type(error).__name__}）。请刷新页面再试。") from None
