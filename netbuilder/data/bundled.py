"""The real sets that ship with netbuilder; resources/data/README.md tells where they come from."""

from __future__ import annotations

import dataclasses

import numpy as np

from netbuilder import assets
from netbuilder.data.files import read_table
from netbuilder.data.source import Source
from netbuilder.data.table import Table


def iris(examples: int, noise: float, seed: int) -> Table:
    """Fisher's 150 irises, whatever is asked for: four measures in centimetres and the species."""
    return dataclasses.replace(
        read_table(assets.path("data", "iris.csv")),
        name="iris",
        note="R. A. Fisher, Iris, UCI Machine Learning Repository, CC BY 4.0",
    )


def digits(examples: int, noise: float, seed: int) -> Table:
    """1,797 handwritten digits, whatever is asked for: 8×8 pixels from 0 (paper) to 1 (ink)."""
    table = read_table(assets.path("data", "digits.npz"))
    pixels = [f"pixel {row + 1},{column + 1}" for row in range(8) for column in range(8)]
    values = np.column_stack([table.values[:, :64] / 16, table.values[:, 64]])
    return Table(
        values=values,
        columns=(*pixels, "digit"),
        categories={"digit": table.categories["y"]},
        targets=("digit",),
        image_shape=(8, 8),
        name="digits",
        note="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, "
        "UCI Machine Learning Repository, CC BY 4.0",
    )


SETS = (
    Source("iris", "Iris", "150 flowers, 4 measures, 3 species.", "bundled", iris),
    Source("digits", "Digits", "1,797 handwritten digits of 8×8.", "bundled", digits),
)
