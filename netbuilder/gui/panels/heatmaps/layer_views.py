"""Layer views: a layer's numbers laid out as a picture, and the sentence about each cell of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from netbuilder import numbers
from netbuilder.data.dataset import evenly
from netbuilder.engine.layer import Shape
from netbuilder.engine.layers import Flatten
from netbuilder.engine.program import Plan, Step
from netbuilder.gui.panels.heatmaps.heatmap import Cell, Picture
from netbuilder.gui.widgets.labels import symbol
from netbuilder.lens.look import Look

Array = NDArray[Any]
translate = QCoreApplication.translate

IMAGES = 10
"""So many examples are seen side by side where an example is an image."""


@dataclass(frozen=True, eq=False)
class View:
    """One quantity of one layer; ``name`` is the course's, such as W[2]."""

    look: Look
    step: Step
    name: str
    values: Array
    """As the course writes them: (n, n_prev), (n, examples), (channels, height, width, examples)"""

    @property
    def shape(self) -> Shape:
        return self.values.shape

    @property
    def picture(self) -> Picture:
        """What is to be painted."""
        raise NotImplementedError

    def sentence(self, cell: Cell) -> str:
        """What a cell of the picture is, with its number."""
        raise NotImplementedError

    def _number(self, *index: int) -> tuple[str, str]:
        """("W[2][3, 5]", "−0.412") of a place counted from zero."""
        place = ", ".join(str(i + 1) for i in index)
        return f"{self.name}[{place}]", numbers.number(float(self.values[index]))


def view_of(look: Look, step: Step, quantity: str) -> View | str:
    """The view of a layer's "W", "A" or "dW"; where there is none, the reason in a sentence."""
    name = symbol_of(look.plan, step, quantity)
    if quantity == "A":
        A = look.activations()[step.id]
        if A.ndim == 2:
            return ActivationsView(look, step, name, A)
        shown = evenly(A.shape[-1], IMAGES)
        return ImagesView(look, step, name, A[..., shown], shown)
    if not step.parameter_shapes:
        return translate("Heatmaps", "{name} has no weights: nothing in it is learned.").format(
            name=step.name
        )
    main, other = step.parameter_shapes
    arrays = look.weights if quantity == "W" else look.gradients
    W, b = arrays.get(f"{step.id}.{main}"), arrays.get(f"{step.id}.{other}")
    if W is None or b is None:
        return translate("Heatmaps", "No gradients yet: they come with the first update.")
    names = [symbol_of(look.plan, step, quantity.replace("W", symbol(n))) for n in (main, other)]
    if main != "W":
        return NormView(look, step, names[0], W, b, names[1])
    if W.ndim == 4:
        return FiltersView(look, step, names[0], W)
    return WeightsView(look, step, names[0], W, b, names[1])


def symbol_of(plan: Plan, step: Step, quantity: str) -> str:
    """W[2] as the course has it; a layer without parameters goes by its name."""
    if step is plan.steps[0]:
        return "A[0]"
    number = plan.layer_numbers.get(step.id)
    return quantity if number is None else f"{quantity}[{number}]"


# --- activations ---------------------------------------------------------------------------------


class ActivationsView(View):
    """A (n, examples)."""

    @property
    def picture(self) -> Picture:
        return Picture(
            self.values,
            row_title=translate("Heatmaps", "unit"),
            column_title=translate("Heatmaps", "example"),
            band=_band(self.look, np.arange(self.values.shape[1])),
        )

    def sentence(self, cell: Cell) -> str:
        place, value = self._number(cell.row, cell.column)
        return translate("Heatmaps", "{place} = {value}, unit {unit} for {example}").format(
            place=place, value=value, unit=cell.row + 1, example=_example(self.look, cell.column)
        )


@dataclass(frozen=True, eq=False)
class ImagesView(View):
    """A (channels, height, width, examples): a row of images for every channel."""

    examples: Array
    """Which of the sample they are."""

    @property
    def picture(self) -> Picture:
        channels, height, width, m = self.values.shape
        return Picture(
            self.values.transpose(0, 3, 1, 2).reshape(channels * m, height * width),
            tile=(height, width),
            tile_columns=m,
            row_title=translate("Heatmaps", "channel"),
            column_title=translate("Heatmaps", "example"),
            band=_band(self.look, self.examples),
        )

    def sentence(self, cell: Cell) -> str:
        _, _, width, m = self.values.shape
        (channel, example), (y, x) = divmod(cell.row, m), divmod(cell.column, width)
        place, value = self._number(channel, y, x, example)
        return translate(
            "Heatmaps", "{place} = {value}, channel {channel}, pixel ({y}, {x}) for {example}"
        ).format(
            place=place,
            value=value,
            channel=channel + 1,
            y=y + 1,
            x=x + 1,
            example=_example(self.look, int(self.examples[example])),
        )


def _band(look: Look, examples: Array) -> tuple[int, ...]:
    """The classes of some examples of the sample; nothing where there are no classes."""
    if look.dataset.info.task == "regression":
        return ()
    return tuple(int(code) for code in _classes(look)[examples])


def _classes(look: Look) -> Array:
    """(examples,) the sample's class codes."""
    Y = look.dataset.train.Y[look.sample]
    return Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0].astype(int)


