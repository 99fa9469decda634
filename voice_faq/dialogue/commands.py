"""What people say to the machine itself: 再说一遍, 慢一点, 停, 第二个, 退出, 帮助."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis, understood
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key
from voice_faq.matching.evidence import core_question

LIKENESS: Final = 88.0  # of the sounds, 0…100, from which a longer phrase counts as a command
SHORTEST_FUZZY: Final = 3  # syllables; shorter ones must sound exactly alike


class Command(StrEnum):
    """A command by its name in a turn's JSON."""

    REPEAT = "repeat"
    STOP = "stop"
    QUIT = "quit"
    HELP = "help"
    SLOWER = "slower"
    FASTER = "faster"
    LOUDER = "louder"
    QUIETER = "quieter"
    BACK = "back"
    HELLO = "hello"
    THANKS = "thanks"
    YES = "yes"
    NO = "no"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"


PHRASES: Final[dict[Command, tuple[str, ...]]] = {
    Command.REPEAT: tuple(
        """
        再说一遍 再说一次 请再说一遍 请再说一次 重复一遍 重复一下 重说一遍 再讲一遍 再念一遍
        再来一遍 再放一遍 再说一下 你再说一遍 刚才说什么 没听清楚 没听清 没听见 我没听清
        听不清 重复
        """.split()
    ),
    Command.STOP: tuple(
        """
        停 停下 停止 停一下 停停 别说了 不要说了 不用说了 别念了 闭嘴 安静 打住 可以了
        好了 够了 行了 知道了 我知道了 明白了 取消 不听了 不用了
        """.split()
    ),
    Command.QUIT: tuple(
        """
        退出 再见 拜拜 结束 关闭 退出程序 结束对话 没有了 没有问题了 没别的了 走了
        """.split()
    ),
    Command.HELP: tuple(
        """
        帮助 怎么用 怎么使用 使用说明 你会什么 你能做什么 你能回答什么 我能问什么 可以问什么
        能问什么 有什么功能
        """.split()
    ),
    Command.SLOWER: tuple(
        """
        慢一点 慢点 慢点儿 慢些 慢一些 说慢一点 说慢点 说慢些 讲慢一点 念慢一点 太快了 说得太快了 你说得太快 再慢一点
        慢慢说 放慢一点 语速慢一点
        """.split()
    ),
    Command.FASTER: tuple(
        """
        快一点 快点 快点儿 快些 快一些 说快一点 说快点 说快些 讲快一点 念快一点 太慢了 说得太慢了 你说得太慢 再快一点
        加快一点 语速快一点
        """.split()
    ),
    Command.LOUDER: tuple(
        """
        大声一点 大声点 大点儿声 声音大一点 声音大点 声音再大一点 大点声 大点声音 响一点 声音太小了 太小声了 声音太小
        音量大一点 调大声音 再大声一点
        """.split()
    ),
    Command.QUIETER: tuple(
        """
        小声一点 小声点 声音小一点 声音小点 声音再小一点 小点声 轻一点 声音太大了 太大声了 声音太大 太响了
        音量小一点 调小声音 再小声一点
        """.split()
    ),
    Command.HELLO: tuple("你好 您好 喂 在吗 有人吗 你好啊 早上好 下午好 晚上好 早 嗨 哈喽".split()),
    Command.THANKS: tuple(
        """
        谢谢 谢谢你 谢谢您 多谢 多谢你 感谢 非常感谢 太谢谢了 辛苦了 麻烦你了 麻烦您了 好的谢谢 好谢谢 好的谢谢你
        知道了谢谢 明白了谢谢
        """.split()
    ),
    Command.BACK: tuple(
        "返回 回去 回到上一步 上一步 回到刚才 退回去 回到开始 重新开始 从头开始 重来 返回上一步".split()
    ),
}
REPLIES: Final[dict[Command, tuple[str, ...]]] = {
    Command.YES: tuple("是 是的 对 对的 对啊 是啊 嗯 没错 就是这个 是这个 正是 好 好的 可以".split()),
    Command.NO: tuple("不是 不对 都不是 不是这个 没有 不要 错了 都不对 不是这些 不是的 哪个都不是".split()),
    Command.FIRST: tuple(
        "一 第一个 第一 一号 选一 选第一个 第一项 第一条 头一个 前一个 前面那个 前面的 要第一个".split()
    ),
    Command.SECOND: tuple("二 第二个 第二 二号 选二 选第二个 第二项 第二条 要第二个".split()),
    Command.THIRD: tuple("三 第三个 第三 三号 选三 选第三个 第三项 第三条 最后一个 最后那个 要第三个".split()),
}
"""Only where a choice has been offered; elsewhere 一 or 好 is no command."""
CHOICES: Final = (Command.FIRST, Command.SECOND, Command.THIRD)


_Key = tuple[tuple[str, ...], Command]


def _keys(phrases: Mapping[Command, tuple[str, ...]]) -> list[_Key]:
    """(sounds, command) of all phrases."""
    return [(sound_key(normalize(phrase)), command) for command, said in phrases.items() for phrase in said]


class CommandSpotter:
    """Finds a command in an n-best list; a question that merely holds its words is none."""

    def __init__(self) -> None:
        self._keys = _keys(PHRASES)
        # Replies first: 好的 is a yes where something was asked.
        self._keys_when_choosing = _keys(REPLIES) + self._keys

    def spot(self, hypotheses: list[Hypothesis], *, choosing: bool = False) -> Command | None:
        """The command that the best hypothesis is, or that any of them is exactly; replies where ``choosing``.

        Where it is likelier than not that nothing was understood, only STOP is taken: it does no harm, while a
        noise that sounds like 走了 must not end a conversation.
        """
        command = self._best_fit(hypotheses, self._keys_when_choosing if choosing else self._keys)
        return command if understood(hypotheses) >= LEAST_UNDERSTOOD or command is Command.STOP else None

    def _best_fit(self, hypotheses: list[Hypothesis], keys: list[_Key]) -> Command | None:
        exact = dict(reversed(keys))
        for rank, hypothesis in enumerate(hypotheses):
            text = normalize(hypothesis.text)
            heard = sound_key(core_question(text))
            # As it was said first: politeness is what some commands are made of.
            for sounds in (sound_key(text), heard):
                if sounds in exact:
                    return exact[sounds]
            if rank == 0 and len(heard) >= SHORTEST_FUZZY:
                for key, command in keys:
                    near = fuzz.ratio(" ".join(heard), " ".join(key)) >= LIKENESS
                    if near and abs(len(heard) - len(key)) <= 1 and len(key) >= SHORTEST_FUZZY:
                        return command
        return None
