"""The answers folder, read into validated objects."""

from voice_faq.faq.entries import Entry, Faq, Prompts
from voice_faq.faq.opening import load_faq

__all__ = ["Entry", "Faq", "Prompts", "load_faq"]
