"""The same street for Home Assistant and its satellites, by the Wyoming protocol."""

from voice_faq.wyoming.parts import Parts
from voice_faq.wyoming.server import serve

__all__ = ["Parts", "serve"]
