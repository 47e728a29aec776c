"""Flatten and Reshape: the same numbers in PyTorch's order, and back."""

import numpy as np
import pytest

from netbuilder.engine.layer import ShapeError
from netbuilder.engine.layers import Dense, Flatten, Reshape
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program
from netbuilder.engine.settings import SettingError


# The columns of few features are copied for the engine, those of more are only seen as columns.
@pytest.mark.parametrize("image", [(2, 3, 2), (3, 5, 4), (1, 1, 1)])
def test_images_are_made_channel_by_channel_and_row_by_row(image):
    n = int(np.prod(image))
    layers = [Reshape(*image), Flatten(), Dense(2, "linear", "xavier")]
    program = Program(chain(n, layers, "mse"), dtype="float64")
    X = np.random.default_rng(1).normal(size=(5, n))
    A = program.activations(X)
    np.testing.assert_array_equal(A["n1"], X.reshape(5, *image))
    np.testing.assert_array_equal(A["n2"], X)
    # Only where something is learned before them does a gradient go through.
    assert program.inspect(X, np.zeros((5, 2)))["n1"].dA is None
    learned = Program(chain(n, [Dense(n, "linear", "xavier"), *layers], "mse"), dtype="float64")
    values = learned.inspect(X, np.zeros((5, 2)))
    expected = values["n4"].dZ @ learned.weights()["n4.W"]
    np.testing.assert_allclose(values["n3"].dA, expected)
    np.testing.assert_array_equal(values["n2"].dA, values["n3"].dA.reshape(5, *image))
    np.testing.assert_array_equal(values["n1"].dA, values["n3"].dA)


def test_a_column_stays_a_column():
    assert Flatten().output_shape([(7,)]) == (7,)


def test_a_wrong_number_of_pixels_is_refused_with_both_numbers():
    with pytest.raises(ShapeError) as refused:
        Reshape(3, 4, 5).output_shape([(64,)])
    assert str(refused.value) == (
        "An image of 3 × 4 × 5 has 60 numbers, but the input of Reshape has 64. Set channels,"
        " height and width so that their product is 64."
    )


def test_an_image_is_no_column():
    for layer in (Reshape(1, 2, 2), Dense(4)):
        with pytest.raises(ShapeError, match=r"shape \(n,\).*\(1, 2, 2\)\. Put a Flatten"):
            layer.output_shape([(1, 2, 2)])


@pytest.mark.parametrize("name", ["channels", "height", "width"])
def test_an_image_has_at_least_one_of_each(name):
    with pytest.raises(SettingError, match=f"{name} must be from 1"):
        Reshape(**{name: 0})
