"""What one text means: the probability of each entry, by weighed evidence and a few rules beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.faq.entries import Faq
from voice_faq.language.dictionary import open_dictionary
from voice_faq.language.normalizing import normalize
from voice_faq.language.typed import TypedPinyin
from voice_faq.matching.answers import Answers, telling
from voice_faq.matching.comparing import Comparer, Question
from voice_faq.matching.decision import Rule
from voice_faq.matching.entry_texts import EntryTexts
from voice_faq.matching.errands import ErrandReader
from voice_faq.matching.everyday import everyday_questions, frames
from voice_faq.matching.evidence import LITTLE, PREDICATE_INFORMATION, EvidenceReader, TextEvidence
from voice_faq.matching.fitting import Examples, fit
from voice_faq.matching.index import Likeness, Meant, WordingIndex
from voice_faq.matching.keeping import Learned, kept_or_learned
from voice_faq.matching.kinds import KindReader
from voice_faq.matching.meaning import SentenceMeaning
from voice_faq.matching.mishaps import MishapReader, MissingReader
from voice_faq.matching.own_meaning import OwnMeaning
from voice_faq.matching.parts import sharing
from voice_faq.matching.places import PlaceReader
from voice_faq.matching.prior import shipped_prior
from voice_faq.matching.question_form import core_of, core_question, is_interrogative
from voice_faq.matching.respelling import Respelling, spoken_words
from voice_faq.matching.statements import DenialReader, DoneReader

FRAGMENT_SYLLABLES: Final = 2  # so few say no more than what the wordings with them are about
FRAGMENT_INFORMATION: Final = 10.0  # nats; 房间, 收费 and 开通 tell so much, and 多久, which asks
TOPIC_INFORMATION: Final = 11.0  # nats; what says less is no topic (怎么, 可以)
FRAGMENT_MEANT: Final = 0.6  # probability that a topic of the FAQ's wordings is meant as one: a choice is offered
TOLD_LESS: Final = 0.899  # at most, or what an answer needs, where less is said than in an entry's shortest wording
ROUNDING: Final = 1e-9
UNASKED: Final = 0.98  # of what an answer needs; a topic alone never gets one
VERBATIM_MEANT: Final = 0.97  # probability that a wording said to the letter is what is meant
OF_ONE_ENTRY: Final = 0.5  # of the talk with words of a question that does not tell what is done: it is one entry's
BEGUN: Final = 50  # wordings that begin alike are looked at
CUT_OFF_MEANT: Final = 0.3  # probability that whoever is cut off would have gone on as a wording does
NEGATED_MEANT: Final = 0.3  # of the probability that what a speaker negates is what is asked: 我不想退卡
NEAR_FROM: Final = 0.3  # share of an out-of-scope question in words of the FAQ, from which on it is a near miss
KNOWN_FROM: Final = 0.5  # probability from which on an entry is about one of two things
MISHAP_MEANT: Final = 0.3  # of the probability that an entry that says nothing of a loss is meant by 医保卡丢了


@dataclass(frozen=True)
class Judgement:
    """What a text means, and by which rules beside the weighed evidence."""

    probabilities: np.ndarray
    """Of each entry to be meant, shape (entries,); what they leave of 1 is for none of them."""
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question as small networks read it."""

    meant: Meant
    question: Question


