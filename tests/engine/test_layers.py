"""One table: every layer with every choice it has goes through the same contract, in every dtype.

A layer that has no row here fails the tests, and so does a setting or a kind of input that no row
tries.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from netbuilder.engine.layer import LAYERS, Cache, Layer, Shape, ShapeError
from netbuilder.engine.layers import Dense, Flatten, Reshape
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.parameters import PARAMETERS
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Program

DTYPES = ("float32", "float64")
FLAT, IMAGE = (6,), (2, 5, 4)
N_X, M = 4, 7


@dataclass(frozen=True)
class Trial:
    """One way to try a layer: what it is fed with, and its settings."""

    inputs: tuple[Shape, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


def on(*inputs: Shape, **settings: Any) -> Trial:
    return Trial(inputs, settings)


ROWS: dict[str, tuple[Trial, ...]] = {
    "activation": (on(FLAT), on(IMAGE)),
    "add": (on(FLAT, FLAT), on(IMAGE, IMAGE, IMAGE)),
    "avg_pool2d": (on(IMAGE), on(IMAGE, size=3, stride=1), on(IMAGE, size=1, stride=2)),
    "batch_norm": (
        on(FLAT),
        on(IMAGE),
        on(FLAT, momentum=0.0, epsilon=1e-12),
        on(IMAGE, momentum=0.5, epsilon=0.1),
    ),
    "concatenate": (
        on(FLAT, (3,)),
        on(FLAT, (1,), FLAT),
        on(IMAGE, (1, 5, 4)),
        on((3, 5, 4), IMAGE, (1, 5, 4)),
    ),
    "conv2d": (
        on(IMAGE, filters=2, kernel=2),
        on(IMAGE, filters=3, kernel=4, stride=2, padding=1),
        on(IMAGE, filters=1, kernel=1, activation="tanh"),
        on((4, 20, 20), filters=2, kernel=8, activation="tanh"),  # in several blocks
    ),
    "cost": (on(),),
    "dense": (on(FLAT, units=4), on(FLAT, units=1)),
    "dropout": (on(FLAT, rate=0.4), on(IMAGE, rate=0.0)),
    "flatten": (on(IMAGE), on(FLAT)),
    "global_avg_pool2d": (on(IMAGE),),
    "input": (on(),),
    "layer_norm": (on(FLAT), on(IMAGE), on(FLAT, epsilon=1e-12), on((1,), epsilon=0.5)),
    "max_pool2d": (on(IMAGE), on(IMAGE, size=3, stride=1), on(IMAGE, size=1, stride=2)),
    "multiply": (on(FLAT, FLAT), on(IMAGE, IMAGE, IMAGE)),
    "reshape": (
        on(FLAT, channels=3, height=1, width=2),
        on(FLAT, channels=1, height=6, width=1),
        on(FLAT, channels=2, height=3, width=1),
    ),
}


def trials(kind: str) -> list[Trial]:
    """The rows of a kind; the first with flat inputs and with images also with every choice."""
    found: list[Trial] = []
    seen: set[tuple[int, ...]] = set()
    for row in ROWS[kind]:
        found.append(row)
        axes = tuple(len(shape) for shape in row.inputs)
        if axes not in seen:
            found += [
                dataclasses.replace(row, settings={**row.settings, **change})
                for change in every_choice(LAYERS[kind])
            ]
        seen.add(axes)
    return found


def every_choice(layer: type[Layer]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for setting in layer.settings():
        values = (False, True) if setting.type is bool else setting.choices
        found += [{setting.name: value} for value in values if value != setting.default]
    return found


CASES = [
    pytest.param(kind, trial, id=f"{kind}-{trial.inputs}-{trial.settings}".replace(" ", ""))
    for kind in LAYERS
    for trial in (trials(kind) if kind in ROWS else ())
]
every_layer = pytest.mark.parametrize(("kind", "trial"), CASES)
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


def test_every_layer_has_a_row():
    assert set(ROWS) == set(LAYERS)


@pytest.mark.parametrize("kind", ROWS)
def test_every_number_is_tried_at_its_least_and_at_another_value(kind):
    for setting in LAYERS[kind].settings():
        if setting.type in (int, float):
            tried = {row.settings.get(setting.name, setting.default) for row in ROWS[kind]}
            assert len(tried) > 1, setting.name
            assert setting.minimum is None or setting.minimum in tried, setting.name


@pytest.mark.parametrize("kind", [kind for kind in ROWS if kind not in ("input", "cost")])
def test_every_kind_of_input_is_tried(kind):
    layer, first = LAYERS[kind], ROWS[kind][0]
    axes = {len(row.inputs[0]) for row in ROWS[kind]}
    for shape in (FLAT, IMAGE):
        try:
            layer(**first.settings).output_shape([shape] * len(first.inputs))
        except ShapeError:
            continue
        assert len(shape) in axes
    numbers = {len(row.inputs) for row in ROWS[kind]}
    assert layer.min_inputs in numbers
    assert layer.max_inputs is not None or max(numbers) > 2


# --- the network around a layer ------------------------------------------------------------------


LAYER, FLATTEN, OUT = "n30", "n31", "n32"


class Bench:
    """A layer between linear ones, so that each of its inputs is learned and needs a gradient.

    data → linear (→ reshape) → the layer (→ flatten) → linear → cost
    """

    def __init__(self, kind: str, trial: Trial, planned) -> None:
        layer = LAYERS[kind](**trial.settings)
        layers, sources = [], []
        for number, shape in enumerate(trial.inputs, start=1):
            dense, image = f"n{number}", f"n{10 + number}"
            layers.append((dense, Dense(math.prod(shape), "linear", "xavier"), ["data"]))
            if len(shape) == 3:
                layers.append((image, Reshape(*shape), [dense]))
            sources.append(layers[-1][0])
        if sources:
            layers.append((LAYER, layer, sources))
            if len(layer.output_shape(trial.inputs)) == 3:
                layers.append((FLATTEN, Flatten(), [LAYER]))
        self.loss = trial.settings.get("loss", layer.loss) if kind == "cost" else "mse"
        self.n_y = {"binary_cross_entropy": 1, "cross_entropy": 3}.get(self.loss, 2)
        output = LOSSES[self.loss].logits_activation or "linear"
        last = layers[-1][0] if layers else "data"
        layers.append((OUT, Dense(self.n_y, output, "xavier"), [last]))
        self.plan: Plan = planned(N_X, layers, self.loss)
        self.sources = sources

    def batch(self, m: int = M, seed: int = 1, dtype: str = "float64"):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(m, N_X))
        if self.loss == "binary_cross_entropy":
            Y = rng.integers(0, 2, (m, 1))
        elif self.loss == "cross_entropy":
            Y = np.eye(3)[rng.integers(0, 3, m)]
        else:
            Y = rng.normal(size=(m, self.n_y))
        return X.astype(dtype), Y.astype(dtype)

    def program(self, dtype: str = "float64", seed: int = 3) -> Program:
        """Nothing at zero, and running statistics that have seen some batches."""
        program = Program(self.plan, dtype=dtype, seed=seed)
        rng = np.random.default_rng(seed)
        for key in self.plan.parameters:
            W = program.parameter(key)
            W += 0.2 * rng.normal(size=W.shape)
        optimizer = OPTIMIZERS["gd"](program, learning_rate=0.001)
        for k in range(3):
            program.update(*self.batch(seed=10 + k, dtype=dtype), optimizer)
        return program


@pytest.fixture
def bench(kind, trial, planned) -> Bench:
    return Bench(kind, trial, planned)


def bits(arrays) -> dict[str, bytes]:
    return {key: array.tobytes() for key, array in arrays.items()}


# --- the contract --------------------------------------------------------------------------------


@every_dtype
@every_layer
def test_outputs_have_the_shape_that_was_told(bench, dtype):
    program, (X, _) = bench.program(dtype), bench.batch()
    for id, A in program.activations(X).items():
        assert A.shape == (M, *bench.plan.node(id).shape) and A.dtype == dtype
        assert np.isfinite(A).all()
    assert {key: array.shape for key, array in program.weights().items()} == bench.plan.stored
    assert all(key.rpartition(".")[2] in PARAMETERS for key in bench.plan.stored)


@pytest.mark.parametrize("kind", [kind for kind in ROWS if kind != "input"])
def test_what_a_layers_file_declares_of_its_cache_is_there(kind, planned):
    """The type checker believes these declarations; a name in none of the trials is misspelt."""
    declared: set[str] = set()
    for method in ("forward", "backward"):
        hints = typing.get_type_hints(getattr(LAYERS[kind], method))
        bases = hints["c"].__mro__[: hints["c"].__mro__.index(Cache)]
        declared.update(*(cls.__annotations__ for cls in bases))
    there: set[str] = set()
    for trial in trials(kind):
        for weights in ((), (0.5, 2.0)):
            bench = Bench(kind, trial, planned)
            if weights and (kind != "cost" or bench.n_y > 2):
                continue
            program = Program(bench.plan, dtype="float64", class_weights=weights)
            program.gradient(*bench.batch())
            cache = program._last.caches["cost" if kind == "cost" else LAYER]
            there |= vars(cache).keys()
    assert declared <= there


def slope_along(program, cost, direction, sides=lambda: np.True_, step=1e-6):
    """The central difference of a cost along a direction; None where it has a kink on the way."""
    start, costs, seen = program.weights(), [], []
    for sign in (1, -1):
        program.load({key: start[key] + sign * step * direction[key] for key in direction})
        costs.append(cost())
        seen.append(sides())
    program.load(start)
    smooth = np.array_equal(*seen)
    return (costs[0] - costs[1]) / (2 * step) if smooth else None


@every_layer
def test_the_gradient_is_the_derivative_along_random_directions(bench):
    """Of the cost of a batch as in an update, and of the cost when predicting."""
    program, (X, Y), rng = bench.program(), bench.batch(), np.random.default_rng(2)

    def cost_predicting():
        program.batch_cost(X, Y)  # for the sides of the kinks
        return program.cost(X, Y)

    predicting = {
        f"{id}.{name}": gradient
        for id, values in program.inspect(X, Y).items()
        for name, gradient in values.gradients.items()
    }
    for gradients, cost in (
        (program.gradient(X, Y)[1], lambda: program.batch_cost(X, Y)),
        (predicting, cost_predicting),
    ):
        assert gradients.keys() == bench.plan.parameters.keys()
        found = 0
        for _ in range(12):
            direction = {key: rng.normal(size=dW.shape) for key, dW in gradients.items()}
            numerical = slope_along(program, cost, direction, program.sides)
            if numerical is not None:
                exact = sum(float(np.sum(gradients[key] * direction[key])) for key in gradients)
                assert exact == pytest.approx(numerical, rel=1e-6)
                found += 1
            if found == 3:
                break
        assert found == 3


@every_layer
def test_an_update_follows_the_derivative_of_what_it_drew(bench):
    """The cost of an update as a function of the weights, with the same draws every time."""
    start, (X, Y), rng = bench.program().weights(), bench.batch(), np.random.default_rng(2)

    def updated(shift):
        weights = {key: W + shift.get(key, 0.0) for key, W in start.items()}
        program = Program(bench.plan, dtype="float64", seed=8, weights=weights)
        cost = program.update(X, Y, OPTIMIZERS["gd"](program))
        return cost, program.sides(), program.gradients()

    gradients, found = updated({})[2], 0
    for key in bench.plan.frozen:
        assert not gradients.pop(key).any(), "an update learns nothing of it"
    if not gradients:
        return
    for _ in range(12):
        direction = {key: rng.normal(size=dW.shape) for key, dW in gradients.items()}
        (above, side_above, _), (below, side_below, _) = (
            updated({key: step * d for key, d in direction.items()}) for step in (1e-6, -1e-6)
        )
        if np.array_equal(side_above, side_below):
            exact = sum(float(np.sum(gradients[key] * direction[key])) for key in gradients)
            assert exact == pytest.approx((above - below) / 2e-6, rel=1e-6)
            found += 1
        if found == 3:
            break
    assert found == 3


@every_layer
def test_both_dtypes_agree(bench):
    exact, (X, Y) = bench.program(), bench.batch()
    rough = Program(bench.plan, weights=exact.weights())
    np.testing.assert_allclose(rough.predict(X), exact.predict(X), rtol=1e-3, atol=1e-4)
    expected = exact.gradient(X, Y)[1]
    found = rough.gradient(X.astype("float32"), Y.astype("float32"))[1]
    for key, gradient in found.items():
        # A bias before a BatchNorm has no gradient, and in float32 what rounding leaves of none.
        atol = 1e-4 * np.abs(expected[key]).max() + 1e-6
        np.testing.assert_allclose(gradient, expected[key], rtol=1e-3, atol=atol)


@every_dtype
@every_layer
def test_nothing_is_changed_that_was_given(bench, dtype):
    program, (X, Y) = bench.program(dtype), bench.batch(dtype=dtype)
    weights = program.weights()
    before = bits({"X": X, "Y": Y, **weights})
    Program(bench.plan, dtype=dtype, weights=weights)
    program.update(X, Y, OPTIMIZERS["gd"](program, learning_rate=0.1))
    program.gradient(X, Y)
    program.inspect(X, Y)
    program.costs(X, Y)
    assert bits({"X": X, "Y": Y, **weights}) == before


@every_layer
def test_a_layer_leaves_its_neighbours_numbers_alone(bench):
    """Its inputs in both directions, and its own output on the way back."""
    program, (X, Y) = bench.program(), bench.batch()
    values, weights, A = program.inspect(X, Y), program.weights(), program.activations(X)
    np.testing.assert_array_equal(values["data"].A, X)
    for id, seen in values.items():
        np.testing.assert_array_equal(seen.A, A[id])
    for number, id in enumerate(bench.sources, start=1):
        expected = X @ weights[f"n{number}.W"].T + weights[f"n{number}.b"].T
        np.testing.assert_allclose(values[id].A, expected.reshape(A[id].shape), rtol=1e-12)
    if bench.sources:
        expected = (values[OUT].dZ @ weights[f"{OUT}.W"]).reshape(A[LAYER].shape)
        np.testing.assert_allclose(values[LAYER].dA, expected, rtol=1e-12, atol=1e-15)


@every_dtype
@every_layer
def test_predictions_have_nothing_random(bench, dtype):
    program, (X, Y) = bench.program(dtype), bench.batch()
    first, cost = bits(program.activations(X)), program.cost(X, Y)
    program.predict(bench.batch(3, seed=8)[0])
    assert bits(program.activations(X)) == first and program.cost(X, Y) == cost
    other = Program(bench.plan, dtype=dtype, seed=99, weights=program.weights())
    assert bits(other.activations(X)) == first and other.cost(X, Y) == cost


@every_dtype
@every_layer
def test_an_example_does_not_depend_on_the_others_of_its_batch(bench, dtype):
    program, (X, Y) = bench.program(dtype), bench.batch()
    close = {"rtol": 1e-4, "atol": 1e-5} if dtype == "float32" else {"rtol": 1e-11, "atol": 1e-12}
    pieces = (slice(0, 1), slice(1, 3), slice(3, M))
    for id, A in program.activations(X).items():
        parts = [program.activations(X[rows], [id])[id] for rows in pieces]
        np.testing.assert_allclose(np.concatenate(parts), A, **close)
    parts = [program.costs(X[rows], Y[rows]) for rows in pieces]
    np.testing.assert_allclose(np.concatenate(parts), program.costs(X, Y), **close)
    for id, values in program.inspect(X, Y).items():
        pieces_of = [program.inspect(X[rows], Y[rows])[id] for rows in pieces]
        if values.dA is not None:
            dA = np.concatenate([piece.dA for piece in pieces_of])
            np.testing.assert_allclose(dA, values.dA, **close)
        for name, whole in values.gradients.items():
            shares = [
                piece.gradients[name] * len(X[rows]) / M
                for piece, rows in zip(pieces_of, pieces, strict=True)
            ]
            np.testing.assert_allclose(sum(shares), whole, **close)


@every_dtype
@every_layer
def test_the_same_seed_gives_the_same_bits(bench, dtype):
    def train():
        program = Program(bench.plan, dtype=dtype, seed=5)
        optimizer = OPTIMIZERS["adam"](program, learning_rate=0.01)
        costs = [
            program.update(*bench.batch(m, seed=m, dtype=dtype), optimizer, 0.1, 0.01)
            for m in (M, 3, M, 1, 9)
        ]
        return costs, bits(program.weights())

    assert train() == train()


@every_dtype
@every_layer
def test_round_trips_through_arrays_and_through_a_project_file(bench, dtype, opened_again):
    program, (X, _) = bench.program(dtype), bench.batch()
    expected, weights = bits(program.activations(X)), program.weights()
    fresh = Program(bench.plan, dtype=dtype, seed=77)
    assert fresh.load(weights) == bench.plan.stored.keys()
    assert bits(fresh.weights()) == bits(weights) and bits(fresh.activations(X)) == expected
    plan, stored = opened_again(bench.plan, weights)
    assert plan == bench.plan and bits(stored) == bits(weights)
    again = Program(plan, dtype=dtype, weights=stored)
    assert bits(again.activations(X)) == expected
