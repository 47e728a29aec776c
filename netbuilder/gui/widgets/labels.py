"""The words for names: how a choice of a setting is called where the user reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from netbuilder.document.model.network import Edge, Network
from netbuilder.engine.activations import ACTIVATIONS
from netbuilder.engine.initializers import INITIALIZERS
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.schedules import SCHEDULES
from netbuilder.gui.theme.translation import tr_text

_TABLES: dict[str, Mapping[str, Any]] = {
    "activation": ACTIVATIONS,
    "loss": LOSSES,
    "initializer": INITIALIZERS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
"""Settings whose choices are things with titles."""

_TITLES = {
    "scale": {"none": "None", "standard": "Standard", "minmax": "0 to 1"},
    "dtype": {"float32": "32 bit", "float64": "64 bit"},
    "class_weights": {"none": "None", "balanced": "Balanced"},
}


def choice_title(setting: str, name: str) -> str:
    """A choice as the user reads it, for example "Leaky ReLU" for "leaky_relu"."""
    title: str = getattr(_TABLES.get(setting, {}).get(name), "title", name)
    return tr_text(_TITLES.get(setting, {}).get(name, title))


def name_of(network: Network, id: str) -> str:
    """A node's name as the user reads it."""
    return tr_text(network.node(id).name)


def what(network: Network, ids: Iterable[str], edges: Iterable[Edge] = ()) -> str:
    """What an edit is about, as its label says it: a name, or how many layers and wires."""
    translate = QCoreApplication.translate
    ids, edges = list(ids), list(edges)
    words = []
    if len(ids) == 1:
        words.append(name_of(network, ids[0]))
    elif ids:
        words.append(translate("Edits", "{count} layers").format(count=len(ids)))
    if len(edges) == 1:
        words.append(
            translate("Edits", "the wire from {source} to {target}").format(
                source=name_of(network, edges[0].source), target=name_of(network, edges[0].target)
            )
        )
    elif edges:
        words.append(translate("Edits", "{count} wires").format(count=len(edges)))
    return translate("Edits", " and ").join(words)
