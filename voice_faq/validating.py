"""What pydantic finds wrong, in words for whoever wrote it."""

from __future__ import annotations

from typing import Any, Final

_KINDS: Final = {
    "int_parsing": "要写一个整数", "int_type": "要写一个整数", "int_from_float": "要写一个整数",
    "float_parsing": "要写一个数", "float_type": "要写一个数", "finite_number": "要写一个数",
    "bool_parsing": "要写 true 或 false", "bool_type": "要写 true 或 false",
    "string_type": "要写一段文字，加上引号", "path_type": "要写一个路径，加上引号",
    "list_type": "要写成列表", "dict_type": "要写成一组“名称”和“值”", "model_type": "要写成一组“名称”和“值”",
    "missing": "缺少这一项", "extra_forbidden": "不认识这一项",
    "greater_than": "要大于 {gt}", "greater_than_equal": "不能小于 {ge}",
    "less_than": "要小于 {lt}", "less_than_equal": "不能大于 {le}",
    "literal_error": "只能是 {expected}", "string_pattern_mismatch": "要符合 {pattern} 的格式",
    "string_too_short": "至少要有 {min_length} 个字", "string_too_long": "最多 {max_length} 个字",
    "too_short": "至少要有 {min_length} 项", "too_long": "最多 {max_length} 项",
    "value_error": "{error}",
}  # fmt: skip


def wanted(problem: dict[str, Any]) -> str:
    """What one of pydantic's errors asks for: 不能小于 0."""
    context = dict(problem.get("ctx", {}))
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace(" or ", "、").replace(", ", "、")
    return _KINDS.get(problem["type"], "类型或者写法不对").format(**context)
