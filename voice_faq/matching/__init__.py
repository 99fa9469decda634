"""Hypotheses in, Answer | Clarify | Reject out."""

from voice_faq.matching.decision import Answer, Candidate, Clarify, Decision, Reject, RejectReason
from voice_faq.matching.matcher import Matcher

__all__ = ["Answer", "Candidate", "Clarify", "Decision", "Matcher", "Reject", "RejectReason"]
