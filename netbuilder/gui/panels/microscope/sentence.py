"""The sentence of one number: what it was computed from, each symbol above its value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from netbuilder.engine.stops import Factor, Origin
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.typeset import Formula
from netbuilder.numbers import number

_WHOLE, _FIRST = 4, 2
"""So many terms are written out; of more the first ones, and the last."""
_DIGITS = 6
SIZE = 18.0
"""Of the symbols, in pixels."""
_VALUE = 20.0
"""The height of a value."""
_GAP = 5.0

Typeset = Callable[[str, float, str], Formula | None]


@dataclass(eq=False)
class Token:
    """A symbol with its value below, or a sign."""

    latex: str
    value: str = ""
    factor: Factor | None = None
    """The number that a click follows."""
    breaks: bool = False
    """Whether a line may end before it."""
    rect: QRectF | None = None
    baseline: float = 0.0


def tokens(origin: Origin) -> list[Token]:
    """``z = w · a + … + b``"""
    me = Factor.of(origin.quantity, origin.at)
    found = [Token(me.symbol, number(me.value, _DIGITS)), Token("=")]
    if origin.arguments:
        found.append(Token(origin.function))
        found.append(Token(r"\quad", breaks=True))
        found += [_number(factor) for factor in origin.arguments]
        return found
    for factor in origin.scale:
        found += [_number(factor), Token(r"\cdot")]
    bracket = origin.largest or (origin.scale and len(origin.terms) > 1)
    if bracket:
        found.append(Token(r"\max(" if origin.largest else "("))
    found += _sum(origin)
    if bracket:
        found.append(Token(")"))
    return found


def _sum(origin: Origin) -> Iterator[Token]:
    count = len(origin.terms)
    whole = count <= _WHOLE
    shown = range(count) if whole else [*range(_FIRST), count - 1]
    for place, k in enumerate(shown):
        term = origin.terms[k]
        if not whole and k == count - 1:
            words = QCoreApplication.translate("Microscope", "{count} more")
            yield Token(", " if origin.largest else "+", breaks=True)
            yield Token(r"\ldots", words.format(count=f"{count - _FIRST - 1:,}"))
        if place or term.sign < 0:
            sign = "," if origin.largest else "+" if term.sign > 0 else "-"
            yield Token(sign, breaks=bool(place))
        for index, factor in enumerate(term.factors):
            if index:
                yield Token(r"\cdot")
            yield _number(factor, brackets=bool(index or place))


def _number(factor: Factor, brackets: bool = False) -> Token:
    value = number(factor.value, _DIGITS)
    if brackets and factor.value < 0:
        value = f"({value})"
    if factor.quantity is None:
        return Token(factor.latex, value)
    return Token(factor.symbol, value, factor)


class Sentence:
    """The tokens, broken into lines and placed."""

    def __init__(
        self, origin: Origin, typeset: Typeset, theme: Theme, metrics: QFontMetricsF
    ) -> None:
        self.tokens = tokens(origin)
        self._typeset, self._theme, self._metrics = typeset, theme, metrics
        self.height = 0.0

    def place(self, room: QRectF) -> None:
        """Into the width of ``room``, from its top down, each line in the middle."""
        lines: list[list[tuple[Token, float]]] = [[]]
        used = 0.0
        for token in self.tokens:
            wide = self._width(token)
            rest = self._until_break(token)
            if token.breaks and used + rest > room.width() and lines[-1]:
                lines.append([])
                used = 0.0
            lines[-1].append((token, wide))
            used += wide + _GAP
        y = room.top()
        for line in lines:
            made = [formula for token, _ in line if (formula := self._formula(token)) is not None]
            up = max((formula.ascent for formula in made), default=SIZE)
            down = max((formula.size.height() - formula.ascent for formula in made), default=4.0)
            x = room.left() + max(0.0, (room.width() - sum(w + _GAP for _, w in line)) / 2)
            for token, wide in line:
                token.rect = QRectF(x, y, wide, up + down + _VALUE)
                token.baseline = y + up
                x += wide + _GAP
            y += up + down + _VALUE + 6
        self.height = y - room.top()

    def _until_break(self, token: Token) -> float:
        start = self.tokens.index(token)
        width = 0.0
        for other in self.tokens[start:]:
            if other.breaks and other is not token:
                break
            width += self._width(other) + _GAP
        return width

    def _width(self, token: Token) -> float:
        formula = self._formula(token)
        wide = formula.size.width() if formula is not None else 8.0
        return max(wide, self._metrics.horizontalAdvance(token.value))

    def _formula(self, token: Token) -> Formula | None:
        return self._typeset(token.latex, SIZE, self._theme.text)

    def at(self, point: QPointF) -> Factor | None:
        """The number there that can be followed."""
        for token in self.tokens:
            if token.factor is not None and token.rect is not None and token.rect.contains(point):
                return token.factor
        return None

    def paint(self, painter: QPainter, hovered: Factor | None) -> None:
        theme = self._theme
        for token in self.tokens:
            rect = token.rect
            if rect is None:
                continue
            if token.factor is not None and token.factor is hovered:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("selection"))
                painter.drawRoundedRect(rect.adjusted(-2, 0, 2, 0), 4, 4)
            formula = self._formula(token)
            if formula is not None:
                left = rect.center().x() - formula.size.width() / 2
                formula.paint(painter, left, token.baseline)
            if token.value:
                painter.setPen(theme.color("text" if token.factor is None else "accent"))
                below = QRectF(rect.left() - 20, rect.bottom() - _VALUE, rect.width() + 40, _VALUE)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, token.value)
