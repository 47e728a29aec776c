"""Plans with branches, and their way into a document, through a project file and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from netbuilder.data.table import Table
from netbuilder.document.check.compile import compile_project
from netbuilder.document.file import storage
from netbuilder.document.model.datasets import dataset_of
from netbuilder.document.model.network import Edge, Network, Node
from netbuilder.document.model.project import FILE, DataChoice, Project
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers import Cost, Dense, Flatten, Input, Reshape
from netbuilder.engine.plan import Plan, PlanNode, chain
from netbuilder.engine.program import Program, Weights

Wired = tuple[str, Layer, Sequence[str]]
"""A layer with its id and the ids of the steps that feed it."""


def _planned(n_x: int, layers: Sequence[Wired], loss: str) -> Plan:
    nodes = {"data": PlanNode("data", "Data", Input(), (), (n_x,), {})}
    for id, layer, inputs in [*layers, ("cost", Cost(loss), layers[-1][:1])]:
        name = "Cost" if id == "cost" else id
        nodes[id] = PlanNode.of(id, name, layer, [nodes[source] for source in inputs])
    return Plan(tuple(nodes.values()), loss)


def _table(n_x: int, n_y: int, task: str) -> Table:
    """Twelve examples for a network of these widths."""
    rng = np.random.default_rng(1)
    features = tuple(f"x{k}" for k in range(n_x))
    X = rng.normal(size=(12, n_x))
    if task == "regression":
        targets = tuple(f"y{k}" for k in range(n_y))
        Y = rng.normal(size=(12, n_y))
        return Table(np.hstack([X, Y]), (*features, *targets), targets=targets)
    words = tuple("abcdefg"[: max(2, n_y)])
    codes = np.arange(12) % len(words)
    return Table(np.column_stack([X, codes]), (*features, "y"), {"y": words})


def _project_of(plan: Plan) -> Project:
    """The document that a plan could have been compiled from."""
    nodes = tuple(Node(node.id, node.name, node.layer) for node in plan.nodes)
    edges = tuple(Edge(source, node.id) for node in plan.nodes for source in node.inputs)
    task = {"binary_cross_entropy": "binary", "cross_entropy": "classes"}.get(
        plan.loss, "regression"
    )
    n_y = plan.node(plan.nodes[-1].inputs[0]).shape[0]
    table = _table(plan.nodes[0].shape[0], n_y, task)
    return Project(Network(nodes, edges), DataChoice(source=FILE, table=table))


@pytest.fixture(scope="session")
def planned() -> Callable[[int, Sequence[Wired], str], Plan]:
    """``planned(n_x, layers, loss)``: a plan with branches; the last layer feeds the Cost."""
    return _planned


def _behind_images(shape: Shape, layer: Layer) -> Program:
    n = math.prod(shape)
    same, out = Dense(n, "linear", "zeros"), Dense(2, "linear", "xavier")
    plan = chain(n, [same, Reshape(*shape), layer, Flatten(), out], "mse")
    program = Program(plan, dtype="float64", seed=4)
    program.load({"n1.W": np.eye(n)})
    return program


@pytest.fixture(scope="session")
def behind_images() -> Callable[[Shape, Layer], Program]:
    """``behind_images(shape, layer)``: a program whose layer n3 gets the rows of X as images of
    this shape from n2, and gives their gradient back to it."""
    return _behind_images


@pytest.fixture(scope="session")
def opened_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Plan, Weights], tuple[Plan | None, Weights | None]]:
    """``opened_again(plan, weights)``: what is left of them after a project file was written,
    opened and compiled."""
    path: Path = tmp_path_factory.mktemp("projects") / "network.netb"

    def opened(plan: Plan, weights: Weights) -> tuple[Plan | None, Weights | None]:
        storage.save(path, _project_of(plan), weights)
        loaded = storage.load(path)
        assert not loaded.warnings
        compiled = compile_project(loaded.project, dataset_of(loaded.project.data).info)
        assert not compiled.problems or compiled.ok, [str(p.message) for p in compiled.problems]
        return compiled.plan, loaded.weights

    return opened
