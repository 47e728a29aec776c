"""Everything the user can do, in one table: menus, toolbar and the list of shortcuts use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge

if TYPE_CHECKING:
    from netbuilder.gui.canvas.view import CanvasView
    from netbuilder.gui.window.documents import Documents
    from netbuilder.gui.window.main_window import MainWindow


@dataclass
class Context:
    """What actions work on."""

    store: Store
    bridge: TrainingBridge
    themes: ThemeManager
    canvas: CanvasView
    documents: Documents
    window: MainWindow


def _always(_: Context) -> bool:
    return True


def _ready(context: Context) -> bool:
    return context.bridge.ready


def _selected(context: Context) -> bool:
    nodes = context.store.project.network.by_id
    if any(id in nodes and not nodes[id].fixed for id in context.store.selection):
        return True
    return bool(context.canvas.selection.edges)


def _selected_nodes(context: Context) -> bool:
    nodes = context.store.project.network.by_id
    return any(id in nodes and not nodes[id].fixed for id in context.store.selection)


@dataclass(frozen=True)
class Action:
    """One thing that can be done; ``&`` in the text marks the key in the menu."""

    id: str
    text: str
    perform: Callable[[Context], object]
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    enabled: Callable[[Context], bool] = _always
    checked: Callable[[Context], bool] | None = None
    """For an action that is on or off."""


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """The text as it is; by this name the translation tools find it in a table."""
    return text


ACTIONS: tuple[Action, ...] = (
    # File
    Action(
        "new", QT_TRANSLATE_NOOP("Actions", "&New"), lambda c: c.documents.new(), ("Ctrl+N",), "new"
    ),
    Action(
        "open",
        QT_TRANSLATE_NOOP("Actions", "&Open…"),
        lambda c: c.documents.ask_open(),
        ("Ctrl+O",),
        "open",
    ),
    Action(
        "save",
        QT_TRANSLATE_NOOP("Actions", "&Save"),
        lambda c: c.documents.save(),
        ("Ctrl+S",),
        "save",
    ),
    Action(
        "save_as",
        QT_TRANSLATE_NOOP("Actions", "Save &as…"),
        lambda c: c.documents.save_as(),
        ("Ctrl+Shift+S",),
    ),
    Action(
        "import_data",
        QT_TRANSLATE_NOOP("Actions", "&Import data…"),
        lambda c: c.documents.ask_import(),
        ("Ctrl+I",),
        "import",
    ),
    Action(
        "load_weights",
        QT_TRANSLATE_NOOP("Actions", "&Load weights…"),
        lambda c: c.documents.ask_load_weights(),
        ("Ctrl+Shift+I",),
        enabled=_ready,
    ),
    Action(
        "export",
        QT_TRANSLATE_NOOP("Actions", "&Export weights…"),
        lambda c: c.documents.ask_export(),
        # Not Ctrl+E: in a text field that goes to the end of the line.
        ("Ctrl+Shift+E",),
        "export",
        enabled=_ready,
    ),
    Action("quit", QT_TRANSLATE_NOOP("Actions", "&Quit"), lambda c: c.window.close(), ("Ctrl+Q",)),
    # Edit
    Action(
        "undo",
        QT_TRANSLATE_NOOP("Actions", "&Undo"),
        lambda c: c.store.undo(),
        ("Ctrl+Z",),
        "undo",
        lambda c: c.store.can_undo,
    ),
    Action(
        "redo",
        QT_TRANSLATE_NOOP("Actions", "&Redo"),
        lambda c: c.store.redo(),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "redo",
        lambda c: c.store.can_redo,
    ),
    Action(
        "cut",
        QT_TRANSLATE_NOOP("Actions", "Cu&t"),
        lambda c: c.canvas.edits.cut(),
        ("Ctrl+X",),
        "cut",
        _selected_nodes,
    ),
    Action(
        "copy",
        QT_TRANSLATE_NOOP("Actions", "&Copy"),
        lambda c: c.canvas.edits.copy(),
        ("Ctrl+C",),
        "copy",
        _selected_nodes,
    ),
    Action(
        "paste",
        QT_TRANSLATE_NOOP("Actions", "&Paste"),
        lambda c: c.canvas.edits.paste(),
        ("Ctrl+V",),
        "paste",
    ),
    Action(
        "duplicate",
        QT_TRANSLATE_NOOP("Actions", "Dup&licate"),
        lambda c: c.canvas.edits.duplicate(),
        ("Ctrl+D",),
        "duplicate",
        _selected_nodes,
    ),
    Action(
        "delete",
        QT_TRANSLATE_NOOP("Actions", "&Delete"),
        lambda c: c.canvas.edits.delete_selection(),
        ("Del",),
        "delete",
        _selected,
    ),
    Action(
        "select_all",
        QT_TRANSLATE_NOOP("Actions", "Select &all"),
        lambda c: c.canvas.selection.all(),
        ("Ctrl+A",),
    ),
    Action(
        "rename",
        QT_TRANSLATE_NOOP("Actions", "Re&name"),
        lambda c: c.canvas.fields.rename_selected(),
        ("F2",),
        "rename",
        _selected_nodes,
    ),
    # View
    Action(
        "zoom_in",
        QT_TRANSLATE_NOOP("Actions", "Zoom &in"),
        lambda c: c.canvas.camera.zoom_in(),
        ("Ctrl++", "Ctrl+="),
        "zoom-in",
    ),
    Action(
        "zoom_out",
        QT_TRANSLATE_NOOP("Actions", "Zoom &out"),
        lambda c: c.canvas.camera.zoom_out(),
        ("Ctrl+-",),
        "zoom-out",
    ),
    Action(
        "zoom_reset",
        QT_TRANSLATE_NOOP("Actions", "&Actual size"),
        lambda c: c.canvas.camera.reset_zoom(),
        ("Ctrl+0",),
    ),
    Action(
        "fit",
        QT_TRANSLATE_NOOP("Actions", "&Fit network"),
        lambda c: c.canvas.camera.fit(),
        ("Ctrl+9",),
        "fit",
    ),
    Action(
        "arrange",
        QT_TRANSLATE_NOOP("Actions", "A&rrange network"),
        lambda c: c.canvas.edits.arrange(),
        ("Ctrl+L",),
        "arrange",
    ),
    Action(
        "theme_system",
        QT_TRANSLATE_NOOP("Actions", "As the &system"),
        lambda c: c.themes.choose("system"),
        checked=lambda c: c.themes.choice == "system",
    ),
    Action(
        "theme_light",
        QT_TRANSLATE_NOOP("Actions", "&Light"),
        lambda c: c.themes.choose("light"),
        icon="sun",
        checked=lambda c: c.themes.choice == "light",
    ),
    Action(
        "theme_dark",
        QT_TRANSLATE_NOOP("Actions", "&Dark"),
        lambda c: c.themes.choose("dark"),
        icon="moon",
        checked=lambda c: c.themes.choice == "dark",
    ),
    Action(
        "reset_layout",
        QT_TRANSLATE_NOOP("Actions", "Reset la&yout"),
        lambda c: c.window.reset_layout(),
    ),
    # Train
    Action(
        "play",
        QT_TRANSLATE_NOOP("Actions", "&Play"),
        lambda c: c.bridge.toggle(),
        ("F5", "Ctrl+Return", "Ctrl+Enter"),
        "play",
        _ready,
    ),
    Action(
        "step",
        QT_TRANSLATE_NOOP("Actions", "One &update"),
        lambda c: c.bridge.step(),
        ("F6",),
        "step",
        _ready,
    ),
    Action(
        "epoch",
        QT_TRANSLATE_NOOP("Actions", "One &epoch"),
        lambda c: c.bridge.epoch(),
        ("F7",),
        "epoch",
        _ready,
    ),
    Action(
        "reset",
        QT_TRANSLATE_NOOP("Actions", "&Reset to the start"),
        lambda c: c.bridge.reset(),
        ("F8",),
        "reset",
        _ready,
    ),
    Action(
        "new_seed",
        QT_TRANSLATE_NOOP("Actions", "Start from a &new seed"),
        lambda c: c.bridge.new_seed(),
        ("Shift+F8",),
        "new-seed",
        _ready,
    ),
    # Help
    Action(
        "shortcuts",
        QT_TRANSLATE_NOOP("Actions", "&Keyboard shortcuts"),
        lambda c: c.window.show_shortcuts(),
        ("F1",),
        "keyboard",
    ),
    Action(
        "about",
        QT_TRANSLATE_NOOP("Actions", "&About netbuilder"),
        lambda c: c.window.show_about(),
        icon="info",
    ),
)

Entry = str | None | tuple[str, "list[Entry]"]
RECENT, PANELS = "#recent", "#panels"
"""Places in the menus that the window fills."""

MENUS: list[tuple[str, list[Entry]]] = [
    (
        QT_TRANSLATE_NOOP("Menus", "&File"),
        [
            *("new", "open", RECENT, None, "save", "save_as", None, "import_data", None),
            *("load_weights", "export", None, "quit"),
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
            *("zoom_in", "zoom_out", "zoom_reset", "fit", "arrange", None),
            (
                QT_TRANSLATE_NOOP("Menus", "&Theme"),
                ["theme_system", "theme_light", "theme_dark"],
            ),
            PANELS,
            "reset_layout",
        ],
    ),
    (
        QT_TRANSLATE_NOOP("Menus", "&Train"),
        ["play", None, "step", "epoch", None, "reset", "new_seed"],
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
