"""What befell a thing, and which entries speak of it."""

import pytest

from voice_faq.matching.mishaps import MishapReader

from .entries import told

SERVES = {
    "丢": ["卡丢了怎么办", "怎么挂失"],
    "坏": ["手机坏了怎么办", "刷不了，不能用了"],
    "过期": ["卡的有效期多长"],
    "忘": ["忘记密码怎么办", "没带卡怎么办"],
    "none": ["信息缺失怎么补填", "卡失效了吗", "能不能用", "字太小看不见", "表带有什么颜色"],
}


@pytest.mark.parametrize(
    ("mishap", "served"), [("医保卡丢了", "丢"), ("屏幕碎了", "坏"), ("证件过期了", "过期"), ("忘记账号了", "忘")]
)
def test_only_who_speaks_of_a_mishap_serves_it(mishap: str, served: str) -> None:
    wordings = [[wording] for wordings in SERVES.values() for wording in wordings]
    strange = MishapReader(told(wordings)).strange_to(mishap, list(range(len(wordings))))
    serving = {wording for (wording,), is_strange in zip(wordings, strange, strict=True) if not is_strange}
    assert set(SERVES[served]) <= serving
    assert not serving & {"能不能用", "字太小看不见", "表带有什么颜色"}
    if served == "丢":
        assert serving == set(SERVES["丢"])
