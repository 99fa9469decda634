"""Entries of a few words, for rules that look at nothing else."""

from collections.abc import Sequence

from voice_faq.matching.entry_texts import EntryTexts


def told(
    wordings: Sequence[Sequence[str]], answers: Sequence[str] | None = None, synonyms: Sequence[Sequence[str]] = ()
) -> EntryTexts:
    """Of entries with these wordings; without ``answers`` theirs say nothing."""
    return EntryTexts(wordings, answers or [""] * len(wordings), synonyms)
