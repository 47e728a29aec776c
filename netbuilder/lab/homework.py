"""A learner's homework: every array computed anew from the learner's own, so the first error shows.

Arrays have the course's names and shapes, examples as columns: X (n_x, m), W[l] (n[l], n[l-1]),
b[l] (n[l], 1), Z[l] and A[l] (n[l], m), and the cost, a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset
from netbuilder.document.model.project import Project, TrainingSettings
from netbuilder.engine import schedules, textbook
from netbuilder.engine.layer import Layer
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Program, Weights
from netbuilder.errors import UserError

Array = NDArray[Any]
Values = dict[str, Array]

RIGHT, WRONG, INHERITED = "right", "wrong", "inherited"

BETA2, EPSILON = 0.999, 1e-8
"""Adam's and RMSprop's, as in the course."""

_EXACT, _SINGLE = 1e-9, 1e-5
"""How far arrays of double and of single precision may be off, as a share of their largest entry"""


@dataclass(frozen=True)
class CourseLayer:
    """A layer as the course counts them: W, b and g, and the dropout behind it."""

    activation: str
    initializer: str
    keep: float
    """The share of units that dropout keeps; 1 where there is none."""


@dataclass(frozen=True)
class Case:
    """The exercise: a chain of Dense layers, its examples, and how it learns."""

    layers: tuple[CourseLayer, ...]
    given: Mapping[str, Array]
    """X and Y, and W1, b1, …: where the way begins."""
    loss: str
    seed: int
    training: TrainingSettings
    numbers: Mapping[str, float] = field(default_factory=dict)
    """What the learner says of the update: its number ``t`` and its ``epoch``."""

    @property
    def L(self) -> int:
        return len(self.layers)

    @property
    def m(self) -> int:
        return int(self.given["X"].shape[1])

    @property
    def l2(self) -> float:
        """λ as it stands in J."""
        decoupled = OPTIMIZERS[self.training.optimizer].decoupled
        return 0.0 if decoupled else self.training.l2

    @property
    def t(self) -> int:
        return int(self.numbers.get("t", 1))

    @property
    def epoch(self) -> int:
        return int(self.numbers.get("epoch", 0))

    def masks(self) -> Values:
        """D[l] as the course draws them: from seed 1, in the order of the layers."""
        rng, masks = np.random.RandomState(1), {}
        for l, layer in enumerate(self.layers, start=1):  # noqa: E741
            if layer.keep < 1.0:
                shape = len(self.given[f"W{l}"]), self.m
                masks[f"D{l}"] = (rng.rand(*shape) < layer.keep).astype(float)
        return masks


def case_of(project: Project, plan: Plan, dataset: Dataset, weights: Weights | None = None) -> Case:
    """The exercise that a project sets, on the examples of its training part.

    Raises UserError for what is no chain of Dense layers, and for settings beyond the course's.
    """
    settings = project.training
    if settings.l1 or settings.clip_norm or settings.class_weights != "none":
        raise UserError(
            "Homework is compared by the course's formulas, which know neither L1 nor clipping nor"
            " class weights; set them to 0 and none."
        )
    program = Program(plan, dtype="float64", seed=project.seed, weights=weights)
    given: Values = {"X": dataset.train.X.T, "Y": dataset.train.Y.T}
    layers: list[CourseLayer] = []
    for node, before in zip(plan.nodes[1:-1], plan.nodes, strict=False):
        layer, keep = node.layer, _keep(node.layer)
        chain = node.inputs == (before.id,) and len(node.shape) == 1
        if chain and set(node.parameter_shapes) == {"W", "b"} and layer.activation:
            layers.append(CourseLayer(layer.activation, layer.initializer or "", 1.0))
            for name in ("W", "b"):
                given[f"{name}{len(layers)}"] = program.parameter(f"{node.id}.{name}").copy()
        elif chain and layers and layers[-1].keep == 1.0 and keep is not None:
            last = layers[-1]
            layers[-1] = CourseLayer(last.activation, last.initializer, keep)
        else:
            raise UserError(
                "Homework is compared for a chain of Dense layers, with Dropout if you like; {name}"
                " is of the type {title}.",
                name=node.name,
                title=layer.title,
            )
    if not layers or layers[-1].keep < 1.0:
        raise UserError("Homework is compared for networks that end in a Dense layer.")
    return Case(tuple(layers), given, plan.loss, project.seed, settings)


def _keep(layer: Layer) -> float | None:
    """1 − rate of a layer that silences units and does nothing else; None for any other."""
    rate = getattr(layer, "rate", None)
    return 1.0 - rate if rate is not None and layer.keeps_width else None


@dataclass(frozen=True)
class Step:
    """One array of the way, and how it comes of the arrays before it."""

    name: str
    of: Callable[[Values], Array]


def steps(case: Case) -> list[Step]:
    """All arrays in the order in which they are computed; the learner may have any of them."""
    found = [Step(name, _known(array)) for name, array in case.given.items()]
    for l, layer in enumerate(case.layers, start=1):  # noqa: E741
        found.append(Step(f"Z{l}", _Z(l)))
        if layer.keep < 1.0:
            found.append(Step(f"D{l}", _known(case.masks()[f"D{l}"])))
        found.append(Step(f"A{l}", _A(l, layer)))
    found.append(Step("cost", lambda v: np.array(cost(case, v))))
    for l in range(case.L, 0, -1):  # noqa: E741
        found.append(Step(f"dA{l}", _dA(case, l)))
        found.append(Step(f"dZ{l}", _dZ(case, l)))
        found.append(Step(f"dW{l}", _dW(case, l)))
        found.append(Step(f"db{l}", _db(case, l)))
    found.append(Step("dA0", _dA(case, 0)))
    found.append(Step("learning_rate", lambda v: np.array(rate(case))))
    for l in range(1, case.L + 1):  # noqa: E741
        for name in (f"W{l}", f"b{l}"):
            found += _update(case, name)
    return found


def _known(array: Array) -> Callable[[Values], Array]:
    return lambda v: array


def A_prev(v: Values, l: int) -> Array:  # noqa: E741
    """A[l-1]; that of the first layer is X."""
    return v["X"] if l == 1 else v[f"A{l - 1}"]


def _Z(l: int) -> Callable[[Values], Array]:  # noqa: E741
    return lambda v: textbook.linear_forward(A_prev(v, l), v[f"W{l}"], v[f"b{l}"])


def _A(l: int, layer: CourseLayer) -> Callable[[Values], Array]:  # noqa: E741
    def compute(v: Values) -> Array:
        A = np.asarray(textbook.ACTIVATIONS[layer.activation](v[f"Z{l}"]))
        return A if layer.keep == 1.0 else A * v[f"D{l}"] / layer.keep

    return compute


def squares(case: Case, v: Values) -> float:
    """Σ W² of all layers."""
    return float(sum((v[f"W{l}"] ** 2).sum() for l in range(1, case.L + 1)))  # noqa: E741


def cost(case: Case, v: Values) -> float:
    """J with its L2 term."""
    J = textbook.compute_cost(v[f"A{case.L}"], v["Y"], case.loss)
    return J + case.l2 / (2 * case.m) * squares(case, v)


def _dA(case: Case, l: int) -> Callable[[Values], Array]:  # noqa: E741
    if l == case.L:
        return lambda v: np.asarray(textbook.LOSS_SLOPES[case.loss](v[f"A{l}"], v["Y"]))
    keep = case.layers[l - 1].keep if l else 1.0

    def compute(v: Values) -> Array:
        dA = np.dot(v[f"W{l + 1}"].T, v[f"dZ{l + 1}"])
        return np.asarray(dA if keep == 1.0 else dA * v[f"D{l}"] / keep)

    return compute


def _dZ(case: Case, l: int) -> Callable[[Values], Array]:  # noqa: E741
    activation = case.layers[l - 1].activation
    natural = l == case.L and LOSSES[case.loss].logits_activation == activation

    def compute(v: Values) -> Array:
        dZ = textbook.activation_backward(v[f"dA{l}"], v[f"Z{l}"], activation)
        # Where A has rounded to 0 or 1 dAL is infinite, but dZ is still A − Y.
        return np.where(np.isfinite(dZ), dZ, v[f"A{l}"] - v["Y"]) if natural else dZ

    return compute


def _dW(case: Case, l: int) -> Callable[[Values], Array]:  # noqa: E741
    m, l2 = case.m, case.l2
    return lambda v: np.dot(v[f"dZ{l}"], A_prev(v, l).T) / m + l2 / m * v[f"W{l}"]


def _db(case: Case, l: int) -> Callable[[Values], Array]:  # noqa: E741
    return lambda v: np.sum(v[f"dZ{l}"], axis=1, keepdims=True) / case.m


def rate(case: Case, epoch: int | None = None) -> float:
    """α in the learner's epoch, or in another one."""
    s, t = case.training, case.epoch if epoch is None else epoch
    return schedules.rate(s.schedule, t, s.learning_rate, s.decay, s.period, s.warmup)


