"""The page: one stop as a lecture has it, its formula, its matrices, and one number written out."""

from __future__ import annotations

import math
from itertools import islice

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from netbuilder.engine.stops import Box, Factor, Index, Quantity, Sign, Stop
from netbuilder.gui.panels.microscope.boxes import ROW, MatrixBox
from netbuilder.gui.panels.microscope.sentence import Sentence
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.typeset import Formula, Typesetter

LARGE, SMALL, CAPTION = 26.0, 16.0, 16.0
"""Sizes of letters in formulas, in pixels."""
_MARGIN, _TOP = 14.0, 4.0
_LIT = 400
"""So many numbers are marked at most."""
_APART = 40.0
_MOST_ROWS, _MOST_COLUMNS = 8, 9
_GAP, _LINE, _SENTENCE = 10.0, 18.0, 76.0
"""Between boxes and signs; the height of a line below them, and about that of the sentence."""


class Page(QWidget):
    """Shows a stop and one chosen number; says which number is clicked."""

    followed = Signal(object)
    """(Factor,) a number that was clicked."""

    def __init__(self, theme: Theme, typesetter: Typesetter) -> None:
        super().__init__()
        self._theme, self._typesetter = theme, typesetter
        self.stop: Stop | None = None
        self.boxes: list[MatrixBox] = []
        self.sentence: Sentence | None = None
        self._why = self._given = ""
        self._chosen: tuple[Quantity, Index] | None = None
        self._example = 0
        self._signs: list[tuple[str, float]] = []
        self._lit: dict[Quantity, set[Index]] = {}
        self._hovered: Factor | None = None
        self._content = 0
        self._baseline = self._also_at = self._why_at = 0.0
        self._middle = self._names_at = self._captions_at = self._sentence_at = 0.0
        self._beside = False
        self.setFont(tabular(self.font(), 1.1))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        typesetter.ready.connect(self._arrange)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._arrange()

    def show_stop(
        self, stop: Stop, why: str, chosen: tuple[Quantity, Index], given: str, example: int
    ) -> None:
        """``why`` is the sentence below the formula, ``chosen`` the number written out.

        ``given`` is what to say of that if it was not computed.
        """
        self.stop, self._why, self._chosen, self._example = stop, why, chosen, example
        self._given = given
        self._hovered = None
        self._typesetter.turn_page()
        self._arrange()

    # --- layout --------------------------------------------------------------------------------

    def _arrange(self) -> None:
        if self.stop is None or self._chosen is None:
            return
        y = self._arrange_words(_TOP)
        y = self._arrange_boxes(y)
        height = round(self._arrange_sentence(y + 4) + 2)
        if self.minimumHeight() != height:
            self.setMinimumHeight(height)
        self._content = height
        self.update()

    @property
    def _shift(self) -> float:
        """How far down everything stands, so that it is in the middle."""
        return max(0.0, (self.height() - self._content) / 2)

    def _arrange_words(self, y: float) -> float:
        stop = self.stop
        assert stop is not None
        formula, notes = self._formula(stop.formula, LARGE), self._notes()
        up = formula.ascent if formula is not None else LARGE
        tall = formula.size.height() if formula is not None else LARGE + 8
        wide = formula.size.width() if formula is not None else 0.0
        self._beside = wide + self._width_of(notes) + _APART <= self.width() - 2 * _MARGIN
        if notes and self._beside:
            up = max(up, *(note.ascent for note in notes))
            down = max(tall - up, *(note.size.height() - note.ascent for note in notes))
            self._baseline = self._also_at = y + up
            y += up + down + 5
        else:
            self._baseline = y + up
            y += tall + 5
            if notes:
                self._also_at = y + max(note.ascent for note in notes)
                y += max(note.size.height() for note in notes) + 4
        if self._why:
            self._why_at = y
            flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
            room = QRectF(_MARGIN, y, self.width() - 2 * _MARGIN, 200)
            y += QFontMetricsF(self.font()).boundingRect(room, flags, self._why).height() + 2
        return y + 6

    def _width_of(self, notes: list[Formula]) -> float:
        return sum(note.size.width() + _APART for note in notes) - _APART if notes else 0.0

    def _notes(self) -> list[Formula]:
        assert self.stop is not None
        texts = [text for text in (self.stop.indexed, *self.stop.also) if text]
        made = [self._formula(text, SMALL, "muted") for text in texts]
        return [formula for formula in made if formula is not None]

    def _arrange_boxes(self, y: float) -> float:
        assert self.stop is not None and self._chosen is not None
        origin = self._chosen[0].origin(self._chosen[1])
        self._lit = {}
        if origin is not None:
            for factor in islice(origin.sources, _LIT):
                if factor.quantity is not None:
                    self._lit.setdefault(factor.quantity, set()).add(factor.at)
        metrics = QFontMetricsF(self.font())
        rows, columns = self._most_rows(y), _MOST_COLUMNS
        x = self._in_a_row(rows, columns, metrics)
        while x > self.width() - 2 * _MARGIN and columns > 1:
            # So many columns less as the widths of those that there are say.
            wide = sum(box.cell for box in self.boxes if len(box.columns) == columns)
            less = math.ceil((x - self.width() + 2 * _MARGIN) / wide) if wide else 1
            columns = max(1, columns - less)
            x = self._in_a_row(rows, columns, metrics)
        shift = max(_MARGIN, (self.width() - x) / 2)
        signs = [self._formula(latex, LARGE - 6) for latex, _ in self._signs]
        heights = [formula.size.height() for formula in signs if formula is not None]
        tall = max([*heights, *(box.height for box in self.boxes)], default=0.0)
        middle = y + tall / 2
        for box in self.boxes:
            slack = max(0.0, self._caption_width(box, metrics) - box.width) / 2
            box.place(box.rect.left() + shift + slack, middle)
        self._signs = [(latex, at + shift) for latex, at in self._signs]
        self._middle = middle
        names = [name for box in self.boxes if (name := self._formula(box.latex, CAPTION))]
        self._names_at = y + tall + 3 + max((name.ascent for name in names), default=CAPTION)
        below = max((name.size.height() - name.ascent for name in names), default=4.0)
        self._captions_at = self._names_at + below
        lines = max((len(box.captions) for box in self.boxes), default=1)
        return self._captions_at + _LINE * lines + 4

    def _most_rows(self, y: float) -> int:
        """So many rows that the sentence below them can be seen too."""
        assert self.stop is not None
        viewport = self.parentWidget()
        boxes = [part for part in self.stop.parts if isinstance(part, Box)]
        names = [self._formula(box.latex, CAPTION) for box in boxes]
        below = max((name.size.height() for name in names if name is not None), default=20.0)
        below += _LINE * (2 if any(len(box.quantity.shape) == 4 for box in boxes) else 1)
        seen = 0.0 if viewport is None else viewport.height() - below - _SENTENCE
        # One row's height is for the dots above and below.
        return max(2, min(_MOST_ROWS, int((seen - y) / ROW - 1)))

    def _in_a_row(self, rows: int, columns: int, metrics: QFontMetricsF) -> float:
        """Makes the boxes, side by side with the signs between them; gives how wide that is."""
        assert self.stop is not None
        self.boxes, self._signs, x = [], [], 0.0
        for part in self.stop.parts:
            if isinstance(part, Sign):
                formula = self._formula(part.latex, LARGE - 6)
                wide = formula.size.width() if formula is not None else 14.0
                self._signs.append((part.latex, x))
                x += wide + _GAP
            else:
                box = MatrixBox(part, self._focus(part.quantity), metrics, (rows, columns))
                box.place(x, 0.0)
                self.boxes.append(box)
                x += max(box.width, self._caption_width(box, metrics)) + _GAP
        return x

    def _focus(self, quantity: Quantity) -> Index:
        """The number that must be in sight."""
        assert self._chosen is not None
        if quantity is self._chosen[0]:
            return self._chosen[1]
        if lit := self._lit.get(quantity):
            return min(lit)
        shape = quantity.shape
        last = 0 if quantity.kernel else min(self._example, shape[-1] - 1)
        return (*(0 for _ in shape[:-1]), last)

    def _caption_width(self, box: MatrixBox, metrics: QFontMetricsF) -> float:
        name = self._formula(box.latex, CAPTION)
        wide = name.size.width() if name is not None else 0.0
        return max(wide, *(metrics.horizontalAdvance(words) for words in box.captions))

    def _arrange_sentence(self, y: float) -> float:
        assert self._chosen is not None
        quantity, at = self._chosen
        origin = quantity.origin(at)
        self.sentence = None
        self._sentence_at = y
        if origin is None:
            return y + 40
        metrics = QFontMetricsF(self.font())
        self.sentence = Sentence(origin, self._typesetter.formula, self._theme, metrics)
        self.sentence.place(QRectF(_MARGIN, y, self.width() - 2 * _MARGIN, 400))
        return y + self.sentence.height

    def _formula(self, latex: str, size: float, role: str = "text") -> Formula | None:
        return self._typesetter.formula(latex, size, getattr(self._theme, role))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(600, 260)

    # --- the mouse -----------------------------------------------------------------------------

    def place_of(self, quantity: Quantity, at: Index) -> QPointF | None:
        """Where a number stands in a box, if it is in sight."""
        for box in self.boxes:
            for slot in box.slots:
                if box.quantity is quantity and slot.at == at:
                    return slot.rect.center() + QPointF(0, self._shift)
        return None

    def number_at(self, point: QPointF) -> Factor | None:
        """What is below a point: a number of a box or of the sentence."""
        point = point - QPointF(0, self._shift)
        if self.sentence is not None and (found := self.sentence.at(point)) is not None:
            return found
        for box in self.boxes:
            for slot in box.slots:
                if slot.rect.contains(point):
                    return Factor.of(box.quantity, slot.at)
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.number_at(event.position())
        shape = Qt.CursorShape.ArrowCursor if found is None else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)
        if found is not self._hovered:
            self._hovered = found
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.number_at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.followed.emit(found)
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    # --- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._theme.color("panel"))
            if self.stop is None or self._chosen is None:
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(0, self._shift)
            self._paint_words(painter)
            self._paint_boxes(painter)
            if self.sentence is not None:
                self.sentence.paint(painter, self._hovered)
            elif self._given:
                painter.setPen(self._theme.color("text"))
                room = QRectF(_MARGIN, self._sentence_at, self.width() - 2 * _MARGIN, 36)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self._given)

    def _paint_words(self, painter: QPainter) -> None:
        assert self.stop is not None
        formula, notes = self._formula(self.stop.formula, LARGE), self._notes()
        middle = self.width() / 2
        beside = self._width_of(notes) + _APART if notes and self._beside else 0.0
        if formula is not None:
            room = self.width() - 2 * _MARGIN
            shrink = min(1.0, room / formula.size.width())
            painter.save()
            painter.translate(middle - beside / 2, self._baseline)
            painter.scale(shrink, shrink)
            formula.paint(painter, -formula.size.width() / 2, 0.0)
            painter.restore()
        x = middle - self._width_of(notes) / 2
        if beside and formula is not None:
            x += (formula.size.width() + _APART) / 2
        for note in notes:
            note.paint(painter, x, self._also_at)
            x += note.size.width() + _APART
        if self._why:
            painter.setPen(self._theme.color("muted"))
            room_ = QRectF(_MARGIN, self._why_at, self.width() - 2 * _MARGIN, 200)
            flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(room_, flags, self._why)

    def _paint_boxes(self, painter: QPainter) -> None:
        assert self._chosen is not None
        theme = self._theme
        for latex, x in self._signs:
            formula = self._formula(latex, LARGE - 6)
            if formula is not None:
                formula.paint(painter, x, self._middle - formula.size.height() / 2 + formula.ascent)
        for box in self.boxes:
            chosen = self._chosen[1] if box.quantity is self._chosen[0] else None
            box.paint(painter, theme, self._lit.get(box.quantity, set()), chosen)
            name = self._formula(box.latex, CAPTION)
            centre = box.rect.center().x()
            if name is not None:
                name.paint(painter, centre - name.size.width() / 2, self._names_at)
            painter.setPen(theme.color("muted"))
            for line, words in enumerate(box.captions):
                room = QRectF(centre - 100, self._captions_at + line * _LINE, 200, _LINE)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)
