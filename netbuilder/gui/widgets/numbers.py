"""Numbers as the window writes them: a true minus sign, no more digits than are of use."""

from __future__ import annotations

import math

from PySide6.QtGui import QFont

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """A number with so many significant digits: −0.412, 12,300, 1.24·10⁻⁷."""
    if math.isnan(value):
        return "NaN"
    sign = "−" if value < 0 else ""
    size = abs(float(value))
    if math.isinf(size):
        return sign + "∞"
    if size == 0.0:
        return "0"
    # The rounding may carry into the next power of ten, so the exponent is read off the result.
    mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -4 <= power < max(6, digits):
        decimals = max(0, digits - 1 - power)
        return f"{sign}{round(size, digits - 1 - power):,.{decimals}f}"
    return f"{sign}{mantissa}·10{str(power).translate(_SUPERSCRIPTS)}"


def tick(value: float, spacing: float) -> str:
    """A tick's label, with as many decimals as the distance between ticks needs."""
    if abs(value) < spacing * 1e-6:
        return "0"
    sign = "−" if value < 0 else ""
    size = abs(value)
    if size >= 1e6 or size < 1e-4:
        mantissa, exponent = f"{size:.4g}".split("e") if "e" in f"{size:.4g}" else ("", "")
        if exponent:
            head = "" if mantissa == "1" else f"{mantissa}·"
            return f"{sign}{head}10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
        return f"{sign}{size:,.0f}"
    decimals = max(0, -math.floor(math.log10(spacing) + 1e-9))
    return f"{sign}{size:,.{decimals}f}"


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1: 90.8 %."""
    return "–" if math.isnan(share) else f"{100 * share:.{digits}f} %"


def rounded_up(value: float) -> float:
    """The next round number, so that a colour scale holds still while values move a little."""
    if not (math.isfinite(value) and value > 0.0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for step in (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0):
        if value <= step * power * (1 + 1e-9):
            return step * power
    return 10.0 * power


def tabular(font: QFont, scale: float = 1.0) -> QFont:
    """The font with figures of one width, and another size if asked."""
    font = QFont(font)
    font.setPointSizeF(font.pointSizeF() * scale)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
