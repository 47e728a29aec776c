"""Layout: nodes in columns from Data to Cost, ordered so that few wires cross."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from itertools import pairwise

from netbuilder.document.model.network import COLUMN, COST, DATA, Network, Point

ROW = 150.0
"""The distance between the centres of two cards, one below the other."""

_SWEEPS = 12

Columns = list[list[str]]


def arrange(network: Network) -> Network:
    """With every card in its place: columns COLUMN apart, rows ROW apart, the middle at the origin.

    What is not connected with Data or Cost goes below. Nodes that do not move keep their identity.
    """
    positions: dict[str, Point] = {}
    groups = _groups(network)
    width = max(map(len, groups))
    bottom: float | None = None
    for columns in groups:
        height = (max(map(len, columns)) - 1) * ROW
        middle = 0.0 if bottom is None else bottom + ROW + height / 2
        bottom = middle + height / 2
        for x, column in enumerate(columns):
            for y, id in enumerate(column):
                if id in network.by_id:
                    positions[id] = (
                        (x - (width - 1) / 2) * COLUMN,
                        middle + (y - (len(column) - 1) / 2) * ROW,
                    )
    return dataclasses.replace(
        network,
        nodes=tuple(
            node
            if node.position == positions[node.id]
            else dataclasses.replace(node, position=positions[node.id])
            for node in network.nodes
        ),
    )


def _groups(network: Network) -> list[Columns]:
    """The columns of each connected part: first that of Data and Cost, last all single nodes."""
    parts = _connected(network)
    singles = [part[0] for part in parts[1:] if len(part) == 1]
    groups = [_columns(network, part) for part in [parts[0], *parts[1:]] if len(part) > 1]
    if singles:
        groups.append([[id] for id in singles])
    return groups


def _connected(network: Network) -> list[list[str]]:
    """The ids of every connected part, in order; Data and Cost count as connected."""
    parts: list[list[str]] = []
    seen: set[str] = set()
    for start in (DATA, *network.order):
        if start in seen:
            continue
        stack = [start, COST] if start == DATA else [start]
        part: set[str] = set()
        while stack:
            id = stack.pop()
            if id not in part:
                part.add(id)
                stack += network.inputs(id) + network.outputs(id)
        seen |= part
        parts.append([id for id in network.order if id in part])
    return parts


def _columns(network: Network, part: list[str]) -> Columns:
    """The part's nodes column by column, with placeholders where a long wire passes through."""
    depth = _depths(network, part)
    columns: Columns = [[] for _ in range(max(depth.values()) + 1)]
    neighbours: dict[str, list[str]] = {id: [] for id in part}
    for id in part:
        columns[depth[id]].append(id)
    for id in part:
        for source in network.inputs(id):
            last = source
            for x in range(depth[source] + 1, depth[id]):
                placeholder = f"{source} {id} {x}"
                columns[x].append(placeholder)
                neighbours[placeholder] = [last]
                neighbours[last].append(placeholder)
                last = placeholder
            neighbours[last].append(id)
            neighbours[id].append(last)
    return _uncrossed(columns, neighbours)


def _depths(network: Network, part: list[str]) -> dict[str, int]:
    """Each node's column: after all that feed it; loose beginnings right before what they feed."""
    depth: dict[str, int] = {}
    for id in part:
        depth[id] = max((depth[source] + 1 for source in network.inputs(id)), default=0)
    for id in reversed(part):
        targets = network.outputs(id)
        if id != DATA and not network.inputs(id) and targets:
            depth[id] = min(depth[target] for target in targets) - 1
    if COST in depth:
        depth[COST] = max(1, *depth.values(), *(depth[i] + 1 for i in part if i != COST))
    return depth


# --- few crossings -------------------------------------------------------------------------------


def _uncrossed(columns: Columns, neighbours: Mapping[str, list[str]]) -> Columns:
    """The best order found by sweeping to and fro, each node going to its neighbours' middle."""
    best, fewest = columns, _crossings(columns, neighbours)
    current = [list(column) for column in columns]
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        forward = sweep % 2 == 0
        steps = range(1, len(current)) if forward else range(len(current) - 2, -1, -1)
        for x in steps:
            fixed = _places(current[x - 1 if forward else x + 1])
            own = _places(current[x])
            current[x].sort(key=lambda id: _middle(neighbours[id], fixed, own[id]))
        crossings = _crossings(current, neighbours)
        if crossings < fewest:
            best, fewest = [list(column) for column in current], crossings
    return best


def _places(column: Iterable[str]) -> dict[str, int]:
    return {id: place for place, id in enumerate(column)}


def _middle(neighbours: list[str], fixed: Mapping[str, int], own: int) -> float:
    places = [fixed[id] for id in neighbours if id in fixed]
    return sum(places) / len(places) if places else own


def _crossings(columns: Columns, neighbours: Mapping[str, list[str]]) -> int:
    """How many pairs of wires cross, between all neighbouring columns."""
    total = 0
    for left, right in pairwise(columns):
        places = _places(right)
        ends: list[int] = []
        for id in left:
            reached = sorted(places[other] for other in neighbours[id] if other in places)
            total += sum(len(ends) - bisect_left(ends, place + 1) for place in reached)
            for place in reached:
                insort(ends, place)
    return total
