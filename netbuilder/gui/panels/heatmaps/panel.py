"""The heatmaps: W, Z, A, … of the selected layer, and all layers small side by side."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QScrollArea, QSizePolicy

from netbuilder.engine.program import Plan, PlanNode
from netbuilder.errors import Message
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.heatmaps.cell_field import CellField
from netbuilder.gui.panels.heatmaps.heatmap import Heatmap
from netbuilder.gui.panels.heatmaps.layer_strip import LayerStrip, Thumb
from netbuilder.gui.panels.heatmaps.warped import WarpedPlane
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.typed import type_number, value_of
from netbuilder.gui.widgets.controls import ReadOut, Segments
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip
from netbuilder.lens import names
from netbuilder.lens.displays import DISPLAYS
from netbuilder.lens.layer_views import View
from netbuilder.lens.look import Look
from netbuilder.lens.picture import Cell
from netbuilder.lens.quantities import QUANTITIES, Quantity
from netbuilder.lens.warp import WarpView
from netbuilder.numbers import shape_text
from netbuilder.runs.snapshot import Snapshot


class HeatmapsPanel(LivePanel):
    """The selected layer large, all layers small below; a click on a small one selects it."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        theme = self.themes.theme
        self.quantities = Segments(tuple((name, name) for name in QUANTITIES), theme)
        self.quantities.setToolTip(" ".join(tr_message(q.help) for q in QUANTITIES.values()))
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setFont(tabular(self.title.font(), 0.9))
        self.title.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.quantities)
        head.addWidget(self.title, 1)
        self.map = Heatmap(theme)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setContentsMargins(16, 8, 16, 8)
        self.strip = LayerStrip(theme)
        scroll = QScrollArea()
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the strip in it has the keys
        scroll.setWidget(self.strip)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.viewport().setAutoFillBackground(False)
        self.strip.setAutoFillBackground(False)
        self._scroll = scroll
        self.body.addLayout(head)
        self.body.addWidget(self.map, 1)
        self.plane = WarpedPlane(theme)
        self.body.addWidget(self.plane, 1)
        self.body.addWidget(self.note, 1)
        self.displays = QComboBox()
        self.displays.setAccessibleName(self.tr("How it is shown"))
        for number, (name, display) in enumerate(DISPLAYS.items()):
            self.displays.addItem(tr_message(display.title), name)
            tip = Qt.ItemDataRole.ToolTipRole
            self.displays.setItemData(number, tr_message(display.help), tip)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(scroll, 1)
        foot.addWidget(self.displays)
        self.body.addLayout(foot)
        self.read_out = ReadOut(self, theme)
        self._pointed: tuple[Cell, QPoint] | None = None
        self._view: View | None = None
        self._last_selected = ""
        self.field: CellField | None = None
        """In which a number is typed."""
        self.quantities.chosen.connect(self.mark_stale)
        self.displays.currentIndexChanged.connect(self.mark_stale)
        self.map.pointed.connect(self._on_pointed)
        self.map.clicked.connect(self._edit)
        self.cursor_.units.chosen_changed.connect(self.mark_stale)
        self.strip.chosen.connect(lambda id: self.store.select([id]))
        self.store.selection_changed.connect(self.mark_stale)
        self._take_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        for part in (self.quantities, self.map, self.plane, self.strip, self.read_out):
            part.apply_theme(theme)
        for label in (self.title, self.note):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), theme.color("muted"))
            label.setPalette(palette)

    # --- what is shown -----------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        node = self._selected_step(look.plan)
        quantity = QUANTITIES[self.quantities.choice]
        view = quantity.view(look, node)
        if isinstance(view, View):
            display = DISPLAYS[self.displays.currentData()]
            self.displays.setToolTip(tr_message(display.help))
            view = display.show(view, quantity, snapshot)
        if isinstance(view, WarpView):
            quantity = QUANTITIES["A"]  # which it is of, whatever was chosen
        self._view = None if isinstance(view, Message | WarpView) else view
        self.title.setText(self._title(look, node, quantity))
        self.map.setVisible(self._view is not None)
        self.plane.setVisible(isinstance(view, WarpView))
        self.note.setVisible(isinstance(view, Message))
        if isinstance(view, Message):
            self.note.setText(tr_message(view))
        elif isinstance(view, WarpView):
            self.plane.show_view(view)
        else:
            unit = self.cursor_.units.chosen
            chosen = unit is not None and unit.node == node.id and len(node.shape) == 1
            self.map.row = view.row_of(unit.number) if chosen and unit is not None else None
            self.map.show_picture(view.picture)
        self.strip.show_thumbs(self._thumbs(look, quantity), node.id)
        bar = self._scroll.horizontalScrollBar().sizeHint().height()
        needs_bar = self.strip.minimumWidth() > self._scroll.viewport().width()
        self._scroll.setFixedHeight(self.strip.sizeHint().height() + (bar if needs_bar else 0))
        self._tell()

    def _selected_step(self, plan: Plan) -> PlanNode:
        """The selected layer; without one, the one selected last, or the first with weights."""
        nodes = {node.id: node for node in plan.nodes if node.layer.has_output}
        for node in plan.nodes:
            if node.id in self.store.selection and node.id in nodes:
                self._last_selected = node.id
        if self._last_selected not in nodes:
            self._last_selected = next(iter(plan.layer_numbers), plan.nodes[0].id)
        return nodes[self._last_selected]

    def _thumbs(self, look: Look, quantity: Quantity) -> tuple[Thumb, ...]:
        thumbs = []
        for node in look.plan.nodes:
            found = quantity.numbers(look, node)
            if found is None:
                continue
            name, values = found
            number = look.plan.course_layers.get(node.id)
            label = str(number) if number else _short(node.name)
            if node is look.plan.nodes[0]:
                label = "X"
            tip = f"{node.name}: {name} {shape_text(values.shape)}"
            thumbs.append(Thumb(node.id, label, tip, quantity.matrix(values)))
        return tuple(thumbs)

    def _title(self, look: Look, node: PlanNode, quantity: Quantity) -> str:
        view = self._view
        size = "" if view is None else f"  {shape_text(view.shape)}"
        name = names.of_layer(look.plan, node, quantity.name) if view is None else view.name
        # A long name gives way, but the symbol and, while there is room, the shape stay whole.
        metrics = QFontMetrics(self.title.font())
        room = self.title.width() - metrics.horizontalAdvance(f"{name} · {size}")
        self.title.setToolTip(tip(f"{name} · {node.name}{size}"))
        if room >= metrics.horizontalAdvance("MM…"):
            layer = metrics.elidedText(node.name, Qt.TextElideMode.ElideRight, room)
            return f"{name} · {layer}{size}"
        fits = metrics.horizontalAdvance(f"{name}{size}") <= self.title.width()
        return f"{name}{size}" if fits else name

    # --- the cell below the mouse ------------------------------------------------------------

    def _on_pointed(self, cell: Cell | None, at: QPoint) -> None:
        self._pointed = None if cell is None else (cell, at)
        self._tell()

    def _tell(self) -> None:
        text = self.cell_text
        if self._pointed is None or not text or self.field is not None:
            self.read_out.hide()
            return
        self.read_out.show_at(self.map.mapTo(self, self._pointed[1]), html.escape(text))

    def _edit(self, cell: Cell) -> None:
        """Opens a field over a weight or a bias."""
        view = self._view
        found = view.place(cell) if view is not None and self.quantities.choice == "W" else None
        if found is None or view is None:
            return
        key, at = f"{view.node.id}.{found[0]}", found[1]
        value = value_of(self.cursor_, key, at)
        if value is None:
            return

        def accept(text: str) -> None:
            type_number(self.store, self.cursor_, key, at, text)

        place = self.map.cell_rect(cell).toRect()
        self.field = CellField(self.map, place, f"{value:.6g}", self.themes.theme, accept)
        self.field.refused.connect(lambda why: self._on_refused(why, place.bottomLeft()))
        self.field.closed.connect(self._forget_field)
        self.read_out.hide()

    def _on_refused(self, why: str, at: QPoint) -> None:
        if why:
            self.read_out.show_at(self.map.mapTo(self, at), html.escape(why))
        else:
            self.read_out.hide()

    def _forget_field(self) -> None:
        self.field = None
        self._tell()

    @property
    def cell_text(self) -> str:
        """The sentence about the cell below the mouse, or ""."""
        if self._pointed is None or self._view is None:
            return ""
        cell = self._pointed[0]
        rows, columns = self._view.picture.values.shape
        if cell.row >= rows or cell.column >= columns:
            return ""
        return tr_message(self._view.sentence(cell))


def _short(name: str) -> str:
    return name if len(name) <= 6 else name[:5] + "…"
