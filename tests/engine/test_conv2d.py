"""Conv2D against plain loops and finite differences: odd sizes, strides, paddings, blocks."""

import numpy as np
import pytest

from netbuilder.engine.gradient_check import check
from netbuilder.engine.layer import ShapeError
from netbuilder.engine.layers import Conv2D, Dense, Flatten, Reshape, conv2d
from netbuilder.engine.plan import chain
from netbuilder.engine.settings import SettingError

CASES = [
    # image, kernel, stride, padding, examples
    ((1, 8, 8), 3, 1, 1, 4),
    ((3, 9, 7), 3, 2, 1, 3),
    ((2, 7, 8), 3, 2, 0, 1),
    ((2, 7, 7), 5, 3, 2, 2),
    ((3, 6, 5), 1, 1, 0, 4),
    ((2, 5, 6), 1, 2, 1, 2),
    ((2, 4, 5), 4, 1, 0, 3),
    ((1, 2, 3), 5, 1, 2, 2),
    ((2, 5, 5), 2, 3, 0, 2),
]


def padded(images, padding):
    return np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def places(Z, kernel, stride):
    """Every number of Z, with where the filter lies that it comes from."""
    for example, filter, row, column in np.ndindex(Z.shape):
        down, right = row * stride, column * stride
        window = (slice(None), slice(down, down + kernel), slice(right, right + kernel))
        yield (example, filter, row, column), window


def by_loops(images, W, b, dZ, stride, padding):
    """Z, and the gradients dW, db and dA_prev of each number of Z weighted with dZ."""
    images = padded(images, padding)
    Z, dW, db, d_images = np.empty_like(dZ), np.zeros_like(W), np.zeros_like(b), 0 * images
    for at, window in places(dZ, W.shape[-1], stride):
        example, filter = at[:2]
        Z[at] = np.sum(W[filter] * images[example][window]) + b[filter, 0]
        dW[filter] += dZ[at] * images[example][window]
        db[filter] += dZ[at]
        d_images[example][window] += dZ[at] * W[filter]
    _, _, height, width = images.shape
    inside = slice(padding, height - padding), slice(padding, width - padding)
    return Z, dW, db, d_images[(..., *inside)]


