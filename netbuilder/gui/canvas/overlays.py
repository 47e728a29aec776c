"""What floats over the canvas: a problem's bubble, a hint at the pointer, an editor in place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsView,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.document.check.problems import Problem
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.typed_field import TypedField

GAP = 10
_WIDTH, _WIDE = 250, 340
"""Of a bubble; the second where there is much to be said."""
_MUCH = 150
"""So many letters are much."""
_STEP, _FARTHER = 16.0, 25.0
"""Of the places that a bubble tries; what a pixel away from its card costs, in hidden pixels."""


def _box(name: str, theme: Theme, role: str) -> str:
    return (
        f"#{name} {{ background: {theme.card}; border: 1px solid {theme.color(role).name()};"
        f" border-radius: 8px; }} #{name} QLabel {{ color: {theme.text}; background: none; }}"
    )


def _role(severity: str) -> str:
    return "strong_line" if severity == "hint" else severity


def _keep_inside(widget: QWidget, place: QPoint) -> None:
    parent = widget.parentWidget()
    assert parent is not None
    widget.move(
        max(4, min(place.x(), parent.width() - widget.width() - 4)),
        max(4, min(place.y(), parent.height() - widget.height() - 4)),
    )


class Bubble(QFrame):
    """Says what is wrong with a card, next to it, and offers the remedy as a button."""

    def __init__(
        self, view: QGraphicsView, scene: CanvasScene, mend: Callable[[Problem], None]
    ) -> None:
        super().__init__(view.viewport())
        self.setObjectName("bubble")
        self._view, self._scene, self._mend = view, scene, mend
        self._avoided: list[QWidget] = []
        self._card: CardItem | None = None
        self._shown: tuple[Problem, ...] = ()
        self._theme: Theme | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 9, 12, 10)
        layout.setSpacing(7)
        self.hide()

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._shown if self.isVisible() else ()

    def speak_of(self, card: CardItem | None, theme: Theme) -> None:
        """Shows the problems of a card; None hides it, and so does a card that has none.

        In the middle of an edit the compiler may speak of a card that has not been told yet.
        """
        self._card = card
        if card is None or not card.problems:
            self.hide()
        else:
            self._show_problems(card.problems, theme)
            self.follow()
            self.show()

    def follow(self) -> None:
        """Stays beside its card, where it hides little of the others."""
        if self._card is None or self._card.scene() is None:
            return
        seen = self._view.viewportTransform()
        room = QRectF(self._view.viewport().rect())
        weighed: list[tuple[QRectF, float]] = []
        for card in self._scene.cards.values():
            rect = seen.mapRect(card.scene_rect())
            if rect.intersects(room):
                # To lie on its own card is bad: there is what has to be mended.
                weighed.append((rect, 3.0 if card is self._card else 1.0))
                told = [card.geometry.row(c.setting.name) for c in card.content.controls]
                told.append(card.geometry.name)
                weighed += [(seen.mapRect(line.translated(card.pos())), 6.0) for line in told]
        viewport = self._view.viewport()
        for widget in self._avoided:
            if widget.isVisible():
                corner = viewport.mapFromGlobal(widget.mapToGlobal(QPoint(0, 0)))
                weighed.append((QRectF(QPointF(corner), QSizeF(widget.size())), 20.0))
        self._place(seen.mapRect(self._card.scene_rect()), weighed)

    def avoid(self, widget: QWidget) -> None:
        """Another widget that floats over the canvas, and that is not to be hidden behind."""
        self._avoided.append(widget)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        moved = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize)
        if event.type() in moved and self.isVisible():
            self.follow()
        return super().eventFilter(watched, event)

    def _show_problems(self, problems: tuple[Problem, ...], theme: Theme) -> None:
        """Fills itself with at most three problems, each with its remedy."""
        if problems == self._shown and theme is self._theme:
            return
        self._shown, self._theme = problems, theme
        layout = self.layout()
        assert layout is not None
        while (item := layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # A button may be the one whose click brought us here: it goes a little later.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        accent = theme.color("accent")
        self.setStyleSheet(
            _box("bubble", theme, _role(problems[0].severity))
            + f"#remedy {{ background: {theme.accent}; color: {theme.on_accent}; border: none;"
            " border-radius: 6px; padding: 5px 8px; font-weight: 600; }"
            f"#remedy:hover {{ background: {accent.lighter(112).name()}; }}"
            f"#remedy:pressed {{ background: {accent.darker(115).name()}; }}"
        )
        told = [problem.message for problem in problems[:3]]
        told += [problem.fix.label for problem in problems[:3] if problem.fix is not None]
        width = _WIDE if sum(len(tr_message(words)) for words in told) > _MUCH else _WIDTH
        self.setFixedWidth(width)
        for number, problem in enumerate(problems[:3], 1):
            label = QLabel(tr_message(problem.message), self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setFixedWidth(width - 24)
            layout.addWidget(label)
            label.show()
            # A remedy of several problems is one button, below the last of them.
            later = [other.fix.label for other in problems[number:3] if other.fix is not None]
            if problem.fix is not None and problem.fix.label not in later:
                button = QPushButton(self)
                button.setObjectName("remedy")
                button.setCursor(Qt.CursorShape.PointingHandCursor)
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                button.ensurePolished()
                words = tr_message(problem.fix.label)
                button.setText(_wrapped(words, button.fontMetrics(), width - 48))
                button.setAccessibleName(words)
                button.clicked.connect(lambda _=False, chosen=problem: self._mend(chosen))
                layout.addWidget(button)
                button.show()
        layout.activate()
        self.resize(width, layout.totalHeightForWidth(width))

    def _place(self, card: QRectF, weighed: list[tuple[QRectF, float]]) -> None:
        """Near a card's rectangle, in pixels, where it hides least of what has a weight."""
        parent = self.parentWidget()
        assert parent is not None
        w, h = self.width(), self.height()
        middle, left, right = card.center().x() - w / 2, card.left() - GAP - w, card.right() + GAP
        below, above = card.bottom() + GAP, card.top() - GAP - h
        level = card.center().y() - h / 2
        # In order of preference; then anywhere.
        places = [
            (middle, below),
            (middle, above),
            (right, card.bottom() - h),
            (left, card.bottom() - h),
            (right, level),
            (left, level),
            (middle, card.bottom() - h / 2),
        ]
        lowest_x, lowest_y = max(4.0, parent.width() - w - 4.0), max(4.0, parent.height() - h - 4.0)
        steps = np.mgrid[4.0:lowest_x:_STEP, 4.0:lowest_y:_STEP].reshape(2, -1)
        x, y = np.concatenate((np.array(places).T, steps), axis=1)
        x, y = np.clip(x, 4.0, lowest_x), np.clip(y, 4.0, lowest_y)
        cost = np.concatenate((np.arange(len(places)), np.full(steps.shape[1], len(places))))
        cost = cost.astype(float) * w
        for rect, weight in weighed:
            across = np.minimum(x + w, rect.right()) - np.maximum(x, rect.left())
            down = np.minimum(y + h, rect.bottom()) - np.maximum(y, rect.top())
            cost += weight * np.maximum(across, 0) * np.maximum(down, 0)
        # Far from its card nobody knows whom it speaks of.
        away = np.maximum(np.maximum(card.left() - x - w, x - card.right()), 0)
        away += np.maximum(np.maximum(card.top() - y - h, y - card.bottom()), 0)
        best = int((cost + _FARTHER * away).argmin())
        self.move(round(float(x[best])), round(float(y[best])))


