"""The update: penalties, clipping, and each optimiser's rule with its v and s."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from netbuilder.engine.arithmetic import Product, combined, mapped
from netbuilder.engine.explaining import Array
from netbuilder.engine.optimizers import OPTIMIZERS, Adam, Optimizer, RMSprop
from netbuilder.engine.stops import Factor, Name, Quantity, Stop, equation
from netbuilder.errors import Message
from netbuilder.registry import Facet


@dataclass
class Learned:
    """One parameter in an update: what it is, its gradient, and the moments kept of it.

    What an update changes keeps its name, as in W := W − α dW.
    """

    node: str
    theta: Quantity
    gradient: Quantity
    moments: list[Array]
    is_weight: bool
    new: Quantity | None = None

    def named(self, text: str, latex: str) -> Name:
        """That of a moment of this parameter: v of dW[2]."""
        name = self.theta.name
        return Name(f"{text}_d{name.text}", rf"{latex}_{{d{name.latex}}}", name.layer, name.primes)

    def stop(self, result: Quantity, *right: Quantity | str, why: Message | None = None) -> Stop:
        return Stop(self.node, "update", equation(result, *right, sign=r"\coloneqq"), why=why)


Rule = Callable[[Learned, Optimizer, int], Iterator[Stop]]
"""``rule(parameter, optimizer, t)``: the stops of update number t; sets ``new``."""

RULES: Facet[Rule] = Facet(OPTIMIZERS, "explanations of an update")


def penalties(of: Learned, l2: float, l1: float, m: int, decoupled: bool) -> Iterator[Stop]:
    """dW := dW + λ/m W + λ₁/m sign(W), of weights only; or W := (1 − αλ/m) W, see ``shrunk``."""
    if not of.is_weight:
        return
    W, dW = of.theta, of.gradient
    if l2 and not decoupled:
        factor = Factor(l2 / m, rf"\frac{{\lambda}}{{{m}}}")
        of.gradient = combined(dW.name, [(1, (dW,)), (1, (factor, W))])
        yield of.stop(
            of.gradient,
            dW,
            "+",
            factor.latex,
            W,
            why=Message("L2: λ/m W, the slope of λ/(2m) Σ W²."),
        )
    if l1:
        factor = Factor(l1 / m, rf"\frac{{\lambda_1}}{{{m}}}")
        sign = mapped(
            Name(f"sign({W.name})", rf"\mathrm{{sign}}({W.name.typeset})"),
            r"\mathrm{sign}(w)",
            np.sign,
            W,
        )
        dW = of.gradient
        of.gradient = combined(dW.name, [(1, (dW,)), (1, (factor, sign))])
        yield of.stop(
            of.gradient, dW, "+", factor.latex, sign, why=Message("L1: the slope of λ₁/m Σ |W|.")
        )


def clipped(all_: list[Learned], most: float, last: str) -> Iterator[Stop]:
    """The gradient of all parameters together is shortened to a length, where it is longer."""
    squares = sum(float((of.gradient.values**2).sum()) for of in all_)
    length = math.sqrt(squares)
    if not length > most:
        return
    norm = Quantity(
        Name("‖g‖", r"\|g\|"),
        np.array([[length]]),
        given=Message("the length of all gradients together, √Σ dθ²"),
    )
    factor = Factor(most / (length + 1e-6), rf"\frac{{{most:.3g}}}{{{length:.3g}}}")
    yield Stop(
        last,
        "update",
        equation(norm, r"\sqrt{\sum dW^2+\sum db^2}"),
        why=Message(
            "The gradient is longer than {most}: it is shortened, and keeps its direction.",
            most=f"{most:.3g}",
        ),
    )
    for of in all_:
        dW = of.gradient
        of.gradient = combined(dW.name, [(1, (factor, dW))])
        yield of.stop(of.gradient, factor.latex, dW)


def shrunk(of: Learned, optimizer: Optimizer, l2: float, m: int) -> Iterator[Stop]:
    """W := (1 − α λ/m) W, where L2 is no part of the cost."""
    if l2 and optimizer.decoupled and of.is_weight:
        W = of.theta
        factor = Factor(
            1 - optimizer.learning_rate * l2 / m,
            rf"\left(1-\alpha\frac{{\lambda}}{{{m}}}\right)",
        )
        of.theta = combined(W.name, [(1, (factor, W))])
        yield of.stop(of.theta, factor.latex, W, why=Message("L2 shrinks W by itself."))


def _alpha(optimizer: Optimizer) -> Factor:
    return Factor(optimizer.learning_rate, r"\alpha")


def _mean(
    name: Name, old: Quantity, new: Quantity, beta: float, latex: str = r"\beta", power: int = 1
) -> Quantity:
    """β old + (1 − β) newᵖ"""
    products: list[Product] = [
        (1, (Factor(beta, latex), old)),
        (1, (Factor(1.0 - beta, f"(1-{latex})"), *(new,) * power)),
    ]
    return combined(name, products)


def _before(of: Learned, which: int, text: str) -> Quantity:
    given = Message("kept by the optimiser from the update before; zeros at the first")
    return Quantity(of.named(text, text), of.moments[which], given=given)


def _moved(
    of: Learned, which: int, text: str, beta: float, latex: str = r"\beta", power: int = 1
) -> Iterator[Stop]:
    """v := βv + (1 − β) dW; gives the new one."""
    old = _before(of, which, text)
    new = _mean(old.name, old, of.gradient, beta, latex, power)
    dW: tuple[Quantity | str, ...] = ("(", of.gradient, ")^2") if power == 2 else (of.gradient,)
    yield of.stop(new, latex, old, f"+ (1-{latex})", *dW)


def _step(of: Learned, alpha: Factor, *along: Quantity) -> Iterator[Stop]:
    """W − α · the product of what is given"""
    of.new = combined(of.theta.name, [(1, (of.theta,)), (-1, (alpha, *along))])
    signs = [sign for part in along for sign in (r"\ast", part)][1:]
    yield of.stop(of.new, of.theta, "-", alpha.latex, *signs)


@RULES.of("gd")
def _gd(of: Learned, optimizer: Optimizer, t: int) -> Iterator[Stop]:
    yield from _step(of, _alpha(optimizer), of.gradient)


@RULES.of("momentum")
def _momentum(of: Learned, optimizer: Optimizer, t: int) -> Iterator[Stop]:
    (stop,) = _moved(of, 0, "v", optimizer.beta)
    yield stop
    yield from _step(of, _alpha(optimizer), stop.result)


@RULES.of("nesterov")
def _nesterov(of: Learned, optimizer: Optimizer, t: int) -> Iterator[Stop]:
    (stop,) = _moved(of, 0, "v", optimizer.beta)
    yield stop
    v = stop.result
    ahead = _mean(of.named("ṽ", r"\tilde{v}"), v, of.gradient, optimizer.beta)
    yield of.stop(
        ahead,
        r"\beta",
        v,
        r"+ (1-\beta)",
        of.gradient,
        why=Message("One step ahead: the v that would come next from the same gradient."),
    )
    yield from _step(of, _alpha(optimizer), ahead)


def _over_root(s: Quantity, epsilon: float) -> Quantity:
    return mapped(
        Name(f"1/(√{s.name} + ε)", rf"1/(\sqrt{{{s.name.typeset}}}+\varepsilon)"),
        r"\frac{1}{\sqrt{s}+\varepsilon}",
        lambda s: 1.0 / (np.sqrt(s) + epsilon),
        s,
    )


@RULES.of("rmsprop")
def _rmsprop(of: Learned, optimizer: Optimizer, t: int) -> Iterator[Stop]:
    assert isinstance(optimizer, RMSprop)
    (stop,) = _moved(of, 0, "s", optimizer.beta, power=2)
    yield stop
    over = _over_root(stop.result, optimizer.epsilon)
    yield from _step(of, _alpha(optimizer), of.gradient, over)


@RULES.of("adam", "adamw")
def _adam(of: Learned, optimizer: Optimizer, t: int) -> Iterator[Stop]:
    assert isinstance(optimizer, Adam)
    (v,) = _moved(of, 0, "v", optimizer.beta, r"\beta_1")
    yield v
    (s,) = _moved(of, 1, "s", optimizer.beta2, r"\beta_2", 2)
    yield s
    corrected = []
    for moment, text, beta, latex in (
        (v.result, "v", optimizer.beta, r"\beta_1"),
        (s.result, "s", optimizer.beta2, r"\beta_2"),
    ):
        scale = Factor(1.0 / (1.0 - beta**t), rf"\frac{{1}}{{1-{latex}^{{{t}}}}}")
        found = combined(of.named(f"{text}̂", rf"\hat{{{text}}}"), [(1, (moment,))], (scale,))
        corrected.append(found)
        yield of.stop(
            found,
            scale.latex,
            moment,
            why=Message("It began at zero: corrected for that, as this is update t = {t}.", t=t),
        )
    over = _over_root(corrected[1], optimizer.epsilon)
    yield from _step(of, _alpha(optimizer), corrected[0], over)
