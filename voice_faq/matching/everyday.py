"""Questions about everyday things that are asked in the same words as any FAQ's, and that it does not answer.

``…怎么退`` and ``…丢了怎么办`` say nothing by themselves; what matters is what stands before them. These texts teach
matching so, whatever the FAQ is about. Things that the FAQ itself speaks of are left out.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Final

from voice_faq.matching.entry_texts import with_synonyms

FRAMES: Final = tuple(
    """
    {}怎么办 {}在哪里办 怎么办{} {}多少钱 {}要钱吗 {}怎么收费 {}怎么用 怎么用{} {}在哪里 {}怎么走 哪里有{}
    {}几点开门 {}几点结束 {}什么时候开始 {}能退吗 {}怎么退 {}丢了怎么办 {}坏了怎么办 {}过期了怎么办 {}怎么充值
    {}怎么取消 {}怎么预约 {}可以用多久 {}有没有优惠 {}打折吗 {}需要什么条件 {}要带什么证件 {}打不开 {}连不上网
    {}最多能买几个 可以带{}吗 {}能用吗 为什么没有{} 帮我查一下{} 我想买{} 我要{} {}好不好 {}怎么样 你喜欢{}吗
    今天的{} {}还有吗 {}怎么选 {}是什么 关于{}的事 {}太贵了 {}怎么还没来 {}换一个 {}找谁 {}电话是多少 网上能不能买{}
    {}要排队吗 {}几岁可以用 {}怎么注册 {}密码忘了
    """.split()
)
THINGS: Final = tuple(
    """
    话费 电费 水费 煤气费 物业费 房租 学费 工资 奖金 贷款 保险 股票 彩票 红包 信用卡 银行卡 社保卡 医保卡 会员卡
    健身卡 老年卡 饭卡 购物卡 加油卡 身份证 护照 驾照 签证 户口本 结婚证 居住证 毕业证 火车票 飞机票 电影票
    演唱会门票 船票 长途汽车 高铁 出租车 网约车 共享单车 电动车 自行车 汽车 停车位 加油站 充电桩 酒店 民宿 景区 公园
    动物园 博物馆 电影院 商场 超市 菜市场 饭店 咖啡 奶茶 蛋糕 米饭 面条 水果 苹果 西瓜 牛奶 鸡蛋 衣服 鞋子 帽子 雨伞
    眼镜 手套 箱子 电视 冰箱 空调 洗衣机 电脑 耳机 相机 充电宝 打印机 路由器 游戏 音乐 电影 电视剧 新闻 天气 足球
    比赛 作业 考试 课程 补习班 幼儿园 学校 老师 同学 医院 医生 感冒药 疫苗 体检 血压 牙疼 头疼 眼科 药店 快递 外卖
    包裹 邮局 微信 支付宝 抖音 淘宝 闹钟 壁纸 照片 视频 短信 邮箱 理发 洗澡 健身房 游泳池 小狗 小猫 花 玩具 生日礼物
    婚礼 旅游 签名 日历 厕所 电梯 出口 失物招领 行李 轮椅 开水 座位 安检 垃圾桶 母婴室 报警 急救
    """.split()
)
COUNT: Final = 250


def frames() -> list[str]:
    """What they say of anything: 怎么预约."""
    return [frame.replace("{}", "") for frame in FRAMES]


def everyday_questions(
    wordings: Collection[str], out_of_scope: Collection[str], synonyms: Collection[Collection[str]] = ()
) -> list[str]:
    """Always the same for the same FAQ; none that it has, and none about a thing that it speaks of.

    That is one that one of its ``wordings`` names, or ``synonyms`` of such a thing.
    """
    spoken_of = with_synonyms("\n".join(wordings), synonyms)
    things = [thing for thing in THINGS if thing not in spoken_of]
    if not things:
        return []
    rng = random.Random(1)
    asked = {rng.choice(FRAMES).format(rng.choice(things)) for _ in range(COUNT)}
    return sorted(asked.difference(wordings, out_of_scope))
