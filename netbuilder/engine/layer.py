"""What a layer is: frozen settings, facts that others go by, a shape rule, forward, backward."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as call
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.activations import ActivationFunction
from netbuilder.engine.calls import Calls as Calls
from netbuilder.engine.draws import Draws
from netbuilder.engine.settings import HasSettings
from netbuilder.engine.words import Words
from netbuilder.errors import Message, UserError
from netbuilder.registry import Registry

Shape = tuple[int, ...]
"""The shape of one example, without the axis of the examples: ``(4,)`` is a layer of four units."""

Array = NDArray[Any]


class ShapeError(UserError):
    """Inputs whose shapes a layer cannot take; says what was expected and what was found."""


class Cache:
    """What one layer works on for one batch size; what forward leaves here, backward finds.

    Beside the fields below it has, by name, the layer's parameters (``W``, ``b``), their gradients
    (``dW``, ``db``), its running statistics, and what ``Layer.buffers`` asks for. A layer's file
    declares those that it uses in a class of its own, ``class DenseCache(Cache): Z: Array``, for
    the type checker; the object is the same. All arrays are views of the program's memory, written
    in place; NumPy's warnings are off. As in the course, examples are columns: they are the last
    axis. Gradients are those of the cost J itself: the 1/m is in dZ and dA already, so that
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
    dA: Array
    """The gradient of the output, where it is needed."""

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
    class_weights: Array | None
    """How much an example of each class counts, where the layer is the Cost; None: all alike."""
    draws: Draws
    """Randomness while training, such as dropout's."""
    takes_logits: bool
    """True for the output layer of a loss that takes its Z: backward finds dZ there already."""


@dataclass(frozen=True)
class Layer(HasSettings):
    """One kind of layer with its settings. A layer is a value: it holds no arrays and no state.

    A class with a ``kind`` of its own is registered by being defined. The facts have defaults that
    are safe for any layer; a kind says otherwise where it is otherwise.
    """

    kind: ClassVar[str]
    """The name in files."""
    title: ClassVar[str]
    summary: ClassVar[str]
    """One sentence for the palette's tool tip."""
    words: ClassVar[Words | None] = None
    """How the command line writes it; None for what stands in no chain of layers."""
    min_inputs: ClassVar[int] = 1
    max_inputs: ClassVar[int | None] = 1
    """None: as many inputs as one likes."""
    has_output: ClassVar[bool] = True
    in_palette: ClassVar[bool] = True
    """False for what every network has once: the data and the cost."""

    # --- facts -------------------------------------------------------------------------------

    width_setting: ClassVar[str] = ""
    """The setting that says how many units or channels the output has; only layers with weights W
    have one."""
    keeps_width: ClassVar[bool] = False
    """The output has as many units, or channels, as the only input."""
    takes_images: ClassVar[bool] = False
    """It takes images and nothing else."""
    flattens: ClassVar[bool] = False
    """It makes a column of numbers of an image."""
    draws: ClassVar[bool] = False
    """It draws at random in every update."""
    linear: ClassVar[bool] = False
    """Between two linear layers it adds nothing to what one linear layer can do."""
    shapes_tell_all: ClassVar[bool] = False
    """When predicting, the shapes of its arrays and its activation tell all that it does."""
    formula_says_all: ClassVar[bool] = False
    """Its formula says all that the summary does."""
    before_cost: ClassVar[Message | None] = None
    """What to say of {name} where it stands right before Cost and should not."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "kind" in vars(cls):
            LAYERS.add(cls.kind, cls)

    @property
    def activation(self) -> str | None:
        """The function that the layer ends with; None for one that has none of its own."""
        return None

    @property
    def initializer(self) -> str | None:
        """How its weights start; None for a layer without weights."""
        return None

    @property
    def frozen_parameters(self) -> tuple[str, ...]:
        """The parameters that no update changes."""
        return ()

    @property
    def own_width(self) -> int | None:
        """The units or channels of the output where they can be set, else None."""
        return getattr(self, self.width_setting) if self.width_setting else None

    def with_settings(self, **values: Any) -> Self:
        """The same layer with other settings; raises SettingError for a value out of range."""
        return dataclasses.replace(self, **values)

    def with_width(self, width: int) -> Self:
        """The same layer with another width, where it has one to be set."""
        return self.with_settings(**{self.width_setting: width}) if self.width_setting else self

    def giving(self, shape: Shape) -> Self | None:
        """The same layer whose output has this shape, where its settings say all of that."""
        return None

    def keeping_size(self) -> Self | None:
        """The same layer with windows that keep the height and width of images, if there is one."""
        return None

    def remedies(self, name: str, shape: Shape) -> list[tuple[Message, Layer]]:
        """Other settings that can take an image which this layer refuses, the best first.

        Each has the words of its button; ``name`` is what the user calls the layer.
        """
        return []

    def idle(self, inputs: Sequence[Shape]) -> Message | None:
        """What to say of {name} where it has nothing to do with such inputs."""
        return None

    def blocks(self, inputs: Sequence[Shape], batch_size: int) -> Message | None:
        """What to say of {name} where it lets nothing of such inputs through."""
        return None

    def described(self) -> dict[str, Any]:
        """The settings for other programs, without values that only netbuilder understands."""
        return {setting.name: getattr(self, setting.name) for setting in self.settings()}

    @classmethod
    def read(cls, words: list[str], initializer: str) -> Layer:
        """The layer that the command line's words after the name mean.

        ``initializer`` is empty for the one that suits. Raises ValueError for words that say
        nothing here. By default there are none to be said.
        """
        () = words
        return cls()

    # --- shapes and memory -------------------------------------------------------------------

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

    # --- the calls; each kind says what Cache it works on -------------------------------------

    def forward(self, c: Any) -> Calls:
        """The calls that write ``c.A`` from ``c.inputs``.

        They are written down once for each cache and run in every update, always on the same
        arrays. So an update of a small network is little more than NumPy's own work.
        """
        raise NotImplementedError

    def logits(self, c: Any) -> tuple[Array, Array | None] | None:
        """Z and dZ of a layer that ends in an activation; dZ is None where nobody needs it.

        Both may be the same memory: dZ is written when Z has done its work.
        """
        return None

    def beside(self, c: Any) -> dict[str, Array]:
        """What the layer has beside Z and A, and the course has a name for, after forward; examples
        first where there are any."""
        return {}

    def sides(self, c: Any) -> Array | None:
        """On which side of its kinks every unit is, after forward; None for a smooth layer."""
        return None

    def backward(self, c: Any) -> Calls:
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
