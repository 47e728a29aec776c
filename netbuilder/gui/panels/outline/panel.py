"""The outline: the network as a list, to be read and built without the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from netbuilder.document.check.conversions import suited
from netbuilder.document.check.placing import place
from netbuilder.document.model.network import Edge
from netbuilder.document.model.project import Project
from netbuilder.document.model.room import insert
from netbuilder.engine.layer import Layer
from netbuilder.errors import Message
from netbuilder.gui.canvas.kinds import kinds_by_group
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.outline.model import OutlineModel
from netbuilder.gui.panels.outline.tree import OutlineTree
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.controls import Chip
from netbuilder.gui.widgets.labels import what


class Outline(QWidget):
    """Its selection is that of the canvas, both ways."""

    def __init__(self, centre: Centre) -> None:
        super().__init__()
        self._store, self._themes = centre.store, centre.themes
        theme = centre.themes.theme
        self.rows = OutlineModel(self._store, centre.themes)
        self.tree = OutlineTree(self.rows)
        self.add = Chip(self.tr("Add…"), theme)
        self.add.setToolTip(self.tr("Puts a layer behind the selected one (Insert)."))
        self.delete = Chip(self.tr("Delete"), theme)
        self.delete.setToolTip(self.tr("Deletes the selected layers; the wires heal (Delete)."))
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 0, 8, 4)
        for chip in (self.add, self.delete):
            chip.setCheckable(False)
            foot.addWidget(chip)
            centre.themes.changed.connect(chip.apply_theme)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.tree, 1)
        column.addLayout(foot)
        self.menu = QMenu(self)
        self._fill_menu()
        self._follows = False
        """While the list takes over what the canvas has, it does not answer back."""
        self.tree.chosen.connect(self._choose)
        self.tree.wants_more.connect(self._open_menu)
        self.tree.wants_delete.connect(self._delete)
        self.add.clicked.connect(self._open_menu)
        self.delete.clicked.connect(self._delete)
        self.rows.arranged.connect(self._follow)
        self._store.selection_changed.connect(self._follow)
        self._follow()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Rows that were measured before it came into the window do not have its style.
        self.tree.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._themes.theme.color("panel"))

    def _follow(self, *_: object) -> None:
        ids = self._store.selection
        if frozenset(self.tree.ids) != ids:
            self._follows = True
            self.tree.select(ids)
            self._follows = False
        network = self._store.project.network
        self.delete.setEnabled(any(not network.node(id).fixed for id in ids))

    def _choose(self) -> None:
        if not self._follows:
            self._store.select(self.tree.ids)

    # --- adding and deleting ---------------------------------------------------------------------

    def _fill_menu(self) -> None:
        for kinds in kinds_by_group().values():
            for kind in kinds:
                action = self.menu.addAction(tr_text(kind.title))
                action.setToolTip(tr_text(kind.summary))
                action.triggered.connect(lambda _=False, kind=kind: self._add(kind()))
            self.menu.addSeparator()
        self.menu.setToolTipsVisible(True)

    def _open_menu(self) -> None:
        self.menu.setActiveAction(self.menu.actions()[0])
        self.menu.popup(self.add.mapToGlobal(QPoint(0, 0)))

    def _add(self, layer: Layer) -> None:
        """Behind the selected layer, else where it fits; and selects it."""
        info, selected = self._store.compiled.info, self._store.selection
        behind = next(iter(selected)) if len(selected) == 1 else ""
        added: list[str] = []

        def change(project: Project) -> Project:
            network = project.network
            ahead = network.outputs(behind) if behind else ()
            if ahead:
                new, node = insert(network, suited(layer, info), Edge(behind, ahead[0]))
            else:
                new, node = place(network, layer, info)
            added.append(node.id)
            return project.with_network(new)

        if self._store.edit(change, self.tr("add {kind}").format(kind=tr_text(layer.title))):
            self._store.select(added)

    def _delete(self) -> None:
        """The layers that are selected, whose wires heal."""
        network = self._store.project.network
        gone = {id for id in self.tree.ids if not network.node(id).fixed}
        if not gone:
            self._store.notify("info", Message("Data and Cost stay: every network has them."))
            return
        self._store.edit(
            lambda project: project.with_network(project.network.remove(gone)),
            self.tr("delete {what}").format(what=what(network, gone)),
        )
