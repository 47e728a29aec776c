"""The panel of examples: the worst mistakes first, and the loss of the one that is chosen."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QLabel

from netbuilder.data.dataset import Dataset
from netbuilder.data.drawing import Style, style_of
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.examples.gallery import Gallery, Items
from netbuilder.gui.panels.examples.likelihood import LikelihoodView
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.lens.cases import PARTS, Example
from netbuilder.lens.look import Look
from netbuilder.lens.loss_curve import loss_curve
from netbuilder.lens.mistakes import Rows, Sight, rows_of
from netbuilder.runs.snapshot import Snapshot

_BESIDE, _BELOW = 480, 330
"""Pixels of width, or of height, from which there is room for the picture of the loss."""
_ROOMY = 330
"""Pixels of width from which there is room for the count."""
_SETTLED = 1.0
"""Seconds for which the order holds still while it trains, so that it can be read."""


class ExamplesPanel(LivePanel):
    """What is to be gone through is the cursor's; the choices here say it, and follow it."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        theme = self.themes.theme
        self.examples = self.cursor_.examples
        self.which, self.part = QComboBox(), QComboBox()
        self.which.setAccessibleName(self.tr("Which examples"))
        self.part.setAccessibleName(self.tr("Part of the data"))
        self.which.setToolTip(self.tr("Mistakes with the largest loss L come first."))
        titles = self.tr("Training"), self.tr("Validation"), self.tr("Test")
        for name, title in zip(PARTS, titles, strict=True):
            self.part.addItem(title, name)
        for box in (self.which, self.part):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumContentsLength(4)
            box.setFont(tabular(box.font(), 0.9))
        self.count = QLabel()
        self.count.setFont(tabular(self.count.font(), 0.9))
        self.count.setProperty("tone", "muted")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.which)
        head.addWidget(self.part)
        head.addStretch(1)
        head.addWidget(self.count)
        self.gallery = Gallery(self.themes)
        self.nothing = QLabel()
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.nothing.setProperty("tone", "muted")
        self.likelihood = LikelihoodView(theme)
        self._middle = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._middle.setSpacing(12)
        self._middle.addWidget(self.gallery, 3)
        self._middle.addWidget(self.nothing, 3)
        self._middle.addWidget(self.likelihood, 2)
        self.body.addLayout(head)
        self.body.addLayout(self._middle, 1)
        self._offered: tuple[object, ...] = ()
        self._ordered: tuple[object, Rows] = (None, np.empty(0, np.intp))
        """What the order is of, and the rows in it."""
        self._reorder_at = 0.0
        self._has_curve = False
        self._style: tuple[object, Style | None] = None, None
        """The data that is looked at, and how its images are painted."""
        self.setMinimumWidth(140)
        self.which.activated.connect(self._on_which)
        self.part.activated.connect(self._on_part)
        self.gallery.clicked.connect(self._on_clicked)
        self.gallery.pressed.connect(self._on_pressed)
        self.examples.changed.connect(self.mark_stale)
        self.examples.sight_changed.connect(self._on_sight)
        self._take_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        self.likelihood.apply_theme(theme)

    # --- what is shown -----------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        sight, dataset = self.examples.sight, look.dataset
        part = getattr(dataset, sight.part)
        if not part.m:
            sight = replace(sight, part="train")
            part = dataset.train
        self._offer(look, sight)
        rows = self._in_order(look, sight)
        example = self.examples.of(look)
        self.count.setText(
            self.tr("{count} of {all}").format(count=f"{len(rows):,}", all=f"{part.m:,}")
        )
        self.gallery.setVisible(bool(len(rows)))
        self.nothing.setVisible(not len(rows))
        self.nothing.setText(
            self.tr("No example of this part is predicted wrong.")
            if sight.cell is None
            else self.tr("There is no such example now.")
        )
        if len(rows):
            seen, losses = look.prediction(sight.part), look.losses(sight.part)
            items = Items(dataset, part, rows, seen, losses, self._style_of(dataset))
            chosen = example.row if example is not None and example.part == sight.part else None
            self.gallery.show_items(items, chosen)
        case = None if example is None else look.case(example)
        curve = None if case is None else loss_curve(look, case)
        if curve is not None:
            self.likelihood.show_curve(curve)
        self._has_curve = curve is not None
        self._turn()

    def _style_of(self, dataset: Dataset) -> Style | None:
        if self._style[0] is not dataset:
            images = dataset.info.image_shape is not None
            self._style = dataset, style_of(dataset) if images else None
        return self._style[1]

    def _in_order(self, look: Look, sight: Sight) -> Rows:
        """The rows in sight; while it trains they keep their order for a while."""
        of = look.dataset, sight
        now = perf_counter()
        if self._ordered[0] != of or not self.cursor_.running or now >= self._reorder_at:
            self._ordered, self._reorder_at = (of, rows_of(look, sight)), now + _SETTLED
        return self._ordered[1]

    def _offer(self, look: Look, sight: Sight) -> None:
        """The choices, as the data has them."""
        info = look.dataset.info
        offered = sight, info, tuple(getattr(look.dataset, part).m > 0 for part in PARTS)
        if offered == self._offered:
            return
        self._offered = offered
        regression = info.task == "regression"
        self.which.clear()
        self.which.addItem(
            self.tr("Largest errors") if regression else self.tr("Mistakes"), (True, None)
        )
        self.which.addItem(self.tr("All"), (False, None))
        if sight.cell is not None and not regression:
            true, said = (info.class_names[code] for code in sight.cell)
            words = self.tr("{true} taken for {said}") if true != said else self.tr("{true}, right")
            self.which.addItem(words.format(true=true, said=said), (True, sight.cell))
        at = 2 if sight.cell is not None else 0 if sight.wrong else 1
        self.which.setCurrentIndex(min(at, self.which.count() - 1))
        self.part.setCurrentIndex(PARTS.index(sight.part))
        model = self.part.model()
        for number, there in enumerate(offered[2]):
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item = model.item(number)  # type: ignore[attr-defined]
            item.setFlags(flags if there else Qt.ItemFlag.NoItemFlags)

    def _turn(self) -> None:
        """The picture of the loss stands beside the gallery, or below, where there is room."""
        beside, below = self.width() >= _BESIDE, self.height() >= _BELOW
        self.count.setVisible(self.width() >= _ROOMY)
        self.likelihood.setVisible(self._has_curve and (beside or below))
        direction = QBoxLayout.Direction
        self._middle.setDirection(direction.LeftToRight if beside else direction.TopToBottom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    # --- choosing ----------------------------------------------------------------------------

    def _on_sight(self) -> None:
        self._ordered = (None, np.empty(0, np.intp))
        self.mark_stale()

    def _on_which(self) -> None:
        wrong, cell = self.which.currentData()
        self.examples.bring(replace(self.examples.sight, wrong=wrong, cell=cell))

    def _on_part(self) -> None:
        self.examples.bring(replace(self.examples.sight, part=self.part.currentData()))

    def _on_clicked(self, row: int) -> None:
        items = self.gallery.items
        if items is not None:
            example = Example(self.part.currentData(), row)
            self.examples.toggle(example, items.dataset, items.rows)

    def _on_pressed(self, event: QKeyEvent) -> None:
        """Arrow keys lead through the gallery; the first one to its first example."""
        items, key = self.gallery.items, Qt.Key(event.key())
        lines = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if items is None or not len(items.rows):
            return
        if self.examples.chosen is None and key in (*lines, Qt.Key.Key_Return):
            self._on_clicked(int(items.rows[0]))
            event.accept()
        elif self.examples.chosen is not None and key in lines:
            self.examples.step(lines[key] * self.gallery.columns)
            event.accept()
        elif self.examples.press(event):
            event.accept()
