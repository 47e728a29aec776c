"""What a card says: its lines, its controls and its units, worked out from the document."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from netbuilder.document.check.compile import Compiled
from netbuilder.document.check.widths import width_text
from netbuilder.document.model.network import COST, DATA, Node
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.settings import Setting
from netbuilder.gui.canvas.geometry import LINES_UP_TO, CardGeometry, image_tiles, tiles
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.labels import choice_title
from netbuilder.lens.names import symbol
from netbuilder.numbers import shape_text

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Control:
    """One setting that is changed on the card itself."""

    setting: Setting
    value: Any

    @property
    def is_choice(self) -> bool:
        return bool(self.setting.choices)

    @property
    def text(self) -> str:
        if self.is_choice:
            return choice_title(self.setting, self.value)
        return f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:g}"

    @property
    def wide(self) -> bool:
        """A long number takes the label's room."""
        return len(self.text) > 4

    def further(self, count: int) -> Any:
        """The value some increments further, kept in range."""
        return self.setting.further(self.value, count)


@dataclass(frozen=True)
class Content:
    """All that a card shows, but for live values. Two equal contents need no new painting."""

    title: str
    subtitle: str
    controls: tuple[Control, ...]
    footer: tuple[str, ...]
    units: int
    """The numbers of its output for one example."""
    image: Shape | None = None
    """(channels, height, width) where each tile shows an image, of one channel."""
    labels: tuple[str, ...] = ()
    """Names beside the tiles: the features on the data card."""
    block: str = ""
    """The second line when zoomed out."""
    icon: str = ""
    frozen: str = ""
    """What of it does not learn: "W, b", or "b"."""

    def control(self, name: str) -> Control | None:
        return next((c for c in self.controls if c.setting.name == name), None)

    @property
    def tiles(self) -> int:
        """How many tiles it has, those included for which there is no room."""
        return self.image[0] if self.image else self.units

    def geometry(self) -> CardGeometry:
        places = tiles(self.units, 36.0 if self.labels else 0.0)
        if self.image is not None:
            places = image_tiles(self.image[0])
        rows = tuple(control.setting.name for control in self.controls)
        cost = self.icon == "cost"
        return CardGeometry(places, rows, len(self.footer), 30.0 if cost else 0.0)


def controls_of(layer: Layer) -> tuple[Control, ...]:
    """The settings of a layer that are changed on its card."""
    return tuple(
        Control(setting, getattr(layer, setting.name))
        for setting in layer.settings()
        if not setting.fine
    )


def describe(node: Node, compiled: Compiled) -> Content:
    """What the card of this node says."""
    if node.id == DATA:
        return _data(compiled)
    if node.id == COST:
        return _cost(node, compiled)
    return _layer(node, compiled)


def _data(compiled: Compiled) -> Content:
    info = compiled.info
    title = translate("Canvas", "Data")
    if info is None:
        return Content(title, translate("Canvas", "no data"), (), ("", ""), 0, icon="input")
    few = info.n_x <= 8
    # Few pixels are better seen one by one, with all their weights.
    images = info.image_shape is not None and info.n_x > LINES_UP_TO
    return Content(
        title,
        info.name,
        (),
        (f"X ({info.n_x:,}, {info.m_train:,})", f"n_x = {info.n_x:,}, m = {info.m_train:,}"),
        info.n_x,
        image=(1, *info.image_shape) if images and info.image_shape else None,
        labels=info.feature_names if few else (),
        block=f"{info.n_x:,} × {info.m_train:,}",
        icon="input",
    )


def _cost(node: Node, compiled: Compiled) -> Content:
    info = compiled.info
    return Content(
        translate("Canvas", "Cost"),
        translate("Canvas", "compares Ŷ with Y"),
        controls_of(node.layer),
        (f"Y ({info.n_y:,}, {info.m_train:,})" if info else "",),
        0,
        block="J",
        icon="cost",
    )


def _layer(node: Node, compiled: Compiled) -> Content:
    layer = node.layer
    shapes = compiled.parameter_shapes.get(node.id, {})
    number = compiled.plan.course_layers.get(node.id) if compiled.plan else None
    suffix = "" if number is None else str(number)
    kind = tr_text(layer.title)
    count = sum(map(math.prod, shapes.values()))
    footer: tuple[str, ...]
    if shapes:
        said = [f"{symbol(name)}{suffix} {shape_text(s)}" for name, s in shapes.items()]
        both = "  ".join(said)
        footer = (
            both if len(both) <= 22 else said[0],
            translate("Canvas", "1 parameter")
            if count == 1
            else translate("Canvas", "{count} parameters").format(count=f"{count:,}"),
        )
    else:
        footer = (translate("Canvas", "no parameters"),)
    shape = compiled.shapes.get(node.id)
    width = math.prod(shape) if shape else (0 if layer.takes_images else layer.own_width or 0)
    controls = controls_of(layer)
    return Content(
        node.name,
        kind
        if number is None
        else translate("Canvas", "{kind}, layer {number}").format(kind=kind, number=number),
        controls,
        footer,
        width,
        image=shape if shape and len(shape) == 3 else None,
        block=_block(controls, shape),
        icon=layer.kind,
        frozen=", ".join(symbol(name) for name in layer.frozen_parameters if name in shapes),
    )


def _block(controls: tuple[Control, ...], shape: Shape | None) -> str:
    """What matters most: "4 Tanh" of a Dense layer, the shape of an image and of what has none."""
    if shape and (len(shape) == 3 or not controls):
        return width_text(shape)
    numbers = "×".join(control.text for control in controls if not control.is_choice)
    choices = [control.text for control in controls if control.is_choice]
    return " ".join(filter(None, [numbers, *choices]))


def said_of(id: str, compiled: Compiled) -> tuple[object, ...]:
    """All that the compiler says which a card shows."""
    return (
        compiled.shapes.get(id),
        compiled.parameter_shapes.get(id),
        compiled.plan.course_layers.get(id) if compiled.plan else None,
        compiled.problems_of(id),
        compiled.info if id in (DATA, COST) else None,
    )
