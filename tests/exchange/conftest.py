"""Networks to take away: any graph on any task, with weights that would show a mistake."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from netbuilder.data.dataset import DataInfo, Dataset, Scaling
from netbuilder.data.prepare import prepare
from netbuilder.data.roles import assigned
from netbuilder.data.table import Roles, Table
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.network import DATA, Edge, Network, network_of
from netbuilder.document.model.project import Project
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import (
    Activation,
    Add,
    AvgPool2D,
    BatchNorm,
    Concatenate,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LayerNorm,
    MaxPool2D,
    Reshape,
)
from netbuilder.engine.losses import losses_for
from netbuilder.engine.program import Program
from netbuilder.exchange.model import Model
from netbuilder.exchange.trained import Trained

CLASSES = ("setosa", "versicolor", "fleur à pétales 花")


def make_info(task: str, n_x: int) -> DataInfo:
    return DataInfo(
        name="made up",
        m=50,
        feature_names=tuple(f"feature {k}" for k in range(n_x)),
        target_names=("kind",) if task != "regression" else ("height", "weight"),
        task=task,
        class_names={"binary": CLASSES[:2], "classes": CLASSES}.get(task, ()),
    )


def stored(key: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """What a training might leave: sums neither tiny nor far out, and no variance below zero."""
    if key.endswith(".variance"):
        return rng.uniform(0.3, 3.0, shape)
    n_prev = math.prod(shape[1:]) if key.endswith(".W") else 5
    return rng.normal(0.0, 1.5 / math.sqrt(n_prev), shape)


Make = Callable[..., Trained]


@pytest.fixture
def trained() -> Make:
    """``trained(layers_or_network, task="classes", n_x=5, scaled=True, dtype="float64")``."""

    def make(
        layers: Iterable[Layer] | Network,
        task: str = "classes",
        *,
        loss: str = "",
        n_x: int = 5,
        scaled: bool = True,
        dtype: str = "float64",
    ) -> Trained:
        info = make_info(task, n_x)
        network = (
            layers
            if isinstance(layers, Network)
            else network_of(layers, loss or losses_for(task)[0])
        )
        compiled = compile_project(Project(network), info)
        assert compiled.plan is not None, [str(p.message) for p in compiled.problems]
        rng = np.random.default_rng(0)
        weights = {
            key: stored(key, shape, rng).astype(dtype)
            for key, shape in compiled.plan.stored.items()
        }
        scaling = Scaling(rng.normal(3.0, 2.0, n_x), rng.uniform(0.5, 4.0, n_x)) if scaled else None
        return Trained(compiled.plan, weights, info, scaling)

    return make


@pytest.fixture
def predict() -> Callable[[Trained, np.ndarray], np.ndarray]:
    """The engine's own Ŷ (m, n_y), in float64, for raw features."""

    def run(trained: Trained, X: np.ndarray) -> np.ndarray:
        scaled = X if trained.scaling is None else trained.scaling.apply(X)
        return Program(trained.plan, dtype="float64", weights=trained.weights).predict(scaled)

    return run


CHAINS: dict[str, list[Layer]] = {
    "flatten": [Flatten()],
    "conv": [Conv2D(5, 3, activation="tanh"), Flatten()],
    "stride and padding": [Conv2D(4, 3, 2, 1), Conv2D(3, 2, 3, 3, "linear"), Flatten()],
    "softmax of channels": [Conv2D(3, 1, activation="softmax"), Dropout(0.5), Flatten()],
    "pools with a rest": [MaxPool2D(2), AvgPool2D(3), Flatten()],
    "pools with a stride": [AvgPool2D(3, 1), Activation("relu"), MaxPool2D(2, 3), Flatten()],
    "global pool": [Conv2D(6, 3, padding=2), GlobalAvgPool2D()],
    "norms of images": [BatchNorm(epsilon=0.1), LayerNorm(epsilon=0.2), Flatten()],
    "norms of columns": [Flatten(), Dense(6, "linear"), BatchNorm(0.8), Dense(5), LayerNorm()],
}
"""Layers of every kind on images of 2 × 7 × 6, or on columns of 84 numbers where Flatten is first.

A Reshape comes before them, a Dense layer behind."""


@pytest.fixture(params=CHAINS)
def chain_of_all(request: pytest.FixtureRequest, trained: Make) -> Trained:
    """Chains in which every kind of layer comes."""
    layers = [Reshape(2, 7, 6), *CHAINS[request.param], Dense(3, "softmax")]
    return trained(layers, n_x=84)


def branched() -> Network:
    """A sum of three branches, beside Data's own features."""
    network = network_of([Dense(4, "tanh"), Dense(3, "softmax")], "cross_entropy")
    first, last = (node.id for node in network.nodes if not node.fixed)
    network, total = network.insert(Add(), Edge(first, last), (0.0, 0.0))
    network, beside = network.insert(Concatenate(), Edge(total.id, last), (0.0, 0.0))
    for activation in ("relu", "gelu"):
        network, branch = network.add(Dense(4, activation), (0.0, 0.0))
        network = network.connect(DATA, branch.id).connect(branch.id, total.id)
    return network.connect(DATA, beside.id)


