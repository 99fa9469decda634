"""What a question wants done or wants to know about a thing: 门禁卡能退吗 is not answered by how the card is renewed.

What people want of a counter is much the same in every field, so that it is told by a list: a question with words of
one kind is served by an entry whose wordings or answer have words of that kind at least.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from voice_faq.matching.entry_texts import EntryTexts


class Errand(NamedTuple):
    """Patterns of one thing that people want."""

    wanted: re.Pattern[str]
    served: re.Pattern[str]


# Patterns of a question, and patterns one of which an entry has that serves it: these are many, as one that is missing
# costs a good answer, those are few and sure.
ERRANDS: Final = tuple(
    Errand(*(re.compile("|".join(patterns.split())) for patterns in line.split(" : ")))
    for line in """
        多少钱 几块 几毛 几元 多少元 价格 价钱 什么价 啥价 怎么卖 卖多少 要钱吗 收费吗 \
            : 钱 元 费 价 收 免 块 折 贵 税 率 付 额 租金 押金 角 毛 分 罚 百 千 万
        最多 最高 上限 限额 额度 \
            : 最 上限 限 额 至多 至少 不超过 以内 以上 以下 超过 一 二 两 三 四 五 六 七 八 九 十 百 千 万
        多久 多长时间 要几天 得几天 几天能 \
            : 当场 现场 立等 即 随 秒 礼拜 天 月 年 时 分钟 日 周 立即 马上 立刻 期 久 快 慢 终身 永久
        [在去]哪(?![天年月周种类款些个几一位]) 哪里(?!不|有?[错变问]) 哪儿(?!不|有?[错变问]) 什么地方 啥地方 怎么走 \
            : [在去到]哪 哪[里儿] 楼 层 窗 旁 边 路 号线 门口 对面 东门 西门 南门 北门 位置 地址 地点 附近 里 网 程序 \
            公众号 app 页 点击 勾选 扫 登录 邮箱 账户 街道 村 详情 墙 屏 终端 (?<![手司耳])机 电话 拨 桌 底 顶 \
            前台 服务台 柜台 护士站 微信 手机[上里] 短信 客服 联系 工作人员 [下上][面方] 户外 告诉 交给 \
            [在去到往找就有].{0,10}[厅室处区柜台站行心库店馆司局场院间房口]
        退款 退钱 退费 退给 能退 可退 钱退 退押金 返还 : 退 返还
        注销 销户 解约 退会 不想当 : 销 解 退 取消 关闭 停
        写错 填错 印错 打错 登错 录错 交重 交错 充错 转错 : 错 改 更正 更换 误 重新 重填 重开 换 退 撤 核实
        又找到 又找着 找回来了 : 解除 解挂 找到 找着 找回 恢复 撤 又
        没到账 不到账 没收到 : 收不到 重新 到账 多久 未到 没到 没收 未收 工作日 延 查 分钟 小时 天 日
        招聘 招人 招工 招不招 应聘 兼职 : 招 应聘 兼职 岗位
        长期合作 谈合作 加盟 打广告 赞助 推销 : 合作 加盟 广告 赞助 推销 骚扰 商务
        捐 : 捐 赠 送
        (?<!拒)赔 谁负责 : 赔 负责 责任 承担 保险 保价 违约金 补 退 倍 付 罚 扣 亏 损 工本费
        投诉 举报 : 投诉 举报 反映 意见 建议 监督 电话 热线
        轮着用 合用 共用 合租 一起用 一块用 一块儿用 别人用 借给别 借给朋友 借给他 借给家 \
            送给别 送给朋友 送给他 送给家 转给别 转给朋友 转给他 转给家 让给别 让给朋友 让给他 让给家 \
            : 共用 合用 一起 一块 本人 转 借给 外借 送 限 他人 家人 家属 亲属 亲友 几个人 每人 实名 名下 别人 朋友
        回收 卖给 卖回 卖掉 转卖 转让 : 收 卖 转
        替我 代领 代取 代办 代我 替他 替她 替老人 别人能 : 代 替 本人 委托 亲自 家人 家属 他人 授权 别人
        邮寄 寄给我 寄到家 送上门 送货 送到家 : 寄 邮 快递 送 配 物流 上门 运
        发票 收据 : 发票 票据 收据 开票 凭证 税
        优惠 打折 半价 折扣 : 优惠 折 免 减 便宜 半价 价 积分 券 补 元 费
        密码 : 密码 口令 验证 输入 上网
        换手机号 手机号换 换号码 号码换 改手机号 : 手机 号码 换绑 预留
        改名 名字改 改姓名 姓名改 更名 : 改名 名字 姓名 更名 变更 更改 修改
        团体票 团购票 团队票 : 团
        情侣票 双人票 : 情侣 双人
        家庭票 亲子票 : 家庭 亲子 孩 儿童
        夜场票 夜票 : 夜
        半日票 半天票 : 半日 半天
        月票 月卡 : 月票 月卡 包月
        年票 年卡 : 年票 年卡 包年
        套票 联票 : 套票 联票 通票
        消毒 : 消毒 清洁 清洗 洗
        鉴定 评定 : 鉴定 评定 等级
        比赛 : 赛
        电话是多少 电话多少 电话号码 联系方式 : 电话 热线 号码 拨 联系
    """.strip().splitlines()
)  # fmt: skip


class ErrandReader:
    """Which entries serve what a question wants."""

    def __init__(self, texts: EntryTexts) -> None:
        self._texts = texts

    def strange_to(self, text: str, entry: int) -> bool:
        """Whether the entry says nothing of something that the normalised ``text`` wants."""
        wanted = (errand for errand in ERRANDS if errand.wanted.search(text))
        return any(not errand.served.search(self._texts.told(entry)) for errand in wanted)
