"""Values of a query's result as JSON can say them, none longer than a cell should be."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

CUT = "…"
EXACT_DIGITS = 15
"""Decimal digits that a double always keeps."""


def json_value(value: Any, longest: int) -> Any:
    """A value as JSON has it: dates as text, NaN and infinities as null, bytes as hex, whole numbers exact.

    A decimal is a number while a double holds all its digits, and text beyond. Texts are cut at `longest` characters
    and lists at a tenth as many entries; what was cut ends in an ellipsis.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return _cut(value, longest)
    return _rarer(value, longest)


def _rarer(value: Any, longest: int) -> Any:
    if isinstance(value, Decimal):
        return float(value) if len(value.as_tuple().digits) <= EXACT_DIGITS and value.is_finite() else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return _cut(bytes(value)[: longest // 2 + 1].hex(), longest)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        entries = list(value.items())[: _most(longest)]
        short = {_cut(str(key), longest): json_value(inner, longest) for key, inner in entries}
        return short if len(entries) == len(value) else {**short, CUT: CUT}
    if isinstance(value, list | tuple):
        short_list = [json_value(inner, longest) for inner in value[: _most(longest)]]
        return short_list if len(short_list) == len(value) else [*short_list, CUT]
    return _cut(str(value), longest)


def _most(longest: int) -> int:
    return max(1, longest // 10)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + CUT
