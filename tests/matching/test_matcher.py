import pytest

from voice_faq.dialogue.assistant import Assistant
from voice_faq.evaluation import measure, read_labelled
from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Answer, Clarify, Matcher, Reject, RejectReason
from voice_faq.matching.decision import Rule
from voice_faq.matching.judging import NEAR_FROM
from voice_faq.matching.matcher import CHOICE_FROM, CHOICE_SHARE
from voice_faq.matching.question_form import core_of
from voice_faq.settings import Settings

from ..conftest import DATA
from ..fields import faq_of


def said(*texts: str) -> list[Hypothesis]:
    return [Hypothesis(text, 1 / len(texts)) for text in texts]


def test_every_canonical_question_is_answered_with_its_entry(matcher: Matcher, faq: Faq) -> None:
    for entry in faq.entries:
        decision = matcher.match(said(entry.question))
        assert isinstance(decision, Answer) and decision.entry == entry.id, entry.question


@pytest.mark.parametrize(
    "question", ["今天天气怎么样", "明天会下雨吗", "厕所在哪里", "信用卡怎么还款", "你好", "讲个笑话", "苹果多少钱一斤"]
)
def test_other_talk_gets_no_answer(matcher: Matcher, question: str) -> None:
    assert not isinstance(matcher.match(said(question)), Answer)


def test_wrong_characters_with_the_right_sounds_cost_little(matcher: Matcher) -> None:
    right = matcher.match(said("公交卡怎么退卡"))
    misheard = matcher.match(said("公交咖怎么腿卡"))
    assert isinstance(right, Answer) and isinstance(misheard, Answer)
    assert misheard.entry == right.entry == "refund"


def test_all_hypotheses_count(matcher: Matcher) -> None:
    decision = matcher.match([Hypothesis("怎么吃饭", 0.3), Hypothesis("怎么退卡", 0.7)])
    assert decision.candidates[0].entry == "refund"


def test_silence_is_told_from_a_foreign_question(matcher: Matcher) -> None:
    for nothing in ([], said(""), said("，。")):
        decision = matcher.match(nothing)
        assert isinstance(decision, Reject) and decision.reason is RejectReason.NOTHING_HEARD
    foreign = matcher.match(said("今天天气怎么样"))
    assert isinstance(foreign, Reject) and foreign.reason is RejectReason.OUT_OF_SCOPE


def test_polite_words_do_not_matter(matcher: Matcher) -> None:
    plain, polite = matcher.match(said("怎么退卡")), matcher.match(said("您好，麻烦问一下怎么退卡呀，谢谢您"))
    assert isinstance(plain, Answer) and isinstance(polite, Answer)
    assert plain.candidates == polite.candidates


def test_near_ties_become_a_choice(faq: Faq) -> None:
    strict = Matcher(faq, wrong_answers=1e-6)
    decision = strict.match(said("卡里的钱不够怎么退"))
    assert isinstance(decision, Clarify) and 2 <= len(decision.candidates) <= 3


def test_what_fits_hardly_at_all_is_not_offered_beside_what_nearly_does(matcher: Matcher, faq: Faq) -> None:
    questions = read_labelled(DATA / "dev-questions.tsv", [entry.id for entry in faq.entries])
    decisions = [matcher.match(said(text)) for text in (*(question.question for question in questions), "还能用吗")]
    offered = [[c.score for c in d.candidates] for d in decisions if isinstance(d, Clarify)]
    assert {len(scores) for scores in offered} == {1, 2, 3}
    assert all(min(scores) >= CHOICE_SHARE * scores[0] and sum(scores) >= CHOICE_FROM for scores in offered)


def test_matching_is_deterministic(faq: Faq, matcher: Matcher, settings: Settings) -> None:
    again = Matcher(faq, settings.wrong_answers)
    for question in ("卡能用几年", "没网能刷吗", "附近有医院吗"):
        assert again.match(said(question)) == matcher.match(said(question))


def test_freshly_worded_questions_reach_the_promised_share(matcher: Matcher, faq: Faq) -> None:
    questions = read_labelled(DATA / "test-questions.tsv", [e.id for e in faq.entries])
    result = measure(questions, Assistant(faq, matcher, None, longest_question_s=60).ask_text)
    assert result.answered_right >= 0.85
    assert result.refused >= 0.85
    assert result.wrong <= 0.08


def test_what_was_hardly_understood_is_not_answered(matcher: Matcher) -> None:
    sure = matcher.match([Hypothesis("怎么退卡", 0.9), Hypothesis("怎么推开", 0.1)])
    unsure = matcher.match([Hypothesis("怎么退卡", 0.09), Hypothesis("怎么推开", 0.01)])
    assert isinstance(sure, Answer)
    assert isinstance(unsure, Reject) and unsure.reason is RejectReason.NOT_UNDERSTOOD
    assert unsure.candidates[0].entry == sure.entry


@pytest.mark.parametrize("sound", ["啊", "嗯", "请问一下"])
def test_who_asks_nothing_is_asked_to_say_it_again(matcher: Matcher, sound: str) -> None:
    decision = matcher.match([Hypothesis(sound, 0.9)])
    assert isinstance(decision, Reject) and decision.reason is RejectReason.NOT_UNDERSTOOD


