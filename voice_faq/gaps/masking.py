"""A question without what could tell who asked it: numbers, names, and what is written in letters become ××.

It masks rather too much. A number is two digits or more in any writing, in a row or with a little between them, or five
characters that all sound like digits, as recognisers write telephone numbers down. A name is what jieba's dictionary
tags as one, what follows 我叫 or 姓, what stands before 先生 or 师傅, and a surname with one or two characters behind
it that are no words. Words of the FAQ stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from voice_faq.language.dictionary import Dictionary, load_jieba, open_dictionary
from voice_faq.language.latin import ABBREVIATIONS, WORDS
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import fold_sound, syllables
from voice_faq.language.words import Segmenter

MASK: Final = "××"
"""Nothing that is compared or spoken: normalising drops it."""

_D: Final = "零一二三四五六七八九十百千万亿两幺壹贰叁肆伍陆柒捌玖拾佰仟萬廿卅俩仨"
_DIGITS: Final = re.compile(
    rf"[{_D}](?:[^{_D}×]{{0,2}}[{_D}]){{3,}}"  # 一三八 嗯 零零一三八
    rf"|[{_D}](?:[点之杠至到]?[{_D}])+"
)
_NO_NUMBERS: Final = frozenset("万一 千万 一一".split())
_DIGIT_SOUNDS: Final = frozenset(
    fold_sound(s) for s in "ling dong yi yao er liang san si shi wu liu lu qi guai ba jiu gou bai".split()
)
LEAST_SOUNDS: Final = 5  # characters that all sound like digits
_LATIN: Final = re.compile(r"[a-z]+(?: [a-z]+)*")
_EXIT: Final = re.compile(r"[a-h](?=口|出口|入口|座|区|馆)")
_KNOWN_LATIN: Final = frozenset(WORDS) | ABBREVIATIONS

_SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪"
    "严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴"
    "席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边"
)
_DOUBLE_SURNAMES: Final = frozenset(
    "欧阳 上官 司马 诸葛 司徒 东方 皇甫 尉迟 公孙 慕容 令狐 端木 夏侯 南宫 独孤".split()
)
# Words of their own: a surname only before a character that given names are made of.
_USUAL_WORDS: Final = frozenset(
    "于向万文安时成路左单包解查强车房边位白高任常易何余江龙关段季石金田毛温林花谷莫曲游阳宁甘司连后钱"
)
_OF_GIVEN_NAMES: Final = frozenset(
    "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛超霞平刚桂芬玲辉英华梅琴建志国海燕红玉兰萍鹏飞龙凤春婷雪欣怡佳涵浩宇轩梓诗思晨辰"
    "琪瑶琳莹颖洁倩薇莉蕾俊豪博昊泽睿嘉伦峰斌彬波宁凯旭东健毅诚雨彤桐欢悦乐一诺奕宏丹妮敬亭疏影鸣炅嫣枫岚炎炳坤"
    "淑珍贵荣福祥德庆仁义礼智信忠孝胜利晓小子文武明亮星"
)
_NOT_GIVEN: Final = frozenset(
    "的了吗呢吧啊呀么是不在有要去会能怎什哪这那就也都个张次卡票钱车站我你他她它们和跟与或从到把被让给对为但还再又很太"
    "没别请问说想看买办用刷坐上下里外前后左右来过得着地几多少谁一二三四五六七八九十两可以及号线口"
)
_NOT_BEFORE_MEASURE: Final = frozenset(
    "这那几每两一哪某数半多少办买换补开用刷充拿领退绑添加新旧整的×二三四五六七八九十"
)
_NO_NAMES: Final = frozenset(
    "高峰 高潮 高明 胡同 胡子 胡说 谢谢 多谢 黄石 黄山 温泉 白雪 白领 白送 白宫 向东 周转 叶子 雷达 金殿 卡里 卡加 "
    "里加 明白 文明 武功 小姐 师傅 顾客 顾问 康复 盖章 孙子 老公 老虎 孙女 幼儿园 支付宝 银行卡 普通卡 青少年 老太太 "
    "老伴儿 老头儿 小朋友 小姑娘 小孩子 小伙子 老人家 安静 安宁 任意 任务 何处 余额".split()
)
_PLACE: Final = frozenset("站路街村庄桥门园镇区县寺营店屯楼城港湖山河江岛州市省沟坟台庙塔馆院场厂口里")
_ANNOUNCED: Final = re.compile(
    r"((?:我|他|她|名字|姓名|本人|孩子|儿子|女儿|老公|老婆|爸爸|妈妈|朋友)(?:的名字)?(?:就)?(?:叫做|叫|名叫|是叫)|姓名是|名字是|姓名|免贵姓|贵姓|姓)"
    r"(?!什么|啥|谁|不|没|怎|哪)([\u4e00-\u9fff]{1,4})"
)
_TITLED: Final = re.compile(
    r"(?:[老小阿][\u4e00-\u9fff]|[\u4e00-\u9fff]{1,3}?)(?=先生|女士|太太|老师|医生|大夫|经理|主任|师傅|阿姨|叔叔|大爷|大妈|大姐|大哥|同志|同学)"
)
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]+")


class Masker:
    """Masks questions that an FAQ was asked."""

    def __init__(self, wordings: Iterable[str], dictionary: Dictionary | None = None) -> None:
        """``wordings`` of the FAQ, whose words are nobody's name."""
        self._cut = Segmenter(dictionary=dictionary or open_dictionary())
        known = [normalize(wording) for wording in wordings]
        self._known_words = {word for wording in known for word in self._cut(wording) if len(word) > 1}
        self._known_latin = _KNOWN_LATIN | {word for wording in known for word in re.findall("[a-z]+", wording)}

    def __call__(self, text: str) -> str:
        """``text`` as normalising writes it, masked; "" where nothing is left."""
        masked = _DIGITS.sub(lambda m: m[0] if m[0] in _NO_NUMBERS else MASK, normalize(text))
        masked = _CHINESE.sub(lambda run: _without_sounds_of_digits(run[0]), masked)
        masked = _LATIN.sub(self._latin, masked)
        masked = _ANNOUNCED.sub(lambda m: m[1] + MASK, masked)
        masked = _TITLED.sub(self._titled, masked)
        masked = _CHINESE.sub(lambda run: "".join(self._names(run[0], masked[: run.start()])), masked)
        masked = re.sub("[× ]*×[× ]*", MASK, masked)
        return masked if _CHINESE.search(masked) else ""

    def _latin(self, run: re.Match[str]) -> str:
        words = run[0].split()
        kept = [word if word in self._known_latin else "" for word in words]
        if len(words) == 1 and len(words[0]) == 1 and _EXIT.match(run.string, run.start()):
            kept = words
        return " ".join(word or MASK for word in kept)

    def _titled(self, name: re.Match[str]) -> str:
        """老王, 王小明: the surname and what is between it and the title."""
        text = name[0]
        start = 1 if text[0] in "老小阿" and len(text) > 1 else 0
        for place in range(start, len(text)):
            if text[place] in _SURNAMES and text[place:] not in self._known_words:
                return text[:place] + MASK
        return text

    def _names(self, run: str, before: str) -> Iterator[str]:
        """The words of a run of Chinese, names as MASK."""
        words = self._cut(run)
        place = 0
        while place < len(words):
            last = words[place - 1] if place else before[-1:]
            length = self._name_at(words, place, last)
            yield MASK if length else words[place]
            place += length or 1

    def _name_at(self, words: list[str], place: int, before: str) -> int:
        """How many words the name has that begins there; 0 where none does."""
        word = words[place]
        if word in self._known_words or word in _NO_NAMES:
            return 0
        if len(word) > 1 and word[-1] not in _PLACE and word in _names_of_jieba():
            return 1 if len(word) > 2 or word[0] in _SURNAMES else 0
        if word in _DOUBLE_SURNAMES:
            return 1 + self._given(words, place + 1)
        if len(word) > 1 or word not in _SURNAMES:
            return 0
        if word in "张段" and before[-1:] in _NOT_BEFORE_MEASURE:
            return 0
        given = self._given(words, place + 1)
        if given and word in _USUAL_WORDS and words[place + 1][0] not in _OF_GIVEN_NAMES:
            return 0
        return 1 + given if given else 0

    def _given(self, words: list[str], place: int) -> int:
        """How many words from there on may be a given name: one of two characters, or one or two of one."""
        following = words[place : place + 2]
        if not following or following[0] in self._known_words:
            return 0
        first = following[0]
        if len(first) == 2:
            return int(first[-1] not in _PLACE and not _NOT_GIVEN & set(first))
        if len(first) > 2:
            return 0
        more = len(following) > 1 and len(following[1]) == 1 and following[1] not in _NOT_GIVEN
        if first in _PLACE and not more:  # 唐山
            return 0
        if first in _NOT_GIVEN:  # 朱一诺, but not 朱一
            return 2 if more and first == "一" and following[1] in _OF_GIVEN_NAMES else 0
        return 2 if more else 1


def _without_sounds_of_digits(run: str) -> str:
    """Runs of LEAST_SOUNDS characters or more that all sound like digits are MASK."""
    sounds = syllables(run)
    if len(sounds) != len(run):
        return run
    marks = "".join("d" if fold_sound(sound) in _DIGIT_SOUNDS else "-" for sound in sounds)
    for found in reversed(list(re.finditer(f"d{{{LEAST_SOUNDS},}}", marks))):
        run = run[: found.start()] + MASK + run[found.end() :]
    return run


@cache
def _names_of_jieba() -> frozenset[str]:
    """What its dictionary tags as a person's name."""
    file = Path(load_jieba().__file__).with_name("dict.txt")
    lines = (line.split(" ") for line in file.read_text(encoding="utf-8").splitlines())
    return frozenset(word for word, _, tag in lines if tag.startswith("nr") and 1 < len(word) < 5)
