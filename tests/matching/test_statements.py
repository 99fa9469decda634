"""What is said and not asked is not answered; complaints and what is half told still are."""

import pytest

from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.words import Segmenter
from voice_faq.matching import Answer, Clarify, Matcher, Reject
from voice_faq.matching.decision import Rule
from voice_faq.matching.negation import negated_words
from voice_faq.matching.question_form import asks_whether
from voice_faq.matching.statements import DenialReader, DoneReader

from .entries import told

SEGMENT = Segmenter()


def asked(matcher: Matcher, text: str) -> Answer | Clarify | Reject:
    return matcher.match([Hypothesis(text, 1.0)])


@pytest.mark.parametrize("text", ["我不续借", "我们都不续借", "书没丢", "我老公不借书"])
def test_what_somebody_denies_is_refused(library: Matcher, text: str) -> None:
    assert isinstance(asked(library, text), Reject)
    assert library.judged(text).rules == (Rule.DENIED,)


@pytest.mark.parametrize(
    "text",
    [
        "我不退卡",
        "别给我退卡",
        "不用帮我退卡",
        "我不退卡，你别弄错了",
        "手机没坏，好好的呢",
        "不想加到手表上",
        "我用不着再开一张",
        "我会刷，不用教我怎么刷",
    ],
)
def test_so_is_what_nobody_shall_do(matcher: Matcher, text: str) -> None:
    assert isinstance(asked(matcher, text), Reject)


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("别给我退票", {"退票"}),
        ("不用帮我退票", {"退票"}),
        ("别把我卡退了", {"卡", "退"}),
        ("别帮我把卡退了", {"卡", "退"}),
        ("别把卡锁了", {"卡", "锁"}),
        ("不用我写地址", {"写"}),
        ("不用告诉我几点开门", {"几点", "开门"}),
        ("不要我的押金", {"押金"}),
        ("我不问押金", {"押金"}),
        ("没给我退票", set()),
        ("老人上不去怎么办", set()),
        ("座位我不要了点哪里退", set()),  # 了 is nothing that could be done
        ("现在不要了想把钱拿回来", set()),  # and this 把 is another verb's
        ("多高以下不要钱", set()),
        ("开卡不需要押金吗", set()),
        ("没说要押金吗", set()),
        ("不需要帮我退票", {"退票"}),
        ("不打算退票行吗", {"退票"}),
        ("不想知道优惠", {"优惠"}),
        ("不用告诉我去哪个窗口", {"去", "哪个", "窗口"}),
        ("我没想知道押金", {"押金"}),
        ("别说押金了", {"押金"}),
        ("别跟我讲透支", {"透支"}),
        ("不是说都半价吗", set()),  # whoever asks so was told that it is
        ("我用不着透支", {"透支"}),
        ("我没必要退票", {"退票"}),
        ("我不愿意退票", {"退票"}),
        ("不用教我几点开门", {"几点", "开门"}),
        ("我没问要不要押金", {"要", "不要", "押金"}),
        ("我不是来问押金的", {"押金"}),
        ("我没打听过优惠", {"优惠"}),
        ("不问早餐就问押金", {"早餐"}),
        ("没问我就退票了", set()),  # others did not ask
        ("没问清楚几点开门", set()),  # and who did not learn it asks now
        ("我没问过怎么退票", set()),
        ("还有件事没问押金退吗", set()),
        ("我不问别的能退票吗", {"别的"}),
        ("不用念了怎么退票", set()),
        ("不用教我怎么开就告诉我怎么退票", {"开"}),
        ("用不着押金就能办吧", set()),
    ],
)
def test_it_is_told_apart_from_whom_it_is_for_and_what_it_is_done_to(text: str, unwanted: set[str]) -> None:
    words = SEGMENT(text)
    assert {words[place] for place in negated_words(words, whether=asks_whether(text))} == unwanted


def test_what_is_negated_may_be_part_of_a_longer_word(library_faq: Faq) -> None:
    entry = library_faq.entries[0].model_copy(update={"question": "能开发票吗", "wordings": []})
    matcher = Matcher(library_faq.model_copy(update={"entries": [entry, *library_faq.entries[1:]]}), 0.02)
    assert isinstance(asked(matcher, "我不要发票"), Reject)
    assert matcher.judged("我不要发票").rules[-1] is Rule.NEGATED


def test_what_is_not_wanted_beside_a_question_leaves_it_one(matcher: Matcher) -> None:
    for text in ("退卡不用营业厅的话上哪儿弄", "不想排队能在手机上开卡吗"):
        assert Rule.NEGATED not in matcher.judged(text).rules
    decision = asked(matcher, "就来玩三天，不想花冤枉钱，开这个卡要不要手续费押金")
    assert isinstance(decision, Answer) and decision.entry == "fees"


def test_what_is_done_is_offered(matcher: Matcher, library: Matcher) -> None:
    for of, text, entry in ((matcher, "我已经退卡了", "refund"), (library, "我已经续借了", "renew")):
        decision = asked(of, text)
        assert isinstance(decision, Clarify) and decision.candidates[0].entry == entry
        assert of.judged(text).rules == (Rule.DONE,)