class Judge:
    """An index of the FAQ; build it once, everything else is read-only and may be shared by threads."""

    def __init__(
        self, faq: Faq, wrong_answers: float, meaning: SentenceMeaning | None = None, *, cache: Path | None = None
    ) -> None:
        """``wrong_answers``: the share of questions, 0…1, that may be answered wrongly.

        What is learned from the FAQ is kept in the folder ``cache`` and taken from there while the FAQ is the same.
        ``meaning`` is evidence beside words and sounds; None for that which comes with voice-faq.
        """
        self.entries = [entry.id for entry in faq.entries]
        """Their ids, in the FAQ's order."""
        wordings = [(w, i) for i, entry in enumerate(faq.entries) for w in entry.all_wordings]
        everyday = everyday_questions([wording for wording, _ in wordings], faq.out_of_scope, faq.synonyms)
        wordings += [(w, len(self.entries)) for w in (*faq.out_of_scope, *everyday)]
        self._typed = TypedPinyin(wording for wording, _ in wordings)
        dictionary = open_dictionary(cache)
        self.read = EvidenceReader(faq.synonyms, dictionary)
        self._wordings = wordings
        self._texts = [wording for wording, _ in wordings]
        self._meaning = meaning = meaning or OwnMeaning(dictionary)
        self._comparer = comparer = Comparer()
        self._answers = [entry.answer for entry in faq.entries]
        self._telling = telling(self._answers)
        self._verbatim = _of_one_entry(wordings)
        self._out_of_scope = frozenset(map(core_of, faq.out_of_scope))
        of_entries = [entry.all_wordings for entry in faq.entries]
        self._entry_texts = texts = EntryTexts(of_entries, self._answers, faq.synonyms)
        self._mishaps, self._denials = MishapReader(texts), DenialReader(texts)
        self._readers = (
            (Rule.ERRAND, ErrandReader(texts)),
            (Rule.KIND, KindReader(texts, faq.synonyms, faq.title)),
            (Rule.DONE, DoneReader(texts)),
            (Rule.MISSING, MissingReader(texts)),
            (Rule.ELSEWHERE, PlaceReader(texts, faq.title)),
        )

        def learn() -> Learned:
            labels = [entry for _, entry in wordings]
            vectors = meaning.wordings(wording for wording, _ in wordings)
            evidence = (self.read(wording) for wording, _ in wordings)
            answers = Answers.read(self._answers, self.read, meaning)
            none = len(self.entries)
            said = {word for frame in frames() for word in self.read(frame).information}
            index = WordingIndex(evidence, labels, none, vectors, meaning.least_alike, answers, len(everyday), said)
            near = [text for text in faq.out_of_scope if index.known(self.read(text)) >= NEAR_FROM]
            examples = list(self._examples(answers, near).drawn())
            prior = shipped_prior(meaning.prior)
            combination, answer_from = fit(examples, wrong_answers, prior, len(self.entries), len(near))
            asked = (wording for wording, entry in wordings if entry < len(self.entries))
            return Learned(index, combination, answer_from, spoken_words(asked, self.read.segment))

        networks = (meaning.name, comparer.name)
        learned_from = (wordings, self._answers, len(faq.out_of_scope), faq.synonyms, wrong_answers, networks)
        learned = kept_or_learned(cache, learned_from, learn)
        self.index, self._combination, self.answer_from = learned.index, learned.combination, learned.answer_from
        self._respelled = Respelling(learned.words)

    def probabilities(self, text: str) -> np.ndarray:
        """Of each entry to be what ``text`` means, shape (entries,); what they leave of 1 is for none of them."""
        return self.judged(text).probabilities

    def judged(self, text: str, asked: Asked | None = None) -> Judgement:
        """The same, and the rules that made it so; ``asked`` is the text, or another heard beside it."""
        plain = self._typed(text)
        judgement = self._judged(plain, asked or self.asked(plain))
        entry = self._verbatim.get(core_question(plain))
        if entry is None:
            return judgement
        # Whoever says a wording to the letter means its entry, or nothing that the FAQ answers.
        meant = max(VERBATIM_MEANT, self.answer_from)
        result = judgement.probabilities
        result = result * ((1 - meant) / max(float(result.sum()), 1 - meant, ROUNDING))
        if entry < len(self.entries):
            result[entry] = meant
        return Judgement(np.asarray(result), (Rule.VERBATIM,))

    def held_out(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """(wording, its entry, probabilities of all entries as if the FAQ did not have it) for most wordings.

        Entries with one wording alone have none to spare.
        """
        answers = Answers.read(self._answers, self.read, self._meaning)
        for text, entry, likeness in self._examples(answers).held_out():
            yield text, self.entries[entry], self._weighed(likeness)

    def _examples(self, answers: Answers, near: Collection[str] = ()) -> Examples:
        return Examples(self.read, self._wordings, len(self.entries), self._meaning, answers, self._comparer, near)

    def evidence(self, text: str) -> TextEvidence:
        """What a question offers to matching, pinyin that was typed as the characters that it stands for."""
        return self.read(self._typed(text))

    def likeness(self, text: str) -> Likeness:
        """What speaks for each entry."""
        plain = self._typed(text)
        return self._likeness(self.read(plain), self.asked(plain))

    def nearest_wording(self, text: str, entry: str) -> str:
        """The entry's wording that is most like ``text``."""
        return self._nearest(self.evidence(text), self.entries.index(entry))

    def nearest_out_of_scope(self, text: str) -> str | None:
        """What is most like ``text`` of all that counts as out of scope, the FAQ's own and everyday questions."""
        number = self.index.nearest(self.evidence(text), len(self.entries))
        return self._texts[number] if number >= 0 else None

    def asked(self, plain: str) -> Asked:
        """What small networks make of a text, pinyin that was typed as the characters that it stands for."""
        respelled = self._respelled(core_question(plain))
        (question,) = self._comparer.questions([respelled])
        return Asked(self.index.meant(self._meaning.question(respelled)), question)

    def _likeness(self, evidence: TextEvidence, asked: Asked) -> Likeness:
        found = self.index.likeness(evidence, asked.meant)
        (compared,) = self._comparer.added([found], [asked.question], self._texts, self._telling)
        return compared

    def _judged(self, plain: str, asked: Asked) -> Judgement:
        evidence = self.read(plain)
        likeness = self._likeness(evidence, asked)
        result = self._weighed(likeness)
        shares = self.index.shares(evidence) if self.is_fragment(plain, evidence) else None
        if shares is not None:
            # A topic without a question: which entries it is about is known, what is asked is not.
            return self._offered(shares, max(float(result.sum()), FRAGMENT_MEANT), Rule.TOPIC)
        best = int(result.argmax())
        begun = self._begun(plain, evidence)
        if begun - {best} or (begun and self._hardly_begun(evidence, best)):
            others = np.bincount(list(begun), minlength=len(result)) / len(begun)
            together = (1 - CUT_OFF_MEANT) * result / max(float(result.sum()), 1e-9) + CUT_OFF_MEANT * others
            return self._offered(together, float(result.sum()), Rule.CUT_OFF)
        most = max(evidence.information.values(), default=0.0)
        topicless = most < PREDICATE_INFORMATION or not self.index.names_things(evidence)
        if topicless and result[best] >= self.answer_from:
            # A question of what was spoken of before, 还能用吗 and 怎么取消: where several entries are asked in such
            # words, none is meant for sure.
            shares = self.index.shares(evidence, parts=True)
            if shares is not None and shares[best] < OF_ONE_ENTRY:
                sum_ = float(result.sum())
                return self._offered((result / sum_ + shares) / 2, sum_, Rule.TOPICLESS)
        told = min(1.0, evidence.told / max(self.index.least_told(best), 1e-9))
        part = 1.0
        if told < 1:
            most_sure = max(TOLD_LESS, self.answer_from + ROUNDING) / max(float(result[best]), 1e-9)
            told = min(told**2 if most < PREDICATE_INFORMATION else 1.0, most_sure)
        if most >= TOPIC_INFORMATION and is_interrogative(plain):
            part = self._part_told(plain, evidence, best)
        refused = likeness.entries[:-1][likeness.negated[:-1]]
        result[refused] *= NEGATED_MEANT
        denied = likeness.entries[:-1][self._denials.strange_among(plain, likeness.entries[:-1])]
        result[denied] *= NEGATED_MEANT
        strange = likeness.entries[:-1][self._mishaps.strange_among(plain, likeness.entries[:-1])]
        result[strange] *= MISHAP_MEANT
        held = (
            (Rule.TELLS_LESS, told < 1),
            (Rule.PART, part < 1),
            (Rule.NEGATED, best in refused),
            (Rule.DENIED, best in denied),
            (Rule.MISHAP, best in strange),
        )
        rules = [rule for rule, holds in held if holds]
        result = result * min(told, part)
        if result[best] >= self.answer_from and (withheld_by := self.withheld_by(plain, best)):
            result[best] = UNASKED * self.answer_from
            rules += withheld_by
        return Judgement(np.asarray(result), tuple(rules))

    def withheld_by(self, plain: str, entry: int) -> list[Rule]:
        """The rules by which an entry is not the answer to a text, though it may be offered."""
        rules = [rule for rule, reader in self._readers if reader.strange_to(plain, entry)]
        return [*rules, Rule.HALF] if self._known_of_one(plain, entry) else rules

    def _known_of_one(self, plain: str, entry: int) -> bool:
        """Whether what is asked of two things, 水票和押金都能退吗, is known of one of them alone."""
        shared = next(sharing(plain, self.read.segment), None)
        told = self._entry_texts.told(entry)
        if shared is None or (shared.first in told and shared.second in told):
            return False
        likeness = (self._likeness(self.read(part), self.asked(part)) for part in shared.questions)
        return sum(float(self._weighed(found)[entry]) >= KNOWN_FROM for found in likeness) == 1

    def _part_told(self, plain: str, evidence: TextEvidence, entry: int) -> float:
        """How likely a question that is a part of the entry's nearest wording means all of it, 0…1; 1 for any other.

        It is the root of the part that it tells, as half of what is left out may go without saying. What most entries
        speak of need not be said: the card in an FAQ about one card.
        """
        wording = self._nearest(evidence, entry)
        if core_question(plain) not in normalize(wording):
            return 1.0
        left_out = {w: nats for w, nats in self.read(wording).information.items() if w not in evidence.information}
        missing = sum(nats * (1 - self.index.use(word)) for word, nats in left_out.items())
        return float((evidence.told / max(evidence.told + missing, 1e-9)) ** 0.5)

    def _offered(self, shares: np.ndarray, meant: float, rule: Rule) -> Judgement:
        """``meant`` shared out, shape (entries,), so that none gets what an answer needs: a choice at the most."""
        return Judgement(np.asarray(shares * min(meant, UNASKED * self.answer_from / float(shares.max()))), (rule,))

    def _hardly_begun(self, evidence: TextEvidence, entry: int) -> bool:
        """Whether a text that is the beginning of a wording of ``entry`` says less than half of it."""
        return evidence.told < self.read(self._nearest(evidence, entry)).told / 2

    def _nearest(self, evidence: TextEvidence, entry: int) -> str:
        return self._wordings[self.index.nearest(evidence, entry)][0]

    def _begun(self, plain: str, evidence: TextEvidence) -> set[int]:
        """The entries whose questions a text begins without coming to what they ask."""
        little = len(evidence.sounds) <= FRAGMENT_SYLLABLES or evidence.told < TOPIC_INFORMATION
        if little or is_interrogative(plain):
            return set()
        entries = set()
        for number in self.index.longer(evidence)[:BEGUN]:
            wording, entry = self._wordings[number]
            if entry == len(self.entries) or not is_interrogative(normalize(wording)):
                continue
            told = self.read(wording).information
            rest = max(
                (nats for word, nats in told.items() if " " in word and word not in evidence.information), default=0
            )
            if rest >= TOPIC_INFORMATION:
                entries.add(entry)
        return entries

    def is_fragment(self, plain: str, evidence: TextEvidence) -> bool:
        """Whether a text is a topic alone, 退卡, for which entries share by how much of their wordings it is."""
        least = TOPIC_INFORMATION if is_interrogative(plain) else FRAGMENT_INFORMATION
        return len(evidence.sounds) <= FRAGMENT_SYLLABLES and evidence.told >= least

    def _weighed(self, likeness: Likeness) -> np.ndarray:
        result = np.zeros(len(self.entries))
        result[likeness.entries[:-1]] = self._combination.probabilities(likeness)
        return result

    def is_out_of_scope(self, text: str) -> bool:
        """Whether the FAQ says of this very text that it does not answer it."""
        core = core_of(text)
        return core in self._out_of_scope and self._verbatim.get(core) == len(self.entries)

    def speaks_of(self, texts: Sequence[str], words: str) -> bool:
        """Whether ``texts`` have all that ``words`` say, as it is written, but for the language's commonest words.

        One that they lack may be what is asked about: 厕所在哪, said after 怎么退卡.
        """
        segment = self.read.segment
        told = [word for word in segment(core_of(words)) if segment.information(word) > LITTLE]
        written = [normalize(text) for text in texts]
        known = {word for text in written for word in segment(text)}  # 包 of 钱包 is no word
        return bool(told) and all(word in known or (len(word) > 1 and word in "\n".join(written)) for word in told)

    def topics(self, text: str) -> list[str]:
        """The words of ``text`` that something may be asked about: 早餐 of 早餐几点开始."""
        said = [word for word in self.told_words(text) if len(word) > 1]
        return [word for word in said if self.read.segment.information(word) >= TOPIC_INFORMATION]

    def told_words(self, text: str) -> list[str]:
        """The words of ``text`` that tell what is asked about, without the language's commonest and those that ask."""
        words = self.read.segment(core_of(text))
        return [word for word in words if self.read.segment.information(word) > LITTLE and not is_interrogative(word)]


def _of_one_entry(wordings: list[tuple[str, int]]) -> dict[str, int]:
    """The entry of each wording without its polite words, where it is one entry's alone."""
    owners: dict[str, set[int]] = defaultdict(set)
    for wording, entry in wordings:
        owners[core_of(wording)].add(entry)
    return {core: entries.pop() for core, entries in owners.items() if len(entries) == 1}
