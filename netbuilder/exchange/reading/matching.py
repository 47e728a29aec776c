"""Which array of a file becomes which parameter of a network, by name and by shape."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from netbuilder.engine.layer import Array, Shape
from netbuilder.engine.parameters import PARAMETERS
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError
from netbuilder.exchange.code.parts import named_nodes
from netbuilder.exchange.reading.contents import Contents, Group, Held
from netbuilder.exchange.trained import is_chain


@dataclass(frozen=True, eq=False)
class Fit:
    """One parameter of the network, and what the file has for it."""

    node: PlanNode
    parameter: str
    held: Held | None
    """None where the file has nothing that fits."""
    reason: Message | None = None
    """Why nothing fits, where there is something near."""

    @property
    def key(self) -> str:
        return f"{self.node.id}.{self.parameter}"

    @property
    def shape(self) -> Shape:
        return self.node.stored_shapes[self.parameter]


@dataclass(frozen=True, eq=False)
class Matched:
    """What fits, before anything is changed."""

    fits: tuple[Fit, ...]
    """Every parameter of the network, in its order."""
    left: tuple[str, ...]
    """Arrays of the file that nothing here takes."""

    @property
    def missing(self) -> tuple[Fit, ...]:
        return tuple(fit for fit in self.fits if fit.held is None)

    @cached_property
    def weights(self) -> Weights:
        """Copies in float64 of all that fits; UserError for numbers that cannot be weights."""
        found: Weights = {}
        for fit in self.fits:
            if fit.held is not None:
                found[fit.key] = _sound(fit, fit.held)
        return found


def matched(contents: Contents, plan: Plan) -> Matched:
    """What of the file fits the network.

    Layers of one name belong together, and where names say nothing, layers of one kind in their
    order. In a graph with branches order says nothing where several layers have one shape.
    """
    nodes = [node for node in plan.nodes if node.stored_shapes]
    groups = contents.groups
    turns = _turns(plan) if contents.channels_last else {}
    taken = _by_name(nodes, groups, contents, plan)
    unsure = _by_order(nodes, groups, taken, is_chain(plan))
    fits: list[Fit] = []
    used = set()
    for node in nodes:
        place = taken.get(node.id)
        reason = None
        if place is None:
            reason = unsure.get(node.id)
        else:
            used.add(place)
        for name, shape in node.stored_shapes.items():
            held = None
            if place is not None:
                held = groups[place].arrays.get(name) or Held("", np.zeros(shape))
                if node.id in turns and (name == "W" or "W" not in node.stored_shapes):
                    order = turns[node.id]
                    held = Held(held.name, held.values.take(order, axis=int(name == "W")))
            fits.append(Fit(node, name, held, reason))
    left = [
        held.name
        for place, group in enumerate(groups)
        if place not in used
        for held in group.arrays.values()
        if held.name
    ]
    return Matched(tuple(fits), (*left, *contents.loose))


def all_of(contents: Contents, plan: Plan, file: str) -> Weights:
    """The weights where the file has all that the network needs, and no more; else UserError."""
    found = matched(contents, plan)
    if found.missing:
        fit = found.missing[0]
        held = ", ".join(h.name for g in contents.groups[:4] for h in g.arrays.values() if h.name)
        raise UserError(
            "{file} has nothing for the {parameter} of layer {layer} with shape {shape}. "
            "{reason}It holds {held}.",
            file=file,
            parameter=PARAMETERS[fit.parameter].title,
            layer=fit.node.name,
            shape=str(fit.shape),
            reason="" if fit.reason is None else Message("{why} ", why=fit.reason),
            held=held or Message("no weights of layers"),
        )
    if found.left:
        more = len(found.left) - 8
        raise UserError(
            "{file} holds {extra} too, but this network has no layer for it.",
            file=file,
            extra=", ".join(found.left[:8]) + (f", … ({more} more)" if more > 0 else ""),
        )
    return found.weights


def _by_name(
    nodes: list[PlanNode], groups: Sequence[Group], contents: Contents, plan: Plan
) -> dict[str, int]:
    """Node id -> place of the group that is called as it is, and fits."""
    of_code = named_nodes(plan) if contents.named_by_code else {}
    places: dict[str, int] = {}
    for place, group in enumerate(groups):
        name = group.name.split(".")[0] if of_code else group.name
        places[name] = place
    found = {}
    for node in nodes:
        named = places.get(of_code.get(node.id, node.name))
        if named is not None and _fits(groups[named], node):
            found[node.id] = named
    return found


def _by_order(
    nodes: list[PlanNode], groups: Sequence[Group], taken: dict[str, int], chain: bool
) -> dict[str, Message]:
    """Gives the nodes that have no group one of those left, and says why one gets none."""
    used = set(taken.values())
    place: int | None
    left: dict[tuple[bool, bool], list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        if place not in used:
            left[_kind_of_group(group)].append(place)
    waiting = [node for node in nodes if node.id not in taken]
    alike = Counter(_signature(node) for node in waiting)
    reasons: dict[str, Message] = {}
    for node in waiting:
        queue = left[_kind_of_node(node)]
        place = next((k for k in queue if _fits(groups[k], node)), None)
        if place is not None and not chain and alike[_signature(node)] > 1:
            reasons[node.id] = Message(
                "Several layers have this shape, and names do not tell which is which."
            )
        elif place is not None:
            # What was passed over fits nothing that follows in the file's own order.
            del queue[: queue.index(place) + 1]
            taken[node.id] = place
        elif queue:
            held = _unfit(groups[queue[0]], node)
            reasons[node.id] = Message(
                "{name} has the shape {shape}.", name=held.name, shape=str(held.values.shape)
            )
    return reasons


def _kind_of_group(group: Group) -> tuple[bool, bool]:
    W = group.arrays.get("W")
    return W is not None, "mean" in group.arrays


def _kind_of_node(node: PlanNode) -> tuple[bool, bool]:
    return "W" in node.stored_shapes, "mean" in node.stored_shapes


def _signature(node: PlanNode) -> tuple[tuple[str, Shape], ...]:
    return tuple(node.stored_shapes.items())


def _fits(group: Group, node: PlanNode) -> bool:
    wanted, arrays = node.stored_shapes, group.arrays
    # A layer without biases adds nothing, as one whose biases are all zero.
    names = set(arrays) | ({"b"} & set(wanted))
    return names == set(wanted) and all(arrays[n].values.shape == wanted[n] for n in arrays)


def _turns(plan: Plan) -> dict[str, Array]:
    """By node, for those that see an image as a row: in which order they see it elsewhere.

    Keras has pixel by pixel all channels, where here is channel by channel all pixels.
    """
    found: dict[str, Array] = {}
    rows: dict[str, Array] = {}
    for node in plan.nodes[1:]:
        source = node.inputs[0]
        image = plan.node(source).shape
        if len(image) == 3 and node.layer.flattens and not node.layer.keeps_width:
            channels, height, width = image
            places = np.arange(channels * height * width).reshape(height, width, channels)
            rows[node.id] = places.transpose(2, 0, 1).reshape(-1)
        elif source in rows:
            if node.stored_shapes:
                found[node.id] = rows[source]
            if node.layer.keeps_width and node.shape == image:
                rows[node.id] = rows[source]
    return found


def _unfit(group: Group, node: PlanNode) -> Held:
    """An array of the group that is of another shape than the node's."""
    wanted = node.stored_shapes
    held = [h for n, h in group.arrays.items() if h.values.shape != wanted.get(n)]
    return held[0] if held else next(iter(group.arrays.values()))


def _sound(fit: Fit, held: Held) -> Array:
    with np.errstate(invalid="ignore"):  # of damaged numbers, which are refused below
        values = np.array(held.values, np.float64, order="C")
    if not np.isfinite(values).all():
        raise UserError(
            "{name} holds values that are not finite; these weights cannot be used.",
            name=held.name,
        )
    if PARAMETERS[fit.parameter].squares and (values < 0).any():
        raise UserError(
            "{name} holds negative values, which a variance cannot have.", name=held.name
        )
    return values
