"""The program: what its methods promise, on chains."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layers import Activation, Dense, Dropout
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import INFERENCE_ROWS, chain
from netbuilder.engine.program import Program
from netbuilder.errors import UserError


def batch(m=12, n_x=3, n_y=2, loss="mse", seed=1, dtype="float64"):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(m, n_x))
    Y = {
        "binary_cross_entropy": rng.integers(0, 2, (m, n_y)).astype(float),
        "cross_entropy": np.eye(n_y)[rng.integers(0, n_y, m)],
    }.get(loss, rng.normal(size=(m, n_y)))
    return X.astype(dtype), Y.astype(dtype)


def small(loss="mse", output="linear", **settings):
    layers = [Dense(5, "tanh", "xavier"), Dense(4, "relu", "he"), Dense(2, output, "xavier")]
    return Program(chain(3, layers, loss), **{"dtype": "float64", **settings})


def along(program, X, Y, l2=0.0, seed=3, step=1e-6):
    """⟨gradient, direction⟩ by back propagation and by central differences of J."""
    cost, gradients = program.gradient(X, Y, l2)
    rng = np.random.default_rng(seed)
    start = program.weights()
    direction = {key: rng.normal(size=array.shape) for key, array in start.items()}
    costs = []
    for sign in (1, -1):
        program.load({key: start[key] + sign * step * direction[key] for key in start})
        costs.append(program.cost(X, Y, l2))
    program.load(start)
    exact = sum(np.sum(gradients[key] * direction[key]) for key in start)
    return exact, (costs[0] - costs[1]) / (2 * step), cost


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("own_layer", [False, True], ids=["in dense", "as a layer"])
def test_back_propagation_is_the_derivative_of_the_cost(loss, hidden, own_layer):
    output = LOSSES[loss].logits_activation or "linear"
    if own_layer:
        layers = [Dense(4, "linear", "xavier"), Activation(hidden)]
        layers += [Dense(2, "linear", "xavier"), Activation(output)]
    else:
        layers = [Dense(4, hidden, "xavier"), Dense(2, output, "xavier")]
    X, Y = batch(loss=loss)
    program = Program(chain(3, layers, loss), dtype="float64", seed=5)
    program.load({key: array + 0.1 for key, array in program.weights().items()})
    exact, numerical, cost = along(program, X, Y, l2=0.3)
    assert exact == pytest.approx(numerical, rel=1e-6)
    assert cost == pytest.approx(program.cost(X, Y, 0.3), rel=1e-13)


@pytest.mark.parametrize("output", ACTIVATIONS)
@pytest.mark.parametrize(
    "loss", [name for name, loss in LOSSES.items() if not loss.logits_activation]
)
def test_every_output_activation_under_the_losses_that_take_any(loss, output):
    X, Y = batch()
    exact, numerical, _ = along(small(loss, output, seed=4), X, Y)
    assert exact == pytest.approx(numerical, rel=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_float32_gradients_agree_with_float64(loss):
    output = LOSSES[loss].logits_activation or "tanh"
    X, Y = batch(loss=loss)
    exact = small(loss, output)
    rough = small(loss, output, dtype="float32", weights=exact.weights())
    cost, gradients = rough.gradient(X.astype("float32"), Y.astype("float32"), 0.1)
    expected_cost, expected = exact.gradient(X, Y, 0.1)
    assert cost == pytest.approx(expected_cost, rel=1e-5)
    for key, gradient in gradients.items():
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, expected[key], rtol=1e-3, atol=1e-6)


def test_l2_adds_the_courses_term_for_weights_only():
    program = small()
    X, Y = batch()
    program.load({key: array + 0.3 for key, array in program.weights().items()})
    weights = program.weights()
    plain_cost, plain = program.gradient(X, Y)
    cost, gradients = program.gradient(X, Y, 0.6)
    squares = sum(np.sum(W**2) for key, W in weights.items() if key.endswith(".W"))
    assert cost == pytest.approx(plain_cost + 0.6 / (2 * 12) * squares)
    for key in weights:
        extra = 0.6 / 12 * weights[key] if key.endswith(".W") else 0.0
        np.testing.assert_allclose(gradients[key], plain[key] + extra, rtol=1e-12, atol=1e-15)


def test_an_update_is_the_gradient_step_and_returns_the_cost_before():
    program, (X, Y) = small(), batch()
    before = program.weights()
    cost, gradients = program.gradient(X, Y, 0.5)
    optimizer = OPTIMIZERS["gd"](program, learning_rate=0.2)
    assert program.update(X, Y, optimizer, 0.5) == pytest.approx(cost, rel=1e-14)
    for key, array in program.weights().items():
        np.testing.assert_allclose(array, before[key] - 0.2 * gradients[key], rtol=1e-12)
        np.testing.assert_allclose(program.gradients()[key], gradients[key], rtol=1e-12)


def test_gradient_and_inspect_leave_the_last_updates_gradients_alone():
    program, (X, Y) = small(), batch()
    program.update(X, Y, OPTIMIZERS["gd"](program))
    kept = program.gradients()
    program.gradient(*batch(seed=8))
    program.inspect(*batch(seed=9))
    for key, array in program.gradients().items():
        np.testing.assert_array_equal(array, kept[key])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_same_seed_gives_the_same_bits(dtype, optimizer):
    def train():
        layers = [Dense(6, "relu"), Dropout(0.3), Dense(2, "linear")]
        program = Program(chain(3, layers, "mse"), dtype=dtype, seed=7)
        rule = OPTIMIZERS[optimizer](program, learning_rate=0.05)
        costs = [program.update(*batch(seed=k, dtype=dtype), rule, 0.1) for k in range(30)]
        return costs, program.flat_parameters.tobytes()

    assert train() == train()


IN_A_NEW_PROCESS = """
import hashlib
import numpy as np
from netbuilder.engine import OPTIMIZERS, Program, chain
from netbuilder.engine.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Reshape

