"""Help: the list of all shortcuts, and what the program is."""

from __future__ import annotations

import platform

import numpy as np
import PySide6
from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QIcon, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import netbuilder
from netbuilder import assets
from netbuilder.gui.widgets.caption import caption
from netbuilder.gui.window.action import Action
from netbuilder.gui.window.actions import ACTIONS
from netbuilder.gui.window.menus import MENUS, Entry

_BY_ID = {action.id: action for action in ACTIONS}


def _plain(text: str) -> str:
    return text.replace("&", "").rstrip("…")


def _keys(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


class ShortcutsDialog(QDialog):
    """Every action with its keys, as the table of actions has them, and the canvas' own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        content = QWidget()
        sides = QHBoxLayout(content)
        sides.setSpacing(40)
        self._sides = [QVBoxLayout(), QVBoxLayout()]
        for side in self._sides:
            side.setSpacing(14)
            sides.addLayout(side, 1)
        for title, entries in MENUS:
            self._menu(0 if title in ("&File", "&Edit") else 1, title, entries)
        self._group(
            0,
            self.tr("Canvas"),
            [
                (_keys("Space") + " + " + self.tr("drag"), self.tr("Move the view")),
                (self.tr("Wheel"), self.tr("Zoom to the pointer")),
                ("← → ↑ ↓", self.tr("Walk from layer to layer")),
                ("+  −", self.tr("More or fewer units")),
                (_keys("Return"), self.tr("Edit the selected layer")),
                (_keys("Shift") + self.tr("arrows"), self.tr("Move the selected layers")),
                ("C", self.tr("Draw a wire: arrows choose where it ends, Return draws it")),
                ("W", self.tr("Select a wire, and the next one")),
                (_keys("Esc"), self.tr("Cancel what the mouse is doing")),
            ],
        )
        self._group(
            0,
            self.tr("Timeline"),
            [
                ("← →", self.tr("One update back or on")),
                (f"{_keys('Ctrl+Left')}  {_keys('Ctrl+Right')}", self.tr("One epoch back or on")),
                (f"{_keys('Home')}  {_keys('End')}", self.tr("To the first update, or live")),
                (_keys("Space"), self.tr("Play the film; with Shift backwards")),
            ],
        )
        self._group(
            1,
            self.tr("Fields"),
            [
                ("↑ ↓", self.tr("A step up or down; the learning rate by 1, 3, 10")),
                (_keys("Esc"), self.tr("Back to the value in force")),
            ],
        )
        for side in self._sides:
            side.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(self.windowTitle())
        area.setWidgetResizable(True)
        area.setWidget(content)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(12)
        column.addWidget(area, 1)
        column.addWidget(buttons)
        size = content.sizeHint() + QSize(64, 90)
        self.resize(size.boundedTo(QSize(900, 660)))

    def _menu(self, side: int, title: str, entries: list[Entry]) -> None:
        """A group of what has a shortcut in a menu, and one for each menu in it."""
        names = [entry for entry in entries if isinstance(entry, str) and entry in _BY_ID]
        rows = [self._row(_BY_ID[name]) for name in names if _BY_ID[name].shortcuts]
        if rows:
            self._group(side, _plain(QCoreApplication.translate("Menus", title)), rows)
        for entry in entries:
            if isinstance(entry, tuple):
                self._menu(side, *entry)

    @staticmethod
    def _row(action: Action) -> tuple[str, str]:
        keys = " / ".join(_keys(keys) for keys in action.shortcuts[:2])
        return keys, _plain(QCoreApplication.translate("Actions", action.text))

    def _group(self, side: int, title: str, rows: list[tuple[str, str]]) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, 130)
        grid.setColumnStretch(1, 1)
        grid.addWidget(caption(title), 0, 0, 1, 2)
        for row, (keys, words) in enumerate(rows, start=1):
            label = QLabel(keys)
            label.setProperty("tone", "muted")
            grid.addWidget(label, row, 0)
            grid.addWidget(QLabel(words), row, 1)
        self._sides[side].addLayout(grid)


class AboutDialog(QDialog):
    """What this is, which version, and on what it runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About netbuilder"))
        picture = QLabel()
        icon = QIcon(str(assets.path("icons", "app.svg")))
        picture.setPixmap(icon.pixmap(QSize(72, 72), self.devicePixelRatioF()))
        name = QLabel("netbuilder")
        font = name.font()
        font.setPointSizeF(font.pointSizeF() * 1.8)
        name.setFont(font)
        words = QLabel(
            self.tr(
                "Build neural networks by hand, watch them learn, understand every number, "
                "and take the trained weights with you."
            )
        )
        words.setWordWrap(True)
        versions = QLabel(
            self.tr(
                "Version {version}\nPython {python}, Qt {qt}, NumPy {numpy}\nMIT licence"
            ).format(
                version=netbuilder.__version__,
                python=platform.python_version(),
                qt=PySide6.__version__,
                numpy=np.__version__,
            )
        )
        versions.setProperty("tone", "muted")
        versions.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        right = QVBoxLayout()
        right.setSpacing(10)
        for widget in (name, words, versions):
            right.addWidget(widget)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 16)
        column.setSpacing(16)
        column.addLayout(row)
        column.addWidget(buttons)
        self.setFixedWidth(440)
