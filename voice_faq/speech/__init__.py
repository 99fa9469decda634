"""Text to audio: text for the ear, recorded voices, and the system's synthesiser for what is not recorded."""

from voice_faq.speech.clauses import SpokenClause
from voice_faq.speech.opening import open_voice
from voice_faq.speech.voice import SystemVoice, Voice

__all__ = ["SpokenClause", "SystemVoice", "Voice", "open_voice"]
