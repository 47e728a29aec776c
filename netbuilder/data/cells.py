"""Numbers as people write them in cells: decimal marks, grouped thousands, money and per cent."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MISSING = {"", "?", "na", "n/a", "n.a.", "#n/a", "<na>", "nan", "null"}
"""Cells that hold no value, whatever their column holds; compared in lower case."""
MISSING_AMONG_NUMBERS = MISSING | {"-", "--", "---", "–", "—", ".", "*", "none", "nil", "missing"}
"""Cells that hold no value where the others hold numbers; among words they may be words."""

_MONEY = r"(?:[$€£¥₩₹₽元円]|(?:US|A|C|HK|NT)\$|EUR|USD|GBP|CHF|CNY|RMB|JPY)"
_GROUPS = "\u00a0\u202f\u2009 '’"
"""What groups thousands whatever the decimal mark is."""


def _pattern(decimal: str) -> re.Pattern[str]:
    """A number: sign, money before or after it, thousands grouped or not, fraction, exponent."""
    mark, group = re.escape(decimal), "." if decimal == "," else ","
    return re.compile(
        rf"(?P<sign>[-+−]?)\s*(?P<before>{_MONEY}?)\s*(?P<inner>[-+−]?)"
        rf"(?P<whole>[1-9]\d{{0,2}}(?:(?P<group>[{group}{_GROUPS}])\d{{3}})(?:(?P=group)\d{{3}})*|\d*)"
        rf"(?P<fraction>(?:{mark}\d*)?)(?P<power>(?:[eE][-+]?\d+)?)"
        rf"\s*(?P<after>(?:{_MONEY}|%)?)",
        re.ASCII,
    )


_PATTERNS = {mark: _pattern(mark) for mark in ".,"}
_GROUPING = re.compile(rf"[,.{_GROUPS}]")


def number(cell: str, decimal: str) -> float | None:
    """The number in a cell; None when there is none, or a word for a missing value.

    Money and per cent lose their sign: $12.30 is 12.3, and 12.5% is 12.5.
    """
    if decimal == ".":
        try:
            found = float(cell)
        except ValueError:
            pass
        else:
            # Python alone reads 1_000 as a number; NaN is for the missing.
            return None if "_" in cell or math.isnan(found) else found
    found_at = _PATTERNS[decimal].fullmatch(cell.strip())
    if found_at is None or (found_at["sign"] and found_at["inner"]):
        return _infinite(cell)
    whole = _GROUPING.sub("", found_at["whole"])
    fraction = found_at["fraction"][1:]
    if not whole and not fraction:
        return None
    if found_at["before"] and found_at["after"]:
        return None
    sign = "-" if (found_at["sign"] or found_at["inner"]) in ("-", "−") else ""
    return float(f"{sign}{whole or '0'}.{fraction or '0'}{found_at['power']}")


def _infinite(cell: str) -> float | None:
    """Infinity, which is a number by its name, to be refused as one."""
    is_one = cell.strip().lstrip("+-").casefold() in ("inf", "infinity")
    return math.inf if is_one else None


def unit(cell: str, decimal: str) -> str:
    """What stands beside a cell's number, such as $ or %; empty for none."""
    found = _PATTERNS[decimal].fullmatch(cell.strip())
    return "" if found is None else found["before"] or found["after"]


# --- which decimal mark --------------------------------------------------------------------------

_WHOLE = re.compile(r"\d+", re.ASCII)
_OPEN = {mark: re.compile(rf"[1-9]\d{{0,2}}{re.escape(mark)}\d{{3}}", re.ASCII) for mark in ".,"}
"""1.463: a fraction, or thousands."""
_TRIM = re.compile(rf"^[-+−]?\s*{_MONEY}?\s*[-+−]?|\s*(?:{_MONEY}|%)?$")


@dataclass
class Marks:
    """What the cells of one column say of decimal marks."""

    name: str = ""
    filled: int = 0
    numbers: int = 0
    short: bool = False
    """Whether there is a whole number of at most three digits."""
    long: bool = False
    """Whether there is an ungrouped whole number of four digits or more."""
    sure: str = ""
    """The marks that a cell can only have been written with."""
    unsure: str = ""
    """The marks of cells such as 1.463 and 1,463."""
    example: str = ""
    """The first unsure cell."""
    proof: str = ""
    """The first sure cell."""

    def add(self, cells: Iterable[str]) -> None:
        for cell in cells:
            if cell.strip().casefold() in MISSING_AMONG_NUMBERS:
                continue
            self.filled += 1
            text = _TRIM.sub("", cell.strip())
            if _WHOLE.fullmatch(text):
                self.numbers += 1
                self.short |= len(text) <= 3
                self.long |= len(text) > 3
                continue
            for mark, pattern in _OPEN.items():
                if pattern.fullmatch(text):
                    self.numbers += 1
                    self.unsure += mark if mark not in self.unsure else ""
                    self.example = self.example or cell.strip()
                    break
            else:
                marks = [mark for mark in ".," if number(text, mark) is not None]
                self.numbers += bool(marks)
                if len(marks) == 1 and ("." in text or "," in text):
                    self.sure += marks[0] if marks[0] not in self.sure else ""
                    self.proof = self.proof or cell.strip()

    @property
    def counts(self) -> bool:
        """Whether it is a column of numbers at all."""
        return self.numbers * 2 >= max(1, self.filled)

    @property
    def looks_grouped(self) -> bool:
        """Whether 1.463 stands beside 989, as when thousands are grouped."""
        return bool(self.unsure) and self.short and not self.long and not self.sure


def decimal_of(columns: Sequence[Marks], delimiter: str) -> tuple[str, Marks | None]:
    """The decimal mark of a file, or "" and the column that leaves it open."""
    columns = [column for column in columns if column.counts]
    sure = {mark for column in columns for mark in column.sure}
    grouped = next((column for column in columns if column.looks_grouped), None)
    if len(sure) == 2:
        two = next((column for column in columns if len(column.sure) > 1), None)
        return "", two or next(column for column in columns if column.sure)
    if sure:
        (mark,) = sure
        if grouped is not None and mark in grouped.unsure:
            return "", grouped
        return mark, None
    unsure = next((column for column in columns if column.unsure), None)
    if unsure is None:
        return ".", None
    for column in columns:
        # Whoever writes 12345 does not group thousands.
        if column.long and len(column.unsure) == 1:
            return column.unsure, None
    marks = {mark for column in columns for mark in column.unsure}
    if marks == {"."} and delimiter == "," and grouped is None:
        return ".", None
    return "", grouped or unsure
