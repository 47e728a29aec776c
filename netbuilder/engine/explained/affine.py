"""Dense and Activation: Z = W·A_prev + b, A = g(Z), and the way back."""

from __future__ import annotations

from netbuilder.engine.arithmetic import left_transposed, product, right_transposed, summed
from netbuilder.engine.explaining import EXPLAINED, Explained, Stops
from netbuilder.engine.stops import Box, equation
from netbuilder.errors import Message


@EXPLAINED.of("dense")
class ExplainedDense(Explained):
    def forward(self) -> Stops:
        W, b, A_prev = self.parameters["W"], self.parameters["b"], self.inputs[0]
        self.Z = product(self.name("Z"), W, A_prev, b)
        yield self.stop(
            "forward",
            equation(self.Z, W, A_prev, "+", b),
            indexed=r"z_{ij} = \sum_k w_{ik}\, a_{kj} + b_i",
        )
        if self.inner and self.layer.activation == "linear":
            self.A = self.Z  # g comes with the next layer
        else:
            yield from self.activate(self.Z)

    def backward(self) -> Stops:
        W, A_prev = self.parameters["W"], self.inputs[0]
        if self.A is self.Z:
            self.dZ = self.dA
        else:
            yield from self.to_dZ(self.Z, self.Z.name.d)
        dZ = self.dZ
        dW = right_transposed(W.name.d, dZ, A_prev, (self.mean,))
        yield self.stop(
            "backward",
            equation(dW, self.mean.latex, dZ, Box(A_prev, transposed=True)),
            indexed=rf"dw_{{ik}} = {self.mean.latex} \sum_j dz_{{ij}}\, a_{{kj}}",
        )
        db = summed(self.parameters["b"].name.d, [dZ], (dZ.shape[0], 1), (self.mean,))
        yield self.stop(
            "backward",
            equation(db, self.mean.latex, r"\sum_j", dZ),
            Message("The sum over the columns, one number a unit: axis=1, keepdims=True."),
            indexed=rf"db_i = {self.mean.latex} \sum_j dz_{{ij}}",
        )
        self.gradients = {"W": dW, "b": db}
        if (name := self.wanted[0]) is not None:
            dA_prev = self.d_inputs[0] = left_transposed(name, W, dZ)
            yield self.stop(
                "backward",
                equation(dA_prev, Box(W, transposed=True), dZ),
                indexed=r"da_{kj} = \sum_i w_{ik}\, dz_{ij}",
            )


@EXPLAINED.of("activation")
class ExplainedActivation(Explained):
    def forward(self) -> Stops:
        yield from self.activate(self.inputs[0])

    def backward(self) -> Stops:
        name = self.wanted[0]
        if name is not None:
            yield from self.to_dZ(self.inputs[0], name)
            self.d_inputs[0] = self.dZ
