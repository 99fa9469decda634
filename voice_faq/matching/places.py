"""Another place than this one: whoever asks at a mountain whether the railway station keeps luggage wants no answer of
the mountain's.

Wordings hardly ever name the place where they are asked, so that evidence finds all of the question that they have,
有行李寄存吗, and little that speaks against it.
"""

from __future__ import annotations

import re
from typing import Final

from voice_faq.language.normalizing import normalize
from voice_faq.matching.entry_texts import EntryTexts
from voice_faq.matching.kinds import COUNTRIES, TOWNS
from voice_faq.matching.question_form import core_question

OWN_PLACE: Final = 0.1  # of the entries, from which on a place that they name is where they are asked
_PREFIX: Final = "(?:(?![到去回从在离往我你您这那有])[\u4e00-\u9fff]){0,3}?"  # of a name: 北京南站, not 到高铁站
_PLACE: Final = "|".join(
    rf"""
    {_PREFIX}(?:[火汽]车|高铁|客运|地铁|公交|加油|服务|收费|水|驿)站 机场 航站楼 码头 服务区 景区 游客中心
    {_PREFIX}医院 诊所 药店 学校 [小中大]学 幼儿园 图书馆 博物馆 美术馆 科技馆 体育馆 展览馆 纪念馆 健身房
    游泳馆 动物园 植物园 游乐园 公园 广场 电影院 影院 剧院 酒店 宾馆 旅馆 民宿 饭店 餐厅 饭馆 食堂 商场 超市 便利店 书店
    菜市场 寺庙 [寺庙] 殡仪馆 {_PREFIX}(?:公墓|陵园|墓园|血站) [路河湖海]边 村里 农村
    银行 邮局 派出所 公安局 税务局 社保局 民政局 法院 政务大厅 营业厅 小区 写字楼 工厂
    """.split()
)
_OTHER: Final = "(?:旁边|隔壁|对面|附近|别|其他|其它|另外?一?)[家个座所]?的?"
_ANY_OTHER: Final = re.compile(_OTHER)
_ASKED: Final = (
    "(?:那边|那儿|那里|里面|里边|里头|里|内|上|也|都|还|的)*"
    "(?:有|能|可以|可不可以|允许|让|几点|多少|多久|什么时候|啥时候|要不要|一.{1,3}[几多]|要(?![求的我俩一两三先])|收|门票|停车|开门|关门|营业"
    "|周[一二三四五六末日]|星期|礼拜|节假日|今天|明天|早上|中午|晚上|老人|小孩|学生)"
)
_REGION: Final = "|".join(f"{TOWNS} {COUNTRIES}".split())
# With which one rides elsewhere.
_CARD: Final = re.compile("深圳通|八达通|羊城通|岭南通|天府通|长安通|武汉通|澳门通|悠游卡")
_NAMED: Final = re.compile(
    rf"^(?P<other>{_OTHER})?(?P<place>{_PLACE})(?={_ASKED})"
    rf"|^(?P<next>隔壁|旁边|对面)的?[\u4e00-\u9fff]{{2,5}}?(?={_ASKED})"
    rf"|^(?P<region>{_REGION})(?!卡|人|的?[亲朋]|那|回来|团|号)"
)


class PlaceReader:
    """Whether a question is about another place than that of an FAQ, and one that an entry says nothing of."""

    def __init__(self, texts: EntryTexts, title: str) -> None:
        """``title`` of the FAQ."""
        self._texts = texts
        self._title = normalize(title)

    def strange_to(self, text: str, entry: int) -> bool:
        """Whether the normalised ``text`` asks about another place that ``entry`` does not name, 高铁站有行李寄存吗."""
        if card := _CARD.search(text):
            return not self._knows(card.group(), entry)
        found = _NAMED.match(core_question(text))
        if found is None:
            return False
        if found["other"] or found["next"]:
            return _ANY_OTHER.search(self._texts.told(entry)) is None
        return not self._knows(found["place"] or found["region"], entry)

    def _knows(self, place: str, entry: int) -> bool:
        """Whether the entry names a place, or so many do that it is their own."""
        named = place in self._title or place in self._texts.told(entry)
        return named or self._texts.share_with(place) >= OWN_PLACE
