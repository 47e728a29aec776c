"""The main window: puts the parts together, and remembers where they were."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QTabBar,
    QTabWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from netbuilder.data.files import SUFFIXES
from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.panels.boundary.panel import BoundaryPanel
from netbuilder.gui.panels.confusion.panel import ConfusionPanel
from netbuilder.gui.panels.cost_curve.panel import CostCurvePanel
from netbuilder.gui.panels.data.panel import DataPanel
from netbuilder.gui.panels.heatmaps.panel import HeatmapsPanel
from netbuilder.gui.panels.inspector.panel import Inspector, mend
from netbuilder.gui.panels.layers.panel import LayerPalette
from netbuilder.gui.panels.training.panel import TrainingPanel
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.widgets.caption import caption_font
from netbuilder.gui.window.actions import PANELS, RECENT, Actions, Context
from netbuilder.gui.window.dock import Dock, scrolling
from netbuilder.gui.window.documents import SUFFIX, Documents
from netbuilder.gui.window.hint import PlayHint
from netbuilder.gui.window.message_strip import MessageStrip
from netbuilder.gui.window.toolbar import TrainingToolbar
from netbuilder.lens.names import summary

_LAYOUT = 1
"""Counts up when docks are added or renamed, so that a remembered layout of old is not restored."""
_NARROWEST = 160
"""Pixels: a dock of any less shows nothing that could be read."""
_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class MainWindow(QMainWindow):
    """Canvas in the middle, docks around it, the training toolbar above. Assembly only."""

    def __init__(
        self, store: Store, bridge: TrainingBridge, themes: ThemeManager, settings: QSettings
    ) -> None:
        super().__init__()
        self.store, self.bridge, self.themes, self.settings = store, bridge, themes, settings
        self.cursor_ = Cursor(store, bridge)
        self._may_close = False
        self._in_close_event = False
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.canvas = CanvasView(store, self.cursor_, themes)
        self.documents = Documents(store, bridge, themes, settings, self)
        self.actions_ = Actions(Context(store, bridge, themes, self.canvas, self.documents, self))
        for action in self.actions_:
            self.addAction(action)
        self.toolbar = TrainingToolbar(store, bridge, self.cursor_, themes, self.actions_)
        self._build_centre()
        self.docks: dict[str, Dock] = {}
        self._build_docks()
        self._build_status()
        self.actions_.fill(
            self.menuBar(), {RECENT: self._add_recent_menu, PANELS: self._add_panels_menu}
        )
        self.hint = PlayHint(self, self.toolbar.play, bridge, themes)
        # A selected wire can be deleted, but only layers are a selection of the store.
        self.canvas.selection.wires_changed.connect(self.actions_.refresh)
        store.changed.connect(self._show_title)
        store.changed.connect(self._on_changed)
        self.documents.modified_changed.connect(self._show_title)
        self.documents.recent_changed.connect(self._fill_recent)
        self._show_title()
        self._summed_up = store.compiled
        self._show_summary()
        self._restore()

    # --- building ------------------------------------------------------------------------------

    def _build_centre(self) -> None:
        """The canvas with its messages; the toolbar lies over everything."""
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.setCentralWidget(centre)
        self.strip = MessageStrip(centre, self.store, self.bridge, self.themes, mend)
        bar = QToolBar(self.tr("Training"))
        bar.setObjectName("training_toolbar")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.toggleViewAction().setVisible(False)
        bar.addWidget(self.toolbar)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

    def _build_docks(self) -> None:
        store, cursor, themes = self.store, self.cursor_, self.themes
        self.palette_ = LayerPalette(store, themes)
        self.data_panel = DataPanel(store, themes)
        self.data_panel.file_wanted.connect(self.documents.ask_import)
        self.inspector = Inspector(store, cursor, themes)
        self.training_panel = TrainingPanel(store)
        self.cost_curve = CostCurvePanel(store, cursor, themes)
        self.heatmaps = HeatmapsPanel(store, cursor, themes)
        self.boundary = BoundaryPanel(store, cursor, themes)
        self.confusion = ConfusionPanel(store, cursor, themes)
        for name, title, content in (
            ("layers", self.tr("Layers"), self.palette_),
            ("data", self.tr("Data"), scrolling(self.data_panel)),
            ("inspector", self.tr("Inspector"), scrolling(self.inspector)),
            ("training", self.tr("Training"), scrolling(self.training_panel)),
            ("cost_curve", self.tr("Cost curve"), self.cost_curve),
            ("heatmaps", self.tr("Layer heatmaps"), self.heatmaps),
            ("boundary", self.tr("Decision boundary"), self.boundary),
            ("confusion", self.tr("Confusion matrix"), self.confusion),
        ):
            dock = self.docks[name] = Dock(name, title, content, themes)
            dock.setMinimumWidth(max(dock.minimumWidth(), _NARROWEST))
            dock.visibilityChanged.connect(self._follow_tabs)
            dock.dockLocationChanged.connect(self._follow_tabs)
        self.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)
        self.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self._arrange_docks()

    def _arrange_docks(self) -> None:
        docks = self.docks
        for dock in docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)
        self.addDockWidget(_LEFT, docks["layers"])
        self.splitDockWidget(docks["layers"], docks["data"], Qt.Orientation.Vertical)
        self.addDockWidget(_RIGHT, docks["inspector"])
        self.splitDockWidget(docks["inspector"], docks["training"], Qt.Orientation.Vertical)
        self.addDockWidget(_BOTTOM, docks["cost_curve"])
        self.splitDockWidget(docks["cost_curve"], docks["heatmaps"], Qt.Orientation.Horizontal)
        self.splitDockWidget(docks["heatmaps"], docks["boundary"], Qt.Orientation.Horizontal)
        self.tabifyDockWidget(docks["boundary"], docks["confusion"])
        for dock in docks.values():
            dock.show()
        docks["boundary"].raise_()
        self._size_docks()
        self._follow_tabs()

    def _size_docks(self) -> None:
        """Shares that leave the canvas the most, at any size of the window."""
        docks, wide, high = self.docks, self.width(), self.height()
        side = 216 if wide < 1400 else 232
        self.resizeDocks(
            [docks["layers"], docks["inspector"]], [side, side + 60], Qt.Orientation.Horizontal
        )
        bottom = max(230, round(high * 0.34))
        self.resizeDocks(
            [docks[name] for name in ("cost_curve", "heatmaps", "boundary")],
            [bottom] * 3,
            Qt.Orientation.Vertical,
        )
        third = (wide - 2 * side - 60) // 3
        self.resizeDocks(
            [docks[name] for name in ("cost_curve", "heatmaps", "boundary")],
            [third] * 3,
            Qt.Orientation.Horizontal,
        )
        body = high - 110
        most = round(0.56 * body)  # both scroll
        training = self.training_panel.sizeHint().height() + docks["training"].title.height()
        training = min(training, most)
        palette = min(self.palette_.sizeHintForRow(0) * self.palette_.count() + 44, most)
        self.resizeDocks(
            [docks["layers"], docks["data"]], [palette, body - palette], Qt.Orientation.Vertical
        )
        self.resizeDocks(
            [docks["inspector"], docks["training"]],
            [body - training, training],
            Qt.Orientation.Vertical,
        )

    def _build_status(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        self.status_data = QLabel()
        self.status_data.setTextFormat(Qt.TextFormat.PlainText)
        self.status_data.setContentsMargins(12, 0, 0, 0)
        self.status_summary = QLabel()
        self.status_summary.setContentsMargins(0, 0, 12, 0)
        bar.addWidget(self.status_data)
        bar.addPermanentWidget(self.status_summary)

    def _add_recent_menu(self, menu: QMenu) -> None:
        self._recent = menu.addMenu(self.tr("Open &recent"))
        self._fill_recent()

    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self.documents.recent:
            action = self._recent.addAction(path.name.replace("&", "&&"))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self.documents.open(path))
        self._recent.setEnabled(bool(self.documents.recent))
        self._recent.setToolTipsVisible(True)

    def _add_panels_menu(self, menu: QMenu) -> None:
        panels = menu.addMenu(self.tr("&Panels"))
        for dock in self.docks.values():
            action: QAction = dock.toggleViewAction()
            panels.addAction(action)

    # --- following -----------------------------------------------------------------------------

    def _show_title(self, *_: object) -> None:
        self.setWindowTitle(f"{self.documents.name}[*] – netbuilder")
        self.setWindowModified(self.documents.modified)

    def _on_changed(self, *_: object) -> None:
        compiled, self._summed_up = self._summed_up, self.store.compiled
        if self.store.compiled is not compiled:
            self._show_summary()

    def _show_summary(self) -> None:
        self.status_summary.setText(tr_message(summary(self.store.compiled.plan)))
        info = self.store.compiled.info
        words = ""
        if info is not None:
            words = self.tr("{name}: {m} examples, {n} features").format(
                name=info.name, m=f"{info.m:,}", n=f"{info.n_x:,}"
            )
        self.status_data.setText(words)

    def _follow_tabs(self, *_: object) -> None:
        """Docks that share a place have tabs in place of their titles."""
        for dock in self.docks.values():
            tabbed = not dock.isFloating() and any(
                other.isVisible() or not other.isHidden()
                for other in self.tabifiedDockWidgets(dock)
            )
            dock.title.show_in_tabs(tabbed)
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setFont(caption_font(self.font(), 0.78, 0.3))
            bar.setExpanding(False)
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(False)

    # --- remembering ---------------------------------------------------------------------------

    def reset_layout(self) -> None:
        """All panels back to where they were at the first start."""
        self._arrange_docks()

    def _restore(self) -> None:
        geometry, state = self.settings.value("geometry"), self.settings.value("docks")
        fits = isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)
        if not fits:
            room = self.screen().availableGeometry()
            self.resize(min(1440, room.width()), min(900, room.height()))
            self._size_docks()
        elif isinstance(state, QByteArray):  # the sizes of docks are those of that window
            self.restoreState(state, _LAYOUT)
        self._follow_tabs()

    def _remember(self) -> None:
        self.settings.setValue("geometry", self.saveGeometry())
        self.settings.setValue("docks", self.saveState(_LAYOUT))
        self.settings.setValue("theme", self.themes.choice)
        self.settings.sync()

    # --- events --------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close:
            self._in_close_event = True
            self.documents.when_stopped(lambda: self.documents.when_safe(self._close_now))
            self._in_close_event = False
        if self._may_close:
            self._remember()
            self.bridge.close()
            super().closeEvent(event)
        else:
            event.ignore()

    def _close_now(self) -> None:
        self._may_close = True
        # Where there was nothing to ask, the window is being closed at this moment.
        if not self._in_close_event:
            self.close()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self.documents.drop(path)

    # --- help ----------------------------------------------------------------------------------

    def show_shortcuts(self) -> None:
        from netbuilder.gui.window.dialogs import ShortcutsDialog

        self._open(ShortcutsDialog(self))

    def show_about(self) -> None:
        from netbuilder.gui.window.dialogs import AboutDialog

        self._open(AboutDialog(self))

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _dropped(event: QDropEvent) -> Path | None:
    """The one file of a drop that can be opened or imported."""
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return None
    path = Path(urls[0].toLocalFile())
    return path if path.suffix.lower() in (SUFFIX, *SUFFIXES) else None
