"""Words that reply to something, 是的, 还在, 第二个, or that ask nothing yet: 嗯, 什么时候, 我想问一下.

Alone they say less than a question does, so none of them is an answer's business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache
from typing import Final

from voice_faq.dialogue.commands import GRAMMAR as COMMANDS
from voice_faq.dialogue.commands import TOLD, Command
from voice_faq.dialogue.phrasebook import Phrasebook
from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis, understood
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import syllables


class Reply(StrEnum):
    """What a short utterance says to whoever has just said something."""

    YES = "yes"
    """是的, 对, 好的."""
    NO = "no"
    """不是, 都不是, 不要."""
    STILL_HERE = "still here"
    """在的, 我还在."""
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    LAST = "last"
    """最后一个, 后面那个."""
    HIGHER = "higher"
    """第四个 and beyond, more than ever is offered."""
    NOT_FIRST = "not the first"
    """不是第一个, 不要第一个."""
    NOT_SECOND = "not the second"
    NOT_THIRD = "not the third"
    NOT_LAST = "not the last"
    OTHER = "other"
    """另一个, 剩下那个."""
    ALL = "all"
    """两个都要, 都想知道."""
    GO_ON = "go on"
    """继续, 然后呢."""
    PARDON = "pardon"
    """什么, 啊？, 什么意思."""
    WHO = "who"
    """你是谁."""
    NEVER_MIND = "never mind"
    """算了, 没事."""
    UNSURE = "unsure"
    """不知道, 随便."""
    WAIT = "wait"
    """等一下, 我想想."""
    UNFINISHED = "unfinished"
    """A question word or polite words alone: 什么时候, 请问一下."""


GRAMMAR: Final[dict[Reply, str]] = {
    Reply.STILL_HERE: """
        我/我们/人? 还/一直? 在 的/着/听/看/这/这里/这儿/旁边/用/等/考虑/看着/听着?
        没/没有/还没/还没有 走/离开/走开/用完/看完/听完/问完/说完
        有人/来了/回来了/别走/别关/不要关/等等我/别结束/不要结束
        还/还要/还想 用/问/看/听/看看/听听/说/继续/接着用
        还有问题
    """,
    Reply.YES: """
        是/是的/是是/是是是/是啊/是呀/是呢/是吧/是滴/对/对的/对啊/对呀/对对/对对对/对了/对头/没错/没有错/正是
        正确/确实/确实是/确定/肯定/当然/当然是/必须的/是这样/是这样的/对就是/不错
        就是/是/对 这个/这样/这样的/它/那个/这些
        嗯/恩/嗯嗯/嗯嗯嗯/嗯是/嗯对/嗯好/嗯呐/嗯哪/唔/哦对/可不是嘛/可不是吗/可不嘛/可不是/谁说不是呢
        好/好的/好吧/好啊/好呀/好嘞/好滴/好哒/好的好的/好好好/好好/行/行吧/行啊/行的/可以/可以的/可以啊/可/成/中
        ok/要/要的/我要/需要/我需要/同意/愿意/有/有的/好啦/得嘞/得/那好/那行/那好吧/yes/没问题
    """,
    Reply.NO: """
        不/不是/不是的/不对/不对的/不不/不不不/不是不是/不是啊/错/错了/错的/不正确/不行/不可以/不好/不要/不要的
        我不要/不需要/我不需要/不用/不想/我不想/没/没有/没有啊/没有的/否/no/不同意/不愿意/才不是/不是吧/完全不对
        都/全/哪个都/一个都/这些都/全都/两个都/三个都/这两个都/这几个都/它们都 不是/不对/不要/错了/不行/没有
        不是/不要/没有 这个/那个/这些/这两个/这几个/它/这样/这样的/这个意思/我要的/我想问的/问这个/问这些
        不是/不要/没有 想问这个/说这个
        没有 对的/一个是/一个对
        弄错了/搞错了/你错了/你弄错了/你听错了/听错了/答错了/你答错了/答非所问/说错了/你说错了/理解错了/你理解错了
    """,
    Reply.FIRST: """
        一/幺/一号/头一/第一号/一吧/第一
        第一/头一/头/上面那/上面一/前面那/前面一/前 个/条/项/种/号/题/句
        上面的/前面的/上面那条/前面那条
    """,
    Reply.SECOND: """
        二/两/二号/第二号/二吧/第二
        第二/中间那/中间一 个/条/项/种/号/题/句
        中间的
    """,
    Reply.THIRD: """
        三/三号/第三号/三吧/第三
        第三 个/条/项/种/号/题/句
    """,
    Reply.LAST: """
        最后/最后一/最后那/后面那/后面一/后/下面那/下面一/末尾那/最下面那/最后面那 个/条/项/种/题/句
        最后的/后面的/下面的
    """,
    Reply.HIGHER: """
        第 四/五/六/七/八/九/十 个/条/项/种?
        四/五/六/七/八/九/十/四号/五号/六号
    """,
    Reply.NOT_FIRST: """
        不是/不要/不选/不想要/不想问/别选/才不是 第一/头一/上面那/上面一/前面那/前面一 个/条/项/种/号/题/句
        不是/不要/不选 一/一号/第一/上面的/前面的
    """,
    Reply.NOT_SECOND: """
        不是/不要/不选/不想要/不想问/别选/才不是 第二/中间那/中间一 个/条/项/种/号/题/句
        不是/不要/不选 二/二号/第二/中间的
    """,
    Reply.NOT_THIRD: """
        不是/不要/不选/不想要/不想问/别选/才不是 第三 个/条/项/种/号/题/句
        不是/不要/不选 三/三号/第三
    """,
    Reply.NOT_LAST: """
        不是/不要/不选/不想要/不想问/别选/才不是 最后/最后一/最后那/后面那/后面一/下面那/下面一 个/条/项/种/题/句
        不是/不要/不选 最后的/后面的/下面的
    """,
    Reply.OTHER: """
        另/另外/还有/剩下/剩 一/那 个/条/项/种/题
        另外的/其他的/其它的/别的/另外那一个/剩下的/剩下那一个/其余的
    """,
    Reply.ALL: """
        两个/两个都/三个都/都/全/全都/全部/全部都/这些都/这两个都/这几个都 要/想要/想知道/想了解/想问/想听/要问/要听
        两个/两个都/三个都/都/全/全都/全部/全部都/这些都/这两个都/这几个都 需要/是/对/说/讲/讲讲/说说/有关
        一起说/一起讲/两个一起/两个一起说/都告诉我/两个都告诉我/都给我说说/两个/三个都/两个都/全部/都要问
    """,
    Reply.GO_ON: """
        继续/继续说/继续讲/继续念/继续吧/接着/接着说/接着讲/接着念/接着来/往下说/往下讲/往下念/说下去/讲下去
        下一句/下面呢/请讲/请说/你说/你说吧/说吧/讲吧/说/讲/快说
        别停/不要停/别停下/别停下来/不要停下来/不用停
        然后呢/后来呢/接下来呢/还有呢/还有吗/还有没有/还有别的吗/还有什么/还有啥/完了吗/说完了吗/就这些/就这些吗
        没了吗/没有了吗/接下来/接下来怎么办
    """,
    Reply.PARDON: """
        什么/啥/什么呀/啥呀/什么啊/什么什么/什么东西/什么玩意/什么情况/啊啊/什么意思/啥意思/这是什么意思
        这什么意思/你什么意思/你的意思是什么/怎么回事/咋回事/怎么了/怎么啦/咋了/是吗/真的吗/真的假的/不会吧/不懂
        我不懂/不明白/我不明白/没懂/我没懂/不理解/没明白/我没明白/没理解/不太懂/不太明白
        不懂/不明白/没懂/没明白/不理解/不了解 你的意思/你说什么/你说的话/什么意思
    """,
    Reply.WHO: """
        你/您/那/对面 是 什么东西
        你/您/那/这/对面 是 谁/哪位/什么/啥/什么人/机器/机器人/真人/人/人工/人工智能/电脑/程序/录音
        你/您/那/这/对面 是 活人/人还是机器/真人还是机器/机器还是人
        真人/机器人/人工智能/录音 吗
        你/您 叫 什么/啥/什么名字/啥名字/什么名儿
        你/您 的? 名字/大名/姓名 是什么/叫什么/叫啥?
        你/您? 贵姓/是哪里/是哪儿/是哪/姓什么
        你/您 哪里
        谁/谁啊/谁呀/谁在说话/谁在讲话/哪位/是谁/那是谁/这是谁/哪里说话/谁在那/什么声音/谁的声音
        自我介绍/介绍你自己/介绍一下自己/介绍一下你自己/自我介绍一下/介绍自己/做个自我介绍
        你/您 是/到底是/究竟是 不是 人/真人/机器人/机器/人工/活人
    """,
    Reply.NEVER_MIND: """
        没/没有/暂时没有 事/事情/什么/什么事/什么事情 了
        算了/算了吧/没事/没事儿/没啥/没啥事/没什么/没什么事/不问/不必了/不必/不了/当我没说/没关系/不要紧
        没事没事/那算了/不需要了/不要了/我不要了/没我的事/没你的事/随便问问/随便看看/随便说说/不管了
        我只是看看/我随便看看/我就看看/不客气/不用客气/别客气/不用谢
    """,
    Reply.UNSURE: """
        也/还/真? 不 知道/清楚/确定/晓得/太清楚/太确定/记得/好说/太知道
        随便/随便你/都行/都可以/都好/无所谓/看你/你看着办/哪个都行/哪个都可以/两个都行/两个都可以/随便哪个/随便一个/随你/可能吧/可能/也许/大概/大概吧/应该是
        应该是吧/好像是/好像是吧/差不多/我知道/我晓得/不一定/看情况/忘了/我忘了/我忘记了/忘记了/不好说
    """,
    Reply.WAIT: """
        等/稍等/请稍等/等等/等等等/慢着/且慢/稍后/稍候/等一等/等一会/等一会儿/等会/等会儿/等我一下/等一下下/等下
        等我/稍微等一下/先等等/先等一下/别急/不急/不着急
        等/稍等 一下/一会儿/片刻
        让? 我? 再? 想想/看看/考虑考虑/想一想/看一看/想一下/看一下/考虑一下
        还? 没想好/没想清楚
    """,
    Reply.UNFINISHED: """
        什么时候/啥时候/几时/何时/多久/多长时间/几点/几点钟/哪天/什么时间/几号
        哪里/哪儿/在哪/在哪里/在哪儿/什么地方/啥地方/哪/哪边/哪个地方
        为什么/为啥/为何/干嘛/干什么/干啥/凭什么/怎么会/怎么会这样/怎么可能/为什么呢/什么原因/啥原因
        怎么/怎么样/怎样/如何/咋/咋样/怎么办/咋办/怎么弄/咋弄/咋整/怎么搞/怎么做/怎么说/该怎么办/我该怎么办
        那怎么办/要怎么办/怎么处理/怎么操作
        哪个/哪一个/哪些/哪种/哪一种/什么样的/什么样/几个/多少/多少个/几/有没有/是不是/能不能/可不可以
        行不行/好不好/要不要/对不对/会不会/可以不可以
        能/可以/行/好/对/有/会/要/可能 吗/么/不
        是 么/不
        那个/嗯那个
        问题/有问题/有个问题/我有问题/我有个问题/我有一个问题/我有点事/我有事/一个问题/问你个事
        问 个/一个 问题
        问你件事/问你/我问你/听我说/我跟你说/我告诉你/你听我说/我的/我说的是/我是说/我想要/这样/那样/这里/那里
        这儿/那儿/它/他/他们/你们/一样/一样的/不一样/你呢/我呢/他呢
    """,
}
CERTAIN: Final = 1.0  # confidence in what was typed; of what was heard, at most where a recogniser has no calibration
_REFUSED: Final = {
    Reply.NOT_FIRST: Reply.FIRST, Reply.NOT_SECOND: Reply.SECOND, Reply.NOT_THIRD: Reply.THIRD,
    Reply.NOT_LAST: Reply.LAST,
}  # fmt: skip
"""What is refused with them."""
_NO_COMMA: Final = re.compile("不是(?=[，,。；;、！!])")  # 不是，第二个 chooses the second; 不是第二个 refuses it
_BESIDE: Final = (Reply.YES, Command.HELLO, Command.THANKS)
"""Said beside other things, which count then; among themselves the last of these counts."""
_OF_A_SYLLABLE: Final = frozenset({Reply.YES, Reply.NO, Reply.FIRST, Reply.SECOND, Reply.THIRD})
LEAST_OF_BEST: Final = 0.5  # of the best hypothesis' confidence, that another one needs to be taken for a command
LEAST_ALONE: Final = 0.05  # confidence of a syllable of which nothing else was heard
_ANSWER_AGAIN: Final = (Command.LOUDER, Command.QUIETER, Command.SLOWER, Command.FASTER)
"""They say the last answer again anyway."""

_SOMEBODY: Final = re.compile(
    "人工(?!湖|智能)|真人|活人|[跟和]人说|换个人|来人|找(?:个|你们|一下)?(?:人|服务员|工作人员|客服|前台|经理|领导|保安)"
    "|叫(?:个|你们)?(?:人|服务员|工作人员|经理|领导|保安)|客服|投诉|接前台|(?:服务|前台|热线|值班|应急)电话"
    "|救命|救护车|报警|急救|晕[倒过]|头晕|不省人事|抽搐|中暑|喘不[上过]|呼吸困难|胸[口闷]|心脏|[流出]血|摔倒|(?<!没)受伤"
    "|被.{0,3}[咬蜇]|溺水|(?:^|[人我他她娃子儿女爸妈婆公])(?:不小心)?掉[到进]?[水河江湖池][里中]"
    "|[着失]火|冒烟|触电|漏电|一一零|一一九|一二零"
    "|(?:孩子|小孩|娃|女儿|儿子|孙[子女]|老人|老头子?|老太太|老伴|爸|妈).{0,2}(?<![卡证票机书包])(?:不见|[走弄]?丢|走失|走散|找不[到着])"
)


_NOBODY: Final = re.compile(
    "(?:别|不[要用想]|不需要|没要)(?:再|给|帮|替|我|你们?|转|找|叫|接|个|到|打)*(?:工作人员|人工|真人|活人|来人|人|客服|电话|报警|急救)+"
)


def asks_for_people(text: str) -> bool:
    """Whether a text asks for somebody, whom the hotline has at once: 转人工, 投诉, 救命; not 别转人工."""
    return _SOMEBODY.search(_NOBODY.sub("", normalize(text))) is not None


@cache
def _phrasebook() -> Phrasebook[Command | Reply]:
    # Replies last: 没听见 is a command, though 没 alone is a no.
    return Phrasebook({**COMMANDS, **GRAMMAR}, TOLD)


_CHOICES: Final = frozenset({Reply.FIRST, Reply.SECOND, Reply.THIRD, Reply.LAST, Reply.HIGHER})
_SO: Final = (*_CHOICES, Reply.OTHER, Reply.WHO, Reply.GO_ON, Reply.PARDON, Reply.UNFINISHED, Command.HELP)
"""What 那…呢 may be that is no question about something else: 那第二个呢, 那然后呢."""
_ASKS: Final = re.compile("[什啥怎咋何哪]")  # 你说什么呢 asks for it again, 那一次呢 asks about something else
_STATED: Final = (
    *_SO, Reply.STILL_HERE, Reply.YES, Reply.NO, Reply.UNSURE, Reply.WAIT, Command.THANKS, Command.REPEAT
)  # fmt: skip
"""What 呢 may end, 还在呢, 还没想好呢; behind anything else it asks: 那返回呢."""


def understood_reply(text: str) -> Reply | None:
    """What ``text`` replies, whatever it replies to; None for a command, for a question, and for no words at all."""
    meaning = _meaning(text)
    return meaning if isinstance(meaning, Reply) else None


def spot(hypotheses: list[Hypothesis], is_asked: Callable[[str], bool] = lambda _: False) -> Command | Reply | None:
    """The command or the reply that an n-best list is, best first; None for a question, which may hold their words.

    A reply is the best hypothesis. A command may be another one that is not much less likely, where the best is
    nothing that the FAQ knows, as ``is_asked`` says; but none that ends the conversation: 退卡 sounds like 退出.
    Where it is likelier than not that nothing was understood, only STOP is taken: it does no harm, while a noise that
    sounds like 走了 must not end a conversation.
    """
    meaning = _best_fit(hypotheses, is_asked)
    return meaning if understood(hypotheses) >= LEAST_UNDERSTOOD or meaning is Command.STOP else None


def _best_fit(hypotheses: list[Hypothesis], is_asked: Callable[[str], bool]) -> Command | Reply | None:
    if not hypotheses:
        return None
    best, *others = hypotheses
    meaning = _meaning(best.text, typed=best.confidence == CERTAIN)
    if meaning is not None:
        return meaning
    likely = (other for other in others if other.confidence >= LEAST_OF_BEST * best.confidence)
    meanings = [_meaning(other.text, near=False) for other in likely]
    command = next((m for m in meanings if isinstance(m, Command) and m is not Command.QUIT), None)
    return None if command is None or is_asked(best.text) else command


def spot_syllable(hypotheses: list[Hypothesis]) -> Reply | None:
    """The yes, the no or the number of one syllable, 是, that all hypotheses sound like; None for any other list.

    So short a word is never recognised surely. Only for where one is waited for.
    """
    heard = {tuple(syllables(normalize(hypothesis.text))) for hypothesis in hypotheses}
    if len(heard) != 1 or len(heard.pop()) != 1:
        return None
    if len(hypotheses) == 1 and hypotheses[0].confidence < LEAST_ALONE:
        return None
    replies = (understood_reply(hypothesis.text) for hypothesis in hypotheses)
    return next((reply for reply in replies if reply in _OF_A_SYLLABLE), None)


def _meaning(text: str, *, near: bool = True, typed: bool = False) -> Command | Reply | None:
    readings = _phrasebook().readings(_NO_COMMA.sub("不对", text), typed=typed, near=near)
    meanings = (_together(reading.meanings) for reading in readings)
    meaning = next((meaning for meaning in meanings if meaning), None)
    plain = normalize(text)
    if meaning is None or not plain.endswith("呢"):
        return meaning
    if meaning in (Command.REPEAT, Command.HELP) and not _ASKS.search(plain):
        return None
    return meaning if meaning in (_SO if plain.startswith("那") else _STATED) else None


def _together(meanings: tuple[Command | Reply, ...]) -> Command | Reply | None:
    """What several phrases mean together; None where they contradict each other, 不要 and 再说一遍."""
    if not meanings:
        return Reply.UNFINISHED
    counting = set(_with_refusals(meanings)) - set(_BESIDE)
    if not counting:
        return max(meanings, key=_BESIDE.index)
    if meanings[0] is Reply.NO and len(meanings) > 2 and set(meanings[1:]) == {Reply.YES}:
        return Reply.UNSURE  # 没对就是这个, where 没 may have been 嗯
    if len(counting) > 1:
        counting -= {Command.REPEAT} if counting & set(_ANSWER_AGAIN) else set()
        counting -= {Reply.NEVER_MIND, Command.STOP} if Command.QUIT in counting else set()
        counting -= {Reply.NO} if counting & {Reply.NEVER_MIND, *_REFUSED} else set()
        if chosen := counting & _CHOICES:
            counting -= {Reply.NO} | {no for no, refused in _REFUSED.items() if refused not in chosen}
    return counting.pop() if len(counting) == 1 else None


def _with_refusals(meanings: tuple[Command | Reply, ...]) -> Iterator[Command | Reply]:
    """第二个不要 as 不要第二个."""
    refusals: dict[Command | Reply, Reply] = {refused: refusal for refusal, refused in _REFUSED.items()}
    for place, meaning in enumerate(meanings):
        yield refusals.get(meaning, meaning) if Reply.NO in meanings[place + 1 : place + 2] else meaning