@pytest.mark.parametrize("block", [1, 200, None])
@pytest.mark.parametrize(("shape", "kernel", "stride", "padding", "m"), CASES)
def test_plain_loops_find_the_same(
    shape, kernel, stride, padding, m, block, behind_images, monkeypatch
):
    if block is not None:  # one output row at a time, or a few and a rest
        monkeypatch.setattr(conv2d, "_BLOCK", block)
    rng = np.random.default_rng(1)
    program = behind_images(shape, Conv2D(3, kernel, stride, padding, "tanh", "xavier"))
    program.load({"n3.b": rng.normal(size=(3, 1))})
    X, Y = rng.normal(size=(m, np.prod(shape))), rng.normal(size=(m, 2))
    seen, weights = program.inspect(X, Y), program.weights()
    values, images = seen["n3"], X.reshape(m, *shape)
    Z, dW, db, d_images = by_loops(
        images, weights["n3.W"], weights["n3.b"], values.dZ, stride, padding
    )
    np.testing.assert_allclose(values.Z, Z, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(values.A, np.tanh(Z), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(values.dZ, values.dA * (1 - values.A**2), rtol=1e-12)
    np.testing.assert_allclose(values.gradients["W"], dW / m, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(values.gradients["b"], db / m, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(seen["n2"].dA, d_images, rtol=1e-11, atol=1e-13)


def test_batches_of_other_sizes_leave_nothing_behind(behind_images):
    """Zeros around the image and the ones for the bias lie elsewhere for each batch size."""
    layer, rng = Conv2D(3, 3, 1, 1, "linear", "xavier"), np.random.default_rng(1)
    program = behind_images((2, 5, 6), layer)
    X, Y = rng.normal(size=(9, 60)), rng.normal(size=(9, 2))
    for m in (9, 2, 5, 9):
        fresh = behind_images((2, 5, 6), layer).gradient(X[:m], Y[:m])[1]
        for key, gradient in program.gradient(X[:m], Y[:m])[1].items():
            np.testing.assert_array_equal(gradient, fresh[key])


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "gelu", "softmax"])
@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_finite_differences_find_the_same(activation, stride, padding):
    layers = [
        Reshape(2, 6, 5),
        Conv2D(4, 3, stride, padding, activation),
        Conv2D(3, 2, 1, 1, activation),
        Flatten(),
        Dense(3, "softmax"),
    ]
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(6, 60)), np.eye(3)[rng.integers(0, 3, 6)]
    # A bias of zero under nothing but padding lies on the kink itself.
    biases = {"n2.b": rng.normal(size=(4, 1)), "n3.b": rng.normal(size=(3, 1))}
    plan = chain(60, layers, "cross_entropy")
    checks = check(plan, X, Y, seed=3, l2=0.1, weights=biases)
    assert [(c.id, c.parameter) for c in checks] == [
        (id, parameter) for id in ("n2", "n3", "n5") for parameter in ("W", "b")
    ]
    assert {c.verdict for c in checks} == {"good"}


def test_filters_start_with_the_spread_of_their_fan_in_and_fan_out(behind_images):
    for initializer, variance in [
        ("he", 2 / (20 * 9)),
        ("lecun", 1 / (20 * 9)),
        ("xavier", 2 / (20 * 9 + 60 * 9)),
    ]:
        program = behind_images((20, 3, 3), Conv2D(60, 3, initializer=initializer))
        weights = program.weights()
        assert weights["n3.W"].shape == (60, 20, 3, 3) and not weights["n3.b"].any()
        assert weights["n3.W"].var() == pytest.approx(variance, rel=0.05)


def test_the_columns_of_large_images_are_never_held_whole():
    shape = (32, 60, 60)
    held = Conv2D(32, 3).buffers([shape])["columns"]
    assert held == (1 + 32 * 9, 1, 58)
    assert Conv2D(8, 3, padding=1).buffers([(1, 8, 8)])["columns"] == (1 + 9, 8, 8)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(Conv2D(5, 3), (5, 6, 5)), (Conv2D(5, 3, 2, 1), (5, 4, 4)), (Conv2D(5, 8, 9), (5, 1, 1))],
)
def test_shapes(layer, shape):
    assert layer.output_shape([(2, 8, 7 if layer.kernel == 3 else 8)]) == shape
    assert layer.parameter_shapes([(2, 8, 8)]) == {
        "W": (5, 2, layer.kernel, layer.kernel),
        "b": (5, 1),
    }


def test_a_column_is_no_image():
    with pytest.raises(ShapeError) as refused:
        Conv2D().output_shape([(64,)])
    assert str(refused.value) == (
        "Conv2D takes images, shape (channels, height, width), but its input has shape (64,)."
        " Put a Reshape before it."
    )
    with pytest.raises(ShapeError, match="Put a Reshape before it"):
        Conv2D().parameter_shapes([(64,)])


def test_a_kernel_larger_than_the_image_is_told_what_would_fit():
    with pytest.raises(ShapeError) as refused:
        Conv2D(kernel=6, padding=1).output_shape([(1, 5, 3)])
    assert str(refused.value) == (
        "The kernel of Conv2D, 6×6, is larger than its input of 5×3 with a padding of 1. Choose a"
        " kernel of at most 5, or a padding of at least 2."
    )
    assert Conv2D(kernel=5, padding=1).output_shape([(1, 5, 3)]) == (8, 3, 1)
    assert Conv2D(kernel=6, padding=2).output_shape([(1, 5, 3)]) == (8, 4, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [("filters", 0), ("kernel", 0), ("stride", 0), ("padding", -1), ("padding", 1.5)],
)
def test_settings_out_of_range(name, value):
    with pytest.raises(SettingError, match=f"{name} must be"):
        Conv2D(**{name: value})
