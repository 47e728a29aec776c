"""Optimisers against their rules written out plainly, on small and on shared vectors."""

from types import SimpleNamespace

import numpy as np
import pytest

from netbuilder.engine.optimizers import BLOCK, OPTIMIZERS, THREADED_ABOVE

SIZES = [1, 17, BLOCK - 1, BLOCK, 3 * BLOCK + 5, THREADED_ABOVE + 12_345]


def program(size, weights, dtype="float64"):
    rng = np.random.default_rng(1)
    return SimpleNamespace(
        flat_parameters=rng.normal(size=size).astype(dtype),
        flat_gradients=np.zeros(size, dtype),
        weight_count=weights,
    )


def plain(name, W, gradients, learning_rates, beta):
    """The rule as the course writes it; one gradient and one learning rate an update."""
    v = s = 0.0
    for t, (dW, alpha) in enumerate(zip(gradients, learning_rates, strict=True), start=1):
        if name == "gd":
            W = W - alpha * dW
        elif name == "momentum":
            v = beta * v + (1 - beta) * dW
            W = W - alpha * v
        else:
            v = beta * v + (1 - beta) * dW
            s = 0.999 * s + 0.001 * dW**2
            corrected = v / (1 - beta**t)
            W = W - alpha * corrected / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
    return W


def test_the_table_has_the_promised_names_and_describes_each():
    assert list(OPTIMIZERS) == ["gd", "momentum", "adam"]
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
    OPTIMIZERS["gd"](target, learning_rate=0.5).update(decay=0.25)
    dW[:weights] += 0.25 * W[:weights]
    np.testing.assert_allclose(target.flat_gradients, dW, rtol=1e-14)
    np.testing.assert_allclose(target.flat_parameters, W - 0.5 * dW, rtol=1e-13)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_threads_give_the_same_bits_every_time(name):
    results = []
    for _ in range(3):
        target = program(THREADED_ABOVE * 2, THREADED_ABOVE, "float32")
        optimizer = OPTIMIZERS[name](target, learning_rate=0.01)
        for dW in np.random.default_rng(4).normal(size=(5, THREADED_ABOVE * 2)):
            target.flat_gradients[:] = dW
            optimizer.update(0.01)
        results.append(target.flat_parameters.tobytes())
    assert results[0] == results[1] == results[2]


def test_an_error_in_the_second_thread_is_not_lost():
    target = program(THREADED_ABOVE * 2, 0)
    optimizer = OPTIMIZERS["gd"](target)
    optimizer.rule = lambda *arguments: 1 / 0
    with pytest.raises(ZeroDivisionError):
        optimizer.update()


def test_no_warning_when_numbers_overflow():
    target = program(THREADED_ABOVE * 2, 0, "float32")
    target.flat_gradients[:] = 1e30
    optimizer = OPTIMIZERS["gd"](target, learning_rate=1e30)
    with np.errstate(all="ignore"):
        optimizer.update()
    assert np.isinf(target.flat_parameters).all()
