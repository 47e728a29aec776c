"""Multiply: the product, and a gradient that is right where inputs are zero."""

import numpy as np
import pytest

from netbuilder.engine.layer import ShapeError
from netbuilder.engine.layers import Activation, Dense, Flatten, Multiply, Reshape
from netbuilder.engine.program import Program


@pytest.mark.parametrize("shape", [(4,), (2, 1, 2)])
@pytest.mark.parametrize("inputs", [2, 3, 4])
def test_the_product_and_the_products_of_all_the_others(planned, shape, inputs):
    dense = [(f"n{k}", Dense(4, "linear", "xavier"), ["data"]) for k in range(inputs)]
    images = [
        (f"i{k}", Reshape(*shape) if len(shape) == 3 else Activation("linear"), [f"n{k}"])
        for k in range(inputs)
    ]
    sources = [id for id, *_ in images]
    layers = [*dense, *images, ("product", Multiply(), sources), ("out", Flatten(), ["product"])]
    program = Program(planned(3, layers, "mse"), dtype="float64")
    rng = np.random.default_rng(1)
    values = program.inspect(rng.normal(size=(6, 3)), rng.normal(size=(6, 4)))
    A = [values[id].A for id in sources]
    np.testing.assert_allclose(values["product"].A, np.prod(A, axis=0), rtol=1e-13)
    for k, id in enumerate(sources):
        others = np.prod(A[:k] + A[k + 1 :], axis=0)
        np.testing.assert_allclose(values[id].dA, values["product"].dA * others, rtol=1e-13)


def test_zeros_pass_the_gradient_on_to_the_one_that_is_zero(planned):
    layers = [(f"n{k}", Dense(3, "linear"), ["data"]) for k in range(3)]
    layers.append(("product", Multiply(), ["n0", "n1", "n2"]))
    program = Program(planned(1, layers, "mse"), dtype="float64")
    # With X = 0 the outputs are the biases: no zero, one zero, two zeros in a unit.
    b = np.array([[2.0, 0.0, 0.0], [3.0, 5.0, 0.0], [7.0, 11.0, 13.0]])
    program.load({f"n{k}.b": b[k].reshape(3, 1) for k in range(3)})
    Y = np.array([[41.0, -1.0, -1.0]])  # so that dA = 42 − 41 = 1, and 0 + 1 = 1
    _, gradients = program.gradient(np.zeros((1, 1)), Y)
    found = np.hstack([gradients[f"n{k}.b"] for k in range(3)]).T
    np.testing.assert_array_equal(found, [[21.0, 55.0, 0.0], [14.0, 0.0, 0.0], [6.0, 0.0, 0.0]])


def test_an_output_times_itself_is_its_square(planned):
    layers = [("n", Dense(2, "tanh"), ["data"]), ("square", Multiply(), ["n", "n"])]
    program = Program(planned(3, layers, "mse"), dtype="float64")
    rng = np.random.default_rng(1)
    values = program.inspect(rng.normal(size=(5, 3)), rng.normal(size=(5, 2)))
    np.testing.assert_allclose(values["square"].A, values["n"].A ** 2)
    np.testing.assert_allclose(values["n"].dA, 2 * values["n"].A * values["square"].dA)


def test_inputs_of_two_shapes_are_refused_with_the_shapes():
    assert Multiply().output_shape([(2, 3, 3), (2, 3, 3)]) == (2, 3, 3)
    with pytest.raises(ShapeError, match=r"Multiply needs .* \(4,\), \(2, 2, 1\)\. Give the"):
        Multiply().output_shape([(4,), (2, 2, 1)])
