"""Layer views: a layer's numbers laid out as a picture, and the sentence about each cell of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder import numbers
from netbuilder.engine.layer import Shape
from netbuilder.engine.program import Plan, PlanNode
from netbuilder.errors import Message
from netbuilder.lens.look import Look
from netbuilder.lens.picture import Cell, Picture

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class View:
    """One quantity of one layer; ``name`` is the course's, such as W[2]."""

    look: Look
    node: PlanNode
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

    def sentence(self, cell: Cell) -> Message:
        """What a cell of the picture is, with its number."""
        raise NotImplementedError

    def place(self, cell: Cell) -> tuple[str, tuple[int, ...]] | None:
        """The parameter of a cell and its index, where the values are parameters."""
        return None

    def row_of(self, unit: int) -> int | None:
        """The row of the picture in which a unit is, where there is one."""
        return unit

    # What the units of the output stand for has names; those of other layers are numbered.

    @property
    def unit_names(self) -> tuple[str, ...]:
        info = self.look.dataset.info
        if self.node is not self.look.plan.output or info.n_y == 1:
            return ()
        return info.class_names if info.task == "classes" else info.target_names

    @property
    def unit_title(self) -> Message | None:
        """What the names are."""
        if not self.unit_names:
            return None
        return Message("class" if self.look.dataset.info.task == "classes" else "target")

    def unit(self, number: int) -> Message:
        if not self.unit_names:
            return Message("unit {unit}", unit=number + 1)
        name = self.unit_names[number]
        if self.look.dataset.info.task == "classes":
            return Message("class {name}", name=name)
        return Message("target {name}", name=name)

    def _number(self, *index: int) -> dict[str, str]:
        return _number(self.name, self.values[index], *index)


def _number(name: str, value: float, *index: int) -> dict[str, str]:
    """``place`` "W[2][3, 5]" of an index counted from zero, and ``value`` "−0.412"."""
    place = ", ".join(str(i + 1) for i in index)
    return {"place": f"{name}[{place}]", "value": numbers.number(float(value))}


# --- one number a unit and example ---------------------------------------------------------------


class UnitsView(View):
    """A (n, examples), or what else each unit has for each example of the sample."""

    @property
    def picture(self) -> Picture:
        return Picture(
            self.values,
            row_names=self.unit_names,
            row_title=self.unit_title or Message("unit"),
            column_title=Message("example"),
            band=_band(self.look, np.arange(self.values.shape[1])),
        )

    def sentence(self, cell: Cell) -> Message:
        return Message(
            "{place} = {value}, {unit} for {example}",
            **self._number(cell.row, cell.column),
            unit=self.unit(cell.row),
            example=_example(self.look, cell.column),
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
            row_title=Message("channel"),
            column_title=Message("example"),
            band=_band(self.look, self.examples),
        )

    def sentence(self, cell: Cell) -> Message:
        _, _, width, m = self.values.shape
        (channel, example), (y, x) = divmod(cell.row, m), divmod(cell.column, width)
        return Message(
            "{place} = {value}, channel {channel}, pixel ({y}, {x}) for {example}",
            **self._number(channel, y, x, example),
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
    codes: Array = Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0].astype(int)
    return codes


def _example(look: Look, column: int) -> Message:
    number = f"{int(look.sample[column]) + 1:,}"
    info = look.dataset.info
    if info.task == "regression":
        return Message("training example {number}", number=number)
    name = info.class_names[int(_classes(look)[column])]
    return Message("training example {number}, class {name}", number=number, name=name)


