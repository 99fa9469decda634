"""What people say to the machine and not to the FAQ, in wordings that no list foresaw."""

from __future__ import annotations

from collections import defaultdict

import pytest

from voice_faq.dialogue.commands import GRAMMAR as COMMAND_GRAMMAR
from voice_faq.dialogue.commands import Command
from voice_faq.dialogue.phrasebook import expanded
from voice_faq.dialogue.replies import GRAMMAR as REPLY_GRAMMAR
from voice_faq.dialogue.replies import Reply, spot, spot_syllable, understood_reply
from voice_faq.language.hypothesis import Hypothesis

COMMANDS = {
    Command.REPEAT: """
        再讲一次 请你再说一遍好吗 我没听清 麻烦您再念一遍行吗 没听清楚你说什么 能不能重复一下刚才的话 你刚才说的是什么
        不好意思，我没听见，再说一遍 再说一遍给我听 嗯，再来一遍吧 可以再播一遍吗 重新说一下 我还是没听懂
    """,
    Command.LOUDER: """
        听不见 声音太小了 我听不到 能不能大点声 您说大声一点好吗 麻烦把声音调大一点 我耳朵不好，大声点 声音开大些
        听不见，再说一遍 你声音太小了，大点声 没声音 怎么没声音 你怎么不说话 你为什么都不说话
    """,
    Command.QUIETER: "小点声 能不能小声一点 声音太大了 把音量调小一点 别这么大声",
    Command.SLOWER: "你能不能慢一点说 说得太快了 慢慢讲 请讲慢一些 太快了，我跟不上 语速慢一点好吗 别说这么快",
    Command.FASTER: "快点说 说快一点行吗 你说得太慢了 语速加快一点",
    Command.STOP: "停下来 别说了 停停停 好了好了，别念了 行了，我知道了 不用再说了 我不想听了 请停一下 嗯，知道了",
    Command.QUIT: "谢谢再见 拜拜 好的，再见 没有问题了，谢谢 没别的事了 我先走了 不问了，再见啊",
    Command.HELP: "你会做什么 你能帮我做什么 我能问你什么 这个机器怎么用",
    Command.THANKS: "好的谢谢 太谢谢你了 非常感谢您的帮助 你真棒 说得很清楚，谢谢 知道了，谢谢",
    Command.HELLO: "你还在吗 喂，有人吗 你好啊 听得见吗",
}  # fmt: skip
REPLIES = {
    Reply.STILL_HERE: "还在 在的 在呢 嗯，在 我还在呢 在啊 还没走 我在这儿 人还在 对，还在 还在听 别关",
    Reply.YES: "是的 对 对对对 嗯嗯 好的 好啊 没错 是啊 可以 ok 就是这个 嗯，是的",
    Reply.NO: "不是 不对 都不是 不，不是 哪个都不是 不是这个 两个都不对 不要",
    Reply.FIRST: "第一个 一 选第一个 我要第一个 就第一个吧 是第一个 嗯，第一个 1 第1个",
    Reply.SECOND: "第二个 二 第二条 对，就是第二个 我想问第二个",
    Reply.LAST: "最后一个 后面那个 最后那个吧",
    Reply.OTHER: "另一个 还有一个呢 剩下那个 那另外一个呢",
    Reply.GO_ON: "继续 接着说 然后呢 请继续说 别停",
    Reply.PARDON: "什么 啥 什么意思 啊，什么",
    Reply.WHO: "你是谁 你叫什么名字 请问你是哪位 你是机器人吗 是真人吗 介绍一下你自己",
    Reply.NEVER_MIND: "算了 没事 没什么 那算了吧 嗯，没事",
    Reply.UNSURE: "不知道 我也不知道 随便",
    Reply.WAIT: "等一下 稍等 你等我一下 让我想想",
    Reply.UNFINISHED: "什么时候 嗯那个 咳咳 你看啊 请问一下 我想问一下 你好，我想咨询一个问题 怎么办 那个 为什么",
}
QUESTIONS = """
    怎么停用 怎么停机 重新开卡怎么办 再充一次钱行吗 再开一张行吗 可以取消吗 怎么取消 能停吗 停车怎么收费 可以退回吗
    余额是负数吗
    什么时候发货 什么时候能退 声音太小怎么办 没有声音怎么修 一号线怎么走 第二个月收费吗 最后一天是哪天 在哪里办
    还在办理吗
    好的手机多少钱 不是本人能办吗 没听说过这个卡 快一点到账可以吗 慢车几点 大一点的字怎么调 再见面怎么办 谢师宴怎么订
    停水通知 我要取消挂号 帮我关闭服务 退出群聊 继续教育怎么报名 首页打不开 对公账户怎么开 谁能代办 您的地址是什么
    你们几点下班 帮我续一下 有人还了能通知我吗 现在还开着吗 好热啊 等多久能好 算了多少钱
"""  # fmt: skip


