"""The registry of panels: each folder beside this file says in one row what it is and where."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from netbuilder.gui import panels
from netbuilder.gui.centre import Centre
from netbuilder.registry import Registry

AREAS = ("left", "right", "under", "bottom")
"""Where panels dock; those on the left and right stand one below the other, those at the bottom
in a row. Under the canvas, above that row, is the place of a slim strip without a title."""
FIT = 0.0
"""The share of a panel that takes the height of its content, and no more."""


@dataclass(frozen=True)
class Spot:
    """Where a panel stands in one workspace."""

    area: str
    """One of AREAS."""
    order: int
    """From the top or the left; panels with the same order stand there together, as tabs."""
    share: float = 1.0
    """How much of the area's length it takes beside the others, or FIT."""
    tab: int = 0
    """Its place among the tabs of those that stand there with it; the first is in front."""


@dataclass(frozen=True)
class Panel:
    """The row of one panel."""

    title: str
    make: Callable[[Centre], QWidget]
    spots: Mapping[str, Spot]
    """Workspace -> where it stands there; elsewhere closed, and opening at the first of these."""
    scrolls: bool = False
    """Whether it moves up and down where there is not enough height for all of it."""

    @property
    def home(self) -> Spot:
        return next(iter(self.spots.values()))


PANELS: Registry[Panel] = Registry("panel")


def find_panels() -> Registry[Panel]:
    """The registry with the row of every folder: a folder is registered by being there."""
    for found in pkgutil.iter_modules(panels.__path__):
        if found.ispkg:
            importlib.import_module(f"{panels.__name__}.{found.name}.panel")
    return PANELS
