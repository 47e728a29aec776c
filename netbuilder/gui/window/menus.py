"""The menus, and the table of actions brought to life as QActions that follow the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP
from netbuilder.gui.window.action import Action
from netbuilder.gui.window.actions import ACTIONS
from netbuilder.gui.window.context import Context
from netbuilder.gui.window.workspaces import WORKSPACES

Entry = str | None | tuple[str, "list[Entry]"]
RECENT_MENU, PANELS_MENU, PICTURES_MENU = "#recent", "#panels", "#pictures"
"""Places in the menus that the window fills."""

MENUS: list[tuple[str, list[Entry]]] = [
    (
        QT_TRANSLATE_NOOP("Menus", "&File"),
        [
            *("new", "new_from_template", "open", RECENT_MENU, "lab", None),
            *("save", "save_as", None, "import_data", "import_test", "export_data", None),
            *("import_network", "export", "show_code", "serve", None),
            *("export_curves", "export_film", "report", "predict_file", None),
            *("save_picture", "copy_picture", PICTURES_MENU, None, "quit"),
        ],
    ),
    (
        QT_TRANSLATE_NOOP("Menus", "&Edit"),
        [
            *("undo", "redo", None, "cut", "copy", "paste", "duplicate", "delete", None),
            *("select_all", "rename"),
        ],
    ),
    (
        QT_TRANSLATE_NOOP("Menus", "&View"),
        [
            *("zoom_in", "zoom_out", "zoom_reset", "fit", "fill", "full_screen", "arrange", None),
            (
                QT_TRANSLATE_NOOP("Menus", "&Theme"),
                ["theme_system", "theme_light", "theme_dark"],
            ),
            None,
            *(f"workspace_{name}" for name in WORKSPACES),
            PANELS_MENU,
            "reset_layout",
        ],
    ),
    (
        QT_TRANSLATE_NOOP("Menus", "&Train"),
        [
            *("play", None, "step", "epoch", None, "reset", "new_seed", "grows", None),
            (
                QT_TRANSLATE_NOOP("Menus", "&Look back"),
                [
                    *("film", "film_back", None, "update_back", "update_on", None),
                    *("epoch_back", "epoch_on", None, "best", "live"),
                ],
            ),
            *("train_on", None, "gradient_check", "homework"),
        ],
    ),
    (QT_TRANSLATE_NOOP("Menus", "&Help"), ["shortcuts", None, "about"]),
]


class Actions(QObject):
    """The table brought to life: QActions that follow the state of the program."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._by_id: dict[str, QAction] = {}
        for action in ACTIONS:
            self._by_id[action.id] = self._make(action)
        store, bridge, themes = context.store, context.bridge, context.themes
        store.history_changed.connect(self.refresh)
        store.selection_changed.connect(self.refresh)
        bridge.state_changed.connect(self.refresh)
        bridge.ready_changed.connect(self.refresh)
        context.workspaces.changed.connect(self.refresh)
        self._live = context.cursor.live
        context.cursor.moved.connect(self._on_moved)
        themes.changed.connect(self._show_icons)
        self._show_icons()
        self.refresh()

    def __getitem__(self, id: str) -> QAction:
        return self._by_id[id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._by_id.values())

    def _make(self, action: Action) -> QAction:
        made = QAction(_tr("Actions", action.text), self)
        made.setObjectName(action.id)
        made.setShortcuts([QKeySequence(keys) for keys in action.shortcuts])
        made.setCheckable(action.checked is not None)
        made.triggered.connect(lambda _checked=False: self._perform(action))
        return made

    def _perform(self, action: Action) -> None:
        action.perform(self._context)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Brings what is enabled, checked and named up to date."""
        context = self._context
        for action in ACTIONS:
            made = self._by_id[action.id]
            made.setEnabled(action.enabled(context))
            if action.checked is not None:
                made.setChecked(action.checked(context))
        self._name("undo", context.store.undo_label)
        self._name("redo", context.store.redo_label)
        play = self._by_id["play"]
        play.setText(self.tr("&Pause") if context.bridge.running else self.tr("&Play"))
        for made in self._by_id.values():
            _tell(made)

    def _on_moved(self, _moment: object) -> None:
        """Whether it looks back is all that matters here of where the cursor is."""
        live, self._live = self._live, self._context.cursor.live
        if live != self._live:
            self.refresh()

    def _name(self, id: str, label: str | None) -> None:
        words = {"undo": self.tr("&Undo"), "redo": self.tr("&Redo")}[id]
        self._by_id[id].setText(f"{words} {label.replace('&', '&&')}" if label else words)

    def _show_icons(self, *_: object) -> None:
        for action in ACTIONS:
            if action.icon:
                self._by_id[action.id].setIcon(self._context.themes.icon(action.icon))

    def fill(self, bar: QMenuBar, own: dict[str, Callable[[QMenu], None]]) -> None:
        """Builds the menus; ``own`` fills the places that begin with #."""
        for title, entries in MENUS:
            self._fill(bar.addMenu(_tr("Menus", title)), entries, own)

    def _fill(
        self, menu: QMenu, entries: list[Entry], own: dict[str, Callable[[QMenu], None]]
    ) -> None:
        for entry in entries:
            if entry is None:
                menu.addSeparator()
            elif isinstance(entry, tuple):
                self._fill(menu.addMenu(_tr("Menus", entry[0])), entry[1], own)
            elif entry in own:
                own[entry](menu)
            else:
                menu.addAction(self._by_id[entry])


def _tr(context: str, text: str) -> str:
    return QCoreApplication.translate(context, text)


def _tell(action: QAction) -> None:
    """The tool tip: what it does, and its shortcut."""
    words = action.text().replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{words} ({keys})" if keys else words)
