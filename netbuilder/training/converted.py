"""Examples in the engine's dtype, converted once for as long as they live."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Part

Array = NDArray[Any]

_converted: WeakKeyDictionary[Part, dict[str, tuple[Array, Array]]] = WeakKeyDictionary()


def converted(part: Part, dtype: str) -> tuple[Array, Array]:
    """X and Y of a part in the engine's dtype, read-only; made once while the part lives."""
    known = _converted.setdefault(part, {})
    if dtype not in known:
        # What is beyond the precision becomes infinite, and is found when the cost is.
        with np.errstate(over="ignore"):
            X, Y = (np.ascontiguousarray(array, dtype) for array in (part.X, part.Y))
        # So the engine knows that a full batch is still the same, and copies it once only.
        X.flags.writeable = Y.flags.writeable = False
        known[dtype] = X, Y
    return known[dtype]
