"""What a layer says of itself is what it does: facts that others go by, seen from outside."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netbuilder.engine.layer import LAYERS, Layer, Shape, ShapeError
from netbuilder.engine.layers import Reshape
from netbuilder.engine.plan import chain
from netbuilder.engine.program import Program

SHAPES: tuple[Shape, ...] = ((64,), (9,), (1, 8, 8), (3, 8, 8), (5, 4, 6))
KINDS = [
    pytest.param(kind, id=kind.kind)
    for kind in LAYERS.values()
    if kind.in_palette and kind.max_inputs == 1
]
one_input = pytest.mark.parametrize("kind", KINDS)


def given(layer: Layer) -> dict[Shape, Shape]:
    """What it makes of the shapes that it can take."""
    found = {}
    for shape in SHAPES:
        try:
            found[shape] = layer.output_shape([shape])
        except ShapeError:
            continue
    return found


def predicted(layer: Layer, shape: Shape, X: np.ndarray, weights=None) -> np.ndarray:
    """The layer's output for examples of this shape, with random or given weights."""
    before = [Reshape(*shape)] if len(shape) == 3 else []
    program = Program(chain(math.prod(shape), [*before, layer], "mse"), dtype="float64")
    rng = np.random.default_rng(5)
    program.load({key: rng.uniform(0.5, 1.5, W.shape) for key, W in program.weights().items()})
    return program.activations(X)[f"n{1 + len(before)}"]


def examples(shape: Shape, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(4, math.prod(shape)))


@one_input
def test_shapes(kind: type[Layer]) -> None:
    shapes = given(kind())
    assert shapes, "no shape of those tried fits its default settings"
    assert kind.takes_images == (not any(len(shape) == 1 for shape in shapes))
    assert kind.flattens == any(len(a) == 3 and len(b) == 1 for a, b in shapes.items())
    kept = all(a[0] == b[0] for a, b in shapes.items())
    assert kind.keeps_width == (kept and not kind.width_setting)


@one_input
def test_a_width_that_is_set_is_the_outputs(kind: type[Layer]) -> None:
    layer = kind()
    if not kind.width_setting:
        assert layer.own_width is None and layer.with_width(7) is layer
        return
    wide = layer.with_width(7)
    assert wide.own_width == 7 and {b[0] for b in given(wide).values()} == {7}
    assert layer.initializer is not None


@one_input
def test_linear_is_what_keeps_straight_lines_straight(kind: type[Layer]) -> None:
    layer = kind()
    if kind.width_setting:
        assert not kind.linear  # that is for what stands between such layers
        return
    for shape in given(layer):
        X, Y = examples(shape), examples(shape, 2)
        middle = predicted(layer, shape, (X + Y) / 2)
        ends = predicted(layer, shape, X) + predicted(layer, shape, Y)
        assert kind.linear == np.allclose(middle, ends / 2)


@one_input
def test_what_lets_predictions_pass_is_told_by_its_shapes(kind: type[Layer]) -> None:
    layer = kind()
    passes = all(
        np.array_equal(predicted(layer, shape, examples(shape)).ravel(), examples(shape).ravel())
        and given(layer)[shape] == shape
        for shape in given(layer)
    )
    assert kind.shapes_tell_all or not passes


@one_input
def test_settings_of_learning_alone_leave_predictions_as_they_are(kind: type[Layer]) -> None:
    layer = kind()
    for setting in kind.settings():
        if setting.choices:
            other = next(choice for choice in setting.choices if choice != setting.default)
        else:
            other = setting.default + 1 if setting.type is int else setting.default / 2
        changed = layer.with_settings(**{setting.name: other})
        for shape, output in given(layer).items():
            if given(changed).get(shape) == output:
                same = np.array_equal(
                    predicted(layer, shape, examples(shape)),
                    predicted(changed, shape, examples(shape)),
                )
                assert setting.learning == same, setting.name


@one_input
def test_an_output_shape_that_can_be_asked_for_is_given(kind: type[Layer]) -> None:
    layer = kind().giving((2, 4, 8))
    assert layer is None or layer.output_shape([(64,)]) == (2, 4, 8)


@one_input
def test_windows_that_keep_the_size_do(kind: type[Layer]) -> None:
    layer = kind().keeping_size()
    if layer is not None:
        assert layer.output_shape([(3, 8, 6)])[1:] == (8, 6)
        assert layer.with_settings(stride=2).keeping_size() is None


@one_input
def test_remedies_take_the_image_that_was_refused(kind: type[Layer]) -> None:
    small = (1, 2, 2)
    windows = {"kernel", "size"} & {setting.name for setting in kind.settings()}
    for layer in (kind().with_settings(**{name: 3}) for name in windows):
        with pytest.raises(ShapeError):
            layer.output_shape([small])
        found = layer.remedies("This one", small)
        assert found
        for label, remedy in found:
            assert "This one" in str(label) and remedy.output_shape([small])


@one_input
def test_no_setting_hides_what_every_layer_has(kind: type[Layer]) -> None:
    meant = {"activation", "initializer"}
    assert not {s.name for s in kind.settings() if hasattr(Layer, s.name)} - meant
