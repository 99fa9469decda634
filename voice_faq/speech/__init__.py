"""Text to audio: text for the voice, and pyttsx3."""

from voice_faq.speech.voice import SystemVoice, Voice

__all__ = ["SystemVoice", "Voice"]