large = [Dense(1800, "relu"), Dropout(0.2), BatchNorm(), Dense(10, "softmax")]
images = [Reshape(1, 24, 25), Conv2D(4, 3), MaxPool2D(), Flatten(), Dense(10, "softmax")]
rng, found = np.random.default_rng(1), hashlib.sha256()
X, Y = rng.normal(size=(300, 600)), np.eye(10)[rng.integers(0, 10, 300)]
for layers in (large, images):
    for dtype in ("float32", "float64"):
        program = Program(chain(600, layers, "cross_entropy"), dtype=dtype)
        optimizer = OPTIMIZERS["adam"](program, learning_rate=0.01, clip_norm=1.0)
        for start in (0, 128, 256, 0):
            rows = slice(start, start + 128)
            cost = program.update(X[rows].astype(dtype), Y[rows].astype(dtype), optimizer, 0.1)
            found.update(repr(cost).encode())
        found.update(program.flat_parameters.tobytes() + program.predict(X).tobytes())
print(found.hexdigest())
"""


def test_the_same_seed_gives_the_same_bits_in_another_process():
    """With two threads, randomness, convolutions and a smaller last batch."""
    command = [sys.executable, "-c", IN_A_NEW_PROCESS]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2)
    )
    assert len(first.stdout) == 65 and first.stdout == second.stdout
    assert first.stderr == second.stderr == ""


def test_another_seed_gives_other_weights():
    assert (small(seed=1).flat_parameters != small(seed=2).flat_parameters).any()


def test_weights_are_drawn_in_the_order_of_the_layers():
    program = Program(
        chain(3, [Dense(4, "tanh", "normal"), Dense(2, "linear", "normal")], "mse"),
        dtype="float64",
        seed=11,
    )
    rng = np.random.RandomState(11)
    weights = program.weights()
    np.testing.assert_array_equal(weights["n1.W"], rng.randn(4, 3) * 0.01)
    np.testing.assert_array_equal(weights["n2.W"], rng.randn(2, 4) * 0.01)
    np.testing.assert_array_equal(weights["n1.b"], np.zeros((4, 1)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"n2.W": np.ones((9, 9))}, "n2.W must have the shape (4, 5), got (9, 9)."),
        ({"W2": np.ones((5, 4))}, "n2.W must have the shape (4, 5), got (5, 4)."),
        ({"W9": np.ones((1, 1))}, "no parameter 'W9'; it has W1, b1, W2, b2, W3"),
        ({"other.W": np.ones((1, 1))}, "no parameter 'other.W'"),
    ],
)
def test_weights_that_do_not_belong_are_refused_and_nothing_is_taken(wrong, words):
    program = small()
    before = program.weights()
    with pytest.raises(UserError) as caught:
        program.load({"n1.W": np.ones((5, 3)), **wrong})
    assert words in str(caught.value)
    for key, array in program.weights().items():
        np.testing.assert_array_equal(array, before[key])
    with pytest.raises(UserError):
        Program(program.plan, weights=wrong)


def test_the_courses_names_of_weights_do_as_well():
    program = small()
    assert program.load({"W1": np.ones((5, 3)), "b2": np.full((4, 1), 3.0)}) == {"n1.W", "n2.b"}
    np.testing.assert_array_equal(program.weights()["n2.b"], np.full((4, 1), 3.0))


BATCH = np.zeros((6, 3)), np.zeros((6, 2))


@pytest.mark.parametrize(
    ("X", "Y", "words"),
    [
        (np.zeros(3), BATCH[1], "X must be (m, 3), one example a row; got (3,). One example is"),
        (np.zeros((6, 4)), BATCH[1], "X must be (m, 3), one example a row; got (6, 4)."),
        (np.zeros((3, 6)), BATCH[1], "X must be (m, 3), one example a row; got (3, 6)."),
        (BATCH[0], np.zeros(6), "Y must be (m, 2), one example a row; got (6,). Numbers of"),
        (BATCH[0], np.zeros((6, 1)), "Y must be (m, 2), one example a row; got (6, 1)."),
        (BATCH[0], np.zeros((1, 2)), "as many rows; Y has 1, the other 6."),
    ],
)
def test_arrays_that_numpy_would_spread_are_refused(X, Y, words):
    """Labels (m,) trained a softmax of 10 units, and one row predicted as if it were many."""
    program = small()
    before = program.weights()
    optimizer = OPTIMIZERS["gd"](program)
    calls = [lambda: program.update(X, Y, optimizer), lambda: program.cost(X, Y)]
    calls += [lambda: program.inspect(X, Y), lambda: program.gradient(X, Y)]
    if X is not BATCH[0]:
        calls += [lambda: program.predict(X), lambda: program.activations(X)]
    for call in calls:
        with pytest.raises(UserError) as caught:
            call()
        assert words in str(caught.value)
    assert optimizer.updates == 0
    for key, array in program.weights().items():
        np.testing.assert_array_equal(array, before[key])


def test_after_a_refusal_the_right_batch_is_learned():
    program = small()
    optimizer = OPTIMIZERS["gd"](program)
    X, Y = batch()
    expected = program.cost(X, Y)
    with pytest.raises(UserError):
        program.update(X, Y[:, 0], optimizer)
    assert program.update(X, Y, optimizer) == pytest.approx(expected, rel=1e-5)


def test_weights_go_on_in_another_program():
    program = small()
    program.load({"n1.W": np.ones((5, 3))})
    np.testing.assert_array_equal(program.weights()["n1.W"], np.ones((5, 3)))
    again = Program(program.plan, dtype="float32", weights=program.weights())
    np.testing.assert_allclose(again.predict(batch()[0]), program.predict(batch()[0]), rtol=1e-5)


def test_what_is_given_is_taken_and_the_rest_stays_the_seeds(monkeypatch):
    plan = small().plan
    drawn = Program(plan, seed=7).weights()
    some = {"n1.W": np.full((5, 3), 2.0, np.float32)}
    mixed = Program(plan, seed=7, weights=some).weights()
    for key, array in mixed.items():
        np.testing.assert_array_equal(array, some[key] if key == "n1.W" else drawn[key])

    for node in plan.nodes:  # nothing is left to draw
        monkeypatch.setattr(type(node.layer), "initial", None)
    whole = Program(plan, weights=mixed).weights()
    for key, array in mixed.items():
        np.testing.assert_array_equal(whole[key], array)


def test_what_leaves_the_program_is_a_copy():
    program, (X, Y) = small(), batch()
    optimizer = OPTIMIZERS["gd"](program, learning_rate=0.5)
    program.update(X, Y, optimizer)
    given = [
        *program.weights().values(),
        *program.gradients().values(),
        program.predict(X),
        *program.activations(X).values(),
        *program.gradient(X, Y)[1].values(),
    ]
    for values in program.inspect(X, Y).values():
        given += [a for a in (values.Z, values.A, values.dZ, values.dA) if a is not None]
        given += values.gradients.values()
    before = [array.copy() for array in given]
    program.update(X, Y, optimizer)
    program.predict(X + 1)
    program.inspect(X + 1, Y)
    for array, kept in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, kept)
        assert array.flags.writeable and array.flags.owndata


def test_a_smaller_last_batch_and_then_the_full_one_again():
    X, Y = batch(m=25)
    mixed, fresh = small(), small()
    rule = OPTIMIZERS["momentum"](mixed, learning_rate=0.1)
    plain = OPTIMIZERS["momentum"](fresh, learning_rate=0.1)
    for rows in (slice(0, 10), slice(10, 20), slice(20, 25), slice(0, 10), slice(0, 25)):
        cost, gradients = fresh.gradient(X[rows], Y[rows])
        assert mixed.update(X[rows], Y[rows], rule) == pytest.approx(cost, rel=1e-13)
        for key, array in mixed.gradients().items():
            np.testing.assert_allclose(array, gradients[key], rtol=1e-11, atol=1e-14)
        fresh.update(X[rows], Y[rows], plain)


def test_predictions_of_many_examples_in_chunks():
    program = small()
    X, Y = batch(m=2 * INFERENCE_ROWS + 7)
    Y_hat = program.predict(X)
    assert Y_hat.shape == (2 * INFERENCE_ROWS + 7, 2)
    pieces = [program.predict(X[k : k + 100]) for k in range(0, len(X), 100)]
    np.testing.assert_allclose(Y_hat, np.concatenate(pieces), rtol=1e-12)
    assert program.cost(X, Y) == pytest.approx(0.5 * np.sum((Y_hat - Y) ** 2) / len(X))
    assert program.predict(X[:0]).shape == (0, 2)
    assert np.isnan(program.cost(X[:0], Y[:0]))


def test_inputs_in_any_layout_and_dtype():
    program = small(dtype="float32")
    X, _ = batch(m=10)
    expected = program.predict(X)
    np.testing.assert_array_equal(program.predict(np.asfortranarray(X)), expected)
    np.testing.assert_array_equal(program.predict(X.repeat(2, axis=0)[::2]), expected)


def test_activations_of_every_step():
    program, (X, _) = small(), batch()
    found = program.activations(X)
    assert {id: A.shape for id, A in found.items()} == {
        "data": (12, 3),
        "n1": (12, 5),
        "n2": (12, 4),
        "n3": (12, 2),
    }
    weights = program.weights()
    A1 = np.tanh(X @ weights["n1.W"].T + weights["n1.b"].T)
    np.testing.assert_allclose(found["n1"], A1, rtol=1e-13)
    np.testing.assert_array_equal(found["data"], X)
    assert list(program.activations(X, ["n2"])) == ["n2"]


def test_inspect_shows_the_courses_quantities():
    X, Y = batch(loss="binary_cross_entropy")
    program = small("binary_cross_entropy", "sigmoid")
    values, weights = program.inspect(X, Y), program.weights()
    assert list(values) == ["data", "n1", "n2", "n3"]
    np.testing.assert_allclose(values["n3"].dZ, values["n3"].A - Y, rtol=1e-12)
    A3 = values["n3"].A
    np.testing.assert_allclose(values["n3"].dA, -(Y / A3 - (1 - Y) / (1 - A3)), rtol=1e-12)
    np.testing.assert_allclose(values["data"].dA, values["n1"].dZ @ weights["n1.W"], rtol=1e-12)
    np.testing.assert_allclose(values["n2"].dA, values["n3"].dZ @ weights["n3.W"], rtol=1e-12)
    np.testing.assert_allclose(
        values["n1"].dZ, values["n1"].dA * (1 - values["n1"].A ** 2), rtol=1e-9, atol=1e-15
    )
    Z2 = values["n1"].A @ weights["n2.W"].T + weights["n2.b"].T
    np.testing.assert_allclose(values["n2"].Z, Z2, rtol=1e-12)
    assert values["data"].Z is None
    _, gradients = program.gradient(X, Y)
    np.testing.assert_allclose(
        gradients["n2.W"], values["n2"].dZ.T @ values["n1"].A / len(X), rtol=1e-11, atol=1e-15
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("loss", "output"), [("binary_cross_entropy", "sigmoid"), ("cross_entropy", "softmax")]
)
def test_logits_of_ten_thousand_train_without_a_warning(loss, output, dtype):
    X, Y = batch(m=50, loss=loss, dtype=dtype)
    program = Program(chain(3, [Dense(2, output, "large")], loss), dtype=dtype)
    program.load({"n1.W": program.weights()["n1.W"] * 1e3})
    assert np.abs(program.inspect(X, Y)["n1"].Z).max() > 1e4
    optimizer = OPTIMIZERS["gd"](program, learning_rate=1.0)
    costs = [program.update(X, Y, optimizer) for _ in range(20)]
    assert np.isfinite(costs).all() and program.first_non_finite() is None


@pytest.mark.parametrize("rate", [1e30, 1e5])
def test_divergence_is_noticed_where_it_began_and_never_warned_of(rate):
    X, Y = batch()
    program = small("mse", "linear", dtype="float32")
    X, Y = X.astype("float32"), Y.astype("float32")
    optimizer = OPTIMIZERS["gd"](program, learning_rate=rate)
    cost = 0.0
    while np.isfinite(cost):
        last = program.weights()
        cost = program.update(X, Y, optimizer)
    for key, array in program.weights().items():
        np.testing.assert_array_equal(array, last[key])  # nothing was changed by the last call
    assert program.first_non_finite() in ("n1", "n2", "n3", "cost")
    assert not np.isfinite(program.cost(X, Y))
    assert not np.isfinite(program.cost(X, Y, 0.1))
    assert not np.isfinite(program.gradient(X, Y, 0.1)[0])
    program.predict(X)
    program.inspect(X, Y)


def test_first_non_finite_names_the_first_in_forward_order():
    program, (X, Y) = small(), batch()
    optimizer = OPTIMIZERS["gd"](program)
    assert program.first_non_finite() is None
    program.update(X, Y, optimizer)
    assert program.first_non_finite() is None
    program.load({"n2.b": np.array([[0.0], [np.inf], [0.0], [0.0]])})
    assert not np.isfinite(program.update(X, Y, optimizer))
    assert program.first_non_finite() == "n2"
    program.load({"n2.b": np.zeros((4, 1))})
    X[3, 1] = np.nan
    program.update(X, Y, optimizer)
    assert program.first_non_finite() == "data"


def test_numpys_own_error_state_is_left_alone():
    before = np.geterr()
    program, (X, Y) = small(), batch()
    program.update(X, Y, OPTIMIZERS["gd"](program))
    program.cost(X, Y)
    assert np.geterr() == before


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("widths", [(300, 200, 40), (1100, 950, 10)], ids=["plain", "two threads"])
def test_memory_is_what_is_allocated(optimizer, dtype, widths):
    n_x, hidden, n_y = widths
    layers = [Dense(hidden, "relu"), Dropout(0.2), Dense(n_y, "softmax")]
    plan = chain(n_x, layers, "cross_entropy")
    X, Y = batch(INFERENCE_ROWS, n_x, n_y, "cross_entropy", dtype=dtype)
    tracemalloc.start()
    try:
        program = Program(plan, dtype=dtype)
        rule = OPTIMIZERS[optimizer](program)
        program.update(X[:200], Y[:200], rule)
        program.cost(X, Y)
        program.update(X[:150], Y[:150], rule)
        allocated = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert allocated == pytest.approx(plan.memory(200, dtype, optimizer), rel=0.02)


def test_memory_of_an_impossible_network_is_computed_without_allocating():
    plan = chain(1_000_000, [Dense(1_000_000, "relu"), Dense(1, "sigmoid")], "binary_cross_entropy")
    assert plan.memory(10, "float32", "adam") > 4 * 10**12 * 4
