"""Input and Cost: where the numbers come in, J, and dA of the output beside A − Y."""

from __future__ import annotations

import numpy as np

from netbuilder.engine.arithmetic import combined, mapped, summed
from netbuilder.engine.explaining import EXPLAINED, LOSS_FORMULAS, Explained, Stops
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.stops import Name, Quantity, Stop, equation
from netbuilder.errors import Message

EXPLAINED.without("input", "the data is given, not computed")


@EXPLAINED.of("cost")
class ExplainedCost(Explained):
    """Its inputs are A and Y, and the weights of the examples where they do not count alike."""

    def forward(self) -> Stops:
        formula = LOSS_FORMULAS[self.layer.loss]
        A, Y, *weights = self.inputs
        loss = mapped(Name("L", r"\mathcal{L}"), formula.loss, formula.value, A, Y)
        parts = equation(loss, r"\mathcal{L}(", A, ",", Y, ")")
        if weights:
            loss = combined(Name("wL", r"w \ast \mathcal{L}"), [(1, (weights[0], loss))])
            parts = equation(loss, weights[0], r"\ast", *parts[2:])
        yield self.stop("cost", parts, also=(rf"\mathcal{{L}}(a, y) = {formula.loss}",))
        self.J = summed(Name("J", "J"), [loss], (1, 1), (self.mean,))
        yield self.stop(
            "cost",
            equation(self.J, self.mean.latex, r"\sum", loss),
            Message("The sum over the outputs, and the mean over the {m} examples.", m=self.m),
        )

    def backward(self) -> Stops:
        formula = LOSS_FORMULAS[self.layer.loss]
        A, Y, *weights = self.inputs
        slope = mapped(A.name.d, formula.slope, formula.derivative, A, Y)
        parts = equation(slope, r"\frac{\partial \mathcal{L}}{\partial a}(", A, ",", Y, ")")
        if weights:
            slope = combined(A.name.d, [(1, (weights[0], slope))])
            parts = equation(slope, weights[0], r"\ast", *parts[2:])
        self.d_inputs[0] = slope
        yield self.stop("backward", parts, also=(rf"da = {formula.slope}",))

    def joined(self, output: Explained, Z: Quantity) -> tuple[Quantity, Stop]:
        """dZ of the output layer, where the loss takes its Z, and why it is one formula."""
        A, Y, *weights = self.inputs
        name, dA = Z.name.d, self.d_inputs[0]
        assert dA is not None
        if weights:
            dZ = combined(name, [(1, (weights[0], A)), (-1, (weights[0], Y))])
            right: tuple[Quantity | str, ...] = (weights[0], r"\ast (", A, "-", Y, ")")
        else:
            dZ = combined(name, [(1, (A,)), (-1, (Y,))])
            right = (A, "-", Y)
        if LOSSES[self.layer.loss].logits_activation == "softmax":
            left: tuple[Quantity | str, ...] = ()
            also = (
                r"\frac{\partial \mathcal{L}}{\partial z_i}"
                r" = -\sum_k \frac{y_k}{a_k}\, a_k\,(\delta_{ik} - a_i) = a_i - y_i",
            )
            why = Message(
                "dA and the derivative of softmax belong together: every a in a denominator meets "
                "its own a above, and the sum of y is 1. So dZ is A − Y, and nothing is divided by "
                "what may be 0."
            )
        else:
            slope = output.slope(Z)
            left = (dA, r"\ast", slope, "=")
            also = (
                r"\left(-\frac{y}{a}+\frac{1-y}{1-a}\right) a\,(1-a) = -y\,(1-a)+(1-y)\,a = a-y",
            )
            why = Message(
                "The denominators of dA meet a (1 − a) above them: dZ is A − Y, and nothing is "
                "divided by what may be 0."
            )
        if not np.isfinite(dA.values).all():
            why = Message(
                "Here dA is infinite, as an output was rounded to 0 or 1. A − Y still is right."
            )
        return dZ, output.stop("backward", equation(dZ, *left, *right), why, also=also)
