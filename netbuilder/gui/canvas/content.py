"""What a card says: its lines, its controls and its units, worked out from the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QCoreApplication

from netbuilder.document.compile import Compiled
from netbuilder.document.network import COST, DATA, Node
from netbuilder.engine.layer import Layer, Setting
from netbuilder.gui.canvas.geometry import CardGeometry, tiles
from netbuilder.gui.i18n import tr_text
from netbuilder.gui.labels import choice_title

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
            return choice_title(self.setting.name, self.value)
        return f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:g}"

    @property
    def wide(self) -> bool:
        """A long number takes the label's room."""
        return len(self.text) > 4

    def stepped(self, steps: int) -> Any:
        """The value some steps further, kept in range: whole numbers by 1, others by 0.05."""
        setting = self.setting
        if setting.type is int:
            value: Any = self.value + steps
        else:
            value = round(self.value + 0.05 * steps, 6)
            if setting.below is not None and value >= setting.below:
                value = self.value
        low = setting.minimum if setting.minimum is not None else value
        high = setting.maximum if setting.maximum is not None else value
        return setting.type(min(max(value, low), high))


@dataclass(frozen=True)
class Content:
    """All that a card shows, but for live values. Two equal contents need no new painting."""

    title: str
    subtitle: str
    controls: tuple[Control, ...]
    footer: tuple[str, ...]
    units: int
    labels: tuple[str, ...] = ()
    """Names beside the tiles: the features on the data card."""
    block: str = ""
    """The second line when zoomed out."""
    icon: str = ""

    def control(self, name: str) -> Control | None:
        return next((c for c in self.controls if c.setting.name == name), None)

    def geometry(self) -> CardGeometry:
        places = tiles(self.units, 36.0 if self.labels else 0.0)
        rows = tuple(control.setting.name for control in self.controls)
        cost = self.icon == "cost"
        return CardGeometry(places, rows, len(self.footer), 30.0 if cost else 0.0)


def controls_of(layer: Layer) -> tuple[Control, ...]:
    """The first two settings of a layer; the inspector has them all."""
    return tuple(Control(s, getattr(layer, s.name)) for s in layer.settings()[:2])


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
    return Content(
        title,
        info.name,
        (),
        (f"X ({info.n_x:,}, {info.m:,})", f"n_x = {info.n_x:,}, m = {info.m:,}"),
        info.n_x,
        labels=info.feature_names if few else (),
        block=f"{info.n_x:,} × {info.m:,}",
        icon="input",
    )


def _cost(node: Node, compiled: Compiled) -> Content:
    info = compiled.info
    return Content(
        translate("Canvas", "Cost"),
        translate("Canvas", "compares Ŷ with Y"),
        controls_of(node.layer),
        (f"Y ({info.n_y:,}, {info.m:,})" if info else "",),
        0,
        block="J",
        icon="cost",
    )


def _layer(node: Node, compiled: Compiled) -> Content:
    layer = node.layer
    shapes = compiled.parameter_shapes.get(node.id, {})
    number = compiled.plan.layer_numbers.get(node.id) if compiled.plan else None
    suffix = "" if number is None else str(number)
    kind = tr_text(layer.title)
    count = sum(_size(shape) for shape in shapes.values())
    footer: tuple[str, ...]
    if shapes:
        footer = (
            "  ".join(f"{name}{suffix} {_pair(shape)}" for name, shape in shapes.items()),
            translate("Canvas", "1 parameter")
            if count == 1
            else translate("Canvas", "{count} parameters").format(count=f"{count:,}"),
        )
        if len(footer[0]) > 22:
            footer = (footer[0].split("  ")[0], footer[1])
    else:
        footer = (translate("Canvas", "no parameters"),)
    units = getattr(layer, "units", None)
    shape = compiled.shapes.get(node.id)
    width = units if units is not None else (_size(shape) if shape else 0)
    controls = controls_of(layer)
    return Content(
        node.name,
        kind
        if number is None
        else translate("Canvas", "{kind}, layer {number}").format(kind=kind, number=number),
        controls,
        footer,
        width,
        block=" ".join(control.text for control in controls),
        icon=layer.kind,
    )


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _pair(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join(f"{length:,}" for length in shape) + ")"
