"""What a question wants of a thing, things that exclude each other, and entries that say nothing of them."""

import pytest

from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Answer, Matcher, Reject
from voice_faq.matching.decision import Rule
from voice_faq.matching.entry_texts import EntryTexts
from voice_faq.matching.errands import ERRANDS, ErrandReader
from voice_faq.matching.kinds import KindReader

from .entries import told


def asked(matcher: Matcher, question: str) -> object:
    return matcher.match([Hypothesis(question, 1.0)])


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("打印的发票怎么开", Rule.ERRAND),
        ("借书证的密码怎么办理", Rule.ERRAND),
        ("办借书证填错名字怎么办理", Rule.ERRAND),
        ("怎么办理借书证改名字", Rule.ERRAND),
        ("办理借书证的电话是多少", Rule.ERRAND),
        ("续借能让别人替我办吗", Rule.ERRAND),
        ("超期罚款能退给我吗", Rule.ERRAND),
        ("老人可以进馆吗有没有老人阅览室", Rule.KIND),
    ],
)
def test_what_no_entry_speaks_of_is_not_answered(library: Matcher, question: str, rule: Rule) -> None:
    decision = asked(library, question)
    assert not isinstance(decision, Answer | Reject)
    assert rule in library.judged(question).rules


@pytest.mark.parametrize(
    ("question", "entry"), [("复印一张几块", "printing"), ("小孩可以进馆吗", "children"), ("书可以借几天", "how-long")]
)
def test_what_an_entry_speaks_of_is_answered(library: Matcher, question: str, entry: str) -> None:
    decision = asked(library, question)
    assert isinstance(decision, Answer)
    assert decision.entry == entry


@pytest.mark.parametrize(
    ("asked", "wording", "answer"),
    [
        ("书还没到期能续借吗", "怎么续借", "刷借书证就能续借，可以续借一次。"),
        ("我没收到验证码", "收不到验证码怎么办", "请过一分钟再试。"),
        ("能不能借给我一把伞", "有雨伞借吗", "服务台免费借用。"),
        ("我前几天丢了东西去哪找", "东西丢了去哪里找", "请到失物招领处。"),
        ("我有几点建议跟谁提", "意见簿在哪里", "在服务台。"),
        ("补卡要多久", "怎么补卡", "当场就能补好。"),
        ("书过期一天罚多少钱", "书过期了怎么罚", "每天罚一角。"),
        ("旧书可以捐给你们吗", "怎么赠书", "请到二楼办公室。"),
        ("点心给他换成别的行不", "孩子过敏怎么办", "厨房会单独做。"),
        ("能在哪天还书", "书可以借几天", "三十天。"),
        ("两种卡哪里不一样", "两种卡怎么选", "一种可以外借。"),
        ("保险拒赔了怎么申诉", "理赔被拒怎么办", "请打客服热线申请复核。"),
        ("书丢了要赔多少", "书弄丢了怎么办", "按书价的两倍扣款。"),
        ("买基金赔钱了找谁", "基金亏了怎么办", "投资有风险。"),
        ("手牌丢了去哪补", "手牌丢了怎么办", "请马上告诉前台。"),
    ],
)
def test_what_is_served_in_other_words_is_answered(asked: str, wording: str, answer: str) -> None:
    assert not ErrandReader(told([[wording]], [answer])).strange_to(asked, 0)


@pytest.mark.parametrize(
    ("asked", "wording"),
    [
        ("水费怎么交", "水电费怎么交"),
        ("妇科在几楼", "妇产科在几楼"),
        ("男厕在哪", "男女厕所在哪"),
        ("社保卡丢了怎么补", "医保卡丢了怎么补"),
        ("孩子坐车有优惠吗", "学生坐车有优惠吗"),
        ("老年卡怎么办", "老人月票怎么办"),
        ("我上次卡丢了怎么补", "月票丢了怎么补"),
        ("这次票怎么退", "月票怎么退"),
        ("我后悔了能取消预订吗", "入住前能取消预订吗"),
        ("三星级房间怎么订", "华为专柜怎么订"),
    ],
)
def test_what_only_looks_like_another_of_its_kind_is_answered(asked: str, wording: str) -> None:
    assert not KindReader(told([[wording]])).strange_to(asked, 0)


