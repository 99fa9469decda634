"""What people say around a question, to a machine and at a station, whichever FAQ it is."""

from __future__ import annotations

import random
from typing import Final

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
    慢一点 快一点 慢点儿 快点儿 太快了 太慢了 大声一点 小声一点 声音太小了 声音太大了 返回 重新开始
    第一个 第二个 第三个 第一 第二 第三 一 二 三 都不是 是的 不是 对 不对 好的 谢谢 你好 您好 取消 好
    谢谢你 好的谢谢 多谢 辛苦了 在吗 有人吗 早上好 下午好 晚上好
    可以了 没有了
    """.split()
)


def as_people_say(wording: str, rng: random.Random) -> str:
    """A wording with the small words that people put around it."""
    opener, closer = rng.choice(OPENERS), rng.choice(CLOSERS)
    pause = "，" if opener and rng.random() < 0.5 else ""
    return f"{opener}{pause}{wording}{closer}"
