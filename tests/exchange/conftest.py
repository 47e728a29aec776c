"""Networks to take away: any graph on any task, with weights that would show a mistake."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest

from netbuilder.data.dataset import DataInfo, Dataset, InputColumn, Scaling
from netbuilder.data.prepare import prepare
from netbuilder.data.roles import assigned
from netbuilder.data.table import Roles, Table
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.network import DATA, Edge, Network, network_of
from netbuilder.document.model.project import Project
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import (
    Activation,
    Add,
    AvgPool2D,
    BatchNorm,
    Concatenate,
    Conv2D,
    Cost,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    Input,
    LayerNorm,
    MaxPool2D,
    Multiply,
    Reshape,
)
from netbuilder.engine.losses import losses_for
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.engine.program import Program
from netbuilder.exchange.formats import export
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


# --- generated code -------------------------------------------------------------------------------

RUNNER = """
import importlib.util, io, contextlib, json, sys

found = {}
for name, path, rows, trains in json.load(open(sys.argv[1])):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if trains:
            module.train()
    outputs = [[float(number) for number in row] for row in module.outputs(rows)]
    found[name] = outputs, module.predict(rows), printed.getvalue()
json.dump(found, sys.stdout)
"""
"""Runs files of generated code in a process of its own, which knows nothing of netbuilder."""


class Ran(NamedTuple):
    """What a file of generated code gave."""

    outputs: np.ndarray
    answers: list[Any]
    printed: str


@pytest.fixture
def run_code(tmp_path: Path) -> Callable[..., dict[str, Ran]]:
    """``run_code(framework, {name: (trained, rows)}, trains=())``: all in one fresh process."""

    def run(
        framework: str, cases: dict[str, tuple[Trained, list[Any]]], trains: Iterable[str] = ()
    ) -> dict[str, Ran]:
        asked = []
        for number, (name, (network, rows)) in enumerate(cases.items()):
            path = tmp_path / f"case_{number}.py"
            export(path, network, framework)
            asked.append((name, str(path), rows, name in trains))
        (tmp_path / "asked.json").write_text(json.dumps(asked))
        (tmp_path / "runner").write_text(RUNNER)
        done = subprocess.run(
            [sys.executable, "-I", str(tmp_path / "runner"), str(tmp_path / "asked.json")],
            capture_output=True,
            text=True,
            env={**os.environ, "KERAS_BACKEND": "torch"},
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        results = json.loads(done.stdout)
        return {
            name: Ran(np.array(o), answers, text) for name, (o, answers, text) in results.items()
        }

    return run


SIZES = ("low", "High", "medium", "none")
MIXED = (
    InputColumn("age", fill=31.5),
    InputColumn("city", ("Bonn", "Köln", "Ulm"), fill=1.0),
    InputColumn(
        'a "strange" column, 名前\n' + "of a length that no line of code has room for " * 3,
        fill=2.0,
        order=("low", "High", "medium", "none"),
    ),
    InputColumn("grade", ("1", "2.5")),
)
ROWS: list[dict[str, Any]] = [
    {MIXED[0].name: age, MIXED[1].name: city, MIXED[2].name: size, MIXED[3].name: grade}
    for age, city, size, grade in (
        (31, "Bonn", "low", 1.0),
        (None, "Ulm", "HIGH", 2.5),
        (float(4), "Paris", "never heard of", None),
        (77.25, "", "None", 7.0),
        (-3, None, "high", 2.5),
    )
]
"""Rows of a table as they come: numbers, words, an order, gaps, a word that was never seen."""


def graph(layers: dict[str, tuple[Layer, tuple[str, ...]]], n_x: int, loss: str) -> Plan:
    """The plan of layers by name, each with the names of those that feed it; "x" is the data."""
    nodes = {"x": PlanNode("x", "Data", Input(), (), (n_x,), {})}
    for name, (layer, inputs) in layers.items():
        nodes[name] = PlanNode.of(name, name, layer, [nodes[id] for id in inputs])
    cost = PlanNode.of("cost", "Cost", Cost(loss), [list(nodes.values())[-1]])
    return Plan((*nodes.values(), cost), loss)


def joined(task: str, n_x: int) -> Plan:
    """Branches that are added, multiplied and concatenated."""
    units, output = {"binary": (1, "sigmoid"), "classes": (3, "softmax")}.get(task, (2, "linear"))
    return graph(
        {
            "one": (Dense(4, "gelu"), ("x",)),
            "two \n import os": (Dense(4, "tanh"), ("one",)),
            "class": (Activation("linear"), ("two \n import os",)),
            "sum": (Add(), ("one", "class")),
            "gate": (Multiply(), ("sum", "two \n import os", "one")),
            "side by side": (Concatenate(), ("gate", "x")),
            "norm": (BatchNorm(), ("side by side",)),
            "last": (Dense(units, output), ("norm",)),
        },
        n_x,
        losses_for(task)[0],
    )


def branches_of_images() -> Plan:
    """Images that are added, multiplied and put one behind the other, channel by channel."""
    return graph(
        {
            "image": (Reshape(2, 7, 6), ("x",)),
            "left": (Conv2D(3, 3, padding=1), ("image",)),
            "right": (Conv2D(3, 1, activation="leaky_relu"), ("image",)),
            "sum": (Add(), ("left", "right")),
            "product": (Multiply(), ("sum", "right")),
            "together": (Concatenate(), ("image", "product")),
            "norm": (LayerNorm(), ("together",)),
            "flat": (Flatten(), ("norm",)),
            "last": (Dense(3, "softmax"), ("flat",)),
        },
        84,
        "cross_entropy",
    )


def of_plan(plan: Plan, task: str, inputs: tuple[InputColumn, ...] = ()) -> Trained:
    """Weights, scaling and words as a training might leave them."""
    rng = np.random.default_rng(3)
    n_x = plan.nodes[0].shape[0]
    info = make_info(task, n_x)
    if inputs:
        names = tuple(name for column in inputs for name in column.features)
        info = dataclasses.replace(info, feature_names=names)
    weights = {key: stored(key, shape, rng) for key, shape in plan.stored.items()}
    targets = Scaling(np.array([100.0, -3.0]), np.array([20.0, 0.5]))
    return Trained(
        plan,
        weights,
        info,
        Scaling(rng.normal(0.5, 1.0, n_x), rng.uniform(0.5, 4.0, n_x)),
        targets if task == "regression" else None,
        inputs,
    )


@pytest.fixture
def every_network(trained: Make) -> dict[str, tuple[Trained, list[Any]]]:
    """Chains of all layers and activations, graphs and tasks, each with raw rows."""
    found: dict[str, tuple[Trained, list[Any]]] = {}
    for task in ("binary", "classes", "regression"):
        found[f"branches, {task}"] = of_plan(joined(task, 7), task, MIXED), ROWS
    numbers = np.random.default_rng(2).normal(3.0, 4.0, (4, 84)).tolist()
    images = [{f"feature {k}": value for k, value in enumerate(row)} for row in numbers]
    for name, layers in CHAINS.items():
        layers = [Reshape(2, 7, 6), *layers, Dense(3, "softmax")]
        found[name] = trained(layers, n_x=84), images
    found["branches of images"] = of_plan(branches_of_images(), "classes"), images
    few = [{f"feature {k}": value for k, value in enumerate(row[:5])} for row in numbers]
    functions = [Dense(4, name) for name in ACTIVATIONS] + [Activation(n) for n in ACTIVATIONS]
    found["functions"] = trained([*functions, Dense(2, "linear")], "regression"), few
    found["a chain"] = trained([Dense(4, "tanh"), Dense(1, "sigmoid")], "binary"), few
    return found


def check_code(ran: dict[str, Ran], cases: dict[str, tuple[Trained, list[Any]]]) -> None:
    """Every answer is the model's own: numbers to 1e-5, labels to the letter."""
    assert ran.keys() == cases.keys()
    for name, (network, rows) in cases.items():
        columns: Any = {key: np.array([row[key] for row in rows], object) for key in rows[0]}
        if not network.inputs:
            columns = np.array(list(columns.values()), np.float64).T
        model, task = Model(network, {}, "float64"), network.info.task
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of gaps and of words never seen
            answers = model.predict(columns)
            outputs = answers if task == "regression" else model.predict_proba(columns)
        found = ran[name]
        if task == "regression":
            values = [list(answer.values()) for answer in found.answers]
            np.testing.assert_allclose(values, outputs, rtol=1e-5, atol=1e-5, err_msg=name)
            assert list(found.answers[0]) == list(network.info.target_names)
            continue
        assert found.answers == answers.tolist(), name
        outputs = outputs[:, 1:] if task == "binary" else outputs
        np.testing.assert_allclose(found.outputs, outputs, rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.fixture
def checked_code() -> Callable[..., None]:
    return check_code


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
        return prepare(assigned(house_table(), roles), scale, 0.2, 0.0, 1, "standard")


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
