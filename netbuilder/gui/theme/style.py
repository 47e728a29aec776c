"""What a theme looks like on Qt's own widgets: Fusion with our palette and our style sheet."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from string import Template

from PySide6.QtCore import QTemporaryDir
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from netbuilder.gui.theme.colours import Theme, mixed
from netbuilder.gui.theme.icons import tinted_svg

_PICTURES = {
    "chevron_down": ("chevron-down", "muted"),
    "chevron_up": ("chevron-up", "muted"),
    "check": ("check", "on_accent"),
    "submenu": ("chevron-right", "muted"),
    "menu_check": ("check", "accent"),
}
"""The drawings that a style sheet needs as files: variable -> (icon, role of its colour)."""


def apply(application: QApplication, theme: Theme, folder: QTemporaryDir) -> None:
    """Gives the application the theme; ``folder`` holds the tinted drawings for the style sheet."""
    if application.style().objectName().lower() != "fusion":
        application.setStyle("Fusion")
    application.setPalette(palette(theme))
    application.setStyleSheet(style_sheet(theme, Path(folder.path())))


def palette(theme: Theme) -> QPalette:
    """The colours for everything that the style sheet says nothing about."""
    role = QPalette.ColorRole
    colors = QPalette()
    for which, name in (
        (role.Window, "window"),
        (role.WindowText, "text"),
        (role.Base, "panel"),
        (role.AlternateBase, "sunken"),
        (role.Text, "text"),
        (role.Button, "panel"),
        (role.ButtonText, "text"),
        (role.BrightText, "error"),
        (role.ToolTipBase, "card"),
        (role.ToolTipText, "text"),
        (role.PlaceholderText, "muted"),
        (role.Highlight, "selection"),
        (role.HighlightedText, "text"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.Accent, "accent"),
        (role.Light, "card"),
        (role.Midlight, "line"),
        (role.Mid, "line"),
        (role.Dark, "strong_line"),
        (role.Shadow, "strong_line"),
    ):
        colors.setColor(which, theme.color(name))
    faint = QColor(theme.muted)
    faint.setAlphaF(0.55)
    for which in (role.WindowText, role.Text, role.ButtonText):
        colors.setColor(QPalette.ColorGroup.Disabled, which, faint)
    return colors


def style_sheet(theme: Theme, folder: Path) -> str:
    """The style sheet in the theme's colours; writes the drawings it refers to into ``folder``."""
    values = {
        field.name: getattr(theme, field.name)
        for field in dataclasses.fields(theme)
        if field.name != "classes"
    }
    values["accent_hover"] = _towards(theme.accent, theme.text, 0.14)
    values["accent_down"] = _towards(theme.accent, theme.text, 0.26)
    values["hover"] = _towards(theme.panel, theme.text, 0.06)
    values["down"] = _towards(theme.panel, theme.text, 0.11)
    values["faint"] = _towards(theme.panel, theme.muted, 0.55)
    values["handle"] = _towards(theme.panel, theme.muted, 0.35)
    for variable, (icon, color) in _PICTURES.items():
        file = folder / f"{variable}-{theme.name}.svg"
        file.write_bytes(tinted_svg(icon, theme.color(color)).data())
        values[variable] = file.as_posix()
    return Template(_SHEET).substitute(values)


def _towards(color: str, other: str, share: float) -> str:
    return mixed(QColor(color), QColor(other), share).name()