def _update(case: Case, name: str) -> list[Step]:
    """The moments of a parameter, which begin at zero, and the parameter after the update."""
    beta, t = case.training.beta, case.t
    v, s, d = f"v_d{name}", f"s_d{name}", f"d{name}"
    vc, sc, new = f"v_corrected_d{name}", f"s_corrected_d{name}", f"{name}_new"
    mean = Step(v, lambda a: (1 - beta) * a[d])
    share = 1 - (BETA2 if case.training.optimizer == "adam" else beta)
    square = Step(s, lambda a: share * a[d] ** 2)
    alpha = "learning_rate"
    rules: dict[str, list[Step]] = {
        "gd": [Step(new, lambda a: a[name] - a[alpha] * a[d])],
        "momentum": [mean, Step(new, lambda a: a[name] - a[alpha] * a[v])],
        "rmsprop": [
            square,
            Step(new, lambda a: a[name] - a[alpha] * a[d] / (np.sqrt(a[s]) + EPSILON)),
        ],
        "adam": [
            mean,
            Step(vc, lambda a: a[v] / (1 - beta**t)),
            square,
            Step(sc, lambda a: a[s] / (1 - BETA2**t)),
            Step(new, lambda a: a[name] - a[alpha] * a[vc] / (np.sqrt(a[sc]) + EPSILON)),
        ],
    }
    return rules.get(case.training.optimizer, [])