@pytest.mark.parametrize(("command", "said"), [(c, said) for c, texts in COMMANDS.items() for said in texts.split()])
def test_a_command_is_understood_in_the_ways_people_say_it(command: Command, said: str) -> None:
    assert spot([Hypothesis(said, 1.0)]) is command


@pytest.mark.parametrize(("reply", "said"), [(r, said) for r, texts in REPLIES.items() for said in texts.split()])
def test_a_reply_is_understood_in_the_ways_people_say_it(reply: Reply, said: str) -> None:
    assert understood_reply(said) is reply
    assert spot([Hypothesis(said, 1.0)]) is reply


@pytest.mark.parametrize("question", QUESTIONS.split())
def test_a_question_with_the_words_of_a_command_stays_a_question(question: str) -> None:
    assert spot([Hypothesis(question, 1.0)]) is None
    assert understood_reply(question) is None


TOPICS = """
    超市 美食 机组 行李 牛奶 航班 登机口 值机 安检 免税店 贵宾室 候机楼 摆渡车 廊桥 行李牌 随身行李 护照 签证 海关
    汇率 存款 贷款 利息 信用卡 开户 转账 柜台 理财 网银 密码 支票 取款机 限额 手续费 对账单 保险柜
    房卡 早餐 押金 退房 入住 前台 洗衣 毛巾 拖鞋 泳池 停车 停车位 加床 叫醒 续住 大床房 健身房 接机 会议室 电梯 发票
    年卡 手表 儿童 老人 学生 轮椅 外币 电话 地铁 公交 出租车 充电宝 无线网 厕所 母婴室 医院 药店 退票 晚到 密封 单程
""".split()  # fmt: skip


@pytest.mark.parametrize("confidence", [1.0, 0.9], ids=["typed", "heard"])
@pytest.mark.parametrize("asked", ["那{}呢", "那么{}呢？", "{}是什么", "那{}怎么办", "{}怎么办"])
def test_a_question_about_any_thing_is_no_command(asked: str, confidence: float) -> None:
    """那美食呢 sounds nearly like 没事了, 那超市呢 like 吵死了, 行李是什么 like 行，你是什么."""
    found = {topic: spot([Hypothesis(asked.format(topic), confidence)]) for topic in TOPICS}
    assert {topic: meaning for topic, meaning in found.items() if meaning is not None} == {}


@pytest.mark.parametrize("word", "没事 可以 知道 清楚 返回 退出 暂停 取消 首页 关闭 重播 帮助 一次 辛苦 谢谢".split())
def test_even_a_commands_word_is_asked_about_in_a_follow_up(word: str) -> None:
    for confidence in (0.9, 1.0):
        assert spot([Hypothesis(f"那{word}呢", confidence)]) is None
    if word in ("一次", "返回", "退出", "重播"):
        assert spot([Hypothesis(f"{word}呢", 1.0)]) is None


@pytest.mark.parametrize("asked", ["{}呢", "{}呢？", "请问{}呢", "{}吗", "请问{}", "有{}吗"])
def test_what_is_typed_means_what_is_written(asked: str) -> None:
    found = {topic: spot([Hypothesis(asked.format(topic), 1.0)]) for topic in [*TOPICS, "老家"]}
    assert {topic: meaning for topic, meaning in found.items() if meaning is not None} == {}


@pytest.mark.parametrize("word", "美食 推出 在建 白白 一边 圣地 听听 会见 完备".split())
def test_a_typed_word_is_not_another_of_its_sound(word: str) -> None:
    assert spot([Hypothesis(word, 1.0)]) is None


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("再说一片", Command.REPEAT),
        ("在说一边", Command.REPEAT),
        ("生音大一点", Command.LOUDER),
        ("没听清处", Command.REPEAT),
        ("别缩话了", Command.STOP),
        ("停字播放", Command.STOP),
        ("在建", Command.QUIT),
    ],
)
def test_a_misheard_command_is_one(said: str, meaning: Command) -> None:
    assert spot([Hypothesis(said, 0.9)]) is meaning


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("zai shuo yi bian", Command.REPEAT),
        ("在说一遍", Command.REPEAT),
        ("tuichu", Command.QUIT),
        ("ting", Command.STOP),
        ("还在呢", Reply.STILL_HERE),
        ("那第二个呢", Reply.SECOND),
        ("那然后呢", Reply.GO_ON),
        ("你说什么呢", Command.REPEAT),
        ("还没想好呢", Reply.WAIT),
    ],
)
def test_a_typed_command_may_be_in_pinyin_or_have_a_wrong_character(said: str, meaning: Command | Reply) -> None:
    assert spot([Hypothesis(said, 1.0)]) is meaning


