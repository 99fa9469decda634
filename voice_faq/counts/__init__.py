"""How often what was decided, by day and entry; no word of what was asked."""

from voice_faq.counts.daily import DECISIONS, UNHEARD, CountRow, DailyCounts

__all__ = ["DECISIONS", "UNHEARD", "CountRow", "DailyCounts"]
