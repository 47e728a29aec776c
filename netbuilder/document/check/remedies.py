"""Remedies: the pure edits behind the one-click fixes, and what their buttons say."""

from __future__ import annotations

from collections.abc import Callable

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.conversions import with_flattens
from netbuilder.document.check.fit import fitted
from netbuilder.document.check.problems import Fix
from netbuilder.document.check.shapes import shapes_of
from netbuilder.document.model.network import Network, Node
from netbuilder.document.model.project import Project
from netbuilder.document.model.room import take_out
from netbuilder.errors import Message

Edit = Callable[[Network], Network]


def change(label: Message, edit: Edit) -> Fix:
    """A fix that edits the network."""
    return Fix(label, lambda project: _changed(project, edit))


def change_and_fit(label: Message, edit: Edit, info: DataInfo | None) -> list[Fix]:
    """An edit, and more of the same for where the edit alone would only show the next problem."""

    def fit(network: Network) -> Network:
        return network if info is None else fitted(with_flattens(network, info)[0], info)

    return [
        change(label, edit),
        change(label, lambda network: fit(edit(network))),
        change(
            Message("{edit}, and remove joins of a single input", edit=label),
            lambda network: fit(_without_idle_joins(edit(network))),
        ),
        change(
            Message("{edit}, and remove what then does not fit", edit=label),
            lambda network: fit(_without_misfits(edit(network), info)),
        ),
    ]


def change_and_flatten(
    label: Message, edit: Edit, network: Network, info: DataInfo | None
) -> list[Fix]:
    """An edit, alone and with a Flatten wherever the images that it makes meet a Dense layer."""
    if info is None:
        return [change(label, edit)]
    # Tried here, as the button names the layers in question.
    tried, places = with_flattens(edit(network), info)
    if not places:
        return change_and_fit(label, edit, info)
    flattening = Message(
        "{edit}, and a Flatten before {names}",
        edit=label,
        names=", ".join(tried.node(id).name for id in places),
    )
    return [
        change(label, edit),
        *change_and_fit(flattening, lambda new: with_flattens(edit(new), info)[0], info),
    ]


def remove(node: Node) -> Fix:
    return change(
        Message("Remove {name}", name=node.name), lambda network: take_out(network, [node.id])
    )


def _changed(project: Project, edit: Edit) -> Project:
    return project.with_network(edit(project.network))


def _without_idle_joins(network: Network) -> Network:
    """Without the joins of one input; to heal one may leave the next with a single input."""
    while idle := [
        node.id
        for node in network.nodes
        if node.layer.min_inputs > 1 and len(network.inputs(node.id)) == 1
    ]:
        network = take_out(network, idle)
    return network


def _without_misfits(network: Network, info: DataInfo | None) -> Network:
    """Without the layers that cannot take their input, and the joins that this leaves idle."""
    if info is None:
        return network
    while True:
        network, _ = with_flattens(_without_idle_joins(network), info)
        refused = shapes_of(network, info.n_x).refused
        if not refused:
            return network
        network = take_out(network, [next(iter(refused))])
