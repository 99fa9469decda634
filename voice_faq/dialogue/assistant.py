"""From a question to a turn, and what is remembered between turns."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from voice_faq.audio.level import LoudestMoment
from voice_faq.audio.recording import Recording
from voice_faq.dialogue.commands import CHOICES, Command
from voice_faq.dialogue.following import gone_on, is_ellipsis, named_choice
from voice_faq.dialogue.manner import Manner
from voice_faq.dialogue.replies import Reply, asks_for_people, spot, spot_syllable
from voice_faq.dialogue.script import offer, rejected_again
from voice_faq.dialogue.turn import Timings, Turn
from voice_faq.errors import AudioError
from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis, understood
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key
from voice_faq.matching import Answer, Candidate, Clarify, Matcher, Reject, RejectReason
from voice_faq.matching.parts import behind_no, corrected, denial
from voice_faq.matching.question_form import is_interrogative

if TYPE_CHECKING:
    from voice_faq.recognition import Recognizer, Utterance

MICROPHONE: Final = "microphone"
CONTEXT_S: Final = 30.0  # seconds after a turn in which what was offered or answered is still remembered
_CHOSEN: Final = {Reply.FIRST: 0, Reply.SECOND: 1, Reply.THIRD: 2, Reply.LAST: -1}
_REFUSED: Final = {Reply.NOT_FIRST: 0, Reply.NOT_SECOND: 1, Reply.NOT_THIRD: 2, Reply.NOT_LAST: -1}
_REPLIED: Final = {Reply.YES: Command.YES, Reply.NO: Command.NO}


class Assistant:
    """Answers questions; remembers what a conversation needs: the last answer, what was offered, the failures."""

    def __init__(
        self,
        faq: Faq,
        matcher: Matcher,
        recognizer: Recognizer | None,
        *,
        longest_question_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``recognizer`` may be None where only texts are asked; ``clock`` gives seconds."""
        self.faq = faq
        self.matcher = matcher
        self._recognizer = recognizer
        self._longest_question_s = longest_question_s
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        """The next question comes from another person."""
        self.manner = Manner()
        self._last_said: str | None = None
        self._failures = 0
        self._leave()
        self._last_turn_s = self._clock()

    def _leave(self) -> None:
        """What was asked and offered is over."""
        self._offered: tuple[Candidate, ...] = ()
        self._chosen_from: tuple[Candidate, ...] = ()
        self._last_question: str | None = None
        self._answered: str | None = None

    def ask_text(self, text: str) -> Turn:
        """A typed question."""
        hypotheses = [Hypothesis(text.strip(), 1.0)] if text.strip() else []
        return self.decide(text, hypotheses, Timings())

    def ask_recording(self, name: str, recording: Recording) -> Turn:
        """A recorded question; raises AudioError when it is too long to be one."""
        if recording.seconds > self._longest_question_s:
            raise AudioError(
                f"{name}：录音有 {recording.seconds:.0f} 秒，一个问题最长 {self._longest_question_s:.0f} 秒。"
                "请分成一问一个录音；要转写长录音，请用 voice-faq transcribe。"
            )
        if self._recognizer is None:
            raise RuntimeError("this assistant was made without a recognizer")
        started = time.perf_counter()
        utterance = recognize(self._recognizer, recording)
        return self.decide(name, list(utterance.hypotheses), Timings(recognize=_since(started)))

    def decide(self, name: str, hypotheses: list[Hypothesis], timings: Timings) -> Turn:
        """The turn for an n-best list."""
        started = time.perf_counter()
        if self._clock() - self._last_turn_s > CONTEXT_S:
            self._leave()
        turn = self._turn(hypotheses)
        self._last_turn_s = self._clock()
        timings.match = _since(started)
        return replace(
            turn,
            input=name,
            transcript=hypotheses[0].text if hypotheses else "",
            alternatives=tuple(hypotheses),
            timings=timings,
        )

    def _turn(self, hypotheses: list[Hypothesis]) -> Turn:
        if hypotheses and behind_no(hypotheses[0].text) != hypotheses[0].text and not self._asks(hypotheses[0].text):
            if len(self._offered) == 1:
                self._offered = ()
            return self._turn([replace(heard, text=behind_no(heard.text)) for heard in hypotheses])
        said = spot(hypotheses, self.matcher.knows)
        if said is None and self._offered:
            said = spot_syllable(hypotheses)
        if said is None or self._asks(hypotheses[0].text):
            return (hypotheses and self._denial_turn(hypotheses[0].text)) or self._question_turn(hypotheses)
        return self._command_turn(said) if isinstance(said, Command) else self._reply_turn(said, hypotheses[0].text)

    def _asks(self, text: str) -> bool:
        """Whether the FAQ has this very wording, 谢谢 too; then it is not what is said to a machine."""
        plain = normalize(text)
        key = sound_key(plain)
        return any(sound_key(wording) == key for wording in self._wordings.get(len(plain), ()))

    @cached_property
    def _wordings(self) -> dict[int, list[str]]:
        """The FAQ's wordings, normalised, by their length."""
        wordings: dict[int, list[str]] = defaultdict(list)
        for entry in self.faq.entries:
            for wording in map(normalize, entry.all_wordings):
                wordings[len(wording)].append(wording)
        return wordings

    def choose(self, command: Command) -> Turn | None:
        """The turn of a key or a touch on one of the offered choices, NO for none; None where it is not on offer."""
        none_of_them = command is Command.NO and bool(self._offered)
        return self._command_turn(command) if none_of_them or self._offers(command) else None

    def show(self, entry_id: str) -> Turn:
        """The turn of a touch on an entry of the list; raises KeyError for an unknown one."""
        question = self.faq.entry(entry_id).question
        return replace(self._answer(entry_id, 1.0, (Candidate(entry_id, 1.0),), question), input=question)

    def change_manner(self, command: Command) -> bool:
        """One step slower, faster, louder or quieter by key or touch; whether there was a step left."""
        before, self.manner = self.manner, self.manner.changed(command)
        return self.manner != before

    def repeat(self) -> Turn:
        """The turn of a key or a touch that asks for the last answer again."""
        return self._command_turn(Command.REPEAT)

    def unusable(self, name: str, error: str) -> Turn:
        """The turn of an input that could not be read."""
        return Turn(name, "", (), "reject", None, 0.0, (), self.faq.prompts.not_caught, error=error)

    def _command_turn(self, command: Command) -> Turn:
        if self._offers(command):
            offered, chosen = self._offered, self._offered[CHOICES.index(command)]
            question = self.faq.entry(chosen.entry).question
            turn = self._answer(chosen.entry, chosen.score, offered, question)
            self._chosen_from = offered
            return replace(turn, command=command)
        return Turn("", "", (), "command", None, 1.0, (), self._reply(command), command)

    def _reply_turn(self, reply: Reply, said: str = "") -> Turn:
        """What follows on words that say something only to what was said before."""
        if reply is Reply.WHO:
            return self._command_turn(Command.WHO)
        if reply is Reply.NEVER_MIND:
            return self._command_turn(Command.NEVER_MIND)
        if reply in (Reply.PARDON, Reply.GO_ON) and (self._offered or self._last_question):
            return self._command_turn(Command.REPEAT)
        if self._offered:
            if reply in _REFUSED:
                return self._without(_REFUSED[reply])
            if reply in _CHOSEN and _CHOSEN[reply] < len(self._offered):
                return self._command_turn(CHOICES[_CHOSEN[reply] % len(self._offered)])
            if reply in (Reply.YES, Reply.ALL) and len(self._offered) == 1:
                return self._command_turn(CHOICES[0])
            if reply in _REPLIED:
                return self._command_turn(_REPLIED[reply])
            if reply is Reply.UNFINISHED and (turn := self._named_turn(said, as_offered=True)):
                return turn
            return self._asked_back(self._asked_to_choose())
        left = _others(self._chosen_from, self._answered)
        if reply is Reply.OTHER and left:
            if len(left) > 1:
                return self._offer(left)
            chosen_from, self._offered = self._chosen_from, left
            turn = self._command_turn(CHOICES[0])
            self._chosen_from = chosen_from
            return turn
        if reply in _CHOSEN and self._chosen_from:  # another one after all
            self._offered = self._chosen_from
            return self._reply_turn(reply)
        if reply is Reply.UNFINISHED:
            turn = self._addition_turn(said, known=self._answered)
            if turn is not None:
                return turn
        if reply is Reply.NO:
            self._failures += 1
            if self._failures > 1:
                return self._asked_back(rejected_again(self.faq))
        return self._asked_back(self.faq.prompts.listening)

    def _denial_turn(self, text: str) -> Turn | None:
        """What follows on 不是问X: another choice than the one that is denied; None where ``text`` denies nothing."""
        found = denial(text)
        if found is None or self._asks(text) or self.matcher.without_reparandum(text) != text:
            return None
        offered = [candidate.entry for candidate in self._offered]
        if found.polar and not (offered and self._asks(found.denied)):
            return None
        likely = self.matcher.likely(found.denied)
        denied = next((entry for entry in likely if entry in offered), None)
        if denied is not None:
            left = _others(self._offered, denied)
            return self._offer(left) if left else self._command_turn(Command.NO)
        if found.weak or (found.asks and not self._asks(found.denied) and likely[:1] != [self._answered]):
            return None
        return self._asked_back(self._asked_to_choose()) if offered else self._reply_turn(Reply.NO)

    def _without(self, place: int) -> Turn:
        """What is left of the choice where one of it is refused."""
        if len(self._offered) == 1:
            return self._command_turn(Command.NO)
        if place >= len(self._offered):
            return self._asked_back(self._asked_to_choose())
        left = _others(self._offered, self._offered[place].entry)
        if len(left) > 1:
            return self._offer(left)
        return self._command_turn(CHOICES[self._offered.index(left[0])])

    def _asked_back(self, said: str) -> Turn:
        return Turn("", "", (), "reject", None, 0.0, (), said, small_talk=True)

    def _offers(self, command: Command) -> bool:
        return command in CHOICES and CHOICES.index(command) < len(self._offered)

    def _reply(self, command: Command) -> str:
        """What is said to a command that chooses nothing."""
        prompts = self.faq.prompts
        match command:
            case Command.REPEAT:
                return self._last_said or prompts.nothing_to_repeat
            case Command.SLOWER | Command.FASTER | Command.LOUDER | Command.QUIETER:
                said = prompts.adjusted if self.change_manner(command) else prompts.at_limit
                return said + (self._last_said or "")
            case Command.BACK:
                self._leave()
                return prompts.greeting
            case Command.HELLO:
                return prompts.greeting
            case Command.THANKS:
                return prompts.welcome
            case Command.NO:
                self._leave()
                return self._rejection(Reject(RejectReason.OUT_OF_SCOPE))
            case Command.HELP:
                return prompts.help
            case Command.QUIT:
                return prompts.goodbye
            case Command.STOP:
                return ""
            case Command.NEVER_MIND:
                self._leave()
                return prompts.adjusted
            case Command.WHO:
                return prompts.who
            case _:  # a yes, or a number that was not offered
                return self._asked_to_choose()

    def _question_turn(self, hypotheses: list[Hypothesis]) -> Turn:
        said = hypotheses[0].text if hypotheses else ""
        question = corrected(said)
        if question != said:
            self._offered = ()
            hypotheses = [replace(heard, text=corrected(heard.text)) for heard in hypotheses]
        expected = [] if self.matcher.is_out_of_scope(question) else [c.entry for c in self._offered]
        decision = self.matcher.match(hypotheses, expected=expected)
        sureness = understood(hypotheses)
        unanswered = not isinstance(decision, Answer)
        if unanswered and sureness >= LEAST_UNDERSTOOD and (turn := self._named_turn(question)):
            return turn
        ellipsis = is_ellipsis(question)
        if isinstance(decision, Reject) or ellipsis:
            # What was just answered is said again only to 那手表呢.
            known = None if ellipsis else self._answered
            addition = self._addition_turn(question, sureness, known)
            if addition is not None:
                return addition
        if not isinstance(decision, Reject):
            return self._decided(decision, question)
        if decision.reason is RejectReason.OUT_OF_SCOPE and not ellipsis:
            self._last_question = None
            if is_interrogative(normalize(question)):  # another question; what else is not understood may be a choice
                self._offered = self._chosen_from = ()
        said = self._rejection(decision, question)
        candidates = decision.candidates
        if decision.reason is RejectReason.NOT_UNDERSTOOD and self._offered:
            candidates = self._offered  # can still be chosen
        score = candidates[0].score if candidates else 0.0
        return Turn("", "", (), "reject", None, score, candidates, said, reason=decision.reason)

    def _named_turn(self, words: str, *, as_offered: bool = False) -> Turn | None:
        """The answer of the offered choice that a few words name; None where they name none."""
        offered = [candidate.entry for candidate in self._offered]
        named = named_choice(self.matcher, self.faq, words, offered, as_offered=as_offered) if offered else None
        return None if named is None else self._command_turn(CHOICES[named])

    def _addition_turn(self, words: str, sureness: float = 1.0, known: str | None = None) -> Turn | None:
        """What follows on a few words that go on from the last question; None where they do not, or to ``known``."""
        if self._last_question is None:
            return None
        found = gone_on(self.matcher, self.faq, self._last_question, words, sureness)
        if found is None or found.candidates[0].entry == known:
            return None
        return self._decided(found, self._last_question)

    def _decided(self, decision: Answer | Clarify, question: str) -> Turn:
        if isinstance(decision, Answer):
            return self._answer(decision.entry, decision.score, decision.candidates, question)
        self._last_question = question
        return self._offer(decision.candidates)

    def _offer(self, candidates: tuple[Candidate, ...]) -> Turn:
        self._offered, self._chosen_from = candidates, ()
        self._last_said = offer(self.faq, [candidate.entry for candidate in candidates])
        return Turn("", "", (), "clarify", None, candidates[0].score, candidates, self._last_said)

    def _answer(self, entry: str, score: float, candidates: tuple[Candidate, ...], question: str) -> Turn:
        self._failures = 0
        self._offered = self._chosen_from = ()
        self._last_said = self.faq.entry(entry).answer
        self._last_question, self._answered = question, entry
        return Turn("", "", (), "answer", entry, score, candidates, self._last_said)

    def _asked_to_choose(self) -> str:
        """What is said to words that do not tell which of the offered questions is meant."""
        if len(self._offered) == 1:
            return offer(self.faq, [self._offered[0].entry])
        return self.faq.prompts.choose

    def _rejection(self, reject: Reject, said: str = "") -> str:
        self._failures += 1
        prompts = self.faq.prompts
        if self._failures > 1 or asks_for_people(said):
            return rejected_again(self.faq)
        return prompts.not_known if reject.reason is RejectReason.OUT_OF_SCOPE else prompts.not_caught


def recognize(recognizer: Recognizer, recording: Recording) -> Utterance:
    """What was said in a recording of any length; what is silent throughout holds nothing."""
    from voice_faq.recognition import Utterance

    stream = recognizer.stream(recording.rate)
    loudest = LoudestMoment()
    for chunk in recording.chunks():
        loudest.hear(chunk)
        stream.accept(chunk)
    heard = stream.finish()
    return heard if loudest.holds_speech else Utterance(())


def _others(candidates: tuple[Candidate, ...], entry: str | None) -> tuple[Candidate, ...]:
    return tuple(candidate for candidate in candidates if candidate.entry != entry)


def _since(started: float) -> float:
    """Milliseconds since ``started`` of time.perf_counter."""
    return (time.perf_counter() - started) * 1000
