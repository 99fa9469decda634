"""Push to talk in a terminal: ``voice-faq talk``."""