def test_a_topic_alone_is_a_choice_that_its_entry_leads(matcher: Matcher) -> None:
    decision = matcher.match(said("退卡"))
    assert isinstance(decision, Clarify) and decision.candidates[0].entry == "refund"


@pytest.mark.parametrize("text", ["乘坐地铁时缺少", "刷京津冀互联互通卡能享受"])
def test_what_stops_before_its_topic_is_not_answered_though_one_entry_alone_begins_so(
    matcher: Matcher, text: str
) -> None:
    assert Rule.CUT_OFF in matcher.judged(text).rules
    assert not isinstance(matcher.match(said(text)), Answer)


@pytest.mark.parametrize("accepted", [0.02, 0.002, 1e-6])
def test_a_wording_to_the_letter_is_answered_however_strict_the_operator_is(faq: Faq, accepted: float) -> None:
    decision = Matcher(faq, accepted).match(said("怎么退卡"))
    assert isinstance(decision, Answer) and decision.entry == "refund"


def test_small_talk_among_what_is_out_of_scope_is_no_near_miss(faq: Faq) -> None:
    talk = "讲个笑话 你真聪明 我饿了 吃饭了吗 早上好 唱首歌 明天会下雨吗 下围棋吧".split()
    near = "怎么退票 开卡送礼品吗 押金怎么退 公交几点收车 地铁票多少钱 信用卡怎么注销 手机有优惠吗".split()
    matcher = Matcher(faq.model_copy(update={"out_of_scope": talk + near}), 0.02)
    counted = [text for text in talk + near if matcher.index.known(matcher.read(text)) >= NEAR_FROM]
    assert counted == near


@pytest.mark.parametrize("text", ["不想退卡", "我没有要退卡", "别退卡", "我不打算退卡", "不是退卡", "我不是要退卡"])
def test_what_a_rider_does_not_want_is_not_answered(matcher: Matcher, text: str) -> None:
    assert not isinstance(matcher.match(said(text)), Answer)


@pytest.mark.parametrize("text", ["怎么退卡和有效期多久", "怎么退卡，还有没网能刷吗"])
def test_two_questions_in_one_are_both_offered(matcher: Matcher, text: str) -> None:
    decision = matcher.match(said(text))
    assert isinstance(decision, Clarify) and len(decision.candidates) == 2
    assert "refund" in {candidate.entry for candidate in decision.candidates}


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("有效期和押金是多少", {"validity", "fees"}),
        ("开卡和退卡要钱吗", {"fees", "refund"}),
    ],
)
def test_what_is_asked_of_two_things_at_once_is_asked_of_each(matcher: Matcher, text: str, entries: set[str]) -> None:
    decision = matcher.match(said(text))
    assert isinstance(decision, Clarify) and {candidate.entry for candidate in decision.candidates} == entries


def test_questions_without_a_mark_are_parted_where_both_are_surest(library: Matcher) -> None:
    found = library.questions_in("借书证怎么办打印怎么收费")
    assert {candidate.entry for candidate in found} == {"get-card", "printing"}


@pytest.mark.parametrize("text", ["有效期", "进不去"])
def test_a_topic_said_shortly_is_answered_though_never_as_sure_as_a_question(matcher: Matcher, text: str) -> None:
    decision = matcher.match(said(text))
    assert isinstance(decision, Answer) and decision.score < 0.9
    assert matcher.judged(text).rules == (Rule.TELLS_LESS,)


def test_a_strict_operator_gets_answers_to_short_questions_too(faq: Faq) -> None:
    strict = Matcher(faq, 0.002)
    assert strict.answer_from > 0.9
    decision = strict.match(said("有效期"))
    assert isinstance(decision, Answer) and decision.score == pytest.approx(strict.answer_from, abs=1e-4)


def test_what_is_known_of_one_of_two_things_is_offered(settings: Settings) -> None:
    answers = {
        "deposit": (["桶的押金怎么退", "押金能退吗"], "把桶还来，押金当场退。"),
        "tickets": (["水票会不会过期"], "不会，一直能用。"),
        "price": (["一桶水多少钱", "大桶和小桶多少钱"], "大桶二十元，小桶十元。"),
        "order": (["怎么订水"], "打电话订。"),
        "floor": (["能送上楼吗"], "能。"),
    }
    entries = faq_of({entry: wordings for entry, (wordings, _) in answers.items()})
    told = [entry.model_copy(update={"answer": answers[entry.id][1]}) for entry in entries.entries]
    water = Matcher(entries.model_copy(update={"entries": told}), settings.wrong_answers)
    assert Rule.HALF in water.withheld_by("水票和押金都能退吗", water.entries.index("deposit"))
    assert not isinstance(water.match(said("水票和押金都能退吗")), Answer)
    assert water.withheld_by("大桶和小桶多少钱一桶", water.entries.index("price")) == []


