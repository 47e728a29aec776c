"""Copying layers as JSON text, so that they travel between windows and through any editor."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import msgspec
from PySide6.QtCore import QMimeData

from netbuilder.document.model.network import Edge, Network, Node
from netbuilder.engine.layer import LAYERS
from netbuilder.errors import UserError, reading

MIME = "application/x-netbuilder-nodes+json"
VERSION = 1
_MOST_BYTES = 4_000_000
_FAR = 50_000.0


class _Layer(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    kind: str
    settings: dict[str, Any]
    position: tuple[float, float]


class _Clip(msgspec.Struct, forbid_unknown_fields=True):
    netbuilder: int
    layers: list[_Layer]
    wires: list[tuple[str, str]]


def to_mime(network: Network, ids: Iterable[str]) -> QMimeData | None:
    """The chosen layers and the wires between them; None when none of them can be copied."""
    wanted = set(ids)
    nodes = [node for node in network.nodes if node.id in wanted and not node.fixed]
    if not nodes:
        return None
    kept = {node.id for node in nodes}
    clip = _Clip(
        VERSION,
        [
            _Layer(
                node.id,
                node.layer.kind,
                {s.name: getattr(node.layer, s.name) for s in node.layer.settings()},
                node.position,
            )
            for node in nodes
        ],
        [
            (edge.source, edge.target)
            for edge in network.edges
            if edge.source in kept and edge.target in kept
        ],
    )
    data = msgspec.json.encode(clip)
    mime = QMimeData()
    mime.setData(MIME, data)
    mime.setText(msgspec.json.format(data.decode(), indent=2))
    return mime


def from_mime(mime: QMimeData | None) -> tuple[list[Node], list[Edge]]:
    """The layers on the clipboard; raises UserError when there are none to be had."""
    with reading("The clipboard"):
        return _read(QMimeData() if mime is None else mime)


def _read(mime: QMimeData) -> tuple[list[Node], list[Edge]]:
    own = mime.hasFormat(MIME)
    data = bytes(mime.data(MIME).data()) if own else mime.text().encode()
    if not data.strip():
        raise UserError("The clipboard is empty: copy some layers first.")
    if len(data) > _MOST_BYTES:
        raise UserError("What is on the clipboard is too large to be layers of netbuilder.")
    try:
        clip = msgspec.json.decode(data, type=_Clip)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise UserError("What is on the clipboard are no layers of netbuilder.") from None
    if clip.netbuilder != VERSION:
        raise UserError("The layers on the clipboard come from another version of netbuilder.")
    network = Network(tuple(_node(layer) for layer in clip.layers))
    if len(network.by_id) < len(network.nodes):
        raise UserError("What is on the clipboard names one layer twice.")
    for source, target in clip.wires:
        if source not in network.by_id or target not in network.by_id:
            raise UserError("What is on the clipboard has a wire that leads nowhere.")
        # One by one, so that what was written by hand cannot bring in a cycle.
        network = network.connect(source, target)
    return list(network.nodes), list(network.edges)


def _node(layer: _Layer) -> Node:
    kind = LAYERS[layer.kind]
    if not kind.in_palette:
        raise UserError("A network has one {title} already.", title=kind.title)
    known = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(set(layer.settings) - known)
    if unknown:
        raise UserError("{title} has no setting called {name}.", title=kind.title, name=unknown[0])
    x, y = (min(max(c, -_FAR), _FAR) for c in layer.position)
    return Node(layer.id, kind.title, kind(**layer.settings), (x, y))
