"""Names of topics: what a kiosk says lies under ``up``, what it is told under ``down``, so that two rules guard both.

voice-faq/up/KIOSK/status     retained; the broker says offline for a kiosk that has gone
voice-faq/up/KIOSK/health     now and then
voice-faq/up/KIOSK/counts     one day's counts, until the control room has said that it has them
voice-faq/up/KIOSK/gaps       retained; what the kiosk may tell of questions without an answer
voice-faq/up/KIOSK/result     what became of a command
voice-faq/down/KIOSK/wanted   retained; the content that it shall have
voice-faq/down/KIOSK/counted  which counts the control room has
voice-faq/down/KIOSK/command
voice-faq/content/ID/index    retained; says that all chunks are there
voice-faq/content/ID/N        retained; the N-th chunk of the archive
voice-faq/content/room/id     retained; which control room it is: a new one is told everything again
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topics:
    """Of one fleet."""

    root: str

    def up(self, kiosk: str, what: str) -> str:
        """From a kiosk."""
        return f"{self.root}/up/{kiosk}/{what}"

    def down(self, kiosk: str, what: str) -> str:
        """To a kiosk."""
        return f"{self.root}/down/{kiosk}/{what}"

    def chunk(self, content: str, number: int | str) -> str:
        """A part of an archive, or its ``index``."""
        return f"{self.root}/content/{content}/{number}"

    @property
    def room(self) -> str:
        """Which control room it is."""
        return self.chunk("room", "id")

    def parts(self, topic: str) -> tuple[str, str, str] | None:
        """(``up``, ``down`` or ``content``; whose; what); None for what is not ours."""
        rest = topic.removeprefix(self.root + "/").split("/")
        return (rest[0], rest[1], rest[2]) if topic.startswith(self.root + "/") and len(rest) == 3 else None