def test_what_one_entry_says_of_two_things_is_one_question(matcher: Matcher) -> None:
    for text, entry in (("手机和手表都能刷吗", "how-to-tap"), ("开卡和充值要网络吗", "network")):
        decision = matcher.match(said(text))
        assert isinstance(decision, Answer) and decision.entry == entry


@pytest.mark.parametrize("text", ["卡坏了", "坏了怎么办", "支持吗"])
def test_what_tells_little_and_fits_one_entry_is_not_refused(matcher: Matcher, text: str) -> None:
    assert not isinstance(matcher.match(said(text)), Reject)


def test_a_long_story_is_not_taken_apart(matcher: Matcher) -> None:
    assert matcher.questions_in("怎么退卡，有效期多久，" * 20) == []


def test_one_question_about_two_things_is_one_question(matcher: Matcher) -> None:
    assert matcher.questions_in("公交和地铁都能刷吗") == []


@pytest.mark.parametrize(
    "text",
    [
        "原先那张北京卡里还有钱，接着刷行吗",
        "手机摔坏了，里头公交卡还有五十块钱怎么要回来",
        "别让机器跟我说了，找个人来跟我讲",
    ],
)
def test_a_joint_that_joins_no_two_questions_parts_none(matcher: Matcher, text: str) -> None:
    assert matcher.questions_in(text) == []
    assert not isinstance(matcher.match(said(text)), Reject)


@pytest.mark.parametrize("typed", ["zenme tuika", "怎么tuika", "zm tk"])
def test_typed_pinyin_and_initials_are_answered(matcher: Matcher, typed: str) -> None:
    decision = matcher.match(said(typed))
    assert isinstance(decision, Answer) and decision.entry == "refund"


@pytest.mark.parametrize(
    "text",
    [
        "在的", "是的", "什么时候", "不对", "查余额", "余额多少", "余额是多少", "微信能开吗", "换手机了卡怎么转",
        "已经开通的京津冀互联互通卡",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_question_of_ours_is_not_answered(matcher: Matcher, text: str) -> None:
    assert not isinstance(matcher.match(said(text)), Answer)


def test_a_question_that_is_a_part_of_a_longer_one_asks_something_else(matcher: Matcher) -> None:
    assert matcher.judged("票价是多少").rules == (Rule.PART,)
    # What the whole FAQ is about may be left out: 刷京津冀互联互通卡支持透支吗.
    overdraft = matcher.match(said("支持透支吗"))
    assert isinstance(overdraft, Answer) and overdraft.entry == "overdraft"
    # Without a topic of its own it asks as people do who have said it before.
    short = matcher.match(said("怎么退"))
    assert isinstance(short, Answer) and short.entry == "refund"


def test_a_question_that_is_cut_off_leads_to_a_choice_with_what_it_began(matcher: Matcher) -> None:
    cut = matcher.match(said("已经开通的京津冀互联互通卡"))
    assert isinstance(cut, Clarify) and "refund" in {candidate.entry for candidate in cut.candidates}
    assert matcher.judged("已经开通的京津冀互联互通卡").rules == (Rule.CUT_OFF,)
    # A question that says what it asks, and one that only its own entry begins so, are answered.
    for whole, entry in (("怎么开通京津冀互联互通卡", "how-to-open"), ("乘坐地铁时缺少上次出站记录", "missing-exit")):
        decision = matcher.match(said(whole))
        assert isinstance(decision, Answer) and decision.entry == entry


def test_what_tells_less_than_any_question_is_never_sure(matcher: Matcher) -> None:
    for text in ("在的", "是的", "不对", "好的", "我知道", "什么时候", "怎么办", "在哪里", "可以吗", "卡"):
        assert matcher.probabilities(text).max() < 0.9, text


@pytest.mark.parametrize("text", ["怎么怎么退卡", "怎么退卡怎么退卡", "退卡退卡怎么退卡", "怎么退卡么"])
def test_what_is_stuttered_or_said_twice_counts_once(matcher: Matcher, text: str) -> None:
    decision = matcher.match(said(text))
    assert isinstance(decision, Answer) and decision.entry == "refund"
    assert core_of("有什么") == "有什么" and core_of("研究研究") == "研究"


def test_what_sounds_like_a_correction_is_one(matcher: Matcher) -> None:
    """A correction as it is heard: 不对 is written as 部队 too."""
    heard = [("怎么退卡不对怎么开卡", 0.5973), ("怎么退卡部队怎么开卡", 0.2208), ("怎么退卡不队怎么开卡", 0.1791)]
    for order in (heard, [heard[1], heard[0], heard[2]]):
        decision = matcher.match([Hypothesis(*h) for h in order])
        assert isinstance(decision, Answer) and decision.entry == "how-to-open", order


@pytest.mark.parametrize(("topic", "entry"), [("开卡", "how-to-open"), ("开通", "how-to-open")])
def test_a_common_word_is_a_topic_too(matcher: Matcher, topic: str, entry: str) -> None:
    decision = matcher.match(said(topic))
    assert isinstance(decision, Clarify)
    assert entry in [candidate.entry for candidate in decision.candidates]