@pytest.mark.parametrize(
    "text",
    [
        "我不抽烟",
        "我老公从来不抽烟",
        "我们不退票",
        "我没受伤",
        "孩子没走丢",
        "水桶没有漏",
        "我不放鞭炮",
        "我们不停车",
        "我不过夜",
        "手机没进水",
        "手机没掉水里",
        "电池没鼓包",
        "我的车没被刮",
        "卡我不退",
        "人脸我不录",
        "摩托车我不学",
    ],
)  # fmt: skip
def test_denials_are_told_by_their_form(text: str) -> None:
    assert DenialReader(told([["在哪里"]])).strange_among(text, [0]).all()
    assert not DenialReader(told([[text]])).strange_among(text, [0]).any()  # where a wording says so it is asked so
    assert not DenialReader(told([[f"{text}能退钱吗"]])).strange_among(text, [0]).any()  # or asks what then


def test_a_wording_that_asks_whether_it_happened_is_not_meant_by_who_denies_it() -> None:
    assert DenialReader(told([["办的卡现在没过期吧"]])).strange_among("这卡没过期", [0]).all()
    assert not DenialReader(told([["卡没过期能退吗"]])).strange_among("这卡没过期", [0]).any()


def test_whoever_asks_who_wants_it_denies_that_anybody_does() -> None:
    assert DenialReader(told([["怎么退票"]])).strange_among("谁说我要退票了", [0]).all()
    for asked in ("谁要退票", "谁要是票丢了", "谁说不能退票了", "谁让你退票了"):
        assert not DenialReader(told([["怎么退票"]])).strange_among(asked, [0]).any()


@pytest.mark.parametrize(
    "text",
    [
        "我不会用",
        "我不知道密码",
        "机器不出票",
        "我不能进站",
        "我不要了",
        "我不住这了",
        "我不抽烟能进吗",
        "我不想要了请给我退",
        "还没到账",
        "我没收到验证码",
        "手机没电了",
        "过没过期",
        "东西没毛病，就是颜色不对，想还给你们",
        "书没过期续借",
        "我不借书上自习",
        "我不出门续借",
        "我家不通电",
        "我孩子不足六岁",
        "手机提示我不兼容",
        "医生说我不住院不行",
        "别人都打折我不打",
    ],
)
def test_complaints_and_questions_deny_nothing(text: str) -> None:
    assert not DenialReader(told([["在哪里"]])).strange_among(text, [0]).any()


@pytest.mark.parametrize(
    "text",
    [
        "我已经退票了",
        "发票收到了",
        "我寄存好行李了",
        "谢谢我找到孩子了",
        "我买过门票了",
        "票退了",
        "车停好了",
        "泳衣我自己带了",
        "电池刚换过",
        "资料备份过",
        "拖鞋太小了",
        "我没开车来",
        "我们没买年卡",
        "血型查过了是o型",
        "我的卡是去年办的",
        "我有三张卡",
        "我在前台上班",
        "老卡我早扔了",
        "我昨天把卡退了",
        "昨天电话打通了",
        "闸机已经给我开门了",
        "我知道开卡是免费的",
        "听说到二零四零年呢",
        "打五折真划算",
        "我知道刷卡不用网",
        "我从来没透支过",
        "我叫张三电话一三九一二三四",
        "上个月我去天津刷的就是它",
        "这卡有效期够长的",
        "我充了二十块钱",
        "钱已经退给我了",
        "客服早上给我回过电话了",
        "苹果的电话我打通了",
        "我关注了一卡通的公众号",
        "我把车停在地下二层了",
        "老卡我不想动它",
        "我没打算换地方",
        "地铁比以前便宜了",
        "我的卡都用了八年了",
    ],
)
def test_what_is_done_is_told_by_its_form(text: str) -> None:
    assert DoneReader(told([["在哪里"]])).strange_to(text, 0)
    assert not DoneReader(told([[text]])).strange_to(text, 0)
    assert DoneReader(told([[f"{text}怎么办", f"我想{text}"]])).strange_to(text, 0)  # who asks so wants something


@pytest.mark.parametrize(
    "text",
    [
        "已经过期了",
        "我已经退票了怎么还没到账",
        "额度用完了",
        "票买好了想退",
        "卡已经丢了",
        "水管爆了",
        "书已经逾期了",
        "已经三天了",
        "等三天了",
        "电梯停了",
        "电池鼓了",
        "水变味了",
        "孩子吐了",
        "我没带身份证",
        "我没收到短信",
        "我没用过这个",
        "我没预约能进吗",
        "坐过了一站",
        "车抛锚了怎么办",
        "我的卡已经刷不了了",
        "骑手把我家车撞了",
        "打印机修好没",
        "我的卡带朋友来他们也算折后价吧",
        "电梯关了",
        "我用的是安卓能开卡不",
        "我的卡是坏的",
        "昨天扣了我两块钱",
        "听说不用押金真的假的",
        "不想充了",
        "我不想跑一趟有别的办法没",
        "东西比图上小了",
        "公交比地铁便宜",
        "不想用帮我退卡",
        "刷卡不需要网络",
        "没想到要罚款",
        "手机用了三年开不了机了",
    ],
)
def test_what_ails_is_not_done(text: str) -> None:
    assert not DoneReader(told([["在哪里"]])).strange_to(text, 0)


def test_the_negation_of_a_negation_in_a_wording_is_no_denial() -> None:
    assert DenialReader(told([["书续不续借都行吗"]])).strange_among("我不续借", [0]).all()
