"""The panel that predicts: give an example, and see at once what the network says of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from netbuilder import numbers
from netbuilder.data.dataset import Dataset
from netbuilder.data.drawing import style_of
from netbuilder.data.example import input_of, values_of
from netbuilder.engine import metrics
from netbuilder.errors import UserError
from netbuilder.exchange.trained import Trained
from netbuilder.gui.centre import Centre
from netbuilder.gui.examples import name_of
from netbuilder.gui.panels.live import LivePanel
from netbuilder.gui.panels.predict.bars import Bar, Bars
from netbuilder.gui.panels.predict.drawing import DrawingField, Seen
from netbuilder.gui.panels.predict.file import FilePrediction
from netbuilder.gui.panels.predict.form import ExampleForm
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.controls import Chip
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.labels import tip
from netbuilder.lens.cases import PARTS, Example, in_words
from netbuilder.lens.look import Look
from netbuilder.runs.snapshot import Snapshot

_MOST_BARS = 10
"""Of more classes, the likeliest are shown."""
_LONGEST = 16
"""Letters of a target's name before its number."""
_WIDE = 370
"""Pixels from which the answer stands beside the form."""
_TALL = 1.4
"""Heights in widths from which the answer stands above the field to draw in."""
_STRIDE = 7919
"""From one example to the next, so that a sorted file gives others than its neighbours."""


