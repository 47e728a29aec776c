"""Mistakes that students make in back propagation, to be planted in a layer and caught."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial as call

import numpy as np

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import LAYERS, Calls, Layer
from netbuilder.engine.layers.affine import AffineCache, place_of_dZ
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.errors import UserError
from netbuilder.registry import Registry

Backward = Callable[[AffineCache], Calls]


@dataclass(frozen=True)
class Fault:
    """One mistake; ``backward`` makes it of what a layer with W, b and g does rightly."""

    name: str
    title: str
    backward: Callable[[Backward, AffineCache], Calls]


def _mean_forgotten(right: Backward, c: AffineCache) -> Calls:
    return [*right(c), call(np.multiply, c.dW, c.m, c.dW)]


def _doubled(right: Backward, c: AffineCache) -> Calls:
    return [*right(c), call(np.add, c.dW, c.dW, c.dW)]


def _slope_forgotten(right: Backward, c: AffineCache) -> Calls:
    c.g = dataclasses.replace(c.g, backward=ACTIVATIONS["linear"].backward)
    return right(c)


def _bias_of_one_example(right: Backward, c: AffineCache) -> Calls:
    dZ = place_of_dZ(c)
    first = dZ[..., 0].reshape(len(dZ), -1)
    return [*right(c), call(np.sum, first, 1, None, c.db, True)]


def _four_times(right: Backward, c: AffineCache) -> Calls:
    return [*right(c), call(np.multiply, c.db, 4.0, c.db)]


def _wrong_sign(right: Backward, c: AffineCache) -> Calls:
    return [*right(c), call(np.negative, c.dW, c.dW)]


FAULTS: Registry[Fault] = Registry("fault")

for _fault in (
    Fault("mean", "dW without the factor 1/m", _mean_forgotten),
    Fault("double", "dW counted twice", _doubled),
    Fault("slope", "dZ = dA, the derivative g'(Z) forgotten", _slope_forgotten),
    Fault("bias", "db from one example instead of the sum over all", _bias_of_one_example),
    Fault("four", "db with 4/m in place of 1/m", _four_times),
    Fault("sign", "dW with the wrong sign", _wrong_sign),
):
    FAULTS.add(_fault.name, _fault)


def plant(plan: Plan, id: str, fault: str) -> Plan:
    """The plan with a mistake in one layer; raises UserError where it cannot be made."""
    node, mistake = plan.node(id), FAULTS[fault]
    layer = node.layer
    if layer.own_width is None or layer.activation is None:
        raise UserError(
            "A fault can be planted in a layer of the type {types}, but {name} is of the type"
            " {title}.",
            types=" or ".join(kind.title for kind in _plantable()),
            name=node.name,
            title=layer.title,
        )
    if fault == "slope" and (layer.activation == "linear" or _takes_logits(plan, node)):
        raise UserError(
            "{name} has no derivative g'(Z) to forget; plant this fault in a hidden layer"
            " with an activation.",
            name=node.name,
        )
    faulty = dataclasses.replace(node, layer=_with_fault(layer, mistake))
    return dataclasses.replace(
        plan, nodes=tuple(faulty if node.id == id else node for node in plan.nodes)
    )


def possible(plan: Plan, id: str) -> tuple[Fault, ...]:
    """The mistakes that can be made in a layer."""

    def can_be(fault: Fault) -> bool:
        try:
            plant(plan, id, fault.name)
        except UserError:
            return False
        return True

    return tuple(fault for fault in FAULTS.values() if can_be(fault))


def _plantable() -> list[type[Layer]]:
    """The kinds of layers with W, b and g; those of images last."""
    kinds = [kind for kind in LAYERS.values() if kind.width_setting and kind().activation]
    return sorted(kinds, key=lambda kind: kind.takes_images)


def _takes_logits(plan: Plan, node: PlanNode) -> bool:
    """Whether dZ of this node comes from the loss itself."""
    return LOSSES[plan.loss].logits_activation is not None and node.id == plan.nodes[-1].inputs[0]


def _with_fault(layer: Layer, fault: Fault) -> Layer:
    """The same layer, whose backward makes the mistake."""
    right = type(layer)

    class Faulty(right):  # type: ignore[misc, valid-type]
        def backward(self, c: AffineCache) -> Calls:
            return fault.backward(super().backward, c)

    fields = {field.name: getattr(layer, field.name) for field in dataclasses.fields(layer)}
    return Faulty(**fields)
