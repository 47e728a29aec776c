"""New from a template: pictures of networks to begin from, and the offer on an empty canvas."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.project import Project
from netbuilder.document.templates import TEMPLATES, Template
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.sketch import sketch
from netbuilder.gui.window.writer import Writer

_COLUMNS = 3
_CARD = QSize(252, 196)
_PICTURE, _EDGE = 104, 14


class TemplateCard(QAbstractButton):
    """One template: its picture, its name, and what there is to be seen."""

    def __init__(self, template: Template, themes: ThemeManager) -> None:
        super().__init__()
        self._template, self._themes = template, themes
        self._features = 0
        self.project: Project | None = None
        """Made by the time it has a picture."""
        self.setText(tr_message(template.title))
        self.setAccessibleDescription(tr_message(template.summary))
        self.setFixedSize(_CARD)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_project(self, project: Project, features: int) -> None:
        self.project, self._features = project, features
        self.setEnabled(True)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        lit = self.hasFocus() or self.underMouse() or self.isDown()
        body = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(theme.color("selection" if self.isDown() else "card"))
            painter.setPen(QPen(theme.color("accent" if lit else "line"), 1.6 if lit else 1))
            painter.drawRoundedRect(body, 8, 8)
            inner = body.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE + 4)
            if self.project is not None:
                picture = QRectF(inner.topLeft(), QSize(round(inner.width()), _PICTURE))
                sketch(painter, picture, self.project.network, self._features, theme)
            title = inner.adjusted(0, _PICTURE + 4, 0, 0)
            title.setHeight(24)
            painting.text(painter, title, self.text(), theme.color("text"), 14, bold=True)
            painter.setFont(painting.font(12))
            painter.setPen(theme.color("muted"))
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
            painter.drawText(
                inner.adjusted(0, _PICTURE + 28, 0, 0), flags, tr_message(self._template.summary)
            )


class TemplateDialog(QDialog):
    """All templates; a click or Return begins a new network from one."""

    chosen = Signal(object)
    """(Project,)"""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New from a template"))
        grid = QGridLayout()
        grid.setSpacing(12)
        self.cards: dict[str, TemplateCard] = {}
        for number, (name, template) in enumerate(TEMPLATES.items()):
            card = self.cards[name] = TemplateCard(template, themes)
            card.setEnabled(False)
            card.clicked.connect(lambda _=False, card=card: self._choose(card))
            grid.addWidget(card, *divmod(number, _COLUMNS))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(14)
        column.addLayout(grid)
        column.addWidget(buttons)
        # Some read their data; that is done elsewhere.
        self._writer = Writer(self)
        self._writer.put(_make, self._fill)

    def _fill(
        self, projects: dict[str, tuple[Project, int]] | None, error: Exception | None
    ) -> None:
        if projects is None:
            assert error is not None
            raise error
        for name, made in projects.items():
            self.cards[name].show_project(*made)
        next(iter(self.cards.values())).setFocus()

    def _choose(self, card: TemplateCard) -> None:
        self.accept()
        self.chosen.emit(card.project)

    def done(self, result: int) -> None:
        self._writer.finish()
        super().done(result)


def _make() -> dict[str, tuple[Project, int]]:
    """Every template's project, and how many features its data has."""
    projects = {name: template.make() for name, template in TEMPLATES.items()}
    return {name: (made, dataset_of(made.data).info.n_x) for name, made in projects.items()}


class StartOffer(QPushButton):
    """On a canvas without layers: the way to the templates."""

    def __init__(self, canvas: CanvasView, store: Store, perform: Callable[[], None]) -> None:
        super().__init__(canvas.viewport())
        self._store = store
        self.setText(self.tr("Start from a template…"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda _=False: perform())
        store.changed.connect(self._follow)
        store.replaced.connect(self._follow)
        canvas.viewport().installEventFilter(self)
        self._follow()

    def _follow(self, *_: object) -> None:
        self.setVisible(all(node.fixed for node in self._store.project.network.nodes))
        self._place()

    def _place(self) -> None:
        room = self.parentWidget()
        assert room is not None
        self.adjustSize()
        self.move((room.width() - self.width()) // 2, room.height() - self.height() - 24)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)