def _example(look: Look, column: int) -> str:
    number = f"{int(look.sample[column]) + 1:,}"
    info = look.dataset.info
    if info.task == "regression":
        return translate("Heatmaps", "training example {number}").format(number=number)
    return translate("Heatmaps", "training example {number}, class {name}").format(
        number=number, name=info.class_names[int(_classes(look)[column])]
    )


# --- parameters ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class WeightsView(View):
    """W (n, n_prev) with b beside it; from the pixels of the data, one image for every unit."""

    b: Array
    b_name: str

    @property
    def picture(self) -> Picture:
        info = self.look.dataset.info
        from_data = self.step.inputs[0] == self.look.plan.steps[0].id
        if from_data and info.image_shape is not None:
            return Picture(self.values, tile=info.image_shape)
        return Picture(
            self.values,
            beside=self.b,
            beside_name=self.b_name.split("[")[0],
            column_names=info.feature_names if from_data else (),
            row_title=translate("Heatmaps", "to unit"),
            column_title=translate("Heatmaps", "from feature")
            if from_data
            else translate("Heatmaps", "from unit"),
        )

    def sentence(self, cell: Cell) -> str:
        unit = cell.row + 1
        if cell.column < 0:
            return translate(
                "Heatmaps", "{name}[{unit}] = {value}, the bias of unit {unit}"
            ).format(name=self.b_name, unit=unit, value=numbers.number(float(self.b[cell.row, 0])))
        place, value = self._number(cell.row, cell.column)
        return translate("Heatmaps", "{place} = {value}, from {source} to unit {unit}").format(
            place=place, value=value, source=self._source(cell.column), unit=unit
        )

    def _source(self, column: int) -> str:
        plan, info = self.look.plan, self.look.dataset.info
        before = plan.step(self.step.inputs[0])
        if before is plan.steps[0]:
            if info.image_shape is not None:
                row, across = divmod(column, info.image_shape[1])
                return translate("Heatmaps", "pixel ({row}, {column})").format(
                    row=row + 1, column=across + 1
                )
            return translate("Heatmaps", "feature {name}").format(name=info.feature_names[column])
        if isinstance(before.layer, Flatten):
            image = plan.step(before.inputs[0])
            if len(image.shape) == 3:
                channel, y, x = np.unravel_index(column, image.shape)
                return translate(
                    "Heatmaps", "pixel ({row}, {column}) of channel {channel} of {name}"
                ).format(row=y + 1, column=x + 1, channel=channel + 1, name=image.name)
        number = plan.layer_numbers.get(before.id)
        if number is None:
            return translate("Heatmaps", "unit {unit} of {name}").format(
                unit=column + 1, name=before.name
            )
        return translate("Heatmaps", "unit {unit} of layer {layer}").format(
            unit=column + 1, layer=number
        )


class FiltersView(View):
    """W (filters, channels, k, k): every filter as a small image, one below another per channel."""

    @property
    def picture(self) -> Picture:
        filters, channels, k, _ = self.values.shape
        several = channels > 1
        return Picture(
            self.values.transpose(1, 0, 2, 3).reshape(channels * filters, k * k),
            tile=(k, k),
            tile_columns=filters if several else 0,
            row_title=translate("Heatmaps", "channel") if several else "",
            column_title=translate("Heatmaps", "filter") if several else "",
        )

    def sentence(self, cell: Cell) -> str:
        filters, _, k, _ = self.values.shape
        (channel, filter_), (y, x) = divmod(cell.row, filters), divmod(cell.column, k)
        place, value = self._number(filter_, channel, y, x)
        return translate(
            "Heatmaps", "{place} = {value}, filter {filter}, channel {channel}, pixel ({y}, {x})"
        ).format(
            place=place, value=value, filter=filter_ + 1, channel=channel + 1, y=y + 1, x=x + 1
        )


@dataclass(frozen=True, eq=False)
class NormView(View):
    """γ (n, 1) with β beside it."""

    beta: Array
    beta_name: str

    @property
    def picture(self) -> Picture:
        return Picture(
            self.values,
            beside=self.beta,
            beside_name=self.beta_name.split("[")[0],
            column_names=(self.name.split("[")[0],),
            row_title=translate("Heatmaps", "channel")
            if self._by_channel
            else translate("Heatmaps", "unit"),
        )

    def sentence(self, cell: Cell) -> str:
        beta = cell.column < 0
        value = float((self.beta if beta else self.values)[cell.row, 0])
        text = (
            translate("Heatmaps", "{name}[{unit}] = {value}, the shift of {what}")
            if beta
            else translate("Heatmaps", "{name}[{unit}] = {value}, the scale of {what}")
        )
        return text.format(
            name=self.beta_name if beta else self.name,
            unit=cell.row + 1,
            value=numbers.number(value),
            what=self._what(cell.row),
        )

    @property
    def _by_channel(self) -> bool:
        return len(self.values) == self.step.shape[0] != math.prod(self.step.shape)

    def _what(self, row: int) -> str:
        """A unit, a channel of images, or a pixel where a norm has a γ for each."""
        shape = self.step.shape
        if len(shape) == 1:
            return translate("Heatmaps", "unit {number}").format(number=row + 1)
        if self._by_channel:
            return translate("Heatmaps", "channel {number}").format(number=row + 1)
        channel, y, x = np.unravel_index(row, shape)
        return translate("Heatmaps", "pixel ({y}, {x}) of channel {channel}").format(
            y=y + 1, x=x + 1, channel=channel + 1
        )