def _wrapped(words: str, metrics: QFontMetrics, width: int) -> str:
    """Words in lines of at most that width, for buttons, which do not wrap by themselves."""
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and metrics.horizontalAdvance(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


class Hint(QLabel):
    """One line or a few at the pointer, such as why a wire cannot end there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("hint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setContentsMargins(9, 5, 9, 5)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()

    def say(self, words: str, place: QPoint, theme: Theme, role: str = "strong_line") -> None:
        """Shows words below and right of a place; empty words hide it."""
        if not words:
            self.hide()
            return
        color = theme.text if role == "strong_line" else theme.color(role).name()
        self.setStyleSheet(
            f"#hint {{ background: {theme.card}; color: {color}; border: 1px solid"
            f" {theme.color(role).name()}; border-radius: 6px; }}"
        )
        wide = painting.width_of(words, 13) > 280
        self.setWordWrap(wide)
        self.setText(words)
        if wide:
            self.setFixedWidth(280)
            self.setFixedHeight(self.heightForWidth(280))
        else:
            self.setMinimumSize(0, 0)
            self.setMaximumSize(600, 400)
            self.adjustSize()
        _keep_inside(self, place + QPoint(16, 18))
        self.show()
        self.raise_()


class InlineEditor(TypedField):
    """A field laid over a card. Why a value is wrong is told beside the field."""

    def __init__(
        self,
        view: QGraphicsView,
        rect: Callable[[], QRectF | None],
        text: str,
        theme: Theme,
        accept: Callable[[str], None],
        *,
        center: bool,
        pixels: float,
    ) -> None:
        """``rect``: the place in scene units, None when gone; ``accept`` may raise UserError."""
        super().__init__(view.viewport(), text, theme, accept)
        self._view, self._rect, self._pixels = view, rect, pixels
        self._wrong = Hint(view.viewport())
        if center:
            self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.follow()
        self.open()

    @property
    def message(self) -> str:
        """Why the value is refused; empty when nothing is wrong."""
        return self._wrong.text() if self._wrong.isVisible() else ""

    def follow(self) -> None:
        """Stays over its card while the canvas scrolls and zooms."""
        rect = self._rect()
        if rect is None:
            self.close_field()
            return
        zoom = self._view.transform().m11()
        font = QFont(painting.font(max(11.0, self._pixels * zoom)))
        self.setFont(font)
        place = self._view.mapFromScene(rect).boundingRect()
        place.setHeight(max(place.height(), 20))
        place.setWidth(max(place.width(), 44))
        self.setGeometry(place)
        if self._wrong.isVisible():
            self._refuse(self._wrong.text())

    def _leave(self) -> None:
        self._wrong.hide()
        self._wrong.deleteLater()
        # Before it hides, or Qt hands the focus on as Tab would, with a ring.
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refuse(self, why: str) -> None:
        if why:
            beside = self.geometry().bottomLeft() - QPoint(16, 12)
            self._wrong.say(why, beside, self._theme, "error")
        else:
            self._wrong.hide()
