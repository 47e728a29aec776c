"""The course lab: a gallery of experiments, each a card with its data, its network, its figures."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import netbuilder.lab.entries  # noqa: F401  (they are registered there)
from netbuilder.document.file.storage import Loaded
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.window.documents import Documents
from netbuilder.gui.window.lab_picture import headline, lab_picture
from netbuilder.gui.window.saving import learned_of
from netbuilder.gui.window.writer import Writer
from netbuilder.lab.experiment import LAB, Experiment

_COLUMNS = 3
_CARD, _PICTURE = QSize(286, 232), 128
"""Of a card, and the height of its picture, in pixels."""
_LINES = 4
"""Of the sentence on a card; the tool tip has all of it."""


def open_experiment(entry: Experiment, store: Store, documents: Documents) -> None:
    """Opens an experiment as a new document, once what is there is safe.

    From one experiment to another on the same data it is a step of the document that is there, so
    that their curves are seen side by side.
    """

    def tell() -> None:
        store.notify("info", f"{tr_text(entry.title)}. {tr_text(entry.look_for)}")

    def put() -> None:
        loaded = Loaded(entry.opened(), entry.weights() if entry.weights else None)
        documents.put(loaded, None, learned_of(loaded))
        tell()

    project, new = store.project, entry.opened()
    if project.experiment and project.data == new.data and entry.weights is None:
        title = tr_text(entry.title)
        store.commit(
            new,
            QCoreApplication.translate("LabGallery", "experiment {title}").format(title=title),
            begins=True,
        )
        tell()
    else:
        documents.when_safe(put)


class LabGallery(QDialog):
    """Offers the experiments; a click, or Return, chooses one."""

    chosen = Signal(object)
    """(Experiment,)"""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Course lab"))
        self._themes = themes
        self._painter = Writer(self)
        self.cards: dict[str, Card] = {}
        head = QLabel(self.tr("Experiments of the classic course, with the figures it publishes"))
        font = head.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        head.setFont(font)
        below = QLabel(
            self.tr(
                "Each opens as a new network. While it trains, its figures are rings on the cost "
                "curve, filled as soon as they are met."
            )
        )
        below.setProperty("tone", "muted")
        content = QWidget()
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(0, 4, 8, 8)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(12)
        self._fill()
        self.area = QScrollArea()
        self.area.setAccessibleName(self.tr("Experiments"))
        self.area.setWidgetResizable(True)
        self.area.setWidget(content)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        for button in buttons.findChildren(QPushButton):
            button.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 14, 14)
        column.setSpacing(6)
        column.addWidget(head)
        column.addWidget(below)
        column.addSpacing(6)
        column.addWidget(self.area, 1)
        column.addWidget(buttons)
        wide = _COLUMNS * _CARD.width() + (_COLUMNS - 1) * 14 + 64
        self.resize(QSize(wide, 660).boundedTo(parent.size() - QSize(40, 40)))
        themes.changed.connect(self._paint_all)
        self.finished.connect(self._painter.finish)
        self._paint_all()
        next(iter(self.cards.values())).setFocus()

    def _fill(self) -> None:
        row, column, source = -1, 0, ""
        for name, entry in LAB.items():
            if entry.source != source:
                source, column = entry.source, 0
                row += 1
                self._grid.addWidget(self._heading(source), row, 0, 1, _COLUMNS)
                row += 1
            elif column == _COLUMNS:
                row, column = row + 1, 0
            card = self.cards[name] = Card(entry, self._themes)
            card.clicked.connect(partial(self._choose, entry))
            card.walked.connect(self._walk)
            self._grid.addWidget(card, row, column, Qt.AlignmentFlag.AlignLeft)
            column += 1
        self._grid.setColumnStretch(_COLUMNS, 1)

    def _heading(self, source: str) -> QLabel:
        """What is published, and where."""
        where, _, what = tr_text(source).partition(": ")
        label = QLabel(
            f"<b>{what}</b> &nbsp;<span style='color:{self._themes.theme.muted}'>{where}</span>"
        )
        label.setContentsMargins(0, 10, 0, 0)
        return label

    def _choose(self, entry: Experiment) -> None:
        self.accept()
        self.chosen.emit(entry)

    def _walk(self, name: str, step: int) -> None:
        """Arrow keys go from card to card."""
        names = list(self.cards)
        place = names.index(name) + step
        if 0 <= place < len(names):
            card = self.cards[names[place]]
            card.setFocus(Qt.FocusReason.TabFocusReason)
            self.area.ensureWidgetVisible(card, 0, 40)

    def _paint_all(self, *_: object) -> None:
        """Pictures are made one by one, off this thread."""
        theme, ratio = self._themes.theme.name, self.devicePixelRatioF()
        for name, card in self.cards.items():
            self._painter.put(
                partial(lab_picture, name, _CARD.width() - 2, _PICTURE, ratio, theme),
                card.show_picture,
            )

    @property
    def busy(self) -> bool:
        """Whether pictures are still being made."""
        return self._painter.busy


class Card(QAbstractButton):
    """One experiment: what it looks like, what it is called, and what there is to see."""

    walked = Signal(str, int)
    """(name, by how many cards) an arrow key was pressed."""

    def __init__(self, entry: Experiment, themes: ThemeManager) -> None:
        super().__init__()
        self.entry, self._themes = entry, themes
        self.picture: QImage | None = None
        self.setText(tr_text(entry.title))
        self.setAccessibleName(tr_text(entry.title))
        self.setAccessibleDescription(tr_text(entry.look_for))
        self.setToolTip(f"<p>{tr_text(entry.look_for)}</p>")
        self.setFixedSize(_CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_picture(self, image: QImage | None, error: Exception | None) -> None:
        if error is not None:
            raise error
        self.picture = image
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -_COLUMNS,
            Qt.Key.Key_Down: _COLUMNS,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            self.walked.emit(self.entry.name, step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        hot = self.underMouse() or self.hasFocus()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            body = self.rect().toRectF().adjusted(1, 1, -1, -1)
            painter.setPen(QPen(theme.color("accent" if hot else "line"), 2 if hot else 1))
            painter.setBrush(theme.color("card"))
            painter.drawRoundedRect(body, 10, 10)
            upper = body.adjusted(1, 1, -1, 0)
            upper.setHeight(_PICTURE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("sunken"))
            painter.drawRoundedRect(upper, 9, 9)
            painter.drawRect(upper.adjusted(0, 20, 0, 0))
            if self.picture is not None:
                painter.drawImage(QPoint(1, 1), self.picture)
            self._write(painter)

    def _write(self, painter: QPainter) -> None:
        theme = self._themes.theme
        words = headline(self.entry)
        if words:
            painter.setPen(theme.color("text"))
            painter.setFont(tabular(_bold(self.font()), 1.2))
            place = QRect(_PICTURE + 6, _PICTURE - 40, _CARD.width() - _PICTURE - 20, 30)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        left, width = 14, _CARD.width() - 28
        title = _bold(self.font())
        painter.setFont(title)
        painter.setPen(theme.color("text"))
        metrics = QFontMetrics(title)
        top = _PICTURE + 12
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, top, width, metrics.height()), 0, text)
        top += metrics.height() + 5
        small = QFont(self.font())
        small.setPointSizeF(small.pointSizeF() * 0.92)
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        metrics = QFontMetrics(small)
        for line in _lines(tr_text(self.entry.look_for), metrics, width):
            painter.drawText(QRect(left, top, width, metrics.height()), 0, line)
            top += metrics.height() + 1


def _bold(font: QFont) -> QFont:
    font = QFont(font)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def _lines(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """Broken between words into a few lines, of which the last ends in … where it must."""
    lines, words = [""], text.split()
    for at, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if metrics.horizontalAdvance(longer) <= width or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < _LINES:
            lines.append(word)
        else:
            rest = " ".join([lines[-1], *words[at:]])
            lines[-1] = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)
            break
    return lines
