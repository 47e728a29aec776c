"""The decision boundary: what the network says of the input plane, with the data on it."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy

from netbuilder.data import points
from netbuilder.data.dataset import Dataset, Part, evenly
from netbuilder.data.table import Table
from netbuilder.document.model.datasets import is_blank
from netbuilder.document.model.project import Project
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.boundary import shades
from netbuilder.gui.panels.boundary import unit as of_unit
from netbuilder.gui.panels.boundary.curve import CurveFit
from netbuilder.gui.panels.boundary.features import telling_features
from netbuilder.gui.panels.boundary.pencil import Pencil, table_to_draw_on
from netbuilder.gui.panels.boundary.points import Marks
from netbuilder.gui.panels.boundary.tools import DrawingTools
from netbuilder.gui.panels.boundary.words import legend_of, told_at, value_name
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.theme import colour_scale
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.controls import Chip, ReadOut
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.plot import Curve, Plot, thin_pen
from netbuilder.lens.look import Look
from netbuilder.runs.snapshot import Snapshot

Array = NDArray[Any]

MOST_POINTS = 2000
"""Of a larger part, evenly chosen points are drawn."""
STRENGTH = 0.6
"""How strongly the map is coloured, so that the points stand out from it."""


class BoundaryPanel(LivePanel):
    """A map of the output over two features; the others are held at their mean."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        theme = self.themes.theme
        self.across, self.up = QComboBox(), QComboBox()
        self.across.setAccessibleName(self.tr("Feature across"))
        self.up.setAccessibleName(self.tr("Feature upwards"))
        for box in (self.across, self.up):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setFont(tabular(box.font(), 0.9))
            box.activated.connect(self._on_features)
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        self.legend.setFont(tabular(self.legend.font(), 0.85))
        self.legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.draw = Chip(self.tr("Draw points"), theme, "rename")
        self.draw.setToolTip(self.tr("Draw points with the mouse; the right button erases"))
        self.draw.toggled.connect(self._on_drawing)
        self.tools = DrawingTools(theme)
        self.tools.hide()
        head = QHBoxLayout()
        head.setSpacing(8)
        for part in (self.up, self.draw, self.tools):
            head.addWidget(part)
        head.addWidget(self.legend, 100)
        head.addStretch(1)
        self.plot = Plot()
        self.plot.box.setMouseEnabled(False, False)
        self._image = pg.ImageItem(axisOrder="row-major")
        self._image.setZValue(-10)
        self._line = Curve(strong=True, connect="pairs")
        self._points = pg.ScatterPlotItem(pxMode=True, size=6, antialias=True)
        self._hollow = pg.ScatterPlotItem(pxMode=True, size=6.5, antialias=True)
        for item in (self._image, self._line, self._points, self._hollow):
            self.plot.addItem(item, ignoreBounds=True)
        self.marks = Marks(self.plot)
        self.body.addLayout(head)
        self.body.addWidget(self.plot, 1)
        self.curve = CurveFit()
        self.curve.hide()
        self.body.addWidget(self.curve, 1)
        # Each choice stands where the name of its axis would.
        self.body.addWidget(self.across, 0, Qt.AlignmentFlag.AlignHCenter)
        self.read_out = ReadOut(self, theme)
        self.hint = QLabel(self.tr("Press and drag to draw points here."), self)
        self.hint.setWordWrap(True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setProperty("tone", "muted")
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hint.hide()
        self.pencil = Pencil(centre, self.tools, (self.plot, self.curve), self._drawn_colors)
        self.pencil.begun.connect(lambda alone: self._show_points(not alone))
        self.pencil.settled.connect(lambda: self._show_points(True))
        self._features = (0, 1)
        self._offered: tuple[str, ...] = ()
        """The names in the drop-downs."""
        self._plotted: object = None
        self._pointed: QPointF | None = None
        self._map: Array | None = None
        self._look: Look | None = None
        self._scale = 1.0
        self.plot.pointed.connect(self._on_pointed)
        for plot, marks in ((self.plot, self.marks), (self.curve, self.curve.marks)):
            plot.clicked.connect(partial(self._on_clicked, marks))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # after a click it has the arrow keys
        self._legend = ""
        """What is said of the output."""
        self._said_last: str | None = None
        self.store.changed.connect(self._on_document)
        self.cursor_.units.pointed_changed.connect(self.mark_stale)
        self.cursor_.examples.changed.connect(self.mark_stale)
        self._take_theme(theme)
        self._offer_drawing()
        self.draw.setChecked(is_blank(self.store.project.data))

    def _on_document(self, old: Project, new: Project) -> None:
        if new.data is not old.data:
            self._offer_drawing()
            if is_blank(new.data) and new.data.source != old.data.source:
                self.draw.setChecked(True)

    def apply_theme(self, theme: Theme) -> None:
        self.plot.apply_theme(theme)
        self.curve.apply_theme(theme)
        self.read_out.apply_theme(theme)
        self.marks.apply_theme(theme)
        self.draw.apply_theme(theme)
        self.tools.apply_theme(theme)
        self.pencil.apply_theme(theme)
        self._line.setPen(thin_pen(theme.color("text", 0.75)))
        self._plotted = None
        palette = self.legend.palette()
        palette.setColor(self.legend.foregroundRole(), theme.color("muted"))
        self.legend.setPalette(palette)

    # --- following the run -------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        alone = look.dataset.info.n_x == 1
        self.curve.setVisible(alone)
        self.plot.setVisible(not alone)
        # Said once: to show what is hidden again would lay out the panel at every look.
        for box in (self.up, self.across):
            box.setVisible(look.dataset.info.n_x > 2)
        self._look = look
        example = self.cursor_.examples.of(look)
        if alone:
            self._map = None
            self.read_out.hide()
            self._write_legend(look.dataset)
            self.curve.show_look(look, value_name(look.dataset.info))
            self.curve.marks.show(look, example)
            self._settle(look.dataset)
            return
        self._offer_features(look.dataset)
        self._plot_data(look)
        self._show_values(look)
        self.marks.show(look, example)
        self._settle(look.dataset)

    def _show_values(self, look: Look) -> None:
        unit = self.cursor_.units.pointed
        if unit is not None and of_unit.is_seen(look, unit):
            theme = self.themes.theme
            picture = of_unit.picture(look, unit, self._features, theme, STRENGTH)
            self._map = None
            self._show_map(look, picture)
            self._say(of_unit.words(look, unit))
            return
        self._map = look.output_map(self._features)
        self._paint_map(look, self._map)
        self._say(self._legend)
        self._tell()

    @property
    def _shows_classes(self) -> bool:
        assert self._look is not None
        return self._look.dataset.info.task != "regression"

    def _paint_map(self, look: Look, values: Array) -> None:
        theme = self.themes.theme
        if self._shows_classes and values.shape[0] > 1:
            picture = shades.blend(values, theme, STRENGTH)
        else:
            values = values[0]
            if self._shows_classes:
                values, self._scale = 2.0 * values - 1.0, 1.0
                ends = theme.classes[0], theme.classes[1]
            else:
                self._scale = shades.value_scale(look.dataset)
                ends = theme.negative, theme.positive
            table = colour_scale.table(theme, ends, STRENGTH, "sunken")
            picture = np.take(table, colour_scale.entries(values, self._scale), axis=0)
        self._show_map(look, picture)

    def _show_map(self, look: Look, picture: NDArray[np.uint8]) -> None:
        """Lays a picture under the points, and the line of the decision where there is one."""
        bounds = look.bounds(self._features)
        place = QRectF(bounds.left, bounds.bottom, bounds.right - bounds.left, 0.0)
        place.setHeight(bounds.top - bounds.bottom)
        # The plot's y axis points up, and the map's first row is the top one.
        self._image.setImage(picture[::-1], autoLevels=False, levels=None)
        self._image.setRect(place)
        self._draw_line(look)
        self.plot.box.setRange(
            xRange=(bounds.left, bounds.right), yRange=(bounds.bottom, bounds.top), padding=0
        )
        self.plot.settle()

    def _draw_line(self, look: Look) -> None:
        """The thin line where the decision changes."""
        if not self._shows_classes or self._map is None:
            self._line.setData([], [])
            return
        bounds, (xs, ys) = look.bounds(self._features), shades.borders(self._map)
        size = self._map.shape[-1]
        x = bounds.left + (xs + 0.5) / size * (bounds.right - bounds.left)
        y = bounds.top - (ys + 0.5) / size * (bounds.top - bounds.bottom)
        self._line.setData(x, y)

    # --- the data ----------------------------------------------------------------------------

    def _offer_features(self, dataset: Dataset) -> None:
        """The drop-downs, where there are more than two features to choose from."""
        names = dataset.info.feature_names
        if names != self._offered:
            self._offered = names
            self._features = (0, 1) if len(names) == 2 else telling_features(dataset.train)
            for box, chosen in zip((self.across, self.up), self._features, strict=True):
                box.clear()
                box.addItems(list(names))
                box.setCurrentIndex(chosen)
            self._plotted = None

    def _on_features(self) -> None:
        chosen = (self.across.currentIndex(), self.up.currentIndex())
        if chosen[0] == chosen[1]:
            # One feature on both axes is a line: the other box takes what this one gave up.
            if self.sender() is self.across:
                self.up.setCurrentIndex(self._features[0])
            else:
                self.across.setCurrentIndex(self._features[1])
        self._features = (self.across.currentIndex(), self.up.currentIndex())
        self._plotted = None
        self.mark_stale()

    def _plot_data(self, look: Look) -> None:
        """Points, axes and legend; only when the data, the features or the theme changed."""
        dataset = look.dataset
        if self._plotted is dataset:
            return
        self._plotted = dataset
        names = dataset.info.feature_names
        for side, feature in zip(("bottom", "left"), self._features, strict=True):
            self.plot.name_axis(side, names[feature] if len(names) == 2 else "")
        theme = self.themes.theme
        for item, part, filled in (
            (self._points, dataset.train, True),
            (self._hollow, dataset.validation, False),
        ):
            x, y, rows = self._places(dataset, part)
            colors = shades.of_rows(dataset, part.Y[rows], theme)
            # pyqtgraph paints one symbol for each pen and brush: those of one colour share them.
            style = pg.mkBrush if filled else partial(thin_pen, width=1.4)
            styles = {rgb: style(QColor(*rgb)) for rgb in set(colors)}
            each = [styles[rgb] for rgb in colors]
            rim, pale = thin_pen(theme.color("panel"), 1), pg.mkBrush(theme.color("panel", 0.35))
            item.setData(x=x, y=y, brush=each if filled else pale, pen=rim if filled else each)
            self.marks.lay("train" if filled else "validation", x, y, rows)
        self._write_legend(dataset)

    def _places(self, dataset: Dataset, part: Part) -> tuple[Array, Array, Array]:
        rows = np.arange(part.m)
        if part.m > MOST_POINTS:
            rows = evenly(part.m, MOST_POINTS)
        X = part.X[rows]
        if dataset.scaling is not None:
            X = dataset.scaling.undo(X)
        return X[:, self._features[0]], X[:, self._features[1]], rows

    def _write_legend(self, dataset: Dataset) -> None:
        self._legend = legend_of(dataset, self.themes.theme)
        self._say(self._legend)

    def _say(self, words: str) -> None:
        """Said once: other words may lay out the panel."""
        if words != self._said_last:
            self._said_last = words
            self.legend.setText(words)
            self.legend.setVisible(bool(words) and not self.pencil.on)

    # --- drawing -----------------------------------------------------------------------------

    def _offer_drawing(self) -> None:
        """The pencil, where the data is of points that the mouse may change."""
        table = table_to_draw_on(self.store.project.data)
        self.draw.setVisible(table is not None)
        if table is None:
            self.draw.setChecked(False)
        else:
            self.tools.show_table(table, self.store.dataset)

    def _on_drawing(self, on: bool) -> None:
        self.pencil.turn(on)
        self.tools.setVisible(on)
        self.legend.setVisible(not on and bool(self.legend.text()))
        self._tell()

    def _drawn_colors(self, table: Table) -> list[tuple[int, ...]]:
        """Of a table's points, as they will be when they are in force."""
        return shades.of_table(table, self.store.dataset, self.themes.theme)

    def _show_points(self, shown: bool) -> None:
        self._points.setVisible(shown)
        self._hollow.setVisible(shown)
        self.curve.show_points(shown)
        self.hint.hide()

    def _settle(self, dataset: Dataset) -> None:
        self.hint.hide()
        self.pencil.settle(dataset)

    def refresh_without_network(self, snapshot: Snapshot | None) -> bool:
        """An empty plane to draw in needs none."""
        table = table_to_draw_on(self.store.project.data)
        if table is None or table.m:
            return False
        self._look = self._plotted = None
        for widget in (self.up, self.across, self.read_out):
            widget.hide()
        self._say("")
        alone = len(table.columns) == 2
        self.curve.setVisible(alone)
        self.plot.setVisible(not alone)
        self._points.clear()
        self._hollow.clear()
        self._line.setData([], [])
        self.curve.show_nothing()
        (x, left), (y, bottom) = (
            (name, points.shown(table)[name]) for name in points.axes_of(table)
        )
        ground = np.array([[shades.rgb(self.themes.theme.sunken)]], dtype=np.uint8)
        self._image.setImage(ground, autoLevels=False, levels=None)
        self._image.setRect(QRectF(left[0], bottom[0], left[1] - left[0], bottom[1] - bottom[0]))
        plot = self.curve if alone else self.plot
        for side, name in (("bottom", x), ("left", y)):
            plot.name_axis(side, name)
        plot.box.setRange(xRange=left, yRange=bottom, padding=0)
        plot.settle()
        self.pencil.settle(self.store.dataset)
        self.say("")
        area = plot.data_area().translated(plot.pos()).toRect()
        self.hint.setGeometry(area.adjusted(8, 8, -8, -8))
        self.hint.setVisible(self.pencil.on and not self.pencil.busy)
        self.hint.raise_()
        return True

    # --- the mouse ---------------------------------------------------------------------------

    def _on_pointed(self, at: QPointF | None) -> None:
        self._pointed = at
        self._tell()

    def _on_clicked(self, marks: Marks, at: QPointF) -> None:
        """Chooses the example at a point, which a second click lets go."""
        if self.pencil.on:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        example = marks.at(at)
        if example is not None and self._look is not None:
            self.cursor_.examples.toggle(example, self._look.dataset)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.cursor_.examples.press(event):
            super().keyPressEvent(event)

    def _tell(self) -> None:
        text = self.point_text
        if self._pointed is None or not text or self.pencil.on:
            self.read_out.hide()
            return
        corner = self.plot.mapFromScene(self.plot.box.mapViewToScene(self._pointed))
        self.read_out.show_at(self.plot.mapTo(self, QPoint(corner)), text)

    @property
    def point_text(self) -> str:
        """What is known of the place below the mouse, as rich text, or ""."""
        look, values, at = self._look, self._map, self._pointed
        if look is None or values is None or at is None:
            return ""
        return told_at(at, look, values, self._features, self.themes.theme)
