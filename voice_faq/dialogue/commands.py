"""What people say to the machine itself: 再说一遍, 停, 退出, 帮助."""

from __future__ import annotations

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
        好了 够了 行了 知道了 我知道了 取消 不听了 不用了
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
}


class CommandSpotter:
    """Finds a command in an n-best list; a question that merely holds its words is none."""

    def __init__(self) -> None:
        self._keys = [
            (sound_key(normalize(phrase)), command) for command, phrases in PHRASES.items() for phrase in phrases
        ]

    def spot(self, hypotheses: list[Hypothesis]) -> Command | None:
        """The command that the best hypothesis is, or that any of them is exactly.

        Where it is likelier than not that nothing was understood, only STOP is taken: it does no harm, while a
        noise that sounds like 走了 must not end a conversation.
        """
        command = self._best_fit(hypotheses)
        return command if understood(hypotheses) >= LEAST_UNDERSTOOD or command is Command.STOP else None

    def _best_fit(self, hypotheses: list[Hypothesis]) -> Command | None:
        exact = dict(reversed(self._keys))
        for rank, hypothesis in enumerate(hypotheses):
            heard = sound_key(core_question(normalize(hypothesis.text)))
            if heard in exact:
                return exact[heard]
            if rank == 0 and len(heard) >= SHORTEST_FUZZY:
                for key, command in self._keys:
                    near = fuzz.ratio(" ".join(heard), " ".join(key)) >= LIKENESS
                    if near and abs(len(heard) - len(key)) <= 1 and len(key) >= SHORTEST_FUZZY:
                        return command
        return None
