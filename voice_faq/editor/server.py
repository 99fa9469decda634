"""The page's server: its files to anybody on this machine, everything else to who has the key."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from voice_faq import web
from voice_faq.authoring.folder import OutsideChangeError
from voice_faq.authoring.tables.files import LARGEST_BYTES
from voice_faq.editor.desk import Desk
from voice_faq.editor.trying import Trial
from voice_faq.kiosk.server import PAGE as KIOSK_PAGE
from voice_faq.web.access import Access
from voice_faq.web.entering import Handler, actions, body, called, entrance, guarded, serve_behind

PAGE: Final = Path(str(files("voice_faq.editor"))) / "page"
LARGEST_REQUEST: Final = 4_000_000  # bytes of JSON
LARGEST_AUDIO: Final = 12_000_000  # bytes, a minute at the highest usual rate
ACTIONS: Final = frozenset((
    "open", "pulse", "notes", "entry_notes", "save_entry", "add_entry", "delete_entry", "suggestions", "save_section",
    "save_prompts", "pronounce", "history", "restore", "unanswered", "forget_unanswered", "evaluation",
    "save_evaluation", "start_job", "stop_job", "model_note",
))  # fmt: skip
"""Methods of Desk that take the JSON of a request."""


def make_app(desk: Desk, access: Access) -> Starlette:
    """The server as an ASGI application."""
    trial = Trial(desk)

    def behind(handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except OutsideChangeError as changed:
                return JSONResponse({"error": str(changed), "now": changed.now}, status_code=409)

        return guarded(access, answer)

    async def page(_: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def import_table(request: Request) -> Response:
        content = await body(request, LARGEST_BYTES)
        exact = request.query_params.get("exact") == "1"
        name, plan = (request.query_params.get(key, "") for key in ("name", "plan"))
        if plan:
            return JSONResponse(await run_in_threadpool(desk.apply_import, name, content, exact, plan))
        return JSONResponse(await run_in_threadpool(desk.preview_import, name, content, exact))

    async def export(request: Request) -> Response:
        content = await run_in_threadpool(desk.export, request.path_params["kind"])
        return Response(content, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    async def ask(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(called, trial.ask, await body(request, LARGEST_REQUEST)))

    async def hear(request: Request) -> Response:
        rate = request.query_params.get("rate", "")
        pcm = await body(request, LARGEST_AUDIO)
        return JSONResponse(await run_in_threadpool(trial.hear, pcm, int(rate) if rate.isdecimal() else 0))

    async def speak(request: Request) -> Response:
        wav = await run_in_threadpool(called, trial.speak, await body(request, LARGEST_REQUEST))
        return Response(wav, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    return web.local_app(
        [
            Route("/", page),
            entrance(access),
            Route("/api/import", behind(import_table), methods=["POST"]),
            Route("/api/export/{kind}", behind(export)),
            Route("/api/ask", behind(ask), methods=["POST"]),
            Route("/api/hear", behind(hear), methods=["POST"]),
            Route("/api/speak", behind(speak), methods=["POST"]),
            Route("/api/{name}", behind(actions(desk, ACTIONS, LARGEST_REQUEST)), methods=["POST"]),
            web.page_files("/editor", PAGE),
            web.page_files("/page", KIOSK_PAGE),  # its microphone and its font
        ],
        desk.close,
    )


def serve(desk: Desk, *, port: int, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; ``ready`` is told an address that works once. Raises SettingsError for a port in use."""
    serve_behind(lambda access: make_app(desk, access), port=port, ready=ready)
