"""Docks with a title bar of our own, and panels that scroll when there is not enough room."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.widgets.caption import caption

_HEIGHT, _TOP = 28, 4


class DockTitle(QWidget):
    """A caption; its buttons appear when the mouse comes near."""

    def __init__(self, dock: QDockWidget, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.caption: QLabel = caption(dock.windowTitle())
        dock.windowTitleChanged.connect(self.caption.setText)
        self._buttons: dict[str, QToolButton] = {}
        # The layout tells the height: a hint in Python would be asked for at every layout.
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.caption.setMinimumWidth(40)
        row = self._row = QHBoxLayout(self)
        row.setSpacing(2)
        row.addWidget(self.caption, 1)
        for icon, words, perform in (
            ("float", self.tr("Float or dock"), lambda: dock.setFloating(not dock.isFloating())),
            ("close", self.tr("Close"), dock.close),
        ):
            button = self._buttons[icon] = QToolButton()
            button.setIconSize(QSize(12, 12))
            button.setToolTip(words)
            button.setAccessibleName(words)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, perform=perform: perform())
            button.hide()
            row.addWidget(button)
        self.show_in_tabs(False)
        themes.changed.connect(self._show_icons)
        self._show_icons()

    def _show_icons(self, *_: object) -> None:
        for name, button in self._buttons.items():
            button.setIcon(self._themes.icon(name, "muted"))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        for button in self._buttons.values():
            button.show()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)  # type: ignore[arg-type]
        for button in self._buttons.values():
            button.hide()

    def show_in_tabs(self, tabbed: bool) -> None:
        """Beside its tab a title would say the same twice."""
        self.caption.setHidden(tabbed)
        self.caption.setFixedHeight(_HEIGHT - _TOP)
        for button in self._buttons.values():
            policy = button.sizePolicy()
            policy.setRetainSizeWhenHidden(not tabbed)
            button.setSizePolicy(policy)
        self._row.setContentsMargins(*((0, 0, 0, 0) if tabbed else (12, _TOP, 6, 0)))


class Dock(QDockWidget):
    """A panel at the edge of the window: movable, closable, remembered by its name.

    The panel is made when it is first seen, or asked for.
    """

    picture_asked = Signal(QPoint)
    """(where on the screen,) by a right click that nothing in the panel has taken."""

    def __init__(
        self,
        name: str,
        title: str,
        make: Callable[[], QWidget],
        themes: ThemeManager,
        scrolls: bool = False,
    ) -> None:
        super().__init__(title)
        self._make, self._scrolls = make, scrolls
        self._panel: QWidget | None = None
        self.setObjectName(name)
        self.title = DockTitle(self, themes)
        self.setTitleBarWidget(self.title)
        self.setAllowedAreas(Qt.DockWidgetArea.AllDockWidgetAreas)
        self.visibilityChanged.connect(self._on_seen)

    def fill(self) -> QWidget:
        """The panel, made now where it was not yet."""
        if self._panel is not None:
            return self._panel
        panel = self._panel = self._make()
        content = scrolling(panel) if self._scrolls else panel
        self.setWidget(content)
        content.show()
        return panel

    def _on_seen(self, seen: bool) -> None:
        """Coming to the front of its tabs, a panel is shown to nobody but its dock."""
        # While the window is arranged anew docks come and go that nobody sees.
        if seen and self.updatesEnabled():
            self.fill()
        if isinstance(self._panel, LivePanel):
            self._panel.mark_stale()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.picture_asked.emit(event.globalPos())
        event.accept()


def scrolling(content: QWidget) -> QScrollArea:
    """The panel in an area that scrolls up and down when the window is low."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the fields in it are the stops of Tab
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.viewport().setAutoFillBackground(False)
    content.setAutoFillBackground(False)
    return area
