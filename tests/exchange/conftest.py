"""Networks to take away: any graph on any task, with weights that would show a mistake."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from netbuilder.data.dataset import DataInfo, Scaling
from netbuilder.document.check.compile import compile_project
from netbuilder.document.model.network import Network, network_of
from netbuilder.document.model.project import Project
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import (
    Activation,
    AvgPool2D,
    BatchNorm,
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


@pytest.fixture
def images() -> np.ndarray:
    """Raw features (30, 84) for the chains of all layers."""
    return np.random.default_rng(2).normal(3.0, 4.0, (30, 84))


@pytest.fixture
def X() -> np.ndarray:
    """Raw features (40, 5), some of them far out."""
    rng = np.random.default_rng(1)
    return rng.normal(3.0, 4.0, (40, 5))
