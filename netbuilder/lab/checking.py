"""The gradient check of a document: on some of its examples, with the cost that it trains by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from netbuilder.data.dataset import Dataset, evenly
from netbuilder.document.model.project import Project
from netbuilder.engine import gradient_check
from netbuilder.engine.gradient_check import Array, LayerCheck, Watch
from netbuilder.engine.plan import Plan
from netbuilder.errors import UserError
from netbuilder.training.class_weights import class_weights

EXAMPLES = 50
"""It takes so many examples, evenly spread: more only take longer."""
LARGEST = 0.1
"""ε beyond it is no small step."""


def checked(
    project: Project,
    plan: Plan,
    dataset: Dataset,
    weights: Mapping[str, Array] | None,
    planted: Sequence[tuple[str, str]] = (),
    epsilon: float = gradient_check.STEP,
    watch: Watch = gradient_check.unwatched,
) -> list[LayerCheck]:
    """Every parameter's gradient beside finite differences, on a copy of the network.

    ``planted`` are pairs of a node's id and a mistake's name. Raises UserError for an ε that is
    none, and for a mistake that a layer cannot have.
    """
    if not 0 < epsilon <= LARGEST:
        raise UserError("ε must be above 0 and at most 0.1; got {value}.", value=epsilon)
    train, settings = dataset.train, project.training
    rows = evenly(train.m, EXAMPLES)
    return gradient_check.check(
        plan,
        train.X[rows],
        train.Y[rows],
        project.seed,
        settings.l2,
        planted,
        weights,
        l1=settings.l1,
        class_weights=class_weights(settings, train.Y, dataset.info.task),
        epsilon=epsilon,
        watch=watch,
    )


def placed(found: LayerCheck, values: Array) -> Array:
    """Values of the entries that were compared, (k,), where those stand in the parameter.

    A matrix, NaN where nothing was compared; the rows of a larger parameter, of which some entries
    stand for all, are those entries, ten by ten.
    """
    size = int(np.prod(found.shape))
    if size > gradient_check.ENTRIES:
        flat = np.full(-(-len(values) // _WIDE) * _WIDE, np.nan)
        flat[: len(values)] = values
        return flat.reshape(-1, _WIDE)
    flat = np.full(size, np.nan)
    flat[found.places] = values
    return flat.reshape(found.shape[0], -1)


_WIDE = 10