# --- parameters ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class WeightsView(View):
    """W (n, n_prev) with b beside it; from the pixels of the data, one image for every unit."""

    b: Array
    b_name: str

    @property
    def picture(self) -> Picture:
        info = self.look.dataset.info
        from_data = self.node.inputs[0] == self.look.plan.nodes[0].id
        if from_data and info.image_shape is not None:
            return Picture(self.values, tile=info.image_shape)
        return Picture(
            self.values,
            beside=self.b,
            beside_name=self.b_name.split("[")[0],
            column_names=info.feature_names if from_data else (),
            row_names=self.unit_names,
            row_title=self.unit_title or Message("to unit"),
            column_title=Message("from feature") if from_data else Message("from unit"),
        )

    def place(self, cell: Cell) -> tuple[str, tuple[int, ...]]:
        return ("b", (cell.row, 0)) if cell.column < 0 else ("W", (cell.row, cell.column))

    def sentence(self, cell: Cell) -> Message:
        unit = self.unit(cell.row)
        if cell.column < 0:
            return Message(
                "{place} = {value}, the bias of {unit}",
                **_number(self.b_name, self.b[cell.row, 0], cell.row),
                unit=unit,
            )
        return Message(
            "{place} = {value}, from {source} to {unit}",
            **self._number(cell.row, cell.column),
            source=self._source(cell.column),
            unit=unit,
        )

    def _source(self, column: int) -> Message:
        plan, info = self.look.plan, self.look.dataset.info
        before = plan.node(self.node.inputs[0])
        if before is plan.nodes[0]:
            if info.image_shape is not None:
                y, x = divmod(column, info.image_shape[1])
                return Message("pixel ({y}, {x})", y=y + 1, x=x + 1)
            return Message("feature {name}", name=info.feature_names[column])
        image = _image_before(plan, before)
        if image is not None:
            pixel = _pixel(column, image.shape)
            return Message("{pixel} of {name}", pixel=pixel, name=image.name)
        number = plan.course_layers.get(before.id)
        if number is None:
            return Message("unit {unit} of {name}", unit=column + 1, name=before.name)
        return Message("unit {unit} of layer {layer}", unit=column + 1, layer=number)


def _image_before(plan: Plan, node: PlanNode) -> PlanNode | None:
    """The node whose image this one turns into a column of the same numbers, if it does."""
    if len(node.inputs) != 1 or node.parameter_shapes:
        return None
    before = plan.node(node.inputs[0])
    flattened = len(before.shape) == 3 and node.shape == (math.prod(before.shape),)
    return before if flattened else None


def _pixel(at: int, image: Shape) -> Message:
    """A place in the column of all numbers of an image (channels, height, width)."""
    channel, y, x = (int(i) + 1 for i in np.unravel_index(at, image))
    return Message("pixel ({y}, {x}) of channel {channel}", y=y, x=x, channel=channel)


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
            row_title=Message("channel") if several else None,
            column_title=Message("filter") if several else None,
        )

    def place(self, cell: Cell) -> tuple[str, tuple[int, ...]]:
        filters, _, k, _ = self.values.shape
        (channel, filter_), (y, x) = divmod(cell.row, filters), divmod(cell.column, k)
        return "W", (filter_, channel, y, x)

    def sentence(self, cell: Cell) -> Message:
        filters, _, k, _ = self.values.shape
        (channel, filter_), (y, x) = divmod(cell.row, filters), divmod(cell.column, k)
        return Message(
            "{place} = {value}, filter {filter}, channel {channel}, pixel ({y}, {x})",
            **self._number(filter_, channel, y, x),
            filter=filter_ + 1,
            channel=channel + 1,
            y=y + 1,
            x=x + 1,
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
            row_title=Message("channel") if self._by_channel else Message("unit"),
        )

    def sentence(self, cell: Cell) -> Message:
        what = self._what(cell.row)
        if cell.column < 0:
            number = _number(self.beta_name, self.beta[cell.row, 0], cell.row)
            return Message("{place} = {value}, the shift of {what}", **number, what=what)
        number = _number(self.name, self.values[cell.row, 0], cell.row)
        return Message("{place} = {value}, the scale of {what}", **number, what=what)

    @property
    def _by_channel(self) -> bool:
        return len(self.values) == self.node.shape[0] != math.prod(self.node.shape)

    def _what(self, row: int) -> Message:
        """A unit, a channel of images, or a pixel where a norm has a γ for each."""
        shape = self.node.shape
        if len(shape) == 1:
            return Message("unit {number}", number=row + 1)
        return (
            Message("channel {number}", number=row + 1) if self._by_channel else _pixel(row, shape)
        )
