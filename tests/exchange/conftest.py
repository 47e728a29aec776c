"""Networks to take away: any graph on any task, with weights that would show a mistake."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from netbuilder.data.dataset import DataInfo, Scaling
from netbuilder.document.compile import compile_project
from netbuilder.document.network import Network, chain
from netbuilder.document.project import Project
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import Dense, Flatten, Reshape
from netbuilder.engine.program import Program
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
        network = layers if isinstance(layers, Network) else chain(layers, loss or info.losses[0])
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
}
"""Layers of every kind on images of 2 × 7 × 6, or on columns of 84 numbers where Flatten is first.

A Reshape comes before them, a Dense layer behind."""


@pytest.fixture(params=CHAINS)
def chain_of_all(request: pytest.FixtureRequest, trained: Make) -> Trained:
    """Chains in which every kind of layer comes."""
    layers = [Reshape(2, 7, 6), *CHAINS[request.param], Dense(3, "softmax")]
    return trained(layers, n_x=84)


@pytest.fixture
def images() -> np.ndarray:
    """Raw features (30, 84) for the chains of all layers."""
    return np.random.default_rng(2).normal(3.0, 4.0, (30, 84))


@pytest.fixture
def X() -> np.ndarray:
    """Raw features (40, 5), some of them far out."""
    rng = np.random.default_rng(1)
    return rng.normal(3.0, 4.0, (40, 5))
