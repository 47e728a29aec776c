"""The loss of one example as a curve over what the network might have said, with what it says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.engine.layers.cost import Cost
from netbuilder.engine.losses import LOSSES
from netbuilder.lens.cases import Case, likelihood
from netbuilder.lens.look import Look

Array = NDArray[Any]

_POINTS = 160
_HIGHEST = 4.0
"""How far up −log ŷ is shown at least: it has no end."""


@dataclass(frozen=True, eq=False)
class LossCurve:
    """L over ŷ; of a cross-entropy ŷ is what the true class is given, which is its likelihood."""

    x: Array
    L: Array
    at: float
    """What the network says."""
    loss: float
    likelihood: float | None
    """The same as ``at``; None where the loss is none of probabilities."""
    true: float
    """The ŷ that there would be no loss for."""


def loss_curve(look: Look, case: Case) -> LossCurve | None:
    """None where the loss is not one of a single number: of several outputs by another loss."""
    loss = LOSSES[Cost.of(look.plan.nodes[-1].layer).loss]
    if loss.logits_activation is not None:
        p = likelihood(look.dataset, case)
        # So far to the left as the picture is high.
        highest = max(_HIGHEST, 1.15 * min(case.loss, 40.0)) if math.isfinite(case.loss) else 40.0
        x = np.concatenate([np.geomspace(math.exp(-highest), 0.1, _POINTS), np.linspace(0.1, 1.0)])
        return LossCurve(x, -np.log(x), p, case.loss, p, 1.0)
    if len(case.y) != 1:
        return None
    y, said = float(case.y[0]), float(case.Y_hat[0])
    reach = max(1.0, 1.3 * abs(said - y)) if math.isfinite(said) else 1.0
    x = np.linspace(y - reach, y + reach, _POINTS)
    L = np.empty((1, _POINTS))
    loss.value(x[None], np.full((1, _POINTS), y), L)
    return LossCurve(x, L[0], said, case.loss, None, y)
