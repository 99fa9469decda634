"""What every page for this machine alone needs from its server; nothing here knows of questions or answers.

    app = local_app([Route("/", page), page_files("/page", folder), WebSocketRoute("/conversation", talk)], close)
    serve(app, port=8765, ready=print)       # until Ctrl-C or SIGTERM; raises SettingsError for a port in use

- ``local_app`` makes the Starlette application: ``HEADERS`` on every response, host names of this machine only, and
  ``Cache-Control: no-cache`` where a route says nothing else.
- ``page_files`` hands out a folder of scripts, styles and fonts.
- ``from_own_page`` tells a request or WebSocket of our own page, or of a program, from one of a page from elsewhere.
  Ask it in every WebSocket; ``local_app`` asks it for every request that changes something (not GET, HEAD, OPTIONS).
- ``serve`` listens on 127.0.0.1, with limits: ``MOST_CONNECTIONS`` at once, where a new one takes the place of the
  oldest that has not sent its request yet; ``REQUEST_S`` for a request to arrive, ``STALLED_S`` for a response to be
  taken; ``MESSAGE_BYTES`` for a WebSocket's message.
- ``entering`` is for pages that only who opened the printed address may use: its entrance, and what is behind it.
- ``set_up_log`` is called by ``serve``: one line a record, never a traceback or a value, no more than a few a minute
  of one kind. Nothing that somebody typed or said may be part of a log message.
"""

from voice_faq.web.app import HEADERS, HOSTS, POLICY_VIOLATION, TRY_AGAIN_LATER, from_own_page, local_app, page_files
from voice_faq.web.logs import set_up_log
from voice_faq.web.serving import ADDRESS, MESSAGE_BYTES, MOST_CONNECTIONS, REQUEST_S, STALLED_S, serve

__all__ = [
    "ADDRESS", "HEADERS", "HOSTS", "MESSAGE_BYTES", "MOST_CONNECTIONS", "POLICY_VIOLATION", "REQUEST_S", "STALLED_S",
    "TRY_AGAIN_LATER", "from_own_page", "local_app", "page_files", "serve", "set_up_log",
]  # fmt: skip
