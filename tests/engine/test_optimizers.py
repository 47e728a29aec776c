"""Optimisers against their rules written out plainly, on small and on shared vectors."""

from types import SimpleNamespace

import numpy as np
import pytest

from netbuilder.engine import optimizers
from netbuilder.engine.optimizers import BLOCK, OPTIMIZERS, THREADED_ABOVE

SIZES = [1, 17, BLOCK - 1, BLOCK, 3 * BLOCK + 5, THREADED_ABOVE + 12_345]


def program(size, weights, dtype="float64"):
    rng = np.random.default_rng(1)
    return SimpleNamespace(
        flat_parameters=rng.normal(size=size).astype(dtype),
        flat_gradients=np.zeros(size, dtype),
        weight_slices=(slice(0, weights),),
        frozen_slices=(),
    )


def plain(name, W, gradients, learning_rates, beta):
    """The rule as the course writes it; one gradient and one learning rate an update."""
    v = s = 0.0
    for t, (dW, alpha) in enumerate(zip(gradients, learning_rates, strict=True), start=1):
        v = beta * v + (1 - beta) * dW
        if name == "gd":
            W = W - alpha * dW
        elif name == "momentum":
            W = W - alpha * v
        elif name == "nesterov":
            W = W - alpha * (beta * v + (1 - beta) * dW)
        elif name == "rmsprop":
            s = beta * s + (1 - beta) * dW**2
            W = W - alpha * dW / (np.sqrt(s) + 1e-8)
        else:
            s = 0.999 * s + 0.001 * dW**2
            corrected = v / (1 - beta**t)
            W = W - alpha * corrected / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
    return W


