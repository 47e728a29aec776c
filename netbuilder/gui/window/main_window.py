"""The main window: puts the parts together, and remembers where they were."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QMainWindow,
    QMenu,
    QStyle,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from netbuilder.document.file.place import Place
from netbuilder.errors import Message
from netbuilder.gui.canvas.camera import LARGEST
from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.centre import Centre
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.run_book import RunBook
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.widgets.labels import tip
from netbuilder.gui.window import remembered, tab_stops
from netbuilder.gui.window.context import Context
from netbuilder.gui.window.data_bar import DataBar
from netbuilder.gui.window.documents import Documents
from netbuilder.gui.window.file_bar import FileBar
from netbuilder.gui.window.file_drop import ARRAYS, FileDrop
from netbuilder.gui.window.hint import PlayHint
from netbuilder.gui.window.keeper import Keeper
from netbuilder.gui.window.menus import PANELS_MENU, PICTURES_MENU, RECENT_MENU, Actions
from netbuilder.gui.window.message_strip import MessageStrip
from netbuilder.gui.window.pictures import Pictures
from netbuilder.gui.window.recovery_bar import RecoveryBar
from netbuilder.gui.window.template_dialog import StartOffer, TemplateDialog
from netbuilder.gui.window.toolbar import TrainingToolbar
from netbuilder.gui.window.workspace_tabs import WorkspaceTabs
from netbuilder.gui.window.workspaces import Workspaces
from netbuilder.gui.window.writer import Writer
from netbuilder.lens.names import counts, summary


class MainWindow(QMainWindow):
    """Canvas in the middle, docks around it, the training toolbar above. Assembly only."""

    def __init__(
        self,
        store: Store,
        bridge: TrainingBridge,
        themes: ThemeManager,
        settings: QSettings,
        place: Place | None = None,
        kept_in: Path | None = None,
    ) -> None:
        """``place`` is where the store's document is; ``kept_in`` the folder for crashes."""
        super().__init__()
        self.store, self.bridge, self.themes, self.settings = store, bridge, themes, settings
        self.runs = RunBook(store, bridge)  # first: what views show of runs, they find there
        self.cursor_ = Cursor(store, bridge)
        self._may_close = self._keeps = False
        self._in_close_event = False
        self.canvas = CanvasView(store, self.cursor_, themes)
        self.documents = Documents(store, bridge, themes, settings, self, place)
        self.keeper = Keeper(store, bridge, self.documents, kept_in) if kept_in else None
        centre = Centre(store, bridge, self.cursor_, self.runs, themes, self._perform)
        self.player = centre.player
        self.workspaces = Workspaces(self, centre)
        self.pictures = Pictures(store, self.canvas, self.workspaces.docks.values(), self)
        self.actions_ = Actions(
            Context(
                store,
                bridge,
                self.cursor_,
                self.player,
                themes,
                self.canvas,
                self.documents,
                self.workspaces,
                self.pictures,
                self,
            )
        )
        for action in self.actions_:
            self.addAction(action)
        self.toolbar = TrainingToolbar(store, bridge, self.cursor_, themes, self.actions_)
        self._build_middle()
        self._build_status()
        self.actions_.fill(
            self.menuBar(),
            {
                RECENT_MENU: self._add_recent_menu,
                PANELS_MENU: self._add_panels_menu,
                PICTURES_MENU: self.pictures.fill,
            },
        )
        # What the menu of the canvas' ground offers besides.
        self.canvas.addActions([self.actions_[id] for id in ("save_picture", "copy_picture")])
        self.menuBar().setCornerWidget(WorkspaceTabs(self.workspaces))
        self.file_drop = FileDrop(
            self,
            themes,
            self._drop,
            lambda words: self.strip.tell("warning", words),
        )
        self._looking = Writer(self)
        self.start = StartOffer(self.canvas, store, self.show_templates)
        self.hint = PlayHint(self, self.canvas, bridge, themes)
        # A selected wire can be deleted, but only layers are a selection of the store.
        self.canvas.selection.wires_changed.connect(self.actions_.refresh)
        store.changed.connect(self._show_title)
        store.changed.connect(self._on_changed)
        self.documents.modified_changed.connect(self._show_title)
        self.documents.recent.changed.connect(self._fill_recent)
        self.documents.save_failed.connect(self._tell_save_failed)
        self._show_title()
        self._summed_up = store.compiled
        self._show_summary()
        self._restore()

    # --- building ------------------------------------------------------------------------------

    def _build_middle(self) -> None:
        """The canvas with its messages, bars above it; the toolbar lies over everything."""
        middle, stage = QWidget(), QWidget()
        column, inner = QVBoxLayout(middle), QVBoxLayout(stage)
        for layout in (column, inner):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        inner.addWidget(self.canvas)
        self.file_bar = FileBar(middle, self.documents, self.themes)
        if self.keeper is not None:
            self.recovery_bar = RecoveryBar(middle, self.keeper, self.themes)
            column.addWidget(self.recovery_bar)
        self.data_bar = DataBar(middle, self.store, self.documents.importing, self.themes)
        column.addWidget(self.file_bar)
        column.addWidget(self.data_bar)
        column.addWidget(stage, 1)
        self.setCentralWidget(middle)
        self.strip = MessageStrip(stage, self.store, self.bridge, self.themes)
        self.canvas.bubble.avoid(self.strip)
        bar = QToolBar(self.tr("Training"))
        bar.setObjectName("training_toolbar")
        bar.setMovable(False)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        bar.toggleViewAction().setVisible(False)
        bar.addWidget(self.toolbar)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

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
        if not shiboken6.isValid(self._recent):  # a project was read while the window went
            return
        self._recent.clear()
        for path in self.documents.recent.paths:
            action = self._recent.addAction(path.name.replace("&", "&&"))
            action.setToolTip(tip(str(path)))
            action.triggered.connect(lambda _=False, path=path: self.documents.open(path))
        self._recent.setEnabled(bool(self.documents.recent.paths))
        self._recent.setToolTipsVisible(True)

    def _add_panels_menu(self, menu: QMenu) -> None:
        panels = menu.addMenu(self.tr("&Panels"))
        for dock in self.workspaces.docks.values():
            panels.addAction(dock.toggleViewAction())

    def _perform(self, id: str) -> None:
        """What a panel asks for by the name of an action."""
        self.actions_[id].trigger()

    def _drop(self, path: Path) -> None:
        """Opens what was dropped; what is in a file of arrays is looked up off this thread."""
        if path.suffix.lower() != ARRAYS:
            self.documents.drop(path)
            return
        from netbuilder.lab.handed_in import is_homework

        def told(homework: bool, _error: object) -> None:
            if homework:
                self.check_homework(path)
            else:
                self.documents.drop(path)

        self._looking.put(lambda: is_homework(path), told)

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
            words = self.tr("{name}: {examples}, {n} features").format(
                name=info.name, examples=tr_message(counts(info)), n=f"{info.n_x:,}"
            )
        self.status_data.setText(words)

    def _tell_save_failed(self, message: Message) -> None:
        self.strip.tell("error", message, (self.tr("Save as…"), self.documents.save_as))

    # --- remembering ---------------------------------------------------------------------------

    def _restore(self) -> None:
        geometry = remembered.get(self.settings, "geometry")
        fits = geometry is not None and self.restoreGeometry(geometry)
        if not fits:
            room = self.screen().availableGeometry()
            # The size is without the frame that the system puts around it.
            frame = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight) + 16
            self.resize(min(1440, room.width()), min(900, room.height() - frame))
        self.workspaces.restore(self.settings, fits)
        self.bridge.grows = self.settings.value("grows") not in (False, "false")

    def _remember(self) -> None:
        remembered.put(self.settings, "geometry", self.saveGeometry())
        self.workspaces.remember(self.settings)
        self.settings.setValue("theme", self.themes.choice)
        self.settings.setValue("grows", self.bridge.grows)
        self.settings.sync()

    # --- events --------------------------------------------------------------------------------

    def focusNextPrevChild(self, forward: bool) -> bool:
        return tab_stops.go_on(self, forward)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._may_close:
            self._in_close_event = True
            self.documents.when_safe(self._close_now)
            self._in_close_event = False
        if self._may_close:
            self._remember()
            self.player.stop()
            self._looking.finish()
            # A signal closes the window over dialogs, whose threads come to their end with them.
            for dialog in self.findChildren(QDialog):
                dialog.reject()
            self.documents.importing.close()
            self.documents.networks.close()
            self.documents.saving.close()
            self.documents.exporting.close()
            self.pictures.close()
            if self.keeper is not None:
                self.keeper.close(self._keeps)
            self.bridge.close()
            super().closeEvent(event)
        else:
            event.ignore()

    def _close_now(self) -> None:
        self._may_close = True
        # Where there was nothing to ask, the window is being closed at this moment.
        if not self._in_close_event:
            self.close()

    def end(self) -> None:
        """Closes without a question; what is not saved is kept, and offered at the next start."""
        if self.keeper is not None and (self.documents.modified or self.bridge.running):
            self._keeps = True
            self.keeper.keep(self._close_now)
        else:
            self._close_now()

    # --- presenting ----------------------------------------------------------------------------

    def toggle_full_screen(self) -> None:
        """All of the screen, and the network as large as there is room; then as it was."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.canvas.camera.fit(LARGEST if self.isFullScreen() else 1.0)

    # --- templates -----------------------------------------------------------------------------

    def show_templates(self) -> None:
        dialog = TemplateDialog(self.themes, self)
        dialog.chosen.connect(self.documents.begin)
        self._open(dialog)

    # --- the film ------------------------------------------------------------------------------

    def export_film(self) -> None:
        # Imported late: few starts of the program need it.
        from netbuilder.gui.window.film_export import FilmExport

        self.player.stop()
        FilmExport(self.store, self.bridge, self.cursor_, self.themes, self).ask()

    # --- code and curves -----------------------------------------------------------------------

    def show_code(self) -> None:
        # Imported late: the exchange formats bring libraries of their own.
        from netbuilder.gui.window.code_dialog import CodeDialog

        self._open(CodeDialog(self.store, self.bridge, self.themes, self.documents, self))

    def export_curves(self) -> None:
        from netbuilder.gui.window.curves_export import CurvesExport

        CurvesExport(self.store, self.runs, self).ask()

    # --- the course ----------------------------------------------------------------------------

    def show_lab(self) -> None:
        from netbuilder.gui.window.lab_gallery import LabGallery, open_experiment

        gallery = LabGallery(self.themes, self)
        gallery.chosen.connect(lambda entry: open_experiment(entry, self.store, self.documents))
        self._open(gallery)

    def check_gradients(self) -> None:
        from netbuilder.gui.window.gradient_dialog import GradientDialog

        self._open(GradientDialog(self.store, self.bridge, self.themes, self))

    def check_homework(self, path: Path | None = None) -> None:
        """Opens the dialog, on a file of arrays where one was dropped."""
        from netbuilder.gui.window.homework_dialog import HomeworkDialog

        dialog = HomeworkDialog(self.store, self.bridge, self.themes, self)
        self._open(dialog)
        if path is not None:
            dialog.check(path)

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
