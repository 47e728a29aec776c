"""What columns of numbers can do images can do too: join, drop out, be activated."""

import numpy as np
import pytest

from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.layer import ShapeError
from netbuilder.engine.layers import Activation, Add, Concatenate, Dropout, Flatten, Reshape
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

N = 12
X = np.random.default_rng(1).normal(size=(5, N))


def images(planned, *layers):
    """A of every layer; "a" is the data as images of 3 × 2 × 2, "b" as images of 1 × 6 × 2."""
    before = [("a", Reshape(3, 2, 2), ["data"]), ("b", Reshape(1, 6, 2), ["data"])]
    plan = planned(N, [*before, *layers, ("out", Flatten(), [layers[-1][0]])], "mse")
    return Program(plan, dtype="float64").activations(X)


@pytest.mark.parametrize("name", [name for name, g in ACTIVATIONS.items() if g.elementwise])
def test_activations_know_no_shape(planned, name):
    A = images(planned, ("g", Activation(name), ["a"]))
    np.testing.assert_allclose(A["g"].reshape(5, N), ACTIVATIONS[name](X), rtol=1e-14)


def test_softmax_is_over_the_channels_of_each_pixel(planned):
    A = images(planned, ("g", Activation("softmax"), ["a"]))
    expected = np.exp(A["a"]) / np.exp(A["a"]).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(A["g"], expected, rtol=1e-13)


def test_add_adds_pixel_by_pixel(planned):
    A = images(planned, ("g", Activation("tanh"), ["a"]), ("sum", Add(), ["a", "g", "a"]))
    np.testing.assert_allclose(A["sum"], 2 * A["a"] + np.tanh(A["a"]), rtol=1e-14)


def test_concatenate_joins_channels(planned):
    A = images(planned, ("g", Activation("tanh"), ["a"]), ("both", Concatenate(), ["g", "a"]))
    np.testing.assert_array_equal(A["both"], np.concatenate([A["g"], A["a"]], axis=1))
    assert Concatenate().output_shape([(3, 2, 2), (1, 2, 2), (3, 2, 2)]) == (7, 2, 2)


@pytest.mark.parametrize("other", [(3, 2, 3), (3, 1, 2), (12,)])
def test_concatenate_refuses_images_of_another_size(other):
    with pytest.raises(ShapeError) as refused:
        Concatenate().output_shape([(3, 2, 2), other])
    assert str(refused.value) == (
        "Concatenate joins columns of numbers, or images of one height and width, but its inputs"
        f" have shapes (3, 2, 2), {other}. Bring the images to one height and width, or put a"
        " Flatten layer after each."
    )


def test_add_refuses_images_of_another_size():
    with pytest.raises(ShapeError, match=r"\(3, 2, 2\), \(12,\)"):
        Add().output_shape([(3, 2, 2), (12,)])


def test_dropout_silences_pixels():
    layers = [Reshape(3, 20, 20), Dropout(0.25), Flatten()]
    program = Program(chain(1200, layers, "mse"), dtype="float64")
    ones = np.ones((20, 1200))
    # With Y = 0 the cost is ½ Σ A² / m, and A is 0 or 1 / 0.75.
    cost = program.update(ones, np.zeros_like(ones), OPTIMIZERS["gd"](program))
    assert cost == pytest.approx(0.5 * 1200 / 0.75, rel=0.02)
    np.testing.assert_array_equal(program.predict(ones), ones)
