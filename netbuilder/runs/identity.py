"""Identity: which network and which examples a state of training belongs to, as fingerprints."""

from __future__ import annotations

import hashlib
from weakref import WeakKeyDictionary

import numpy as np

from netbuilder.data.dataset import Dataset, Part
from netbuilder.engine.plan import Plan

_LENGTH = 16
"""Bytes of a fingerprint."""
_ROWS = 65_536
"""Rows that are looked at together."""


def of_network(plan: Plan) -> str:
    """The same for plans that compute the same; what the user calls a layer is no part of it."""
    digest = hashlib.blake2b(digest_size=_LENGTH)
    for node in plan.nodes:
        layer = node.layer
        # Only what is not as usual, so that a setting which layers get later changes nothing.
        chosen = {
            setting.name: value
            for setting in layer.settings()
            if (value := getattr(layer, setting.name)) != setting.default
        }
        told = (node.id, layer.kind, chosen, node.inputs, node.shape, node.stored_shapes)
        digest.update(repr(told).encode())
    digest.update(plan.loss.encode())
    return digest.hexdigest()


_known: WeakKeyDictionary[Part, str] = WeakKeyDictionary()


def of_data(dataset: Dataset) -> str:
    """The same for the same examples to train on and to validate with, in the same order.

    Numbers count as float32: the last digits of a sine differ from one machine to the next.
    """
    digest = hashlib.blake2b(dataset.info.task.encode(), digest_size=_LENGTH)
    for part in (dataset.train, dataset.validation):
        digest.update(_of_part(part).encode())
    return digest.hexdigest()


def _of_part(part: Part) -> str:
    if part not in _known:
        digest = hashlib.blake2b(digest_size=_LENGTH)
        for array in (part.X, part.Y):
            digest.update(repr(array.shape).encode())
            for start in range(0, len(array), _ROWS):
                with np.errstate(over="ignore"):
                    digest.update(array[start : start + _ROWS].astype("<f4").tobytes())
        _known[part] = digest.hexdigest()
    return _known[part]
