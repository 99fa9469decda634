"""Text to audio: text for the ear, recorded voices, and the system's synthesiser for what is not recorded.

Nothing is imported here: the synthesiser's own process, ``voice_faq.speech.engine``, starts with what it needs alone.
"""
