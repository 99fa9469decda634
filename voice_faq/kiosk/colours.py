"""The operator's colour, changed only as far as people need to read what is written on it."""

from __future__ import annotations

import colorsys
from typing import Final

CONTRAST: Final = 7.0  # WCAG 2.2, level AAA
BACKGROUNDS: Final = {"light": "#ffffff", "dark": "#10151c"}
_STEP: Final = 0.005


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, 1…21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, background: str) -> str:
    """``colour``, darker or lighter by as little as gives CONTRAST on ``background``."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    step = -_STEP if _luminance(background) > 0.2 else _STEP
    found = colour
    while contrast(found, background) < CONTRAST and 0 <= lightness + step <= 1:
        lightness += step
        found = "#" + "".join(f"{round(c * 255):02x}" for c in colorsys.hls_to_rgb(hue, lightness, saturation))
    return found


def operator_style(colour: str) -> str:
    """A style sheet that sets ``--accent`` and ``--on-accent`` for both themes."""
    light, dark = (readable(colour, BACKGROUNDS[theme]) for theme in ("light", "dark"))
    on_light, on_dark = BACKGROUNDS["light"], BACKGROUNDS["dark"]
    return f":root {{ --accent: light-dark({light}, {dark}); --on-accent: light-dark({on_light}, {on_dark}); }}\n"


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
