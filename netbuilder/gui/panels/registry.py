"""The registry of panels: each folder beside this file says in one row what it is and where.

The row lies in the folder's ``__init__.py`` and names the panel's class in ``panel.py``, which is
imported when somebody is to see it: most panels are not seen when the program starts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from netbuilder.data.dataset import DataInfo
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
    kind: str
    """The class in the folder's ``panel.py``, made with the centre."""
    spots: Mapping[str, Spot]
    """Workspace -> where it stands there; elsewhere closed, and opening at the first of these."""
    scrolls: bool = False
    """Whether it moves up and down where there is not enough height for all of it."""
    title_of: Callable[[DataInfo], str] | None = None
    """What it is called with this data, where that is another thing for other data."""
    matters_most: Callable[[DataInfo], bool] | None = None
    """Whether it stands before the other tabs of its place with this data."""

    @property
    def home(self) -> Spot:
        return next(iter(self.spots.values()))


PANELS: Registry[Panel] = Registry("panel")


def find_panels() -> Registry[Panel]:
    """The registry with the row of every folder: a folder is registered by being there."""
    for found in pkgutil.iter_modules(panels.__path__):
        if found.ispkg:
            importlib.import_module(f"{panels.__name__}.{found.name}")
    return PANELS


def make_panel(name: str, centre: Centre) -> QWidget:
    """The panel of this name; its folder has the same."""
    module = importlib.import_module(f"{panels.__name__}.{name}.panel")
    panel: QWidget = getattr(module, PANELS[name].kind)(centre)
    return panel
