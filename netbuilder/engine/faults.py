"""Mistakes that students make in back propagation, to be planted in a layer and caught."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial as call

import numpy as np

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Cache, Calls, place_of_dZ
from netbuilder.engine.layers import Dense
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.plan import Plan
from netbuilder.errors import UserError
from netbuilder.registry import Registry


@dataclass(frozen=True)
class Fault:
    """One mistake; ``layer`` is a Dense whose backward makes it."""

    name: str
    title: str
    layer: type[Dense]


class _MeanForgotten(Dense):
    def backward(self, c: Cache) -> Calls:
        return [*super().backward(c), call(np.multiply, c.dW, c.m, c.dW)]


class _Doubled(Dense):
    def backward(self, c: Cache) -> Calls:
        return [*super().backward(c), call(np.add, c.dW, c.dW, c.dW)]


class _SlopeForgotten(Dense):
    def backward(self, c: Cache) -> Calls:
        c.g = dataclasses.replace(c.g, backward=ACTIVATIONS["linear"].backward)
        return super().backward(c)


class _BiasOfOneExample(Dense):
    def backward(self, c: Cache) -> Calls:
        return [*super().backward(c), call(np.copyto, c.db, place_of_dZ(c)[:, :1])]


class _WrongSign(Dense):
    def backward(self, c: Cache) -> Calls:
        return [*super().backward(c), call(np.negative, c.dW, c.dW)]


FAULTS: Registry[Fault] = Registry("fault")

for _fault in (
    Fault("mean", "dW without the factor 1/m", _MeanForgotten),
    Fault("double", "dW counted twice", _Doubled),
    Fault("slope", "dZ = dA, the derivative g'(Z) forgotten", _SlopeForgotten),
    Fault("bias", "db from one example instead of the sum over all", _BiasOfOneExample),
    Fault("sign", "dW with the wrong sign", _WrongSign),
):
    FAULTS.add(_fault.name, _fault)


def plant(plan: Plan, id: str, fault: str) -> Plan:
    """The plan with a mistake in one Dense layer; raises UserError where it cannot be made."""
    step = plan.step(id)
    if not isinstance(step.layer, Dense):
        raise UserError(
            "A fault can be planted in a Dense layer, but {name} is of the type {title}.",
            name=step.name,
            title=step.layer.title,
        )
    logits = LOSSES[plan.loss].logits_activation is not None and id == plan.steps[-1].inputs[0]
    if fault == "slope" and (logits or step.layer.activation == "linear"):
        raise UserError(
            "{name} has no derivative g'(Z) to forget; plant this fault in a hidden layer"
            " with an activation.",
            name=step.name,
        )
    fields = {field.name: getattr(step.layer, field.name) for field in dataclasses.fields(Dense)}
    faulty = dataclasses.replace(step, layer=FAULTS[fault].layer(**fields))
    steps = tuple(faulty if step.id == id else step for step in plan.steps)
    return dataclasses.replace(plan, steps=steps)
