"""Things that exclude each other: whoever asks 午餐几点开始 does not ask when breakfast is, though little else differs.

Words of one kind are much alike in all that evidence weighs, and in meaning too; that one is not the other must be
known. The kinds are those of daily life, the same in every field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from voice_faq.language.normalizing import normalize
from voice_faq.matching.entry_texts import EntryTexts

_Thing = tuple[str, ...]
"""Its names."""
_Kind = tuple[_Thing, ...]

# A kind a line; names of one thing have bars between them. None that may be said for another of its kind (银行卡 and
# 信用卡, 下午 and 晚上), and none with a second meaning (移动, 交通).
TOWNS: Final = """
    北京 天津 河北|石家庄 上海 广州 深圳 成都 重庆 杭州 南京 苏州 武汉 西安 济南 青岛 沈阳 大连 郑州 长沙 福州 厦门 昆明
    三亚 哈尔滨 太原 合肥 南昌 贵阳 兰州 南宁 香港 澳门 台湾
"""
COUNTRIES: Final = "美国 日本 韩国 英国 法国 德国 泰国 新加坡 澳大利亚|澳洲 加拿大 俄罗斯"
_KINDS: Final[tuple[_Kind, ...]] = tuple(
    tuple(tuple(thing.split("|")) for thing in line.split())
    for line in (
        TOWNS,
        COUNTRIES,
        *"""
        早餐|早饭|三餐 午餐|午饭|中饭|中晚餐|三餐 晚餐|晚饭|三餐 夜宵|宵夜 下午茶
        老人|老年 儿童|小孩|孩子|宝宝|小朋友|学生 残疾|残障 军人|退伍|退役 外国人|外籍|老外
        男厕|男士|男生|男女 女厕|女士|女生|男女
        微信 支付宝 现金 信用卡 储蓄卡|借记卡 云闪付 数字人民币 花呗 借呗 白条
        苹果|iphone|apple 安卓|android 华为|鸿蒙 小米|红米 oppo vivo 三星 荣耀 一加手机 魅族
        公交|巴士 地铁 高铁|动车|火车 坐飞机|航班|机票 出租车 网约车 自行车|单车 摩托车 电动车|电瓶车 \
            轮船|渡轮 大巴|长途车
        猫 狗|犬 兔子 鹦鹉 仓鼠 乌龟
        游泳 瑜伽 羽毛球 乒乓 篮球 足球 网球 台球 溜冰|滑冰 攀岩 桑拿 舞蹈
        身份证 护照 驾照|驾驶证 行驶证 社保卡|医保卡 户口本|户口簿 居住证 通行证 军官证 学生证 结婚证 离婚证 房产证 \
            营业执照 老年证 残疾证 毕业证 准考证 健康证
        月卡|月票 季卡|季票 半年卡 年卡|年票 次卡|次票 周卡|周票
        内科|内外科 外科 儿科 妇科|妇产 牙科|口腔科 眼科 皮肤科 骨科 中医科 急诊 耳鼻喉 产科
        ct 核磁|磁共振 b超|彩超 抽血|验血 心电图 胃镜|肠镜 验尿
        单人间|单人房 双人间|双人房|双床|标间|标准间|大床 套房 家庭房|亲子房
        厕所|卫生间|洗手间 母婴室 吸烟室|吸烟区 开水|饮水机 寄存 停车 餐厅|食堂 充电
        雨伞 充电宝 轮椅 婴儿车|童车
        顺丰 圆通 中通 韵达 申通 邮政|ems 京东 极兔 德邦
        工商银行|工行 建设银行|建行 农业银行|农行 中国银行 招商银行|招行 邮储
        淘宝 京东 拼多多 美团 抖音 饿了么 携程
        水费|水电 电费|水电 燃气费|煤气费|水电气|水电燃气 暖气费|取暖费|供暖费 物业费 话费 停车费 \
            学费 房租 滞纳金|违约金 运费|邮费
        英语|英文 日语|日文 韩语|韩文 法语 德语 俄语 粤语
        房贷 车贷 消费贷 助学贷款
        科目一 科目二 科目三 科目四
        浅水 深水
        前|之前|以前 后|之后|以后|完
    """.strip().splitlines(),
    )
)

_ANY_NAME: Final = re.compile("|".join(re.escape(name) for kind in _KINDS for thing in kind for name in thing))


class KindReader:
    """Which things that exclude others an entry is about."""

    def __init__(self, texts: EntryTexts, synonyms: Sequence[Sequence[str]] = (), title: str = "") -> None:
        """What are ``synonyms`` in this FAQ excludes nothing; what its ``title`` names, all of it is about."""
        self._texts = texts
        self._title = normalize(title)
        self._synonyms = [_without_other_words("\n".join(map(normalize, group))) for group in synonyms]
        self._about = cache(self._essential)

    def strange_to(self, text: str, entry: int) -> bool:
        """Whether the entry is about another thing than one of its kind that the normalised ``text`` names."""
        text = _without_other_words(text)
        if not _ANY_NAME.search(text):  # as most have none: every hypothesis comes by here
            return False
        named = ((kind, self._with_synonyms(kind, things)) for kind in _KINDS if (things := _named(kind, text)))
        return any(self._excludes(entry, kind, things) for kind, things in named)

    def _with_synonyms(self, kind: _Kind, things: frozenset[_Thing]) -> frozenset[_Thing]:
        groups = (_named(kind, group) for group in self._synonyms)
        return things.union(*(group for group in groups if group & things))

    def _excludes(self, entry: int, kind: _Kind, things: frozenset[_Thing]) -> bool:
        about = self._about(entry, kind)
        told = _without_other_words(self._texts.told(entry))
        return bool(about) and not about & things and not _named(kind, told) & things

    def _essential(self, entry: int, kind: _Kind) -> frozenset[_Thing]:
        """Things that more than half of the entry's wordings name; others are mentioned by the way.

        Where they name none, those of the title.
        """
        named = [_named(kind, _without_other_words(wording)) for wording in self._texts.wordings(entry)]
        essential = frozenset(thing for thing in kind if sum(thing in found for found in named) * 2 > len(named))
        return essential or _named(kind, self._title)


# Where a name is none: 老年卡 is no 年卡.
_OTHER_WORDS: Final = tuple(
    """
    青年卡 老年卡 青年票 老年票 成年票 少年票 上次 这次 每次 一次 充电费 集中通 下单车 提现金 大厦门 家长沙
    南京东 周日本 办成都 目前 提前 前台 前面 前天 前年 门前 前往 前提 当前 从前 前后 后天 后面 后年 后来 后悔
    后果 今后 此后 最后 然后 售后 完成 完全 完善 三星级
    """.split()
)


def _without_other_words(normalized: str) -> str:
    for word in _OTHER_WORDS:
        normalized = normalized.replace(word, " ")
    return normalized


def _named(kind: _Kind, text: str) -> frozenset[_Thing]:
    return frozenset(thing for thing in kind if any(name in text for name in thing))
