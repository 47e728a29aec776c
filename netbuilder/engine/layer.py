"""What a layer is: frozen settings that describe themselves, a shape rule, forward, backward."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial as call
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.activations import ActivationFunction
from netbuilder.engine.calls import Calls as Calls
from netbuilder.errors import UserError
from netbuilder.registry import Registry

Shape = tuple[int, ...]
"""The shape of one example, without the axis of the examples: ``(4,)`` is a layer of four units."""

Array = NDArray[Any]


class ShapeError(UserError):
    """Inputs whose shapes a layer cannot take; says what was expected and what was found."""


class SettingError(UserError):
    """A setting outside its range; ``setting`` names the field it belongs to."""

    def __init__(self, setting: str, text: str, **values: Any) -> None:
        super().__init__(text, **values)
        self.setting = setting


@dataclass(frozen=True)
class Setting:
    """The description of one field; checks, command line and inspector are built from it."""

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
        """Raises SettingError when the value has the wrong type, is out of range or unknown."""
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
        if self.minimum is not None and self.maximum is not None:
            return f"from {_shown(self.minimum)} to {_shown(self.maximum)}"
        limits = {
            "at least": self.minimum,
            "more than": self.above,
            "at most": self.maximum,
            "less than": self.below,
        }
        parts = [f"{words} {_shown(limit)}" for words, limit in limits.items() if limit is not None]
        return " and ".join(parts) or "a finite number"

    def _refuse(self, text: str, value: Any, **values: Any) -> None:
        shown = _shown(value) if isinstance(value, (int, float)) else _quoted(value)
        raise SettingError(self.name, text, label=self.label, value=shown, **values)


def _shown(value: float) -> str:
    """A number as people write it: 0, 0.5, 1,000, 1e+30; never longer than a line."""
    if isinstance(value, int) and abs(value) >= 10**15:
        return f"{Decimal(value):.3g}"
    if abs(value) < 10**15 and value == int(value):
        return f"{int(value):,}"
    return f"{value:,}"


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:38]}…{text[-1]}"


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


class Cache:
    """What one layer works on for one batch size; what forward leaves here, backward finds.

    Beside the fields below it has, by name, the layer's parameters (``W``, ``b``), their gradients
    (``dW``, ``db``), its running statistics, the gradient ``dA`` of its output, and what
    ``Layer.buffers`` asks for. All arrays are views of the program's memory, written in place;
    NumPy's warnings are off. As in the course, examples are columns: they are the last axis.
    Gradients are those of the cost J itself: the 1/m is in dZ and dA already, so that
    dW = dZ·A_prevᵀ.
    """

    m: int
    """Examples."""
    training: bool
    """As in an update: statistics are the batch's own. False: as when predicting."""
    random: bool
    """An update itself: dropout draws, running statistics move."""

    A: Array
    """The output, (n, m) or (channels, height, width, m); of the Cost, the Ŷ that it is given."""
    A_1: Array
    """The same memory with a row of ones above it, [1; A]: (1 + numbers of one example, m)."""
    Y: Array
    """The targets, where the layer is the Cost."""

    inputs: list[Array]
    """A_prev of every layer that feeds this one."""
    inputs_1: list[Array]
    """[1; A_prev] of each, so that the bias comes with the matrix product."""
    d_inputs: list[Array | None]
    """Where dA_prev goes, one for each input; None where nobody needs it, as for the data."""
    theta: Array
    """The layer's parameters as they lie in memory, one after the other: b before W, and each with
    its first axis last. So b and W of a Dense, as (1 + n_prev, n), are [b; W]ᵀ."""
    d_theta: Array
    """Their gradients, likewise."""
    g: ActivationFunction
    """The activation of a layer that has one."""
    total: Callable[[], float]
    """m J without regularisation, after forward, where the layer is the Cost."""
    class_weights: Array | None
    """How much an example of each class counts, where the layer is the Cost; None: all alike."""
    rng: np.random.Generator
    """Randomness while training, such as dropout's."""
    takes_logits: bool
    """True for the output layer of a loss that takes its Z: backward finds dZ there already."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Array: ...
        def __setattr__(self, name: str, value: Any) -> None: ...


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
        """The parameters' shapes, weights before biases: ``{"W": (n, n_prev), "b": (n, 1)}``."""
        return {}

    def statistic_shapes(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        """What the layer remembers of the batches it saw; stored with the parameters."""
        return {}

    def initial(self, parameter: str, shape: Shape, rng: np.random.RandomState) -> Array:
        """A parameter or a statistic before the first update."""
        return np.zeros(shape)

    def buffers(self, inputs: Sequence[Shape]) -> dict[str, Shape]:
        """Names and shapes (of one example) of the arrays that the cache has besides A and dA.

        A name that begins with d is a gradient, made only where there is a backward pass.
        """
        return {}

    def forward(self, c: Cache) -> Calls:
        """The calls that write ``c.A`` from ``c.inputs``.

        They are written down once for each cache and run in every update, always on the same
        arrays. So an update of a small network is little more than NumPy's own work.
        """
        raise NotImplementedError

    def logits(self, c: Cache) -> tuple[Array, Array | None] | None:
        """Z and dZ of a layer that ends in an activation; dZ is None where nobody needs it.

        Both may be the same memory: dZ is written when Z has done its work.
        """
        return None

    def sides(self, c: Cache) -> Array | None:
        """On which side of its kinks every unit is, after forward; None for a smooth layer."""
        return None

    def backward(self, c: Cache) -> Calls:
        """The calls that write the parameters' gradients and ``c.d_inputs`` from ``c.dA``."""
        raise NotImplementedError


LAYERS: Registry[type[Layer]] = Registry("layer")


def flat(shape: Shape, title: str) -> int:
    """The number of units of a one-dimensional shape; raises ShapeError for any other."""
    if len(shape) != 1:
        raise ShapeError(
            "{title} takes one number per unit, shape (n,), but its input has shape {shape}."
            " Put a Flatten layer before it.",
            title=title,
            shape=str(shape),
        )
    return shape[0]


def combined(ufunc: np.ufunc, arrays: Sequence[Array], out: Array) -> Calls:
    """The calls that write the sum, the product, … of two or more arrays."""
    first, second, *others = arrays
    calls: Calls = [call(ufunc, first, second, out)]
    return calls + [call(ufunc, out, array, out) for array in others]


def one_shape(shapes: Sequence[Shape], title: str) -> Shape:
    """The shape that all inputs of a layer have; raises ShapeError where they differ."""
    if len(set(shapes)) > 1:
        raise ShapeError(
            "{title} needs inputs of one shape, but they are {shapes}. Give the layers before it"
            " the same number of units, or the same channels, height and width.",
            title=title,
            shapes=", ".join(str(shape) for shape in shapes),
        )
    return shapes[0]
