"""The heatmaps: W, A and dW of the selected layer, and all layers small side by side."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy

from netbuilder.data.dataset import DataInfo
from netbuilder.engine.program import Plan, Step
from netbuilder.gui import numbers
from netbuilder.gui.controls import ReadOut, Segments
from netbuilder.gui.heatmap import Cell, Heatmap, Picture
from netbuilder.gui.layer_strip import LayerStrip, Thumb
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.probe import Look
from netbuilder.gui.store import Store
from netbuilder.gui.theme import Theme, ThemeManager
from netbuilder.training.snapshot import Snapshot

if TYPE_CHECKING:
    from netbuilder.gui.training_bridge import TrainingBridge


class HeatmapsPanel(LivePanel):
    """The selected layer large, all layers small below; a click on a small one selects it."""

    def __init__(self, store: Store, bridge: TrainingBridge, themes: ThemeManager) -> None:
        super().__init__(store, bridge, themes)
        theme = themes.theme
        self.quantities = Segments((("W", "W"), ("A", "A"), ("dW", "dW")), theme)
        self.quantities.setToolTip(
            self.tr(
                "W: the weights. A: the activations for a sample of examples. dW: the gradients."
            )
        )
        self.title = QLabel()
        self.title.setFont(numbers.tabular(self.title.font(), 0.9))
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
        scroll.setWidget(self.strip)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.viewport().setAutoFillBackground(False)
        self.strip.setAutoFillBackground(False)
        self._scroll = scroll
        self.body.addLayout(head)
        self.body.addWidget(self.map, 1)
        self.body.addWidget(self.note, 1)
        self.body.addWidget(scroll)
        self.read_out = ReadOut(self, theme)
        self._pointed: tuple[Cell, QPoint] | None = None
        self._shown: tuple[Look, Step, Picture, str] | None = None
        self._last_selected = ""
        self.quantities.chosen.connect(self.mark_stale)
        self.map.pointed.connect(self._on_pointed)
        self.strip.chosen.connect(lambda id: store.select([id]))
        store.selection_changed.connect(self.mark_stale)
        self._take_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        for part in (self.quantities, self.map, self.strip, self.read_out):
            part.apply_theme(theme)
        for label in (self.title, self.note):
            palette = label.palette()
            palette.setColor(label.foregroundRole(), theme.color("muted"))
            label.setPalette(palette)

    # --- what is shown -----------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        step = self._selected_step(look.plan)
        quantity = self.quantities.choice
        picture, note = self._picture(look, step, quantity)
        self.title.setText(self._title(look, step, quantity))
        self.map.setVisible(picture is not None)
        self.note.setVisible(picture is None)
        self.note.setText(note)
        self._shown = None
        if picture is not None:
            self._shown = (look, step, picture, quantity)
            self.map.show_picture(picture)
        self.strip.show_thumbs(self._thumbs(look, quantity), step.id)
        bar = self._scroll.horizontalScrollBar().sizeHint().height()
        needs_bar = self.strip.minimumWidth() > self._scroll.viewport().width()
        self._scroll.setFixedHeight(self.strip.sizeHint().height() + (bar if needs_bar else 0))
        self._tell()

    def _selected_step(self, plan: Plan) -> Step:
        """The selected layer; without one, the one selected last, or the first with weights."""
        steps = {step.id: step for step in plan.steps if step.layer.has_output}
        for step in plan.steps:
            if step.id in self.store.selection and step.id in steps:
                self._last_selected = step.id
        if self._last_selected not in steps:
            self._last_selected = next(iter(plan.layer_numbers), plan.steps[0].id)
        return steps[self._last_selected]

    def _picture(self, look: Look, step: Step, quantity: str) -> tuple[Picture | None, str]:
        """The picture, or None and why there is none."""
        if quantity == "A":
            band: tuple[int, ...] = ()
            if look.dataset.info.task != "regression":
                band = tuple(int(code) for code in _classes(look))
            return (
                Picture(
                    look.activations()[step.id],
                    row_title=self.tr("unit"),
                    column_title=self.tr("example"),
                    band=band,
                ),
                "",
            )
        if f"{step.id}.W" not in look.plan.parameters:
            return None, self.tr("{name} has no weights: nothing in it is learned.").format(
                name=step.name
            )
        arrays = look.weights if quantity == "W" else look.gradients
        W, b = arrays.get(f"{step.id}.W"), arrays.get(f"{step.id}.b")
        if W is None:
            return None, self.tr("No gradients yet: they come with the first update.")
        info = look.dataset.info
        from_data = step.inputs[0] == look.plan.steps[0].id
        if from_data and info.image_shape is not None:
            return Picture(W, tile=info.image_shape), ""
        return (
            Picture(
                W,
                beside=b,
                beside_name="b" if quantity == "W" else "db",
                column_names=info.feature_names if from_data else (),
                row_title=self.tr("to unit"),
                column_title=self.tr("from feature") if from_data else self.tr("from unit"),
            ),
            "",
        )

    def _thumbs(self, look: Look, quantity: str) -> tuple[Thumb, ...]:
        thumbs = []
        activations = look.activations() if quantity == "A" else {}
        for step in look.plan.steps:
            number = look.plan.layer_numbers.get(step.id)
            if quantity == "A":
                values = activations.get(step.id)
            else:
                key = f"{step.id}.W"
                values = (look.weights if quantity == "W" else look.gradients).get(key)
                if values is None and key in look.plan.parameters:
                    values = np.zeros(look.plan.parameters[key])
            if values is None:
                continue
            label = str(number) if number else _short(step.name)
            if step is look.plan.steps[0]:
                label = "X"
            tip = f"{step.name}: {quantity} {_shape(values)}"
            thumbs.append(Thumb(step.id, label, tip, values))
        return tuple(thumbs)

    def _title(self, look: Look, step: Step, quantity: str) -> str:
        shape = look.plan.parameters.get(f"{step.id}.W")
        if quantity == "A":
            shape = (step.shape[0], len(look.sample))
        size = "" if shape is None else f"  ({shape[0]:,}, {shape[1]:,})"
        symbol = _symbol(look.plan, step, quantity)
        # A long name gives way, but the symbol and the shape stay whole.
        metrics = QFontMetrics(self.title.font())
        room = self.title.width() - metrics.horizontalAdvance(f"{symbol} · {size}")
        name = metrics.elidedText(step.name, Qt.TextElideMode.ElideRight, room)
        return f"{symbol} · {name}{size}"

    # --- the cell below the mouse ------------------------------------------------------------

    def _on_pointed(self, cell: Cell | None, at: QPoint) -> None:
        self._pointed = None if cell is None else (cell, at)
        self._tell()

    def _tell(self) -> None:
        text = self.cell_text
        if self._pointed is None or not text:
            self.read_out.hide()
            return
        self.read_out.show_at(self.map.mapTo(self, self._pointed[1]), html.escape(text))

    @property
    def cell_text(self) -> str:
        """The sentence about the cell below the mouse, or ""."""
        if self._pointed is None or self._shown is None:
            return ""
        cell = self._pointed[0]
        look, step, picture, quantity = self._shown
        rows, columns = picture.values.shape
        if cell.row >= rows or cell.column >= columns:
            return ""
        unit = cell.row + 1
        if cell.column < 0:
            assert picture.beside is not None
            name = _symbol(look.plan, step, "b" if quantity == "W" else "db")
            value = numbers.number(float(picture.beside[cell.row, 0]))
            return self.tr("{name}[{unit}] = {value}, the bias of unit {unit}").format(
                name=name, unit=unit, value=value
            )
        place = f"{_symbol(look.plan, step, quantity)}[{unit}, {cell.column + 1}]"
        value = numbers.number(float(picture.values[cell.row, cell.column]))
        if quantity == "A":
            example = self._example(look, cell.column)
            return self.tr("{place} = {value}, unit {unit} for {example}").format(
                place=place, value=value, unit=unit, example=example
            )
        source = self._source(look.plan, step, cell.column, look.dataset.info)
        return self.tr("{place} = {value}, from {source} to unit {unit}").format(
            place=place, value=value, source=source, unit=unit
        )

    def _source(self, plan: Plan, step: Step, column: int, info: DataInfo) -> str:
        before = plan.step(step.inputs[0])
        if before is plan.steps[0]:
            if info.image_shape is not None:
                row, across = divmod(column, info.image_shape[1])
                return self.tr("pixel ({row}, {column})").format(row=row + 1, column=across + 1)
            return self.tr("feature {name}").format(name=info.feature_names[column])
        number = plan.layer_numbers.get(before.id)
        if number is None:
            return self.tr("unit {unit} of {name}").format(unit=column + 1, name=before.name)
        return self.tr("unit {unit} of layer {layer}").format(unit=column + 1, layer=number)

    def _example(self, look: Look, column: int) -> str:
        number = int(look.sample[column]) + 1
        info = look.dataset.info
        if info.task == "regression":
            return self.tr("training example {number}").format(number=f"{number:,}")
        name = info.class_names[int(_classes(look)[column])]
        return self.tr("training example {number}, class {name}").format(
            number=f"{number:,}", name=name
        )


def _symbol(plan: Plan, step: Step, quantity: str) -> str:
    """W[2] as the course has it; a layer without parameters goes by its name."""
    if step is plan.steps[0]:
        return "A[0]"
    number = plan.layer_numbers.get(step.id)
    return quantity if number is None else f"{quantity}[{number}]"


def _classes(look: Look) -> np.ndarray:
    """(examples,) the sample's class codes."""
    Y = look.dataset.train.Y[look.sample]
    return Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0].astype(int)


def _shape(values: np.ndarray) -> str:
    return f"({values.shape[0]:,}, {values.shape[1]:,})"


def _short(name: str) -> str:
    return name if len(name) <= 6 else name[:5] + "…"