def test_each_phrase_of_the_grammar_is_in_one_list_and_means_what_it_is_listed_under() -> None:
    lists: dict[str, set[Command | Reply]] = defaultdict(set)
    for meaning, grammar in [*COMMAND_GRAMMAR.items(), *REPLY_GRAMMAR.items()]:
        for words in expanded(grammar):
            lists["".join(words)].add(meaning)
    assert {phrase: meanings for phrase, meanings in lists.items() if len(meanings) > 1} == {}
    for confidence in (1.0, 0.9):
        meant = {phrase: spot([Hypothesis(phrase, confidence)]) for phrase in lists}
        assert {phrase: meaning for phrase, meaning in meant.items() if meaning not in lists[phrase]} == {}


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("没事了", Reply.NEVER_MIND),
        ("没什么了，谢谢", Reply.NEVER_MIND),
        ("没事了，再见", Command.QUIT),
        ("没有别的问题了", Command.QUIT),
        ("哪里", Reply.UNFINISHED),
        ("您哪里", Reply.WHO),
        ("声音大", Command.QUIETER),
        ("声音大了", Command.QUIETER),
        ("声音大一点", Command.LOUDER),
        ("声音小", Command.LOUDER),
        ("问个问题", Reply.UNFINISHED),
        ("我想问一个问题", Reply.UNFINISHED),
        ("换个问题", Command.BACK),
        ("重读", Command.REPEAT),
        ("重来", Command.REPEAT),
    ],
)
def test_of_two_meanings_a_phrase_has_the_milder_one(said: str, meaning: Command | Reply) -> None:
    for confidence in (1.0, 0.9):
        assert spot([Hypothesis(said, confidence)]) is meaning


@pytest.mark.parametrize(
    ("heard", "known", "meaning"),
    [
        ([("退卡", 0.7472), ("退出", 0.2011)], False, None),  # in a room that echoes
        ([("退卡", 0.3517), ("退出", 0.2107)], False, None),
        ([("打折", 0.7), ("停", 0.1)], False, None),
        ([("开卡", 0.6), ("开大", 0.5)], True, None),
        ([("大升一点", 0.5), ("大声一点", 0.4)], False, Command.LOUDER),
    ],
)
def test_a_lower_hypothesis_is_a_command_where_the_best_is_no_question(
    heard: list[tuple[str, float]], known: bool, meaning: Command | None
) -> None:
    assert spot([Hypothesis(*h) for h in heard], lambda _: known) is meaning


@pytest.mark.parametrize(
    ("heard", "meaning"),
    [
        ([("是", 0.0033), ("事", 0.0023), ("氏", 0.0018), ("市", 0.0016)], Reply.YES),
        ([("事", 0.003), ("是", 0.002)], Reply.YES),
        ([("对", 0.0982)], Reply.YES),
        ([("对", 0.007)], None),
        ([("不", 0.01), ("步", 0.01)], Reply.NO),
        ([("在", 0.0096), ("是", 0.005)], None),
        ([("卡", 0.0), ("咖", 0.0)], None),
        ([("是的", 0.0), ("事的", 0.0)], None),
    ],
)
def test_a_syllable_that_all_hypotheses_sound_like_is_a_reply(
    heard: list[tuple[str, float]], meaning: Reply | None
) -> None:
    assert spot_syllable([Hypothesis(*h) for h in heard]) is meaning


def test_a_yes_behind_what_may_be_no_no_is_neither() -> None:
    assert understood_reply("没对就是这个") is Reply.UNSURE
    assert understood_reply("不，不是") is understood_reply("不，对的") is Reply.NO


def test_commands_and_silence_are_no_replies() -> None:
    for said in ("再说一遍", "谢谢", "", "  ", "。", "🚌", "a" * 1000, "在" * 1000):
        assert understood_reply(said) is None, said
