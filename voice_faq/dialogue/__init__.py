"""One turn, the push-to-talk loop, and what can be said to the machine itself."""

from voice_faq.dialogue.assistant import Assistant
from voice_faq.dialogue.turn import Turn

__all__ = ["Assistant", "Turn"]
