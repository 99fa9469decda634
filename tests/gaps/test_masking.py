"""What could tell who asked is masked, and hardly anything else."""

from __future__ import annotations

import pytest

from voice_faq.faq import Faq
from voice_faq.gaps.masking import MASK, Masker
from voice_faq.language.normalizing import normalize

from ..conftest import DATA

NAMES = (
    "张伟 王芳 李娜 刘洋 陈静 杨勇 赵磊 黄丽 周杰 吴敏 徐强 孙艳 胡军 朱超 林涛 何平 郭靖 马超 罗丹 张建国 "
    "王小明 李淑芬 陈志强 杨桂英 赵子龙 周海燕 吴佳怡 徐梓涵 孙浩然 胡雨桐 朱一诺 高欣怡 郭子睿 马思远 罗玉凤 欧阳娜娜 "
    "诸葛亮 司马懿 上官婉儿 郑爽 韩梅梅 唐嫣 冯巩 董卿 程潇 曹颖 袁泉 邓超 "
    "许晴 曾志伟 吕布 蒋欣 贾玲 丁真 魏晨 余华 杜江 戴军 汪峰 "
    "任嘉伦 姜文 石小龙 陆毅 白敬亭 崔健 江疏影 邵一鸣 段奕宏 尹正 毛不易 叶问"
).split()


@pytest.fixture(scope="module")
def mask(faq: Faq) -> Masker:
    return Masker(wording for entry in faq.entries for wording in entry.all_wordings)


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("我的号码是13800138000", "我的号码是××"),
        ("我的号码是幺三八零零幺三八零零零对吗", "我的号码是××对吗"),
        ("电话 1 3 8 嗯 0 0 1", "电话××"),
        ("卡号１２３４ ５６７８丢了", "卡号××丢了"),
        ("①③⑧号", "××号"),
        ("壹贰叁肆怎么写", "××怎么写"),
        ("号码٣٤٥٦", "号码××"),
        ("第十二路公交", "第××路公交"),
        ("要三八领领要三八领领领是我的号", "要××领领要××领领领是我的号"),
        ("尾号而吧就起酒是我的", "尾号××我的"),
        ("写信到zhangsan@qq.com行吗", "写信到××行吗"),
        ("京A12345停哪里", "京××停哪里"),
        ("我叫阿依古丽想退卡", "我叫××想退卡"),
        ("王先生的卡", "××先生的卡"),
        ("老李师傅在吗", "老××师傅在吗"),
    ],
)
def test_numbers_letters_and_announced_names_are_masked(mask: Masker, asked: str, left: str) -> None:
    assert mask(asked) == left


@pytest.mark.parametrize(
    "asked",
    ["万一卡丢了怎么办", "二路车在哪里", "b口怎么走", "apple pay怎么用", "nfc打不开", "您贵姓", "这张卡能退吗",
     "唐山怎么去", "早高峰能带自行车吗", "去石家庄怎么走"],
)  # fmt: skip
def test_ordinary_questions_stay_as_they_are(mask: Masker, asked: str) -> None:
    assert mask(asked) == asked


@pytest.mark.parametrize("frame", ["我是{}想退卡", "帮{}办张卡行不行", "{}的卡丢了怎么补", "我叫{}卡里没钱了"])
def test_nine_names_of_ten_are_masked_where_nothing_announces_them(mask: Masker, frame: str) -> None:
    seen = [name for name in NAMES if name in mask(frame.format(name))]
    assert len(seen) <= len(NAMES) / 10, seen


def test_of_riders_questions_hardly_one_loses_a_word(mask: Masker) -> None:
    lines = (DATA / "test-questions.tsv").read_text(encoding="utf-8").splitlines()[1:]
    questions = [normalize(line.split("\t")[0]) for line in lines]
    numberless = [q for q in questions if not set(q) & set("零二三四五六七八九十百千")]
    changed = [q for q in numberless if MASK in mask(q)]
    assert len(changed) <= len(numberless) / 50, changed


def test_what_is_nothing_but_a_number_leaves_nothing(mask: Masker) -> None:
    assert mask("一三八零零一三八零零零") == "" == mask("")
