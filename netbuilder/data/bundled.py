"""The real sets that ship with netbuilder; resources/data/README.md tells where they come from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from netbuilder import assets
from netbuilder.data.files import read_table
from netbuilder.data.source import Source
from netbuilder.data.table import Table


def _table(name: str, note: str) -> Callable[[int, float, int], Table]:
    """The table of a CSV file, whatever number, noise and seed are asked for."""

    def made(examples: int, noise: float, seed: int) -> Table:
        found = read_table(assets.path("data", f"{name}.csv"))
        return dataclasses.replace(found, name=name, note=note)

    return made


_UCI = "UCI Machine Learning Repository, CC BY 4.0"


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
        note=f"E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, {_UCI}",
    )


def digits_copied(examples: int, noise: float, seed: int) -> Table:
    """The digits with every pixel as its own target, which an autoencoder learns to give back."""
    table = digits(examples, noise, seed)
    pixels = table.columns[:64]
    copies = tuple(f"{pixel} again" for pixel in pixels)
    return dataclasses.replace(
        table,
        values=np.column_stack([table.values[:, :64]] * 2),
        columns=(*pixels, *copies),
        categories={},
        targets=copies,
        name="digits_copied",
    )


SETS = (
    Source(
        "iris",
        "Iris",
        "150 flowers, 4 measures, 3 species.",
        "bundled",
        _table("iris", f"R. A. Fisher, Iris, {_UCI}"),
    ),
    Source(
        "penguins",
        "Penguins",
        "344 penguins, 6 columns with words and gaps, 3 species.",
        "bundled",
        _table(
            "penguins",
            "K. Gorman, A. Horst, A. Hill, palmerpenguins: Palmer Archipelago penguins, CC0",
        ),
    ),
    Source(
        "wine",
        "Wine",
        "178 wines, 13 chemical measures, 3 growers.",
        "bundled",
        _table("wine", f"S. Aeberhard and M. Forina, Wine, {_UCI}"),
    ),
    Source(
        "breast_cancer",
        "Tumours",
        "569 tumours, 30 measures of their cells, malignant or benign.",
        "bundled",
        _table(
            "breast_cancer",
            f"W. Wolberg, O. Mangasarian, N. Street, Breast Cancer Wisconsin (Diagnostic), {_UCI}",
        ),
    ),
    Source(
        "houses",
        "Houses",
        "414 houses sold in Taipei, 6 columns, the price is predicted.",
        "bundled",
        _table("houses", f"I-C. Yeh, Real Estate Valuation, {_UCI}"),
    ),
    Source("digits", "Digits", "1,797 handwritten digits of 8×8.", "bundled", digits),
    Source(
        "digits_copied",
        "Copies",
        "The digits as their own targets, for an autoencoder.",
        "bundled",
        digits_copied,
    ),
)