class PredictPanel(LivePanel):
    """A form or a field to draw in, the answer live with its bars, and a file for many."""

    def __init__(self, centre: Centre) -> None:
        super().__init__(centre)
        theme = self.themes.theme
        self._dataset: Dataset | None = None
        self._range: tuple[Any, Any] = (0.0, 0.0)
        """Of the training part's targets (n_y,), in their own units."""
        self._input: Any = None
        """(n_x,) what the network is asked; None where it is to be made anew."""
        self._asked = 0
        self.typical = Chip(self.tr("Typical"), theme)
        self.typical.setToolTip(self.tr("The median of every column, and the most frequent word."))
        self.clear = Chip(self.tr("Clear"), theme)
        self.example = Chip(self.tr("Example"), theme)
        self.example.setToolTip(self.tr("Another example of the data at every press."))
        for chip in (self.typical, self.clear, self.example):
            chip.setCheckable(False)
        self.seen_as = Seen(theme)
        self.file = FilePrediction(theme)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.setContentsMargins(-7, 0, -7, 0)  # the words in line with what is below
        for part in (self.typical, self.clear, self.example):
            head.addWidget(part)
        head.addStretch(1)
        head.addWidget(self.file.button)
        self.verdict = QLabel()
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setFont(tabular(self.verdict.font(), 1.35))
        self.verdict.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.truth = QLabel()
        self.truth.setTextFormat(Qt.TextFormat.PlainText)
        self.truth.setProperty("tone", "muted")
        self.bars = Bars(theme)
        answer = QWidget()
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.verdict, 1)
        line.addWidget(self.truth)
        line.addWidget(self.seen_as)
        column = QVBoxLayout(answer)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.bars)
        column.addStretch(1)
        self.form, self.drawing = ExampleForm(), DrawingField(theme)
        self.scroller = QScrollArea()
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the fields in it are stops of Tab
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setWidget(self.form)
        self.scroller.viewport().setAutoFillBackground(False)
        self.form.setAutoFillBackground(False)
        self._middle = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._middle.addWidget(answer)
        self._middle.addWidget(self.scroller, 1)
        self._middle.addWidget(self.drawing, 1)
        self.body.addLayout(head)
        self.body.addLayout(self._middle, 1)
        self.body.addWidget(self.file)
        self.typical.clicked.connect(self._take_typical)
        self.clear.clicked.connect(self._clear)
        self.example.clicked.connect(self._choose_example)
        self._taken: Example | None = None
        """The chosen example, once it is in the form."""
        self.cursor_.examples.changed.connect(self.mark_stale)
        self.form.edited.connect(self._on_edited)
        self.drawing.edited.connect(self._on_edited)
        self.setMinimumWidth(140)  # it stands with panels that get by with as little
        self.file.wanted.connect(self.ask_file)
        centre.bridge.closed.connect(self.file.close_down)
        self._take_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        chips = (self.typical, self.clear, self.example, self.file.button)
        for part in (*chips, self.bars, self.drawing, self.seen_as):
            part.apply_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def ask_file(self) -> None:
        """Asks for a file of examples, and has it predicted by the moment that is looked at."""
        look = self.cursor_.look()
        if look is None:
            return
        try:
            trained = Trained.of(look.plan, look.weights, look.dataset)
        except UserError as error:
            self.file.say(tr_message(error.message), trouble=True)
            return
        project = self.store.project
        self.file.ask(trained, project.training.dtype, project.data.reading)

    # --- the example ---------------------------------------------------------------------------

    @property
    def _draws(self) -> bool:
        return self._dataset is not None and self._dataset.info.image_shape is not None

    def _follow(self, look: Look) -> None:
        """Brings the form to the data that is looked at."""
        if look.dataset is self._dataset:
            return
        draws = look.dataset.info.image_shape is not None
        if draws:
            self.drawing.show_style(style_of(look.dataset))
        else:
            self.form.show_columns(look.columns())
        Y = look.dataset.train.Y
        self._range = look.dataset.in_units(Y.min(axis=0)), look.dataset.in_units(Y.max(axis=0))
        self._dataset, self._input = look.dataset, None
        self._say_truth("")
        shown: tuple[QWidget, ...] = (self.drawing, self.clear, self.seen_as)
        for part in shown:
            part.setVisible(draws)
        self.scroller.setVisible(not draws)
        self.typical.setVisible(not draws)
        if draws and self.drawing.empty:
            self._take(self._any_example(look.dataset), look.dataset)
        self._turn()

    def _turn(self) -> None:
        """Side by side, or one below the other where there is more height."""
        direction = QBoxLayout.Direction
        if self._draws:
            beside, order = self.height() < _TALL * self.width(), direction.RightToLeft
        else:
            beside, order = self.width() >= _WIDE, direction.LeftToRight
        self._middle.setDirection(order if beside else direction.TopToBottom)
        self._middle.setStretch(0, 1 if beside else 0)
        self._middle.setSpacing(16 if beside else 8)

    def _take_typical(self) -> None:
        self.form.show_values([column.typical for column in self.form.columns])
        self._on_edited()

    def _clear(self) -> None:
        self.drawing.clear()
        self._on_edited()

    def _choose_example(self) -> None:
        """Another example, of those that were not learned from where there are any."""
        dataset = self._dataset
        if dataset is not None:
            self._asked += 1
            self.cursor_.examples.hold(self._any_example(dataset), dataset)

    def _any_example(self, dataset: Dataset) -> Example:
        part = next(part for part in reversed(PARTS) if getattr(dataset, part).m)
        return Example(part, self._asked * _STRIDE % getattr(dataset, part).m)

    def _take(self, example: Example, dataset: Dataset) -> None:
        """Puts an example into the form, or where one draws."""
        part, row = getattr(dataset, example.part), example.row
        values = values_of(dataset, part, row)
        if self._draws:
            self.drawing.show_example(np.array(values, np.float64))
        else:
            self.form.show_values(values)
        self._input = None
        self._say_truth(in_words(dataset, part.Y[row]))
        self.truth.setToolTip(name_of(example))

    def _on_edited(self) -> None:
        self._input = None
        self._say_truth("")
        self.mark_stale()

    def _say_truth(self, truth: str) -> None:
        """Of an example that was taken from the data; "" for one of the user's."""
        self.truth.setText(self.tr("in truth {answer}").format(answer=truth) if truth else "")
        self.truth.setToolTip("")

    # --- the answer ----------------------------------------------------------------------------

    def refresh(self, look: Look, snapshot: Snapshot | None) -> None:
        self._follow(look)
        chosen = self.cursor_.examples.of(look)
        if chosen != self._taken:
            self._taken = chosen
            if chosen is not None:
                self._take(chosen, look.dataset)
        if self._draws:
            if self._input is None:
                pixels = self.drawing.pixels()
                self.seen_as.show_shares(self.drawing.shares(pixels))
                self._input = input_of(pixels.tolist(), look.dataset.recipe)
            if self.drawing.empty:
                self.verdict.setText(self.tr("What will it be?"))
                self.bars.show_bars([Bar(bar.name, "", 0.0, bar.color) for bar in self.bars.bars])
                return
        elif self._input is None:
            self._input = input_of(self.form.values, look.dataset.recipe)
        Y_hat = look.answer(self._input)
        if look.dataset.info.task == "regression":
            self._show_numbers(look, Y_hat)
        else:
            self._show_classes(look, Y_hat)

    def _show_classes(self, look: Look, Y_hat: Any) -> None:
        info = look.dataset.info
        place = int(metrics.classes(Y_hat[None], info.task)[0])
        scores = [1.0 - Y_hat[0], Y_hat[0]] if info.task == "binary" else list(Y_hat)
        sure = look.plan.gives_probabilities
        shown = sorted(np.argsort(scores)[::-1][:_MOST_BARS].tolist())
        if not np.isfinite(Y_hat).all():  # of a network that diverged
            place = -1
        verdict = info.class_names[place] if place >= 0 else "–"
        self.verdict.setText(verdict)
        self.verdict.setToolTip(tip(verdict))
        self.bars.show_bars(
            Bar(
                info.class_names[k],
                numbers.percent(float(scores[k])) if sure else numbers.number(float(scores[k])),
                float(np.nan_to_num(scores[k])) if sure else 0.0,
                k,
                k == place,
            )
            for k in shown
        )

    def _show_numbers(self, look: Look, Y_hat: Any) -> None:
        names = look.dataset.info.target_names
        low, high = self._range
        texts = [numbers.number(float(value), 5) for value in Y_hat]
        span = np.where(high > low, high - low, 1.0)
        shares = np.clip(np.nan_to_num((Y_hat - low) / span), 0.0, 1.0).tolist()
        if len(names) == 1:
            name = names[0] if len(names[0]) <= _LONGEST else f"{names[0][: _LONGEST - 1]}…"
            self.verdict.setText(f"{name} = {texts[0]}")
            # What is left to say is where in the range of the training part that lies.
            ends = numbers.number(float(low[0]), 3), numbers.number(float(high[0]), 3)
            self.bars.show_bars([Bar(*ends, shares[0], -1)])
        else:
            self.verdict.setText("")
            self.bars.show_bars(
                Bar(name, text, share, -1, True)
                for name, text, share in zip(names, texts, shares, strict=True)
            )
        self.verdict.setToolTip(tip(", ".join(names)))
        self.verdict.setVisible(len(names) == 1 or bool(self.truth.text()))