def test_what_is_withheld_is_so_however_expected_or_otherwise_heard(library: Matcher) -> None:
    question = "打印的发票怎么开"
    assert not isinstance(library.match([Hypothesis(question, 1.0)], expected=["printing"]), Answer)
    heard = [Hypothesis(question, 0.55), Hypothesis("打印的怎么开", 0.4)]
    assert not isinstance(library.match(heard), Answer)


@pytest.mark.parametrize("text", ["我没有要退卡", "我老公不退卡", "还能用吗"])
def test_so_is_what_other_rules_hold_back(matcher: Matcher, text: str) -> None:
    before = matcher.match([Hypothesis(text, 1.0)])
    after = matcher.match([Hypothesis(text, 1.0)], expected=["refund"])
    assert not isinstance(before, Answer) and not isinstance(after, Answer)
    assert isinstance(after, Reject) or "不" not in text


def test_an_faq_is_about_what_its_title_names(matcher: Matcher) -> None:
    assert matcher.judged("OPPO手机最多放几张公交卡").rules == (Rule.KIND,)
    assert KindReader(told([["几点开门"]]), title="儿童医院").strange_to("老人几点能看", 0)
    assert not KindReader(told([["几点开门"]]), title="儿童医院").strange_to("孩子几点能看", 0)
    assert not KindReader(told([["老人几点能看"]]), title="儿童医院").strange_to("老人几点能看", 0)


def test_an_answer_that_speaks_of_it_serves_it(library_faq: Faq) -> None:
    printing = library_faq.entry("printing")
    with_invoice = printing.model_copy(update={"answer": printing.answer + "要发票的，请到前台开。"})
    entries = [with_invoice if entry is printing else entry for entry in library_faq.entries]
    decision = asked(Matcher(library_faq.model_copy(update={"entries": entries}), 0.02), "打印的发票怎么开")
    assert isinstance(decision, Answer)
    assert decision.entry == "printing"


def test_an_errand_is_served_by_a_wording_or_the_answer() -> None:
    reader = ErrandReader(told([["电费怎么交"], ["电费充错了"]], ["在手机上交。", "可以退。"]))
    assert reader.strange_to("电费能退给我吗", 0)
    assert not reader.strange_to("电费能退给我吗", 1)
    assert not reader.strange_to("电费怎么交", 0)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("手机设置在哪里改", "请重新开一次手机。"),
        ("在哪能修", "保修一年。"),
        ("你们把我箱子弄坏了怎么赔", "请小心轻放。"),
        ("出了事谁负责", "请系好安全带。"),
        ("休息大厅在哪里", "休息大厅可以过夜。"),
        ("团体票多少钱", "门票五十元。"),
        ("月票怎么卖", "门票五十元。"),
    ],
)
def test_where_who_pays_and_for_what_kind_must_be_told(asked: str, answer: str) -> None:
    assert ErrandReader(told([["随便问问"]], [answer])).strange_to(asked, 0)


def test_what_is_one_word_in_an_faq_is_one_to_every_rule() -> None:
    texts = EntryTexts([["门票多少钱"]], ["五十元。"], synonyms=[["门票", "团体票"]])
    assert not ErrandReader(texts).strange_to("团体票多少钱", 0)


def test_things_of_a_kind_exclude_each_other() -> None:
    breakfast, any_meal = ["早餐几点开始", "早饭在哪吃"], ["餐厅几点开门"]
    answers = ["七点。晚餐六点。", "七点。"]
    reader = KindReader(told([breakfast, any_meal], answers))
    assert reader.strange_to("午餐几点开始", 0)
    assert not reader.strange_to("早点几点开始", 0), "another name of it"
    assert not reader.strange_to("晚餐几点开始", 0), "the answer has it"
    assert not reader.strange_to("午餐几点开始", 1), "an entry that names none excludes none"
    assert not reader.strange_to("早餐和午餐几点开始", 0), "both"
    tea = KindReader(told([["饭前能喝茶吗", "吃饭之前可以喝茶吗"]], ["不能。"]))
    assert tea.strange_to("饭后能喝茶吗", 0) and not tea.strange_to("喝茶要提前说吗", 0)
    same_here = KindReader(told([breakfast, any_meal], answers), synonyms=[["早餐", "午餐"]])
    assert not same_here.strange_to("午餐几点开始", 0), "one thing in this FAQ"


