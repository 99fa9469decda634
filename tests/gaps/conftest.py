"""A browser without a microphone."""

from __future__ import annotations

from ..kiosk.conftest import deaf_browser

__all__ = ["deaf_browser"]
