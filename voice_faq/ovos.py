"""A skill for OpenVoiceOS that asks the same answers: ``pip install "voice-faq[ovos]"``.

It answers OVOS's common queries, and as a fallback too: the common-query pipeline takes for a question only what has
three words with blanks between and a question word of a language that it knows, and Mandarin is none of these.
"""

from __future__ import annotations

from typing import Final

from ovos_bus_client.message import Message
from ovos_bus_client.session import SessionManager
from ovos_utils import classproperty
from ovos_utils.process_utils import RuntimeRequirements
from ovos_workshop.decorators import common_query, fallback_handler
from ovos_workshop.skills.fallback import FallbackSkill

from voice_faq.dialogue.conversations import Conversations, reply
from voice_faq.dialogue.following import LONGEST_ADDITION
from voice_faq.dialogue.replies import spot
from voice_faq.faq import load_faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import syllables
from voice_faq.matching import Answer, Reject
from voice_faq.matching.opening import open_matcher
from voice_faq.settings import load_settings

PRIORITY: Final = 50  # among fallbacks; OVOS's settings may set another
MANDARIN: Final = ("zh", "cmn")


class VoiceFaqSkill(FallbackSkill):  # type: ignore[misc]
    """Speaks the FAQ's answers, in Mandarin alone; what it has no answer to is left to other skills."""

    def initialize(self) -> None:
        """Read settings and answers as every front door does; raises VoiceFaqError, which OVOS logs."""
        settings = load_settings()
        self.faq = load_faq(settings.answers, cache=settings.cache_dir)
        self.matcher = open_matcher(settings, self.faq)
        self.conversations = Conversations(self.faq, self.matcher, longest_question_s=settings.longest_question_s)

    @classproperty  # type: ignore[untyped-decorator]
    def runtime_requirements(cls) -> RuntimeRequirements:  # noqa: N805
        """It needs no network at any time."""
        return RuntimeRequirements(
            internet_before_load=False, network_before_load=False, requires_internet=False, requires_network=False,
            no_internet_fallback=True, no_network_fallback=True,
        )  # fmt: skip

    @common_query()  # type: ignore[untyped-decorator]
    def answer_query(self, phrase: str, lang: str) -> tuple[str, float] | None:
        """(answer, probability that it is the right one) for the pipeline of common queries; None without an answer."""
        if not _is_mandarin(lang):
            return None
        decision = self.matcher.match([Hypothesis(phrase, 1.0)])
        return (self.faq.entry(decision.entry).answer, decision.score) if isinstance(decision, Answer) else None

    def can_answer(self, message: Message) -> bool:
        """Whether an utterance is one of the FAQ's questions, or may go on from what was said just before."""
        text, session = _utterance(message), SessionManager.get(message)
        if not text or not _is_mandarin(session.lang):
            return False
        said = [Hypothesis(text, 1.0)]
        few = len(syllables(normalize(text))) <= LONGEST_ADDITION
        if self.conversations.goes_on(session.session_id) and (few or spot(said) is not None):
            return True  # 第二个, 那手表呢: the dialogue says what it is
        return not isinstance(self.matcher.match(said), Reject)

    @fallback_handler(priority=PRIORITY)  # type: ignore[untyped-decorator]
    def answer_utterance(self, message: Message) -> bool:
        """Say the answer, or ask back; False leaves the utterance to the next fallback."""
        if not self.can_answer(message):
            return False
        turn = self.conversations.turn(_utterance(message), SessionManager.get(message).session_id)
        if turn.decision == "reject":
            return False
        if said := reply(turn):
            self.speak(said, expect_response=turn.decision == "clarify")
        return True


def _is_mandarin(lang: str | None) -> bool:
    return (lang or "").lower().startswith(MANDARIN)


def _utterance(message: Message) -> str:
    """As a recogniser writes it, also where it puts blanks between words."""
    utterances = message.data.get("utterances") or [message.data.get("utterance") or ""]
    return str(utterances[0])
