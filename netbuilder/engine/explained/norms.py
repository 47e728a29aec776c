"""BatchNorm and LayerNorm: μ, σ², Z_norm, and what of dA comes through all three."""

from __future__ import annotations

import math

import numpy as np

from netbuilder.engine.arithmetic import combined, mapped, summed
from netbuilder.engine.explaining import EXPLAINED, Explained, Stops
from netbuilder.engine.stops import Factor, Index, Name, equation
from netbuilder.errors import Message


class _Norm(Explained):
    """Both norms; they differ in what the means are over."""

    over: Message
    """What the means are over."""

    @property
    def means(self) -> Index:
        """The shape of μ and σ²."""
        raise NotImplementedError

    @property
    def share(self) -> Factor:
        """1/k, of the k numbers of each mean."""
        k = self.inputs[0].values.size // math.prod(self.means)
        return Factor(1.0 / k, rf"\frac{{1}}{{{k}}}")

    def forward(self) -> Stops:
        Z, gamma, beta = self.inputs[0], self.parameters["gamma"], self.parameters["beta"]
        sum_ = r"\sum_j" if self.means[1] == 1 else r"\sum_i"
        self.mu = summed(self.name("μ", r"\mu"), [Z], self.means, (self.share,))
        yield self.stop("forward", equation(self.mu, self.share.latex, sum_, Z), self.over)
        apart = combined(
            Name(f"({Z.name} − μ)", rf"({Z.name.typeset}-\mu)"), [(1, (Z,)), (-1, (self.mu,))]
        )
        self.sigma2 = summed(
            self.name("σ²", r"{\sigma^2}"), [apart, apart], self.means, (self.share,)
        )
        yield self.stop(
            "forward",
            equation(self.sigma2, self.share.latex, sum_, "(", Z, "-", self.mu, ")^2"),
        )
        epsilon = self.layer.epsilon
        self.steepness = mapped(
            Name("1/√(σ² + ε)", r"1/\sqrt{\sigma^2+\varepsilon}"),
            r"\frac{1}{\sqrt{\sigma^2+\varepsilon}}",
            lambda s: 1.0 / np.sqrt(s + epsilon),
            self.sigma2,
        )
        self.Z_norm = combined(
            self.name("Z_norm", r"Z_{\mathrm{norm}}"),
            [(1, (Z,)), (-1, (self.mu,))],
            (self.steepness,),
        )
        yield self.stop(
            "forward",
            equation(self.Z_norm, self.steepness, r"\ast (", Z, "-", self.mu, ")"),
        )
        self.A = combined(self.name("Z̃", r"\tilde{Z}"), [(1, (gamma, self.Z_norm)), (1, (beta,))])
        yield self.stop("forward", equation(self.A, gamma, r"\ast", self.Z_norm, "+", beta))

    def backward(self) -> Stops:
        gamma, beta = self.parameters["gamma"], self.parameters["beta"]
        dA, Z_norm = self.dA, self.Z_norm
        dgamma = summed(gamma.name.d, [dA, Z_norm], gamma.shape, (self.mean,))
        yield self.stop(
            "backward", equation(dgamma, self.mean.latex, r"\sum_j", dA, r"\ast", Z_norm)
        )
        dbeta = summed(beta.name.d, [dA], beta.shape, (self.mean,))
        yield self.stop("backward", equation(dbeta, self.mean.latex, r"\sum_j", dA))
        self.gradients = {"gamma": dgamma, "beta": dbeta}
        name = self.wanted[0]
        if name is None:
            return
        d_norm = combined(Z_norm.name.d, [(1, (gamma, dA))])
        yield self.stop("backward", equation(d_norm, gamma, r"\ast", dA))
        through_mu = summed(
            Name("mean of dZ_norm", r"\overline{dZ_{\mathrm{norm}}}", self.number),
            [d_norm],
            self.means,
            (self.share,),
        )
        through_sigma = summed(
            Name(
                "mean of dZ_norm∗Z_norm",
                r"\overline{dZ_{\mathrm{norm}}\ast Z_{\mathrm{norm}}}",
                self.number,
            ),
            [d_norm, Z_norm],
            self.means,
            (self.share,),
        )
        dZ = self.d_inputs[0] = combined(
            name,
            [(1, (d_norm,)), (-1, (through_mu,)), (-1, (Z_norm, through_sigma))],
            (self.steepness,),
        )
        yield self.stop(
            "backward",
            equation(
                dZ,
                self.steepness,
                r"\ast (",
                d_norm,
                "-",
                through_mu,
                "-",
                Z_norm,
                r"\ast",
                through_sigma,
                ")",
            ),
            Message(
                "Each number has changed μ and σ² too: the two means are what comes back by them."
            ),
        )


@EXPLAINED.of("batch_norm")
class ExplainedBatchNorm(_Norm):
    over = Message("The means are over the batch, unit by unit: μ and σ² of this very batch.")

    @property
    def means(self) -> Index:
        return self.inputs[0].shape[0], 1

    def remember(self) -> Stops:
        """The running mean and variance, which stand for μ and σ² when predicting."""
        k, momentum = round(1.0 / self.share.value), self.layer.momentum
        if k == 1:
            return
        stays, comes = (
            Factor(momentum, f"{momentum:.3g}"),
            Factor(1 - momentum, f"{1 - momentum:.3g}"),
        )
        unbiased = Factor(k / (k - 1), rf"\frac{{{k}}}{{{k - 1}}}")
        for name, new, more in (("mean", self.mu, ()), ("variance", self.sigma2, (unbiased,))):
            old = self.parameters[name]
            found = combined(old.name, [(1, (stays, old)), (1, (comes, *more, new))])
            signs = [factor.latex for factor in (comes, *more)]
            yield self.stop(
                "update",
                equation(found, stays.latex, old, "+", " ".join(signs), new, sign=r"\coloneqq"),
                Message("The running average, for predicting: no batch is at hand then."),
            )


@EXPLAINED.of("layer_norm")
class ExplainedLayerNorm(_Norm):
    over = Message("The means are over the units of each example.")

    @property
    def means(self) -> Index:
        return 1, self.m
