"""voice-faq: an offline Mandarin voice FAQ."""

__version__ = "0.1.0"
