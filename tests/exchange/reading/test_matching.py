"""What of a file fits a network: by name, by shape and order, and why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from netbuilder.document.model.network import Network
from netbuilder.engine.layers import BatchNorm, Dense
from netbuilder.errors import UserError
from netbuilder.exchange.reading.matching import all_of, matched
from netbuilder.exchange.reading.readers import read
from netbuilder.exchange.trained import Trained

Make = Callable[..., Trained]
rng = np.random.default_rng(0)


def tensors(path: Path, **shapes: tuple[int, ...]) -> Path:
    save_file({n.replace("__", "."): rng.uniform(0.5, 1, s) for n, s in shapes.items()}, path)
    return path


def test_modules_by_any_name_go_in_their_order(trained: Make, tmp_path: Path) -> None:
    plan = trained([Dense(4), BatchNorm(), Dense(3, "softmax")]).plan
    path = tensors(
        tmp_path / "m.safetensors",
        fc9__weight=(4, 5),
        fc9__bias=(4,),
        norm__weight=(4,),
        norm__bias=(4,),
        norm__running_mean=(4,),
        norm__running_var=(4,),
        fc10__weight=(3, 4),
        head__mask=(7,),
    )
    found = matched(read(path), plan)
    names = {fit.key: fit.held.name for fit in found.fits if fit.held is not None}
    assert names == {
        "n1.W": "fc9.weight",
        "n1.b": "fc9.bias",
        "n2.gamma": "norm.weight",
        "n2.beta": "norm.bias",
        "n2.mean": "norm.running_mean",
        "n2.variance": "norm.running_var",
        "n3.W": "fc10.weight",
        "n3.b": "",  # a layer without biases, which are zeros
    }
    assert found.left == ("head.mask",) and not found.missing
    assert not found.weights["n3.b"].any()


def test_what_is_missing_and_what_is_left_is_told(trained: Make, tmp_path: Path) -> None:
    plan = trained([Dense(4), Dense(3, "softmax")]).plan
    path = tensors(tmp_path / "m.safetensors", a__weight=(4, 5), a__bias=(4,), b__weight=(2, 4))
    contents = read(path)
    found = matched(contents, plan)
    assert [fit.key for fit in found.missing] == ["n2.W", "n2.b"]
    assert str(found.missing[0].reason) == "b.weight has the shape (2, 4)."
    assert found.left == ("b.weight",) and set(found.weights) == {"n1.W", "n1.b"}
    with pytest.raises(UserError, match=r"nothing for the weights of layer Dense 2 .*\(2, 4\)"):
        all_of(contents, plan, "m.safetensors")


def test_a_course_file_is_turned_where_its_biases_say_so(trained: Make, tmp_path: Path) -> None:
    plan = trained([Dense(4), Dense(3, "softmax")]).plan
    W1, W2 = rng.random((5, 4)), rng.random((4, 3))
    path = tmp_path / "w.npz"
    np.savez(path, W1=W1, b1=np.zeros(4), W2=W2, b2=np.zeros((1, 3)))
    found = matched(read(path), plan)
    assert not found.missing
    np.testing.assert_array_equal(found.weights["n1.W"], W1.T)
    np.testing.assert_array_equal(found.weights["n2.W"], W2.T)


def test_branches_of_one_shape_are_not_guessed(
    branches: Network, trained: Make, tmp_path: Path
) -> None:
    plan = trained(branches).plan
    shapes = {f"m{k}__weight": (4, 5) for k in range(3)} | {"out__weight": (3, 9)}
    found = matched(read(tensors(tmp_path / "m.safetensors", **shapes)), plan)
    assert {fit.node.name for fit in found.missing} >= {"Dense 1", "Dense 3", "Dense 4"}
    assert "do not tell which is which" in str(found.missing[0].reason)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(value: float, trained: Make, tmp_path: Path) -> None:
    plan = trained([Dense(3, "softmax")]).plan
    save_file({"0.weight": np.full((3, 5), value)}, tmp_path / "m.safetensors")
    with pytest.raises(UserError, match=r"0\.weight holds values that are not finite"):
        _ = matched(read(tmp_path / "m.safetensors"), plan).weights