def test_the_table_has_the_promised_names_and_describes_each():
    assert list(OPTIMIZERS) == ["gd", "momentum", "nesterov", "rmsprop", "adam", "adamw"]
    for name, optimizer in OPTIMIZERS.items():
        assert optimizer.name == name and optimizer.title and optimizer.formula


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_rule_at_any_size_and_with_a_learning_rate_that_changes(name, size):
    target = program(size, size)
    start = target.flat_parameters.copy()
    gradients = np.random.default_rng(2).normal(size=(4, size))
    rates = [0.1, 0.1, 0.02, 0.5]
    optimizer = OPTIMIZERS[name](target, learning_rate=0.1, beta=0.8)
    for dW, rate in zip(gradients, rates, strict=True):
        target.flat_gradients[:] = dW
        optimizer.learning_rate = rate
        optimizer.update()
    expected = plain(name, start, gradients, rates, 0.8)
    np.testing.assert_allclose(target.flat_parameters, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("weights", [0, 5, BLOCK, BLOCK + 7, THREADED_ABOVE])
def test_l2_concerns_the_weights_only(weights):
    size = weights + 9
    target = program(size, weights)
    W, dW = target.flat_parameters.copy(), np.random.default_rng(3).normal(size=size)
    target.flat_gradients[:] = dW
    OPTIMIZERS["gd"](target, learning_rate=0.5).update(l2=0.25)
    dW[:weights] += 0.25 * W[:weights]
    np.testing.assert_allclose(target.flat_gradients, dW, rtol=1e-14)
    np.testing.assert_allclose(target.flat_parameters, W - 0.5 * dW, rtol=1e-13)


@pytest.mark.parametrize("weights", [0, 5, BLOCK + 7, THREADED_ABOVE])
def test_l1_adds_the_sign_of_the_weights_only(weights):
    size = weights + 9
    target = program(size, weights)
    W, dW = target.flat_parameters.copy(), np.random.default_rng(3).normal(size=size)
    target.flat_gradients[:] = dW
    OPTIMIZERS["gd"](target, learning_rate=0.5).update(l1=0.25)
    dW[:weights] += 0.25 * np.sign(W[:weights])
    np.testing.assert_allclose(target.flat_parameters, W - 0.5 * dW, rtol=1e-13)


@pytest.mark.parametrize("weights", [5, BLOCK + 7, THREADED_ABOVE])
def test_adamw_shrinks_the_weights_by_themselves(weights):
    size = weights + 9
    one, other = program(size, weights), program(size, weights)
    W, dW = one.flat_parameters.copy(), np.random.default_rng(3).normal(size=size)
    one.flat_gradients[:] = other.flat_gradients[:] = dW
    OPTIMIZERS["adamw"](one, learning_rate=0.5).update(l2=0.25)
    OPTIMIZERS["adam"](other, learning_rate=0.5).update()
    step = other.flat_parameters - W
    W[:weights] *= 1 - 0.5 * 0.25
    np.testing.assert_allclose(one.flat_parameters, W + step, rtol=1e-9)
    np.testing.assert_array_equal(one.flat_gradients, dW)


@pytest.mark.parametrize("size", [40, THREADED_ABOVE + 12_345])
def test_a_gradient_that_is_too_long_is_shortened_with_its_penalties(size):
    target = program(size, size)
    W, dW = target.flat_parameters.copy(), np.random.default_rng(3).normal(size=size)
    optimizer = OPTIMIZERS["gd"](target, learning_rate=1.0, clip_norm=2.0)
    target.flat_gradients[:] = dW
    optimizer.update(l2=0.1)
    assert np.linalg.norm(W - target.flat_parameters) == pytest.approx(2.0, rel=1e-6)
    direction = dW + 0.1 * W
    expected = W - 2.0 * direction / np.linalg.norm(direction)
    np.testing.assert_allclose(target.flat_parameters, expected, rtol=1e-5)
    # A short one is left alone, and 0 switches clipping off.
    before = target.flat_parameters.copy()
    target.flat_gradients[:] = 1e-3 * dW / np.linalg.norm(dW)
    optimizer.update()
    np.testing.assert_allclose(before - target.flat_parameters, target.flat_gradients, atol=1e-15)
    optimizer.clip_norm = 0.0
    target.flat_gradients[:] = dW
    optimizer.update()
    np.testing.assert_array_equal(target.flat_gradients, dW)


def test_a_gradient_whose_square_is_out_of_range_is_shortened_too():
    target = program(10, 10, "float32")
    W = target.flat_parameters.copy()
    target.flat_gradients[:] = 1e30
    with np.errstate(all="ignore"):
        OPTIMIZERS["gd"](target, learning_rate=1.0, clip_norm=1.0).update()
    np.testing.assert_allclose(W - target.flat_parameters, 10**-0.5, rtol=1e-5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_threads_give_the_same_bits_every_time(name):
    results = []
    for _ in range(3):
        target = program(THREADED_ABOVE + 200_000, THREADED_ABOVE, "float32")
        optimizer = OPTIMIZERS[name](target, learning_rate=0.01)
        for dW in np.random.default_rng(4).normal(size=(5, THREADED_ABOVE + 200_000)):
            target.flat_gradients[:] = dW
            optimizer.update(0.01, 0.02)
        results.append(target.flat_parameters.tobytes())
    assert results[0] == results[1] == results[2]


def test_only_a_large_update_is_shared(monkeypatch):
    calls = []
    monkeypatch.setattr(optimizers, "shared", lambda work, tasks: calls.append(len(tasks)))
    for parameters, blocks in ((THREADED_ABOVE, []), (THREADED_ABOVE + 1, [16])):
        calls.clear()
        OPTIMIZERS["gd"](program(parameters, 0)).update()
        assert calls == blocks


def test_an_error_in_the_second_thread_is_not_lost():
    target = program(THREADED_ABOVE + 200_000, 0)
    optimizer = OPTIMIZERS["gd"](target)
    optimizer.rule = lambda *arguments: [lambda: 1 / 0]
    with pytest.raises(ZeroDivisionError):
        optimizer.update()


def test_no_warning_when_numbers_overflow():
    target = program(THREADED_ABOVE + 200_000, 0, "float32")
    target.flat_gradients[:] = 1e30
    optimizer = OPTIMIZERS["gd"](target, learning_rate=1e30)
    with np.errstate(all="ignore"):
        optimizer.update()
    assert np.isinf(target.flat_parameters).all()
