"""Numbers as people read them: a true minus sign, and no more digits than are of use."""

from __future__ import annotations

import math

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


def cost(value: float) -> str:
    """Five decimals while that says something; the cost hardly ever needs more."""
    return f"{value:.5f}" if 1e-4 <= abs(value) < 10 else number(value)


def percent(share: float, digits: int = 1) -> str:
    """A share from 0 to 1: 90.8 %."""
    return "–" if math.isnan(share) else f"{100 * share:.{digits}f} %"


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


def duration(seconds: float) -> str:
    """A rough time: 12 s, 3 min, 1 h 20 min."""
    if seconds < 100:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d"


def byte_count(size: float) -> str:
    """A number of bytes: 12.4 GB."""
    for unit in ("bytes", "KB", "MB", "GB", "TB", "PB"):
        if size < 1000:
            digits = 0 if unit == "bytes" or size >= 100 else 1
            return f"{size:,.{digits}f} {unit}"
        size /= 1000
    return f"{size:,.0f} EB"


def shape_text(shape: tuple[int, ...], m: int | str | None = None) -> str:
    """(4, 2) of a parameter; (4, 400) or (8, 6, 6, m) of activations, whose examples come last."""
    words = [f"{length:,}" for length in shape]
    if m is not None:
        words.append(m if isinstance(m, str) else f"{m:,}")
    return f"({', '.join(words)})"
