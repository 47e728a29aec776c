"""Numbers as people type them, read in one way by every field, and as we write them ourselves."""

from __future__ import annotations

import math
import re
from typing import Any

from netbuilder.engine.settings import Setting, SettingError

_SPACES = " \u00a0\u2009\u202f"
"""Plain, fixed, thin and narrow: all of them may stand between thousands."""
_LOWERED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")


def _grouped(gaps: str, point: str) -> str:
    """The pattern of a number with thousands: the same gap before every three digits."""
    whole = rf"[1-9][0-9]{{0,2}}(?P<gap>[{gaps}])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*"
    return rf"(?P<whole>{whole})(?:{point}(?P<part>[0-9]*))?"


_READINGS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]*))?|\.(?P<only>[0-9]+)",
        _grouped(f",{_SPACES}", r"\."),
        _grouped(_SPACES, ","),
        # A point parts thousands only where a comma shows what it means: 1.000,5.
        r"(?=.*,)" + _grouped(r"\.", ","),
        r"(?P<whole>[0-9]*),(?P<part>[0-9]*)",
    )
)
"""In this order: "1,000" is a thousand before it is a decimal comma."""
_POWER = re.compile(
    r"(?P<head>.*?)(?:[eE](?P<e>[+-]?[0-9]+)|(?:(?<=.)[·×]|^)10(?P<ten>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
)


def parse_number(text: str) -> int | float | None:
    """The number that a text says; None when it says none, or one beyond all range.

    Reads decimal points and commas, thousands, the true minus sign, 1e-3 and 1.2·10⁻³. A comma
    before three digits parts thousands, as we write them ("1,000", but not "0,500"); any other is
    a decimal comma.
    """
    text = text.strip().replace("−", "-")
    sign = -1 if text.startswith("-") else 1
    text = text[1:] if text[:1] in ("-", "+") else text
    exponent = 0
    power = _POWER.fullmatch(text)
    if power is not None:
        text = power["head"] or ("1" if power["ten"] else "")
        exponent = int(power["e"] or power["ten"].translate(_LOWERED))
    found = next(filter(None, (reading.fullmatch(text) for reading in _READINGS)), None)
    if found is None:
        return None
    parts = found.groupdict()
    whole = re.sub(r"[^0-9]", "", parts.get("whole") or "")
    part = parts.get("part") or parts.get("only") or ""
    if not whole + part:
        return None
    if not part and not exponent:
        return sign * int(whole)
    value = sign * float(f"{whole or 0}.{part or 0}e{exponent}")
    return value if math.isfinite(value) else None


def parse_setting(setting: Setting, text: str) -> Any:
    """What was typed for a setting, in its type; raises SettingError saying what is expected."""
    number = parse_number(text)
    whole = setting.type is int
    if number is None or (whole and number != int(number)):
        wanted = (
            "{label} must be a whole number, {range}; got {value}"
            if whole
            else "{label} must be a number, {range}; got {value}"
        )
        if "," in text:
            wanted = (
                "{label} must be a whole number, {range}; got {value}, "
                "where 1,000 would be a thousand and 0,5 a half"
                if whole
                else "{label} must be a number, {range}; got {value}, "
                "where 1,000 would be a thousand and 0,5 a half"
            )
        raise SettingError(
            setting.name,
            wanted,
            label=setting.label,
            range=setting.range_text,
            value=repr(text.strip()[:40]),
        )
    value = setting.type(number)
    setting.check(value)
    return value
