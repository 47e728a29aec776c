"""What Dense and Conv2D share: W and b that lie as [b W], and an activation at the end."""

from __future__ import annotations

import numpy as np

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layer import Array, Cache, Calls, Layer, Shape
from netbuilder.engine.settings import setting


class AffineCache(Cache):
    W: Array
    b: Array
    dW: Array
    db: Array
    Z: Array
    dZ: Array
    """Where dZ cannot be written over Z; see ``place_of_dZ``."""


FROZEN = {"nothing": "Nothing", "bias": "b", "all": "W and b"}
"""What of a layer can be kept as it is, by name."""
_PARAMETERS: dict[str, tuple[str, ...]] = {"nothing": (), "bias": ("b",), "all": ("W", "b")}


def frozen_setting() -> str:
    """The field of a layer that can be frozen; it is declared last."""
    found: str = setting(
        "nothing",
        "frozen",
        "What learning leaves as it is: nothing, the bias b, or W and b.",
        choices=FROZEN,
        learning=True,
        fine=True,
    )
    return found


def take_frozen(words: list[str]) -> tuple[list[str], str]:
    """What the words "frozen" or "frozen bias" at the end say, and the words before them.

    Raises ValueError for anything else after "frozen".
    """
    if "frozen" not in words:
        return words, "nothing"
    at = words.index("frozen")
    names = {(): "all", ("bias",): "bias"}
    said = tuple(words[at + 1 :])
    if said not in names:
        raise ValueError(" ".join(said))
    return words[:at], names[said]


class Affine(Layer):
    """Z from W, b and A_prev, then A = g(Z); the layers say themselves how Z comes about."""

    activation: str
    initializer: str
    frozen: str

    @property
    def frozen_parameters(self) -> tuple[str, ...]:
        return _PARAMETERS[self.frozen]

    def initial(self, parameter: str, shape: Shape, rng: np.random.RandomState) -> Array:
        return INITIALIZERS[self.initializer](shape, rng) if parameter == "W" else np.zeros(shape)

    def logit_buffers(self, shape: Shape) -> dict[str, Shape]:
        """Z, and dZ where it cannot take Z's place.

        Most slopes can be had from A alone: then dZ is written over Z, which has done its work.
        """
        names = ("Z", "dZ") if ACTIVATIONS[self.activation].needs_Z else ("Z",)
        return dict.fromkeys(names, shape)

    def logits(self, c: AffineCache) -> tuple[Array, Array | None]:
        return c.Z, place_of_dZ(c)

    def sides(self, c: AffineCache) -> Array | None:
        return c.A > 0 if c.g.kinked else None

    def back_to_dZ(self, c: AffineCache) -> Calls:
        """The calls that write dZ; none where the loss does."""
        return [] if c.takes_logits else c.g.backward(c.dA, c.Z, c.A, place_of_dZ(c))


def place_of_dZ(c: AffineCache) -> Array:
    """Where dZ goes in a layer of this kind."""
    return getattr(c, "dZ", c.Z)
