"""The kinds of layers, a file each: all that lies here is imported, and so registered.

Each class can be had from here too, as in ``from netbuilder.engine.layers import Dense``.
"""

from netbuilder.engine.layer import LAYERS
from netbuilder.registry import import_all

__all__ = ["LAYERS"]

import_all(__name__, __path__)
globals().update({kind.__name__: kind for kind in LAYERS.values()})
