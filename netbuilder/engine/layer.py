"""What a layer is: frozen settings that describe themselves, a shape rule, and forward and backward."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from netbuilder.errors import UserError
from netbuilder.registry import Registry

Shape = tuple[int, ...]
"""The shape of one example, without the axis of the examples: ``(4,)`` is a layer of four units."""


class ShapeError(UserError):
    """Inputs whose shapes a layer cannot take; says what was expected and what was found."""


class SettingError(UserError):
    """A setting outside its range; ``setting`` names the field it belongs to."""

    def __init__(self, setting: str, text: str, **values: Any) -> None:
        super().__init__(text, **values)
        self.setting = setting


@dataclass(frozen=True)
class Setting:
    """The description of one field, from which checks, the command line and the inspector are built."""

    name: str
    label: str
    help: str
    type: type
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    """An open lower bound: the value must be greater than this."""
    below: float | None = None
    """An open upper bound: the value must be less than this."""
    choices: tuple[str, ...] = ()

    def check(self, value: Any) -> None:
        """Raises SettingError when the value is of the wrong type, out of range or no known choice."""
        if self.type is bool:
            if not isinstance(value, bool):
                self._refuse("{label} must be on or off, got {value}", value)
        elif self.type is str:
            if not isinstance(value, str):
                self._refuse("{label} must be a name, got {value}", value)
            if self.choices and value not in self.choices:
                self._refuse(
                    "{label} must be one of {choices}; got {value}",
                    value,
                    choices=", ".join(self.choices),
                )
        else:
            self._check_number(value)

    def _check_number(self, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self._refuse("{label} must be a number, got {value}", value)
        if self.type is int and not isinstance(value, int):
            self._refuse("{label} must be a whole number, got {value}", value)
        # Comparisons are written so that NaN fails every one of them.
        if not (
            (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and abs(value) != float("inf")
            and value == value
        ):
            self._refuse("{label} must be {range}; got {value}", value, range=self.range_text)

    @property
    def range_text(self) -> str:
        """The allowed range in words, for messages and tool tips."""
        parts = []
        if self.minimum is not None:
            parts.append(f"at least {self.minimum:,}")
        if self.above is not None:
            parts.append(f"more than {self.above:,}")
        if self.maximum is not None:
            parts.append(f"at most {self.maximum:,}")
        if self.below is not None:
            parts.append(f"less than {self.below:,}")
        return " and ".join(parts) or "a finite number"

    def _refuse(self, text: str, value: Any, **values: Any) -> None:
        shown = f"{value:,}" if isinstance(value, (int, float)) else repr(value)
        raise SettingError(self.name, text, label=self.label, value=shown, **values)


def setting(default: Any, label: str, help: str, **limits: Any) -> Any:
    """A dataclass field that carries its own description; ``limits`` are fields of Setting."""
    return dataclasses.field(
        default=default, metadata={"label": label, "help": help, "limits": limits}
    )


class HasSettings:
    """A frozen dataclass whose fields are made by ``setting`` and are checked when it is built."""

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        """The descriptions of all fields, in order."""
        return _settings_of(cls)

    def __post_init__(self) -> None:
        for description in self.settings():
            description.check(getattr(self, description.name))


_SETTINGS: dict[type, tuple[Setting, ...]] = {}


def _settings_of(cls: type) -> tuple[Setting, ...]:
    if cls not in _SETTINGS:
        _SETTINGS[cls] = tuple(
            Setting(
                name=field.name,
                label=field.metadata["label"],
                help=field.metadata["help"],
                type=type(field.default),
                default=field.default,
                **field.metadata["limits"],
            )
            for field in dataclasses.fields(cls)
            if "label" in field.metadata
        )
    return _SETTINGS[cls]


@dataclass(frozen=True)
class Layer(HasSettings):
    """One kind of layer with its settings. A layer is a value: it holds no arrays and no state."""

    kind: ClassVar[str]
    """The name in files and on the command line."""
    title: ClassVar[str]
    summary: ClassVar[str]
    """One sentence for the palette's tool tip."""
    min_inputs: ClassVar[int] = 1
    max_inputs: ClassVar[int | None] = 1
    """None: as many inputs as one likes."""
    has_output: ClassVar[bool] = True
    in_palette: ClassVar[bool] = True

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        """The shape of this layer's output; raises ShapeError for inputs it cannot take."""
        raise NotImplementedError

    def parameter_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        """The parameters' names and shapes, weights before biases; ``{"W": (n, n_prev), "b": (n, 1)}``."""
        return {}


LAYERS: Registry[type[Layer]] = Registry("layer")


def flat(shape: Shape, title: str) -> int:
    """The number of units of a one-dimensional shape; raises ShapeError for any other."""
    if len(shape) != 1:
        raise ShapeError(
            "{title} takes one number per unit, shape (n,), but its input has shape {shape}.",
            title=title,
            shape=str(shape),
        )
    return shape[0]