@pytest.fixture
def branches() -> Network:
    return branched()


@pytest.fixture(params=["branches", *CHAINS])
def any_network(request: pytest.FixtureRequest) -> Iterable[Layer] | Network:
    """For columns of any number, with three classes: every kind of layer, and a branching graph."""
    if request.param == "branches":
        return branched()
    return [Dense(84, "tanh"), Reshape(2, 7, 6), *CHAINS[request.param], Dense(3, "softmax")]


@pytest.fixture
def images() -> np.ndarray:
    """Raw features (30, 84) for the chains of all layers."""
    return np.random.default_rng(2).normal(3.0, 4.0, (30, 84))


@pytest.fixture
def X() -> np.ndarray:
    """Raw features (40, 5), some of them far out."""
    rng = np.random.default_rng(1)
    return rng.normal(3.0, 4.0, (40, 5))


STATES = ("Good", "fair", "poor")
CITIES = ("Bonn", "Köln", "北京")


def house_table(m: int = 60) -> Table:
    """Houses: words, numbers far from zero, numbers that are categories, and gaps in all."""
    rng = np.random.default_rng(5)
    values = np.column_stack(
        [
            rng.normal(100.0, 30.0, m),
            350_000 + rng.normal(0.0, 1.0, m),
            rng.integers(0, 3, m),
            rng.integers(1, 4, m),
            rng.normal(-3e-4, 2e-5, m),
            rng.integers(0, 3, m),
            rng.integers(0, 2, m),
            rng.integers(0, 3, m),
            rng.normal(2e5, 4e4, m),
        ]
    )
    for k in range(6):
        values[rng.integers(0, m, 6), k] = np.nan
    return Table(
        values,
        ("area", "label", "city", "floor", "slope", "state", "no", "classes", "price"),
        {"city": CITIES, "state": STATES, "no": ("no", "yes"), "classes": CLASSES},
        name="houses",
    )


class Houses:
    """A table with everything that columns can be, and raw rows for a network that learned it."""

    rows: ClassVar[dict[str, list[Any]]] = {
        "area": [101.5, 75.25, math.nan, 130.0, 88.0, 99.0],
        "label": [350_000.25, 349_999.5, 350_001.75, math.nan, 350_000.0, 350_000.5],
        "city": ["Köln", "北京", "Bonn", "Aachen", "", "Köln"],
        "floor": [1.0, 2.0, 3.0, 7.0, math.nan, 2.0],
        "slope": [-(2.0**-12), -(2.0**-11), -(2.0**-13), 0.0, -(2.0**-12), math.nan],
        "state": ["poor", "Good", "", "odd", "FAIR", "Excellent"],
    }
    """Gaps in every column, a word and a category of numbers that were never seen."""

    @staticmethod
    def data(
        task: str, scale: str = "standard", missing: str = "median", without: Sequence[str] = ()
    ) -> Dataset:
        """One of the last three columns is to be predicted, the other two are left out."""
        target = {"binary": "no", "classes": "classes", "regression": "price"}[task]
        others = {"no", "classes", "price"} - {target}
        skipped = [(name, "skip") for name in (*others, *without)]
        chosen = (("floor", "category"), ("state", "ordered"), *skipped)
        roles = Roles((target,), chosen, missing=missing)
        return prepare(assigned(house_table(), roles), target, scale, 0.2, 0.0, 1, "standard")


@pytest.fixture
def houses() -> Houses:
    return Houses()


@pytest.fixture
def of_data() -> Callable[..., Trained]:
    """``of_data(layers_or_network, dataset)``: a network of made-up weights on prepared data."""

    def make(layers: Iterable[Layer] | Network, dataset: Dataset) -> Trained:
        network = layers
        if not isinstance(layers, Network):
            network = network_of(layers, losses_for(dataset.info.task)[0])
        compiled = compile_project(Project(network), dataset.info)
        assert compiled.plan is not None, [str(p.message) for p in compiled.problems]
        rng = np.random.default_rng(0)
        weights = {key: stored(key, shape, rng) for key, shape in compiled.plan.stored.items()}
        return Trained.of(compiled.plan, weights, dataset)

    return make


@pytest.fixture
def in_words() -> Callable[[Trained, dict[str, list[object]]], dict[str, np.ndarray]]:
    """What `predict` says of raw rows, by the names that an export's answers have."""

    def run(trained: Trained, rows: dict[str, list[object]]) -> dict[str, np.ndarray]:
        model = Model(trained, {}, "float64")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = model.predict(rows)
            if trained.info.task != "regression":
                return {"label": found, "probabilities": model.predict_proba(rows)}
        return {trained.info.target_names[0]: found[:, None]}

    return run
