"""What riders asked in vain: kept only where an operator has chosen it, masked, and shown only if many asked it."""

from voice_faq.gaps.asked import AskedInVain
from voice_faq.gaps.store import QuestionStore

__all__ = ["AskedInVain", "QuestionStore"]
