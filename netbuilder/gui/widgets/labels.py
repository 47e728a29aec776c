"""The words for names: how a choice of a setting is called where the user reads it."""

from __future__ import annotations

import html
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

from netbuilder.document.model.network import Edge, Network
from netbuilder.engine.settings import Setting
from netbuilder.errors import printable
from netbuilder.gui.theme.translation import tr_text


def choice_title(setting: Setting, name: str) -> str:
    """A choice as the user reads it, for example "Leaky ReLU" for "leaky_relu"."""
    return tr_text(setting.choice_title(name))


def tip(text: str) -> str:
    """A tool tip as it is written: Qt would take one with a name such as "<b>" for HTML."""
    text = printable(text)
    if "<" not in text and "&lt;" not in text:
        return text
    return f"<p style='white-space:pre'>{html.escape(text)}</p>"


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
