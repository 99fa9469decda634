"""Measures matching and the whole street on labelled questions."""

from voice_faq.evaluation.measure import LabelledQuestion, Measurement, Ranking, measure, misheard, rank, read_labelled

__all__ = ["LabelledQuestion", "Measurement", "Ranking", "measure", "misheard", "rank", "read_labelled"]
