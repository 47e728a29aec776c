"""The experiments that ship: the classic course's, CS231n's and Mazur's, each with its figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from netbuilder.data.table import Table
from netbuilder.document.model.network import network_of
from netbuilder.document.model.project import FILE, DataChoice, Project, TrainingSettings
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.program import Weights
from netbuilder.lab.experiment import LAB, Experiment, Figure

__all__ = ["LAB"]

_SELDOM = 1_000_000
"""Nobody looks while a run is verified."""

_COURSE = "Deep Learning Specialization"
_FLOWER = f"{_COURSE}, course 1, week 3: Planar data classification with one hidden layer"
_INITIALISATION = f"{_COURSE}, course 2, week 1: Initialization"
_CHECKING = f"{_COURSE}, course 2, week 1: Gradient checking"
_OPTIMISERS = f"{_COURSE}, course 2, week 2: Optimization methods"
_CS231N = "Stanford CS231n, notes: Putting it together, minimal neural network case study"
_MAZUR = "Matt Mazur: A step by step backpropagation example"

_GRADIENT_SEED = 1


def _project(
    layers: list[Dense], data: DataChoice, seed: int = 1, loss: str = "", **training: Any
) -> Project:
    settings: dict[str, Any] = {"dtype": "float64", "evaluate_every": _SELDOM, **training}
    return Project(
        network_of(layers, loss or "binary_cross_entropy"),
        data,
        TrainingSettings(**settings),
        seed,
    )


def _costs(first: int, by: int, *published: str) -> tuple[Figure, ...]:
    return tuple(Figure("cost", first + by * k, text) for k, text in enumerate(published))


# --- the flower -----------------------------------------------------------------------------------


def _flower(width: int, seed: int) -> Callable[[], Project]:
    hidden = [Dense(width, "tanh", "normal")] if width else []
    layers = [*hidden, Dense(1, "sigmoid", "normal")]
    return lambda: _project(layers, DataChoice(source="flower"), seed, learning_rate=1.2)


LAB.add(
    "flower",
    Experiment(
        "flower",
        "The flower, four hidden units",
        "Petals that no straight line can part: four tanh units bend the boundary around them.",
        _FLOWER,
        _flower(4, 2),
        (
            *_costs(
                *(0, 1000),
                *("0.693048", "0.288083", "0.254385", "0.233864"),
                *("0.226792", "0.222644", "0.219731", "0.217504"),
            ),
            Figure("train accuracy", 10_000, "90.75"),
        ),
        rounding_from=7_827,
    ),
)
LAB.add(
    "flower-seed-3",
    Experiment(
        "flower-seed-3",
        "The flower from other weights",
        "Another seed takes another way down, and comes to much the same cost.",
        _FLOWER,
        _flower(4, 3),
        _costs(
            *(0, 1000),
            *("0.693162", "0.258625", "0.239334", "0.230802"),
            *("0.225528", "0.221845", "0.219094"),
        ),
    ),
)
for _width, _accuracy in enumerate(("47", "67.50", "67.25", "90.75", "90.50", "91.25")):
    _name = f"flower-{_width}"
    LAB.add(
        _name,
        Experiment(
            _name,
            f"The flower, width {_width}" if _width else "The flower, logistic regression",
            "How many units it takes: one or two are too few, and more than three help little."
            if _width
            else "A straight line does no better than chance.",
            _FLOWER,
            _flower(_width, 2),
            (Figure("train accuracy", 5_000, _accuracy),),
        ),
    )


# --- initialisation -------------------------------------------------------------------------------


def _circles(initializer: str) -> Callable[[], Project]:
    layers = [Dense(10, "relu", initializer), Dense(5, "relu", initializer)]
    layers.append(Dense(1, "sigmoid", initializer))
    data = DataChoice(source="course_circles", seed=1)
    return lambda: _project(layers, data, seed=3, learning_rate=0.01)


for _name, _title, _look_for, _published, _train, _test in (
    (
        "zeros",
        "Initialisation with zeros",
        "All units of a layer stay alike, and nothing is ever learned.",
        ("0.6931471805599453",) * 15,
        *("50", "50"),
    ),
    (
        "large",
        "Initialisation ten times too large",
        "It begins with a huge cost and is slow ever after. The course prints an infinite cost at "
        "0, for it takes log 0; ours is the exact value, which is finite.",
        ("0.62",),
        *("83.00", "86"),
    ),
    (
        "he",
        "Initialisation after He",
        "The same network from weights of the right size: it parts the rings.",
        (
            *("0.8830537463419761", "0.6879825919728063", "0.6751286264523371"),
            *("0.65261177688938", "0.60829589705729", "0.53049444917175"),
            *("0.41386458170718", "0.31178034648444", "0.23696215330323"),
            *("0.18597287209207", "0.15015556280372", "0.12325079292274"),
            *("0.09917746546526", "0.08457055954024", "0.07357895962677"),
        ),
        *("99.33", "96"),
    ),
):
    LAB.add(
        f"initialisation-{_name}",
        Experiment(
            f"initialisation-{_name}",
            _title,
            _look_for,
            _INITIALISATION,
            _circles(_name),
            (
                *_costs(1000 if _name == "large" else 0, 1000, *_published),
                Figure("train accuracy", 15_000, _train),
                Figure("test accuracy", 15_000, _test),
            ),
        ),
    )


# --- optimisers and decay -------------------------------------------------------------------------


def _moons(optimizer: str, learning_rate: float, period: int) -> Callable[[], Project]:
    layers = [Dense(5, "relu", "he"), Dense(2, "relu", "he"), Dense(1, "sigmoid", "he")]
    data = DataChoice(source="course_moons", examples=300, seed=3)
    falling: dict[str, Any] = (
        {"schedule": "inverse_steps", "decay": 1.0, "period": period} if period else {}
    )
    return lambda: _project(
        layers,
        data,
        seed=3,
        optimizer=optimizer,
        batch_size=64,
        order_seed=11,
        learning_rate=learning_rate,
        **falling,
    )


_SLOW = "Five thousand epochs at a small learning rate are not enough for it."
_FAST = "The same learning rate, and it is there within a thousand epochs."
_WHOLE = "A rate that falls with every epoch is gone before anything is learned."
_STAIRS = "A rate that falls every thousand epochs lets a large one do its work first."
for _name, _title, _look_for, _rule, _rate, _period, _means, _train in (
    *(
        (f"optimiser-{rule}", f"Moons with {title}", look_for, rule, 0.0007, 0, published, train)
        for rule, title, look_for, published, train in (
            (
                *("gd", "gradient descent", _SLOW),
                ("0.702405", "0.668101", "0.635288", "0.600491", "0.573367"),
                "71.67",
            ),
            (
                *("momentum", "momentum", "With small gradients momentum hardly helps."),
                ("0.702413", "0.668167", "0.635388", "0.600591", "0.573444"),
                "71.67",
            ),
            (
                *("adam", "Adam", _FAST),
                ("0.702166", "0.167845", "0.141316", "0.138788", "0.136066"),
                "94.33",
            ),
        )
    ),
    (
        *("decay-every-epoch", "Decay with every epoch", _WHOLE, "gd", 0.1, 1),
        ("0.701091", "0.661884", "0.658620", "0.656765", "0.655486"),
        "65.33",
    ),
    *(
        (f"decay-{rule}", f"Decay in stairs, {title}", _STAIRS, rule, rate, 1000, published, train)
        for rule, title, rate, published, train in (
            (
                *("gd", "gradient descent", 0.1),
                ("0.701091", "0.127161", "0.120304", "0.117033", "0.117512"),
                "94.33",
            ),
            (
                *("momentum", "momentum", 0.1),
                ("0.702226", "0.128974", "0.125965", "0.123375", "0.123218"),
                "95.33",
            ),
            (
                *("adam", "Adam", 0.01),
                ("0.699346", "0.130074", "0.129826", "0.129282", "0.128361"),
                "94.00",
            ),
        )
    ),
):
    LAB.add(
        _name,
        Experiment(
            _name,
            _title,
            _look_for,
            _OPTIMISERS,
            _moons(_rule, _rate, _period),
            (*_costs(0, 1000, *_means), Figure("train accuracy", 5_000, _train)),
        ),
    )


# --- the gradient check ---------------------------------------------------------------------------


def _gradient_numbers() -> tuple[np.ndarray, Weights]:
    """x (4, 3), W and b, all drawn from one stream."""
    rng = np.random.RandomState(_GRADIENT_SEED)
    x, weights = rng.randn(4, 3), {}
    for l, (n, n_prev) in enumerate(((5, 4), (3, 5), (1, 3)), start=1):  # noqa: E741
        weights[f"n{l}.W"], weights[f"n{l}.b"] = rng.randn(n, n_prev), rng.randn(n, 1)
    return x, weights


def _gradient_project() -> Project:
    x, _ = _gradient_numbers()
    table = Table(
        np.column_stack([x.T, [1.0, 1.0, 0.0]]),
        ("x1", "x2", "x3", "x4", "y"),
        {"y": ("0", "1")},
        ("y",),
        name="gradient check",
    )
    layers = [Dense(5, "relu"), Dense(3, "relu"), Dense(1, "sigmoid")]
    return _project(layers, DataChoice(source=FILE, table=table))


LAB.add(
    "gradient-check",
    Experiment(
        "gradient-check",
        "The gradient check, with two mistakes planted",
        "dW2 counted twice and db1 with 4/m are caught: netbuilder check FILE --plant 2:double "
        "--plant 1:four --epsilon 1e-7. The mended difference is what rounding leaves of "
        "log(1 − A); our own check, which never takes it, finds 1.5e-09.",
        _CHECKING,
        _gradient_project,
        (
            # What rounding leaves of log(1 − A) is in their digits, and differs between machines.
            Figure(
                "difference with dW2 doubled and db1 four times",
                *(0, "0.2850931567761624"),
                within=1e-8,
            ),
            Figure("difference", 0, "1.18909e-07", within=5e-9),
        ),
        weights=lambda: _gradient_numbers()[1],
    ),
)


# --- CS231n's spiral ------------------------------------------------------------------------------


def _spiral(layers: list[Dense]) -> Callable[[], Project]:
    # Their λ stands before ½ Σ W² without the 1/m: it is m times as large in ours.
    data = DataChoice(source="course_spiral", examples=300, seed=0)
    return lambda: _project(layers, data, loss="cross_entropy", seed=0, learning_rate=1.0, l2=0.3)


LAB.add(
    "spiral-linear",
    Experiment(
        "spiral-linear",
        "Three arms, softmax alone",
        "A convex cost has one lowest point, and straight lines cannot part the arms.",
        _CS231N,
        _spiral([Dense(3, "softmax", "normal")]),
        (Figure("cost", 190, "0.786302"), Figure("train accuracy", 200, "49")),
    ),
)
LAB.add(
    "spiral-relu",
    Experiment(
        "spiral-relu",
        "Three arms, a hundred hidden units",
        "One hidden layer of ReLU, and the arms are parted almost cleanly. The notes do not tell "
        "the first weights, and other ones end at 0.245 to 0.248.",
        _CS231N,
        _spiral([Dense(100, "relu", "normal"), Dense(3, "softmax", "normal")]),
        (
            Figure("cost", 9_000, "0.245292", within=0.003),
            Figure("train accuracy", 10_000, "98", within=1.0),
        ),
    ),
)


# --- Mazur's example ------------------------------------------------------------------------------


def _mazur() -> Project:
    table = Table(
        np.array([[0.05, 0.10, 0.01, 0.99]]),
        ("i1", "i2", "o1", "o2"),
        targets=("o1", "o2"),
        name="Mazur",
    )
    layers = [Dense(2, "sigmoid", frozen="bias"), Dense(2, "sigmoid", frozen="bias")]
    data = DataChoice(source=FILE, table=table)
    return _project(layers, data, loss="mse", learning_rate=0.5)


LAB.add(
    "mazur",
    Experiment(
        "mazur",
        "One example, by hand",
        "Every number of one update can be followed with a pocket calculator. He keeps b as it is, "
        "so b is frozen.",
        _MAZUR,
        _mazur,
        (
            Figure("cost", 0, "0.298371109"),
            Figure("dW2[1,1]", 0, "0.082167041"),
            Figure("W2[1,1]", 1, "0.35891648"),
            Figure("W1[1,1]", 1, "0.149780716"),
            Figure("cost", 1, "0.291027924", within=2e-7),
            Figure("cost", 10_000, "0.0000351085", within=1e-8),
        ),
        weights=lambda: {
            "n1.W": np.array([[0.15, 0.20], [0.25, 0.30]]),
            "n1.b": np.array([[0.35], [0.35]]),
            "n2.W": np.array([[0.40, 0.45], [0.50, 0.55]]),
            "n2.b": np.array([[0.60], [0.60]]),
        },
    ),
)