_SHEET = """
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: $selection; }

QMenuBar { background: $panel; color: $text; padding: 2px 8px; }
QMenuBar::item { background: transparent; padding: 4px 10px; border-radius: 5px; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $selection; }
QMenu { background: $card; color: $text; border: 1px solid $line; padding: 6px; }
QMenu::item { padding: 5px 28px 5px 10px; border-radius: 5px; margin: 0 1px; }
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 6px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; padding-left: 8px; }
QMenu::indicator:checked { image: url("$menu_check"); }
QMenu::right-arrow { image: url("$submenu"); width: 12px; height: 12px; padding-right: 6px; }

QToolTip { background: $card; color: $text; border: 1px solid $strong_line; padding: 5px 7px; }

QDockWidget { color: $text; }
QDockWidget > QWidget { background: $panel; }

QToolBar {
    background: $panel; border: none; border-bottom: 1px solid $line; padding: 0; spacing: 0;
}

QListView { background: transparent; border: none; outline: none; }
QListView:window { background: $card; color: $text; border: 1px solid $line; }
QListView::item { border-radius: 6px; padding: 0 8px; margin: 0 4px; color: $text; }
QListView::item:selected { background: $selection; }
QListView::item:focus { border: 1px solid $accent; }
QListView::item:hover:!selected { background: $hover; }
QListView::item:disabled, QListView::item:disabled:hover { color: $muted; background: transparent; }

QTreeView { background: transparent; color: $text; border: none; outline: none; }
QTreeView::item { padding: 4px 5px; border: none; }
QTreeView::item:selected { background: $selection; color: $text; }
QTreeView::item:hover:!selected { background: $hover; }
QTreeView QHeaderView { background: transparent; }
QTreeView QHeaderView::section {
    background: transparent; color: $muted; border: none; border-bottom: 1px solid $line;
    padding: 3px 5px;
}

QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab {
    background: transparent; color: $muted; padding: 6px 3px 5px 3px; margin: 0 3px;
    border: none; border-bottom: 2px solid transparent;
}
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:selected:focus { background: $selection; }
QTabBar::tab:hover:!selected { color: $text; border-bottom: 2px solid $line; }

QTabBar#workspaces { margin-right: 6px; }
QTabBar#workspaces::tab { padding: 3px 4px 2px 4px; }

QLabel { background: transparent; }
QLabel[tone="muted"] { color: $muted; }
QLabel[tone="caps"] { color: $muted; }
QLabel[tone="error"] { color: $error; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="accent"] { color: $accent; }

QLineEdit, QComboBox, QPlainTextEdit, QTextBrowser {
    background: $panel; color: $text; border: 1px solid $line; border-radius: 6px;
    padding: 2px 7px; min-height: 18px;
    selection-background-color: $selection; selection-color: $text;
}
QLineEdit:hover, QComboBox:hover { border-color: $strong_line; }
QLineEdit:focus, QComboBox:focus, QComboBox:on { border-color: $accent; }
QLineEdit[invalid="true"], QLineEdit[invalid="true"]:focus { border-color: $error; }
QLineEdit:disabled, QComboBox:disabled { color: $faint; background: $window; }
QLineEdit:read-only { background: $window; }
QComboBox { padding-right: 0; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: url("$chevron_down"); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
    background: $card; color: $text; border: 1px solid $line; padding: 4px; outline: none;
    selection-background-color: $selection; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; border-radius: 4px; }

QPushButton {
    background: $panel; color: $text; border: 1px solid $line; border-radius: 6px;
    padding: 4px 12px; min-height: 18px;
}
QPushButton:hover { background: $hover; border-color: $strong_line; }
QPushButton:pressed { background: $down; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faint; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton[primary="true"], QPushButton:default {
    background: $accent; color: $on_accent; border-color: $accent;
}
QPushButton[primary="true"]:hover, QPushButton:default:hover {
    background: $accent_hover; border-color: $accent_hover;
}
QPushButton[primary="true"]:pressed, QPushButton:default:pressed { background: $accent_down; }
QPushButton[primary="true"]:disabled, QPushButton:default:disabled {
    background: $sunken; color: $faint; border-color: $line;
}
QPushButton[remedy="true"] {
    background: $selection; color: $text; border: 1px solid transparent; text-align: left;
}
QPushButton[remedy="true"]:hover { border-color: $accent; }

QToolButton {
    background: transparent; color: $text; border: 1px solid transparent; border-radius: 6px;
    padding: 4px;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $down; }
QToolButton:focus { border-color: $accent; }
QToolButton:checked { background: $selection; border-color: $accent; }
QToolButton:disabled { color: $faint; }
QToolButton::menu-indicator { image: none; }

QCheckBox { spacing: 8px; }
QCheckBox::indicator {
    width: 14px; height: 14px; background: $panel;
    border: 1px solid $strong_line; border-radius: 4px;
}
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked {
    background: $accent; border-color: $accent; image: url("$check");
}

QRadioButton { spacing: 8px; }
QRadioButton:disabled { color: $faint; }
QRadioButton::indicator {
    width: 14px; height: 14px; background: $panel;
    border: 1px solid $strong_line; border-radius: 8px;
}
QRadioButton::indicator:hover, QRadioButton::indicator:focus { border-color: $accent; }
QRadioButton::indicator:checked {
    width: 6px; height: 6px; border: 5px solid $accent; background: $panel;
}

QSlider:horizontal { min-height: 18px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $sunken; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal {
    width: 12px; margin: -5px 0; border-radius: 7px; background: $card;
    border: 1px solid $strong_line;
}
QSlider::handle:horizontal:hover { border-color: $accent; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; }
QSlider::handle:horizontal:pressed { background: $accent; border-color: $accent; }
QSlider::sub-page:horizontal:disabled { background: $line; }

QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $handle; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTableView {
    background: $panel; color: $text; border: 1px solid $line; gridline-color: $line;
    selection-background-color: $selection; selection-color: $text;
}
QHeaderView { background: $sunken; }
QHeaderView::section {
    background: $sunken; color: $muted; border: none; border-right: 1px solid $line;
    border-bottom: 1px solid $line; padding: 4px 8px;
}
QTableCornerButton::section { background: $sunken; border: none; }

QProgressBar { background: $sunken; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QStatusBar { background: $panel; color: $muted; border-top: 1px solid $line; }
QStatusBar QLabel { color: $muted; }
QStatusBar::item { border: none; }
"""