@dataclass(frozen=True, eq=False)
class Row:
    """One array of the learner's."""

    name: str
    mine: Array
    ours: Array
    expected: Array
    """What it should be by the learner's own arrays before it."""
    verdict: str
    """RIGHT, WRONG, or INHERITED: other than ours, but right from what came before."""

    @property
    def difference(self) -> float:
        """The largest from ours; NaN where the shapes differ."""
        if self.mine.shape != self.ours.shape:
            return float("nan")
        return float(np.max(np.abs(self.mine - self.ours), initial=0.0))


@dataclass(frozen=True, eq=False)
class Comparison:
    """The homework, array by array, in the order in which they are computed."""

    case: Case
    rows: tuple[Row, ...]
    own: Values
    """The learner's arrays, and what follows from them where there is none."""
    unknown: tuple[str, ...]
    """Names that the exercise does not have."""

    @property
    def first_wrong(self) -> Row | None:
        return next((row for row in self.rows if row.verdict == WRONG), None)


def compare(case: Case, mine: Mapping[str, Array]) -> Comparison:
    """Compares the arrays that the learner has; an array of nothing but NaN is not filled in yet.

    A mask D of the learner's own is taken as it is. ``t`` and ``epoch`` are numbers that say which
    update it is.
    """
    numbers = {
        name: min(max(float(mine[name].item()), least), 1e9)
        for name, least in (("t", 1.0), ("epoch", 0.0))
        if name in mine and mine[name].size == 1 and np.isfinite(mine[name]).all()
    }
    case = Case(case.layers, case.given, case.loss, case.seed, case.training, numbers)
    named = {
        _course_name(name, case): array
        for name, array in mine.items()
        if name not in ("t", "epoch") and not np.isnan(array).all()
    }
    ours: Values = {}
    own: Values = {}
    rows = []
    with np.errstate(all="ignore"):
        way = steps(case)
        for step in way:
            ours[step.name], expected = step.of(ours), step.of(own)
            own[step.name] = expected
            array = named.get(step.name)
            if array is None:
                continue
            if step.name.startswith("D") and _is_mask(array, expected):
                ours[step.name] = expected = array
            verdict = _verdict(array, ours[step.name], expected)
            rows.append(Row(step.name, array, ours[step.name], expected, verdict))
            if array.shape == expected.shape:
                own[step.name] = array
    known = {step.name for step in way}
    return Comparison(case, tuple(rows), own, tuple(sorted(set(named) - known)))


def template(case: Case) -> Values:
    """X, Y and the weights as they are, and every other array in its shape, to be filled in."""
    values: Values = {}
    with np.errstate(all="ignore"):
        for step in steps(case):
            values[step.name] = step.of(values)
    return {
        name: array if name in case.given else np.full(array.shape, np.nan)
        for name, array in values.items()
    } | {"t": np.array(1.0), "epoch": np.array(0.0)}


def _course_name(name: str, case: Case) -> str:
    """dAL is dA[L], A0 is X, and some call the cost J."""
    if name.endswith("L"):
        return f"{name[:-1]}{case.L}"
    return {"A0": "X", "J": "cost"}.get(name, name)


def _is_mask(array: Array, expected: Array) -> bool:
    return array.shape == expected.shape and bool(np.isin(array, (0, 1)).all())


def _verdict(mine: Array, ours: Array, expected: Array) -> str:
    if alike(mine, ours):
        return RIGHT
    return INHERITED if alike(mine, expected) else WRONG


def alike(mine: Array, other: Array) -> bool:
    """Whether two arrays are the same but for rounding; NaN is like nothing."""
    if mine.shape != other.shape:
        return False
    if not mine.size:
        return True
    share = _EXACT if mine.dtype.itemsize >= 8 else _SINGLE
    largest = float(np.max(np.abs(other)))
    return bool(np.max(np.abs(mine - other)) <= share * largest + 1e-300)
