"""An answer to take along: a QR code that holds its text, so that a telephone shows it without a network."""

from __future__ import annotations

import io
from typing import Final

import segno

from voice_faq.faq import Faq

MOST_BYTES: Final = (
    700  # what a telephone reads from a screen at arm's length; longer texts make way for the spoken answer
)
BORDER: Final = 4  # modules of white around it, as the standard asks


def take_away_text(faq: Faq, entry_id: str, language: str) -> str:
    """Question, answer and hotline in a language of the entry, in Chinese where it has none.

    Raises KeyError for an unknown entry.
    """
    entry = faq.entry(entry_id)
    translation = entry.translations.get(language)
    if translation is not None:
        return f"{translation.question}\n{translation.answer}\n{faq.hotline}"
    longer = f"{entry.question}\n{entry.shown.strip()}\n{faq.title} {faq.hotline}"
    return longer if len(longer.encode()) <= MOST_BYTES else f"{entry.question}\n{entry.answer}\n{faq.hotline}"


def qr_code(text: str) -> bytes:
    """An SVG that grows with its place, black on white whatever the page's colours."""
    code = segno.make(text, error="l", encoding="utf-8", micro=False, boost_error=True)
    picture = io.BytesIO()
    code.save(picture, kind="svg", border=BORDER, dark="#000", light="#fff", omitsize=True, xmldecl=False, svgns=True)
    return picture.getvalue()
