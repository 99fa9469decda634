"""How commands print: sentences, tables and JSON to the standard output, complaints to the error output."""

from __future__ import annotations

import functools
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def say(text: str) -> None:
    """Print a sentence, at once."""
    print(text, flush=True)


def complain(message: str) -> None:
    """Print what is wrong to the error output."""
    print(f"voice-faq: {message}", file=sys.stderr, flush=True)


def print_json(value: dict[str, Any]) -> None:
    """Print one object in one line, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


@functools.cache
def out() -> Console:
    """For tables."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False)


@functools.cache
def err() -> Console:
    """For what shows that work goes on."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False)
