"""``eval --report``: one self-contained HTML page for the operator; drawings are SVG, nothing is loaded."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.dialogue.turn import DECISION_NAMES
from voice_faq.errors import InputError, reason
from voice_faq.evaluation.measure import OUT_OF_SCOPE, Measurement, Ranking
from voice_faq.files import write_whole
from voice_faq.matching.explaining import explain
from voice_faq.matching.matcher import Matcher

OURS: Final = "voice-faq"
COLOURS: Final = ("#0b5fa5", "#b45309", "#15803d", "#7c3aed", "#64748b", "#be185d")
PLOT: Final = (520, 300)  # pixels
MARGIN: Final = 46
RISK_SHOWN: Final = 0.5  # the curve's upper end
BINS: Final = 24
MISSES_SHOWN: Final = 30
_STYLE: Final = """
body{font:16px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#111}
table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #cbd5e1;padding:.3rem .6rem;text-align:left}
td.n{text-align:right}
th.v{writing-mode:vertical-rl;font-weight:normal}
svg{background:#f8fafc;border:1px solid #cbd5e1}h1,h2{line-height:1.2}
"""


def check_place(path: Path) -> None:
    """Raises InputError where a report has no folder, before all questions have been asked for it."""
    if not path.parent.is_dir():
        raise InputError(f"{path}：写不进去（没有文件夹 {path.parent}）。请换一个位置。")


def write_report(path: Path, title: str, result: Measurement, others: Mapping[str, Ranking], matcher: Matcher) -> None:
    """Write the page; ``matcher`` tells why misses went astray. Raises InputError when it cannot be written."""
    body = "\n".join(
        [
            f"<h1>{escape(title)}：测试报告</h1>",
            *_summary(result),
            "<h2>风险与覆盖</h2><p>横轴：回答了多大比例的问题；纵轴：其中答错的比例。越低越好。</p>",
            *_curves({OURS: result.ranking, **others}),
            "<h2>本该是哪一条，结果成了哪一条</h2>",
            *_confusion(result),
            "<h2>用时（毫秒）</h2>",
            *_histogram(result.latencies),
            "<h2>最该看的错误</h2>",
            *_misses(result, matcher),
        ]
    )
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    page = f'<!doctype html>\n<html lang="zh-CN"><head>{head}</head><body>\n{body}\n</body></html>\n'
    try:
        if not path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        write_whole(path, page.encode())
    except OSError as error:
        raise InputError(f"{path}：写不进去（{reason(error)}）。请换一个位置。") from None


def summary_rows(result: Measurement) -> list[tuple[str, str]]:
    """(name, figure) for people."""
    return [
        ("问题", f"{result.in_scope} 个能答，{result.out_of_scope} 个答不了"),
        ("首选正确", f"{result.top_1:.1%}"),
        ("答对", f"{result.answered_right:.1%}"),
        ("反问且含正确条目", f"{result.asked_back:.1%}"),
        ("答错（占全部）", f"{result.wrong:.1%}"),
        ("答不了的没有乱答", f"{result.refused:.1%}"),
        ("回答了的（占全部）", f"{result.coverage:.1%}"),
        ("AUC", f"{result.ranking.auc:.3f}"),
    ]


def _summary(result: Measurement) -> Iterator[str]:
    rows = "".join(f"<tr><th>{name}</th><td class=n>{value}</td></tr>" for name, value in summary_rows(result))
    yield f"<table>{rows}</table>"


def _frame(content: str, left: str, bottom: str) -> str:
    width, height = PLOT
    axes = f'<path d="M{MARGIN} 10V{height - MARGIN}H{width - 10}" fill="none" stroke="#334155"/>'
    labels = (
        f'<text x="{width - 10}" y="{height - 12}" text-anchor="end">{bottom}</text><text x="4" y="20">{left}</text>'
    )
    return f'<svg width="{width}" height="{height}" role="img" font-size="13">{axes}{labels}{content}</svg>'


def _curves(rankings: Mapping[str, Ranking]) -> Iterator[str]:
    width, height = PLOT[0] - MARGIN - 10, PLOT[1] - MARGIN - 10
    lines, legend = [], []
    for colour, (name, ranking) in zip(COLOURS[: len(rankings)], rankings.items(), strict=True):
        points = [
            f"{MARGIN + coverage * width:.1f},{10 + (1 - min(risk, RISK_SHOWN) / RISK_SHOWN) * height:.1f}"
            for coverage, risk in ranking.curve
        ]
        drawn = f'fill="none" stroke="{colour}" stroke-width="{3 if name == OURS else 1.5}"'
        lines.append(f'<polyline points="{" ".join(points)}" {drawn}/>')
        top = f"{ranking.right.mean():.1%}"
        figures = f"<td class=n>{top}</td><td class=n>{ranking.auc:.3f}</td>"
        legend.append(f'<tr><td style="color:{colour}">━ {escape(name)}</td>{figures}</tr>')
    yield _frame("".join(lines), f"{RISK_SHOWN:.0%}", "100%")
    yield "<table><tr><th></th><th>首选正确（占全部）</th><th>AUC</th></tr>" + "".join(legend) + "</table>"


def _confusion(result: Measurement) -> Iterator[str]:
    counts = result.confusion
    rows = sorted({expected for expected, _ in counts}, key=lambda e: (e == OUT_OF_SCOPE, e))
    columns = [
        *(row for row in rows if row != OUT_OF_SCOPE),
        *(d for d in DECISION_NAMES if any(d == b for _, b in counts)),
    ]
    heads = "".join(f"<th class=v>{escape(DECISION_NAMES.get(column, column))}</th>" for column in columns)
    yield f"<table><tr><th></th>{heads}</tr>"
    for row in rows:
        total = sum(count for (expected, _), count in counts.items() if expected == row)
        cells = []
        for column in columns:
            share = counts[(row, column)] / total
            # Green where it should go, red where it must not, grey where it was asked back or refused.
            hue = "22,163,74" if column == row else "100,116,139" if column in DECISION_NAMES else "220,38,38"
            shown = counts[(row, column)] or ""
            cells.append(f'<td class=n style="background:rgba({hue},{share * 0.7:.2f})">{shown}</td>')
        name = "答不了的" if row == OUT_OF_SCOPE else row
        yield f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>"
    yield "</table>"


def _histogram(latencies: list[float]) -> Iterator[str]:
    counts, edges = np.histogram(latencies, BINS)
    width, height = (PLOT[0] - MARGIN - 10) / BINS, PLOT[1] - MARGIN - 10
    bars = "".join(
        f'<rect x="{MARGIN + i * width:.1f}" y="{10 + height * (1 - count / counts.max()):.1f}" '
        f'width="{width - 1:.1f}" height="{height * count / counts.max():.1f}" fill="{COLOURS[0]}"/>'
        for i, count in enumerate(counts.tolist())
    )
    yield _frame(bars, str(int(counts.max())), f"{edges[0]:.1f} – {edges[-1]:.1f} 毫秒")
    p50, p95 = np.percentile(latencies, (50, 95))
    yield f"<p>中位数 {p50:.1f}，百分之九十五在 {p95:.1f} 以内。</p>"


def _misses(result: Measurement, matcher: Matcher) -> Iterator[str]:
    """Each with what spoke for the likeliest entry and for the right one."""
    yield "<table><tr><th>问题</th><th>听到的话</th><th>应为</th><th>结果</th><th>依据</th></tr>"
    for question, turn in result.misses[:MISSES_SHOWN]:
        became = turn.entry or DECISION_NAMES[turn.decision]
        support = explain(matcher, turn.transcript, entries=1, expected=question.expected).support
        cells = [question.question, turn.transcript, question.expected, became]
        told = "<br>".join(escape(s.told) for s in support)
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + f"<td>{told}</td></tr>"
    yield "</table>"
