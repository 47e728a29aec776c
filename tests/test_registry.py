"""Registries: names in order, and a helpful refusal of unknown ones."""

from __future__ import annotations

import pytest

from netbuilder.errors import UserError
from netbuilder.registry import Facet, Registry


@pytest.fixture
def registry() -> Registry[int]:
    registry: Registry[int] = Registry("activation")
    for value, name in enumerate(["tanh", "relu", "sigmoid"]):
        registry.add(name, value)
    return registry


def test_items_keep_the_order_in_which_they_came(registry: Registry[int]) -> None:
    assert list(registry) == ["tanh", "relu", "sigmoid"]
    assert list(registry.values()) == [0, 1, 2]
    assert len(registry) == 3 and "relu" in registry and "gelu" not in registry


def test_add_gives_the_item_back(registry: Registry[int]) -> None:
    assert registry.add("gelu", 9) == 9 == registry["gelu"]


def test_an_unknown_name_is_refused_with_the_known_ones(registry: Registry[int]) -> None:
    with pytest.raises(UserError) as caught:
        registry["softmax"]
    assert "no activation called 'softmax'" in str(caught.value)
    assert "tanh, relu, sigmoid" in str(caught.value)
    assert "Did you mean" not in str(caught.value)


def test_a_slip_of_the_finger_gets_a_suggestion(registry: Registry[int]) -> None:
    with pytest.raises(UserError, match=r"Did you mean sigmoid\?"):
        registry["sigmiod"]


def test_a_name_is_registered_once(registry: Registry[int]) -> None:
    with pytest.raises(ValueError, match="'tanh' is registered twice"):
        registry.add("tanh", 5)
    assert registry["tanh"] == 0


def test_what_is_no_string_is_not_there(registry: Registry[int]) -> None:
    assert 3 not in registry and None not in registry
    with pytest.raises(UserError):
        registry[3]


def test_a_facet_names_what_it_says_nothing_about() -> None:
    fruit: Registry[str] = Registry("fruit")
    for name in ("apple", "pear", "fig"):
        fruit.add(name, name.upper())
    colour: Facet[str] = Facet(fruit, "colour")
    assert fruit.facets == [colour]
    colour.add("apple", "red")
    colour.without("fig", "it was eaten")
    assert colour.missing == ("pear",)
    assert dict(colour) == {"apple": "red"}
    with pytest.raises(ValueError, match="'plum' is no fruit"):
        colour.add("plum", "blue")
    with pytest.raises(ValueError, match="twice"):
        colour.add("apple", "green")
