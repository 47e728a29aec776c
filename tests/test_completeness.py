"""Every kind of thing is complete on every floor: what is missing is named, one line each."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import netbuilder
from netbuilder import assets
from netbuilder.data.sources import SOURCES
from netbuilder.document.model.layer_text import parse_layers
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.faults import FAULTS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.parameters import PARAMETERS
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.exchange.formats import FORMATS
from netbuilder.registry import Facet, Registry

README = Path(__file__).parents[1] / "README.md"
ENGINE_TESTS = Path(__file__).parent / "engine"

SAYS = (
    (LAYERS, ("title", "summary")),
    (ACTIVATIONS, ("title", "formula", "derivative_formula")),
    (LOSSES, ("title", "formula", "derivative_formula")),
    (OPTIMIZERS, ("title", "formula")),
    (INITIALIZERS, ("title", "formula")),
    (SCHEDULES, ("title", "formula")),
    (SOURCES, ("title", "summary")),
    (FORMATS, ("title", "summary", "suffix")),
    (PARAMETERS, ("symbol", "title")),
    (FAULTS, ("title",)),
)
"""What each thing tells of itself."""


def every_registry() -> Iterator[Registry[Any]]:
    """All registries of the package, with every facet that any floor has; Qt's where there is Qt"""
    qt = importlib.util.find_spec("PySide6") is not None
    seen: list[Registry[Any]] = []
    for found in pkgutil.walk_packages(netbuilder.__path__, "netbuilder."):
        if found.name == "netbuilder.__main__" or (found.name.startswith("netbuilder.gui") > qt):
            continue
        for item in vars(importlib.import_module(found.name)).values():
            if isinstance(item, Registry) and not any(item is other for other in seen):
                seen.append(item)
    yield from seen


def unsaid(registry: Registry[Any]) -> list[str]:
    """What no facet says, and gives no reason for not saying."""
    return [
        f"{facet.title}: no row for {registry.kind} {name}"
        for facet in registry.facets
        for name in facet.missing
    ]


def test_every_facet_has_a_row_for_every_kind() -> None:
    registries = list(every_registry())
    assert all(any(known is found for found in registries) for known, _ in SAYS)
    missing = [line for registry in registries for line in unsaid(registry)]
    assert not missing, "\n".join(missing)
    assert {facet.title for facet in LAYERS.facets} >= {"ONNX operators", "torch modules"}


def test_a_kind_that_a_facet_forgets_is_named() -> None:
    fruit: Registry[str] = Registry("fruit")
    for name in ("apple", "pear", "fig"):
        fruit.add(name, name)
    colours: Facet[str] = Facet(fruit, "colours")
    colours.add("apple", "red")
    colours.without("fig", "it was eaten")
    assert unsaid(fruit) == ["colours: no row for fruit pear"]


def test_everything_tells_what_it_is() -> None:
    missing = [
        f"{field}: {registry.kind} {name} has none"
        for registry, fields in SAYS
        for name, item in registry.items()
        for field in fields
        if not getattr(item, field, "")
    ]
    assert not missing, "\n".join(missing)


def test_every_layer_stands_on_its_own() -> None:
    missing = []
    for kind, layer in LAYERS.items():
        default = layer()  # to be dragged from the palette
        assert layer.kind == kind and default == default.with_settings()
        for setting in layer.settings():
            setting.check(setting.default)
            ranged = (setting.minimum, setting.above) != (None, None) or setting.choices
            if not (setting.label and setting.help and (ranged or setting.type is bool)):
                missing.append(f"label, help or range: none of {setting.name} of layer {kind}")
        assert not layer.width_setting or isinstance(default.own_width, int)
    assert not missing, "\n".join(missing)


def test_every_layer_of_a_chain_has_words_for_the_command_line() -> None:
    missing, readme = [], README.read_text(encoding="utf-8")
    for kind, layer in LAYERS.items():
        if not layer.in_palette or layer.max_inputs != 1:
            continue
        if layer.words is None:
            missing.append(f"words of the command line: none for layer {kind}")
            continue
        (found,) = parse_layers(layer.words.example)
        assert type(found) is layer
        if f"`{layer.words.name}" not in readme:
            missing.append(f'README: "{layer.words.example}" is not mentioned')
    assert not missing, "\n".join(missing)


def test_every_layer_has_an_icon() -> None:
    folder = assets.path("icons")
    missing = [
        f"icons: no {kind}.svg for layer {kind}"
        for kind in LAYERS
        if not (folder / f"{kind}.svg").is_file()
    ]
    assert not missing, "\n".join(missing)


def test_every_layer_has_a_test_of_its_own() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in ENGINE_TESTS.glob("test_*.py"))
    missing = [
        f"tests/engine: no test of {layer.__name__}"
        for layer in LAYERS.values()
        if layer.in_palette and not re.search(rf"\b{layer.__name__}\(", tests)
    ]
    assert not missing, "\n".join(missing)


def test_every_format_is_read_by_its_consumer_in_a_test() -> None:
    folder = Path(__file__).parent / "exchange"
    missing = [
        f"tests/exchange: no test_{name}.py for format {name}"
        for name in FORMATS
        if not (folder / f"test_{name}.py").is_file()
    ]
    assert not missing, "\n".join(missing)


README_WORDS = (
    (ACTIVATIONS, "`{0}`"),
    (LOSSES, "`{0}`"),
    (INITIALIZERS, "`{0}`"),
    (OPTIMIZERS, "`{0}`"),
    (SCHEDULES, "`{0}`"),
    (SOURCES, "{0}"),
    (FORMATS, ".{0}"),
)
"""How the README writes each thing that there is to choose."""


@pytest.mark.parametrize(
    ("registry", "pattern"), README_WORDS, ids=[registry.kind for registry, _ in README_WORDS]
)
def test_the_readme_speaks_of_everything_there_is_to_choose(
    registry: Registry[Any], pattern: str
) -> None:
    readme = README.read_text(encoding="utf-8")
    missing = []
    for name, item in registry.items():
        words = pattern.format(getattr(item, "suffix", name).lstrip("."))
        if not re.search(rf"(?<!\w){re.escape(words)}(?!\w)", readme):
            missing.append(f"README: {registry.kind} {name} is not mentioned")
    assert not missing, "\n".join(missing)
