"""Layers describe their settings and refuse what does not fit, in sentences."""

import pkgutil

import pytest

from netbuilder.engine import layers
from netbuilder.engine.layer import LAYERS, ShapeError
from netbuilder.engine.layers import Concatenate, Dense, Dropout
from netbuilder.engine.settings import SettingError


def test_a_file_in_the_folder_is_a_kind_or_what_kinds_share():
    files = {found.name for found in pkgutil.iter_modules(layers.__path__)}
    assert files - set(LAYERS) == {"affine", "pool2d", "same_numbers"}
    assert [*LAYERS] == sorted(LAYERS)
    for kind, layer in LAYERS.items():
        assert getattr(layers, layer.__name__) is layer
        assert layer.__module__ == f"netbuilder.engine.layers.{kind}"


@pytest.mark.parametrize("units", [0, -1, 10**9, 2.5, "4", True, None])
def test_units_out_of_range_or_no_number(units):
    with pytest.raises(SettingError, match="units must be") as refused:
        Dense(units)
    assert refused.value.setting == "units"


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan"), float("inf"), "half"])
def test_a_dropout_rate_out_of_range(rate):
    with pytest.raises(SettingError, match="rate must be"):
        Dropout(rate)


def test_an_unknown_activation_is_refused_with_the_known_ones():
    with pytest.raises(SettingError, match=r"one of linear, sigmoid.*got 'tan'"):
        Dense(4, "tan")


def test_shapes_and_parameters():
    layer = Dense(5)
    assert layer.output_shape([(3,)]) == (5,)
    assert layer.parameter_shapes([(3,)]) == {"W": (5, 3), "b": (5, 1)}
    assert Concatenate().output_shape([(2,), (3,)]) == (5,)
    with pytest.raises(ShapeError, match=r"shape \(n,\)"):
        layer.output_shape([(3, 3)])
