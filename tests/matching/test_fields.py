"""Matching serves any operator's FAQ, from its first question on, and knows what it was not asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from voice_faq.evaluation import read_labelled
from voice_faq.evaluation.baselines import baselines
from voice_faq.faq import Faq, load_faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Answer, Clarify, Decision, Matcher
from voice_faq.matching.own_meaning import OwnMeaning
from voice_faq.matching.prior import shipped_prior
from voice_faq.settings import Settings

from ..conftest import DATA
from ..fields import Field, faq_of, read_field

TEMPLATES = (
    "{}怎么办 {}在哪里办 {}要多少钱 {}什么时候可以办 我想办{} 怎么办{} {}怎么弄 {}去哪里 请问{} {}需要什么材料 "
    "{}要等多久 {}可以网上办吗 {}电话是多少"
).split()
PAPERS = (
    "身份证 护照 驾驶证 结婚证 居住证 社保卡 户口本 营业执照 残疾证 老年证 公积金 失业金 养老金 低保 生育津贴 廉租房 "
    "车牌 房产证 学区 入学 转学 落户 签注 公证 税务登记 医师证 教师证 导游证 食品许可 卫生许可 消防许可 排污许可 商标 "
    "专利 招工 工伤 仲裁 法律援助 献血证 独生子女证"
).split()


def asked(matcher: Matcher, text: str) -> Decision:
    return matcher.match([Hypothesis(text, 1.0)])


def first_of(matcher: Matcher) -> Callable[[str], str]:
    return lambda text: matcher.entries[int(matcher.probabilities(text).argmax())]


def hits(fresh: list[tuple[str, str]], first: Callable[[str], str]) -> int:
    return sum(first(text) == entry for text, entry in fresh)


@pytest.fixture(scope="module")
def estate() -> Field:
    return read_field(DATA / "fields/estate.tsv")


@pytest.fixture(scope="module")
def fresh(estate: Field) -> list[tuple[str, str]]:
    """Questions that no FAQ here has."""
    return [(text, entry) for entry, wordings in estate.items() for text in wordings[1:]]


@pytest.fixture(scope="module")
def bare(estate: Field) -> Faq:
    """Entries with their question alone."""
    return faq_of({entry: wordings[:1] for entry, wordings in estate.items()})


@pytest.fixture(scope="module")
def of_bare(bare: Faq, settings: Settings) -> Matcher:
    return Matcher(bare, settings.wrong_answers)


@pytest.fixture(scope="module")
def of_hospital(settings: Settings) -> Matcher:
    return Matcher(faq_of(read_field(DATA / "fields/hospital.tsv")), settings.wrong_answers)


@pytest.fixture(scope="module")
def of_papers(settings: Settings) -> Matcher:
    return Matcher(
        faq_of({paper: [template.format(paper) for template in TEMPLATES] for paper in PAPERS}), settings.wrong_answers
    )


def test_an_faq_of_questions_alone_is_served_and_never_worse_than_plain_matching(
    bare: Faq, of_bare: Matcher, fresh: list[tuple[str, str]]
) -> None:
    assert len(bare.entries) == 30 and len(fresh) == 90
    ours = hits(fresh, first_of(of_bare))
    assert ours >= 0.65 * len(fresh)
    for name, best in baselines(bare).items():
        assert ours >= hits(fresh, lambda text, best=best: best(text)[0]), name


def test_who_asks_a_bare_faq_gets_no_wrong_answer(of_bare: Matcher, fresh: list[tuple[str, str]]) -> None:
    answers = [(asked(of_bare, text), entry) for text, entry in fresh]
    wrong = [d for d, entry in answers if isinstance(d, Answer) and d.entry != entry]
    assert len(wrong) <= 0.04 * len(fresh), wrong


def test_more_wordings_are_better(settings: Settings) -> None:
    library = load_faq(DATA / "library")
    questions = [
        (labelled.question, labelled.expected)
        for labelled in read_labelled(DATA / "library/questions.tsv", [entry.id for entry in library.entries])
    ]

    def found(wordings: int) -> int:
        few = faq_of({entry.id: entry.all_wordings[: 1 + wordings] for entry in library.entries})
        return hits(questions, first_of(Matcher(few, settings.wrong_answers)))

    assert found(0) < found(5) < found(20)


@pytest.mark.parametrize("entry", ["leak", "parcel"])
def test_an_entry_with_many_wordings_neither_takes_others_questions_nor_loses_its_own(
    estate: Field, of_bare: Matcher, fresh: list[tuple[str, str]], entry: str, settings: Settings
) -> None:
    frames = ("你们这里{}", "{}怎么办", "{}谁知道", "听说{}", "{}是什么情况", "我家那边{}")
    many = [frame.format(wording) for wording in estate[entry][:2] for frame in frames]
    field = {name: wordings[:1] + (many if name == entry else []) for name, wordings in estate.items()}
    before, after = first_of(of_bare), first_of(Matcher(faq_of(field), settings.wrong_answers))
    others = [(text, owner) for text, owner in fresh if owner != entry]
    own = [(text, owner) for text, owner in fresh if owner == entry]
    assert sum(after(text) == entry for text, _ in others) <= sum(before(text) == entry for text, _ in others) + 2
    assert hits(others, after) >= hits(others, before) - 3
    assert hits(own, after) >= hits(own, before) - 1


def test_easy_wordings_do_not_lower_what_an_answer_needs(of_papers: Matcher, of_bare: Matcher) -> None:
    taught = shipped_prior(OwnMeaning.prior).answer_from(0.02)
    assert of_bare.answer_from == pytest.approx(taught, abs=1e-4)  # it has no wordings to learn from
    assert of_papers.answer_from >= taught - 1e-4


@pytest.mark.parametrize(
    "text",
    [
        "今天天气怎么样", "附近有吃饭的地方吗", "火车票怎么退", "手机没电了", "讲个笑话", "我的快递到哪了",
        "苹果多少钱一斤", "电影几点开始", "感冒了吃什么药", "厕所在哪里", "洗衣机坏了怎么办", "公交车几点收车",
        "水电费去哪里交", "在的", "什么时候", "怎么办", "去哪里", "可以网上办吗", "要多少钱", "健身卡怎么办",
        "狗证怎么办", "暂住证在哪里办", "电话是多少",
    ],
)  # fmt: skip
def test_a_frame_that_all_entries_have_answers_nothing_by_itself(of_papers: Matcher, text: str) -> None:
    assert not isinstance(asked(of_papers, text), Answer)


@pytest.mark.parametrize(
    "text",
    [
        "医保卡丢了", "医保卡弄丢了怎么办", "医保卡被偷了", "医保卡过期了", "医保卡坏了", "信用卡丢了", "病历找不着了",
        "门诊在哪里", "瓜号怎么弄", "我不要退号", "我不想挂号",
        "我知道", "在的", "是的", "什么时候", "不对", "余额多少",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_hospitals_question_gets_no_wrong_answer(of_hospital: Matcher, text: str) -> None:
    decision = asked(of_hospital, text)
    assert not isinstance(decision, Answer) or (text, decision.entry) == ("瓜号怎么弄", "register")


@pytest.mark.parametrize(
    ("typed", "entry"), [("zenme guahao", "register"), ("zm th", "cancel"), ("怎么tuihao", "cancel")]
)
def test_pinyin_and_initials_lead_to_an_entry_of_any_field(of_hospital: Matcher, typed: str, entry: str) -> None:
    decision = asked(of_hospital, typed)
    assert isinstance(decision, Answer) and decision.entry == entry


@pytest.mark.parametrize(("topic", "entry"), [("退号", "cancel"), ("挂号", "register"), ("医保", "insurance")])
def test_a_topic_alone_is_a_choice_in_any_field(of_hospital: Matcher, topic: str, entry: str) -> None:
    decision = asked(of_hospital, topic)
    assert isinstance(decision, Clarify) and decision.candidates[0].entry == entry


def test_two_questions_in_one_are_both_offered_in_any_field(of_hospital: Matcher) -> None:
    decision = asked(of_hospital, "怎么退号和在哪里取药")
    assert isinstance(decision, Clarify)
    assert {candidate.entry for candidate in decision.candidates} == {"cancel", "pharmacy"}


def test_what_tells_less_than_a_question_is_never_sure(of_hospital: Matcher, of_bare: Matcher) -> None:
    for matcher in (of_hospital, of_bare):
        for text in ("在的", "是的", "不对", "好的", "我知道", "什么时候", "怎么办", "在哪里", "多少钱", "可以吗"):
            assert matcher.probabilities(text).max() < 0.9, text
