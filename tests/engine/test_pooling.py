"""MaxPool2D, AvgPool2D and GlobalAvgPool2D against plain loops and finite differences."""

import numpy as np
import pytest

from netbuilder.engine.gradient_check import check
from netbuilder.engine.layer import ShapeError
from netbuilder.engine.layers import (
    AvgPool2D,
    Conv2D,
    Dense,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    Reshape,
)
from netbuilder.engine.plan import chain
from netbuilder.engine.settings import SettingError

CASES = [
    # image, size, stride, output
    ((2, 6, 4), 2, 0, (2, 3, 2)),
    ((3, 7, 5), 2, 0, (3, 3, 2)),  # a rest at both edges
    ((2, 8, 6), 3, 0, (2, 2, 2)),
    ((1, 7, 6), 3, 2, (1, 3, 2)),  # windows overlap
    ((2, 4, 5), 2, 1, (2, 3, 4)),
    ((2, 9, 8), 2, 3, (2, 3, 3)),  # gaps between windows
    ((2, 4, 4), 1, 2, (2, 2, 2)),
    ((2, 3, 5), 1, 0, (2, 3, 5)),
    ((2, 3, 5), 3, 0, (2, 1, 1)),
]


def spread_of_the_largest(window, gradient):
    """All of the gradient for the largest pixel, of equal ones for the first row by row."""
    found = np.zeros(window.size)
    found[window.argmax()] = gradient
    return found.reshape(window.shape)


def spread_evenly(window, gradient):
    return np.full(window.shape, gradient / window.size)


def by_loops(images, dA, size, stride, value, spread):
    A, d_images = np.empty_like(dA), np.zeros_like(images)
    for at in np.ndindex(dA.shape):
        down, right = at[2] * stride, at[3] * stride
        window = (*at[:2], slice(down, down + size), slice(right, right + size))
        A[at] = value(images[window])
        d_images[window] += spread(images[window], dA[at])
    return A, d_images


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize(("shape", "size", "stride", "output"), CASES)
@pytest.mark.parametrize(
    ("layer", "value", "spread"),
    [(MaxPool2D, np.max, spread_of_the_largest), (AvgPool2D, np.mean, spread_evenly)],
)
def test_plain_loops_find_the_same(
    layer, value, spread, shape, size, stride, output, m, ties, behind_images
):
    pool = layer(size, stride)
    assert pool.output_shape([shape]) == output
    program, rng = behind_images(shape, pool), np.random.default_rng(1)
    n, Y = np.prod(shape), rng.normal(size=(m, 2))
    X = rng.integers(0, 2, (m, n)).astype(float) if ties else rng.normal(size=(m, n))
    seen = program.inspect(X, Y)
    images, dA = X.reshape(m, *shape), seen["n3"].dA
    A, d_images = by_loops(images, dA, size, stride or size, value, spread)
    np.testing.assert_allclose(seen["n3"].A, A, rtol=1e-13)
    np.testing.assert_allclose(seen["n2"].dA, d_images, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("pool", [MaxPool2D(2), MaxPool2D(2, 3), AvgPool2D(3, 2), AvgPool2D(1, 2)])
def test_batches_of_other_sizes_leave_nothing_behind(pool, behind_images):
    """The pixels in no window get no gradient, whatever lay in their memory before."""
    program, rng = behind_images((2, 7, 5), pool), np.random.default_rng(1)
    X, Y = rng.normal(size=(9, 70)), rng.normal(size=(9, 2))
    for m in (9, 2, 5, 9):
        fresh = behind_images((2, 7, 5), pool).gradient(X[:m], Y[:m])[1]
        for key, gradient in program.gradient(X[:m], Y[:m])[1].items():
            np.testing.assert_array_equal(gradient, fresh[key])


@pytest.mark.parametrize("m", [1, 4])
@pytest.mark.parametrize("shape", [(3, 4, 5), (1, 1, 7), (5, 1, 1)])
def test_the_mean_of_a_whole_channel(shape, m, behind_images):
    program, rng = behind_images(shape, GlobalAvgPool2D()), np.random.default_rng(1)
    X = rng.normal(size=(m, np.prod(shape)))
    seen = program.inspect(X, rng.normal(size=(m, 2)))
    images, dA = X.reshape(m, *shape), seen["n3"].dA
    assert dA.shape == (m, shape[0])
    np.testing.assert_allclose(seen["n3"].A, images.mean((2, 3)), rtol=1e-13, atol=1e-15)
    expected = np.broadcast_to(dA[:, :, None, None] / (shape[1] * shape[2]), images.shape)
    np.testing.assert_allclose(seen["n2"].dA, expected, rtol=1e-13)


@pytest.mark.parametrize(
    "pool",
    [MaxPool2D(), MaxPool2D(3, 2), AvgPool2D(), AvgPool2D(3, 1), GlobalAvgPool2D()],
    ids=repr,
)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_finite_differences_find_the_same(pool, activation):
    layers = [Reshape(1, 8, 7), Conv2D(4, 3, 1, 1, activation), pool, Flatten()]
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(6, 56)), np.eye(3)[rng.integers(0, 3, 6)]
    plan = chain(56, [*layers, Dense(3, "softmax")], "cross_entropy")
    assert {c.verdict for c in check(plan, X, Y, seed=3)} == {"good"}


def test_a_change_of_the_largest_pixel_is_a_kink_and_no_mistake():
    """Two pixels that are equal, but that one weight moves apart: J has no slope there."""
    plan = chain(
        2,
        [
            Reshape(1, 1, 2),
            Conv2D(1, 1, padding=1, activation="linear"),
            MaxPool2D(2),
            Flatten(),
            Dense(1, "linear"),
        ],
        "mse",
    )
    # With W = 0 every pixel is b, inside and in the padding; W moves those inside alone.
    weights = {"n2.W": np.zeros((1, 1, 1, 1)), "n2.b": np.array([[0.5]])}
    X, Y = np.array([[1.0, 2.0]]), np.array([[3.0]])
    found = {(c.id, c.parameter): c.verdict for c in check(plan, X, Y, 1, weights=weights)}
    assert found["n2", "W"] == "unknown"
    assert found["n2", "b"] == "good"


@pytest.mark.parametrize("pool", [MaxPool2D, AvgPool2D])
def test_a_window_larger_than_the_image_is_told_what_would_fit(pool):
    with pytest.raises(ShapeError) as refused:
        pool(4).output_shape([(2, 5, 3)])
    assert str(refused.value) == (
        f"A window of {pool.title}, 4×4, is larger than its input of 5×3. Choose a size of at"
        " most 3."
    )
    assert pool(3).output_shape([(2, 5, 3)]) == (2, 1, 1)


@pytest.mark.parametrize("pool", [MaxPool2D, AvgPool2D, GlobalAvgPool2D])
def test_a_column_is_no_image(pool):
    with pytest.raises(ShapeError, match=rf"^{pool.title} takes images.*\(9,\)\. Put a Reshape"):
        pool().output_shape([(9,)])


@pytest.mark.parametrize("pool", [MaxPool2D, AvgPool2D])
@pytest.mark.parametrize(("name", "value"), [("size", 0), ("stride", -1), ("size", 2.0)])
def test_settings_out_of_range(pool, name, value):
    with pytest.raises(SettingError, match=f"{name} must be"):
        pool(**{name: value})
