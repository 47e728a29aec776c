"""Images: remedies for a layer of one input that cannot take the column or the image it gets."""

from __future__ import annotations

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.conversions import image_of, reshape_to, wants_column
from netbuilder.document.check.problems import Fix
from netbuilder.document.check.remedies import change_and_fit, change_and_flatten
from netbuilder.document.check.shapes import Shapes, is_image, shapes_of, takes
from netbuilder.document.check.widths import width_text
from netbuilder.document.model.network import DATA, Edge, Network, Node
from netbuilder.document.model.room import insert, move_behind, take_out
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers.flatten import Flatten
from netbuilder.errors import Message


def image_remedies(network: Network, node: Node, shapes: Shapes, info: DataInfo) -> list[Fix]:
    """What may help a layer that refuses its only input, the best first; the last removes it."""
    (source,) = network.inputs(node.id)
    found = shapes.outputs[source]
    if wants_column(node.layer, [found]):
        fixes = _flatten(network, node, source, info)
    elif is_image(found):
        fixes = [
            fix
            for label, layer in node.layer.remedies(node.name, found)
            for fix in _set(network, node, label, layer, info)
        ]
    elif not node.layer.takes_images:
        fixes = _other_image(network, node, found, info)
    else:
        fixes = _image_before(network, node, shapes, info)
    return [*fixes, *_without_images(network, node, info)]


def _flatten(network: Network, node: Node, source: str, info: DataInfo) -> list[Fix]:
    return change_and_flatten(
        Message("Put a Flatten before {name}", name=node.name),
        lambda network: insert(network, Flatten(), Edge(source, node.id))[0],
        network,
        info,
    )


def _without_images(network: Network, node: Node, info: DataInfo) -> list[Fix]:
    """Removes the layer, what then cannot take its input either, and each Flatten of a column."""
    gone, rest, idle = [node], network.remove([node.id]), True
    while idle:
        shapes = shapes_of(rest, info.n_x)
        odd = [rest.node(id) for id in rest.order if _is_idle(rest, id, shapes)]
        idle = bool(odd)
        gone += odd[:1]
        rest = rest.remove(node.id for node in odd[:1])
    return change_and_fit(
        Message("Remove {names}", names=", ".join(node.name for node in gone)),
        lambda network: take_out(network, [node.id for node in gone]),
        info,
    )


def _is_idle(network: Network, id: str, shapes: Shapes) -> bool:
    layer = network.node(id).layer
    if layer.max_inputs != 1:
        return False
    found = shapes.inputs(network, id)
    return id in shapes.refused or (found is not None and layer.idle(found) is not None)


def _set(network: Network, node: Node, label: Message, layer: Layer, info: DataInfo) -> list[Fix]:
    return change_and_flatten(
        label, lambda network: network.set_layer(node.id, layer), network, info
    )


# --- a column where an image is needed -----------------------------------------------------------


def _other_image(network: Network, node: Node, found: Shape, info: DataInfo) -> list[Fix]:
    """For a layer that makes images: that of the numbers it gets, or the data it is meant for."""
    fixes: list[Fix] = []
    image = image_of(found[0], info)
    layer = None if image is None else node.layer.giving(image)
    if image is not None and layer is not None:
        label = Message("Make {name} {image}", name=node.name, image=width_text(image))
        fixes += _set(network, node, label, layer, info)
    if network.inputs(node.id) != (DATA,) and takes(node.layer, [(info.n_x,)]):
        fixes += change_and_flatten(
            Message("Put {name} right after Data", name=node.name),
            lambda network: move_behind(network, node.id, DATA),
            network,
            info,
        )
    return fixes


def _image_before(network: Network, node: Node, shapes: Shapes, info: DataInfo) -> list[Fix]:
    """For a layer of images: an image that there is already, or a Reshape that makes one."""
    (source,) = network.inputs(node.id)
    fixes: list[Fix] = []
    behind = _last_image(network, node, shapes)
    if behind is not None:
        fixes += change_and_flatten(
            Message("Put {name} after {other}", name=node.name, other=network.node(behind).name),
            lambda network: move_behind(network, node.id, behind),
            network,
            info,
        )
    image = image_of(shapes.outputs[source][0], info)
    if image is not None and takes(node.layer, [image]):
        fixes += _reshape(network, node, image, info)
    image = image_of(info.n_x, info)
    if image is not None and source != DATA and takes(node.layer, [image]):
        words = width_text(image)
        fixes += change_and_flatten(
            Message(
                "Put {name} right after Data, behind a Reshape to {image}",
                name=node.name,
                image=words,
            ),
            lambda network: _with_reshape(move_behind(network, node.id, DATA), node, image),
            network,
            info,
        )
    return fixes


def _reshape(network: Network, node: Node, image: Shape, info: DataInfo) -> list[Fix]:
    return change_and_flatten(
        Message("Put a Reshape to {image} before {name}", image=width_text(image), name=node.name),
        lambda network: _with_reshape(network, node, image),
        network,
        info,
    )


def _with_reshape(network: Network, node: Node, image: Shape) -> Network:
    (source,) = network.inputs(node.id)
    return insert(network, reshape_to(image), Edge(source, node.id))[0]


def _last_image(network: Network, node: Node, shapes: Shapes) -> str | None:
    """The nearest layer before a node whose image the node could take."""
    id = node.id
    while sources := network.inputs(id):
        id = sources[0]
        if is_image(shapes.outputs.get(id, ())) and takes(node.layer, [shapes.outputs[id]]):
            return id
    return None
