"""Who may edit: whoever opened the address that was printed. It works once, and gives the page a key of its own.

The address has its token behind ``#``, so it is sent to nobody; the page exchanges it and keeps the key for its tab.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Final

BEARER: Final = "Bearer "
MOST_ADDRESSES: Final = 20  # that are printed because a used one was tried


class Access:
    """Tokens and keys, both only in memory."""

    def __init__(self, announce: Callable[[str], None] = lambda token: None) -> None:
        """``announce`` prints a token; it gets a new one when a used one is tried again."""
        self._announce = announce
        self._lock = threading.Lock()
        self._token = ""
        self._keys: set[str] = set()
        self._printed = 0

    def issue(self) -> str:
        """A new token; the one before is worth nothing any more."""
        with self._lock:
            self._token = secrets.token_urlsafe(24)
            return self._token

    def exchange(self, token: str) -> str | None:
        """The key for a token that has not been used; None for any other."""
        with self._lock:
            if self._token and secrets.compare_digest(token.encode(), self._token.encode()):
                self._token = ""
                key = secrets.token_urlsafe(24)
                self._keys.add(key)
                return key
            again = not self._token and self._printed < MOST_ADDRESSES
            self._printed += again
        if again:
            self._announce(self.issue())
        return None

    def allows(self, authorization: str) -> bool:
        """Whether the request's header has a key."""
        key = authorization.removeprefix(BEARER).encode()
        return any(secrets.compare_digest(key, known.encode()) for known in list(self._keys))
