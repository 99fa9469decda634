"""The same question in other words, and another question: whatever reads meanings tells them apart."""

from __future__ import annotations

import numpy as np

PARAPHRASES = (
    ("医生几点上班", "大夫什么时候开始看病", "停车多少钱"),
    ("怎么注销账户", "不用这个账号了", "你们几点关门"),
    ("小孩要不要买票", "儿童需要门票吗", "附近有停车场吗"),
)
"""(a question, the same in other words, another one)"""


def told_apart(vectors: np.ndarray) -> bool:
    """``vectors`` of the three, shape (3, dimensions)."""
    asked, same, other = vectors
    return bool(asked @ same > asked @ other + 0.1)
