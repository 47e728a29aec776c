"""The kinds of layers that can be added, in the groups and the order of palette and menus."""

from __future__ import annotations

from netbuilder.document.check.shapes import is_image, takes
from netbuilder.engine.layer import LAYERS, Layer, Shape

ANY, IMAGES, JOINS = "any", "images", "joins"
"""The groups, in order."""


def kinds_by_group() -> dict[str, list[type[Layer]]]:
    """Every group with its kinds, sorted."""
    kinds = sorted((kind for kind in LAYERS.values() if kind.in_palette), key=_rank)
    return {
        group: [kind for kind in kinds if _group(kind) == group] for group in (ANY, IMAGES, JOINS)
    }


def _group(kind: type[Layer]) -> str:
    """Joins take several inputs; a layer for images takes only those, or is the way to or fro."""
    if kind.max_inputs != 1:
        return JOINS
    of_column, of_image = _given(kind, (64,)), _given(kind, (1, 8, 8))
    turns = is_image(of_column) or (bool(of_image) and not is_image(of_image))
    return IMAGES if turns or not of_column else ANY


def _rank(kind: type[Layer]) -> tuple[bool, bool, bool, bool, str]:
    """What makes an image first, what makes a column of it last; between them what learns."""
    learns = kind.parameter_shapes is not Layer.parameter_shapes
    flattens = bool(of_image := _given(kind, (1, 8, 8))) and not is_image(of_image)
    return (
        not is_image(_given(kind, (64,))),
        flattens,
        "initializer" not in {setting.name for setting in kind.settings()},
        not learns,
        kind.title,
    )


def _given(kind: type[Layer], shape: Shape) -> Shape:
    """What such a layer makes of a shape; () where it cannot take it."""
    layer = kind()
    return layer.output_shape([shape]) if takes(layer, [shape]) else ()