def test_a_thing_that_one_wording_mentions_is_not_what_the_entry_is_about() -> None:
    reader = KindReader(told([["停车要多少钱", "停车怎么收费", "信用卡能付停车费吗"]], ["一小时十元。"]))
    assert not reader.strange_to("停车费能用微信付吗", 0)


# For each errand a question that runs it, a wording that says nothing of it, and an answer that serves it.
SERVED = [
    ("门票多少钱", "门票怎么买", "八十元。"),
    ("最多能借几本", "怎么借书", "不超过五本。"),
    ("补卡要几天", "怎么补卡", "立等可取。"),
    ("在哪儿补卡", "怎么补卡", "请到服务台。"),
    ("押金能退吗", "要交押金吗", "离开的时候退还。"),
    ("会员怎么注销", "会员怎么办", "不用了可以取消。"),
    ("名字写错了", "怎么登记", "可以更正。"),
    ("丢的卡又找到了", "卡丢了怎么办", "挂失以后可以恢复。"),
    ("充的钱没到账", "怎么充钱", "一个工作日到。"),
    ("你们招聘吗", "谁可以来", "兼职请到办公室。"),
    ("想谈合作加盟", "怎么参加", "商务请写信。"),
    ("旧书能捐吗", "旧书怎么办", "可以赠给我们。"),
    ("书丢了怎么赔", "书丢了怎么办", "按原价付。"),
    ("我要投诉", "有什么规定", "意见请告诉前台。"),
    ("证可以几个人合用吗", "怎么办证", "只能本人用。"),
    ("旧书回收吗", "旧书放哪里", "我们收旧书。"),
    ("能让别人替我取吗", "怎么取书", "要本人来。"),
    ("可以送货上门吗", "怎么买书", "市区可以快递。"),
    ("能开发票吗", "怎么付账", "可以开票。"),
    ("学生有优惠吗", "学生怎么办", "学生打折。"),
    ("密码忘了", "怎么登记", "口令在短信里。"),
    ("换手机号了", "怎么登记", "预留的可以改。"),
    ("我改名了", "怎么登记", "姓名可以变更。"),
    ("团体票怎么买", "票怎么买", "十人以上算团。"),
    ("有情侣票吗", "有什么票", "双人的也有。"),
    ("有家庭票吗", "有什么票", "带孩子的便宜。"),
    ("有夜场票吗", "有什么票", "夜里也开。"),
    ("有半日票吗", "有什么票", "半天的也有。"),
    ("有月票吗", "有什么票", "包月也行。"),
    ("有年票吗", "有什么票", "包年也行。"),
    ("有套票吗", "有什么票", "三处通票。"),
    ("碗消毒吗", "碗在哪里", "每天清洗。"),
    ("能做鉴定吗", "怎么预约", "评定等级要预约。"),
    ("有比赛吗", "有什么活动", "月底有球赛。"),
    ("电话号码是几", "怎么找你们", "请拨热线。"),
]


@pytest.mark.parametrize(("question", "silent", "serving"), SERVED)
def test_every_errand_is_served_by_its_words_alone(question: str, silent: str, serving: str) -> None:
    reader = ErrandReader(told([[silent], [silent]], ["请看说明。", serving]))
    assert reader.strange_to(question, 0)
    assert not reader.strange_to(question, 1)


def test_no_errand_is_left_out_of_these() -> None:
    run = {e for e in ERRANDS for question, _, _ in SERVED if e.wanted.search(question)}
    assert [errand.wanted.pattern for errand in ERRANDS if errand not in run] == []
