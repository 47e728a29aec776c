"""Words: what is said of a unit, a weight or a control under the mouse, and of a whole card."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF

from netbuilder import numbers
from netbuilder.document.check.problems import count_units
from netbuilder.document.check.widths import width_text
from netbuilder.document.model.network import DATA, Network, Node
from netbuilder.errors import UserError
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.content import Content
from netbuilder.gui.canvas.scene import CanvasScene
from netbuilder.gui.canvas.wires import WireItem
from netbuilder.gui.examples import name_of as example_name
from netbuilder.gui.theme.translation import tr_message, tr_text
from netbuilder.gui.widgets.labels import name_of
from netbuilder.lens import names
from netbuilder.lens.cases import Case, Example
from netbuilder.lens.later import NotYet
from netbuilder.lens.layer_views import WeightsView
from netbuilder.lens.look import Look
from netbuilder.lens.picture import Cell
from netbuilder.lens.quantities import QUANTITIES

translate = QCoreApplication.translate


def of_card(scene: CanvasScene, card: CardItem, part: str, pos: QPointF) -> str:
    """A control's help, or what the unit at a point of the scene is."""
    unit = scene.neurons[card.node.id].unit_at(pos) if part == "card" else None
    control = card.content.control(part.rstrip("+-"))
    if unit is not None:
        return "\n".join((_tile(scene, card, unit), *_numbers(scene, card, unit)))
    if control is not None:
        return tr_text(control.setting.help)
    if part == "name":
        return translate("Canvas", "Double-click to rename")
    if part == "card" and card.geometry.icon.contains(pos - card.pos()):
        return translate("Canvas", "Double-click for what this layer does")
    return translate("Canvas", "Drag to connect") if part in ("in", "out") else ""


def of_wire(scene: CanvasScene, wire: WireItem, pos: QPointF, reach: float) -> str:
    """W[2][3, 5] = −0.412 and from where to where, of the weight near a point of the scene.

    Of a chosen example also what comes in there, and what the weight passes on of it.
    """
    at, look = scene.weights[wire.edge].weight_at(pos, reach), scene.cursor_.look()
    if at is None or look is None or wire.edge.target not in {n.id for n in look.plan.nodes}:
        return ""
    view = QUANTITIES["W"].view(look, look.plan.node(wire.edge.target))
    if not isinstance(view, WeightsView) or any(
        i >= n for i, n in zip(at, view.shape, strict=True)
    ):
        return ""  # looking back at another network
    told, case = tr_message(view.sentence(Cell(*at))), _case(scene, look)
    a = None if case is None else case.A[wire.edge.source].ravel()
    if a is None or at[1] >= len(a):
        return told
    source, W = look.plan.node(wire.edge.source), float(view.values[at])
    passes = translate("Canvas", "passes on {weight} · {a} = {product} of {name}[{unit}] = {a}")
    return f"{told}\n" + passes.format(
        weight=_in_product(W),
        a=_in_product(float(a[at[1]])),
        product=numbers.number(W * float(a[at[1]])),
        name=names.of_layer(look.plan, source, "A"),
        unit=at[1] + 1,
    )


def _in_product(value: float) -> str:
    """A negative number in brackets."""
    text = numbers.number(value)
    return f"({text})" if value < 0 else text


def _case(scene: CanvasScene, look: Look) -> Case | None:
    """What is known of the chosen example by now."""
    try:
        return scene.cursor_.examples.case(look)
    except (NotYet, UserError):
        return None


def _example(scene: CanvasScene) -> str:
    """Which one is seen where cards show images."""
    look = scene.cursor_.look()
    chosen = None if look is None else scene.cursor_.examples.of(look)
    if look is None or chosen is not None:
        return "" if chosen is None else example_name(chosen)
    return example_name(Example("train", int(look.sample[0])))


def _tile(scene: CanvasScene, card: CardItem, tile: int) -> str:
    """What a card's tile shows."""
    content = card.content
    if tile < len(content.labels):
        return translate("Canvas", "Feature {name}").format(name=content.labels[tile])
    if content.image is None:
        return translate("Canvas", "Unit {number} of {name}").format(
            number=tile + 1, name=content.title
        )
    if card.node.id == DATA:
        return _example(scene)
    return translate("Canvas", "Channel {number} of {name}: {example}").format(
        number=tile + 1, name=content.title, example=_example(scene)
    )


def _numbers(scene: CanvasScene, card: CardItem, unit: int) -> list[str]:
    """A unit's bias, and what it says of the examples on the mean, as far as there are such."""
    look, id = scene.cursor_.look(), card.node.id
    node = next((n for n in look.plan.nodes if n.id == id), None) if look else None
    if look is None or node is None:
        return []
    told = []
    b = look.weights.get(f"{id}.b")
    if b is not None and unit < len(b):
        name = names.of_layer(look.plan, node, "b")
        value = numbers.number(float(b[unit, 0]))
        told.append(
            translate("Canvas", "{name}[{unit}] = {value}, its bias").format(
                name=name, unit=unit + 1, value=value
            )
        )
    case = _case(scene, look)
    try:
        found = look.means()[id] if case is None else case.A[id]
    except (NotYet, UserError):
        return told
    if card.content.image is None and found.ndim == 1 and unit < len(found):
        words = translate("Canvas", "{name}[{unit}] = {value} on the mean of {count} examples")
        if case is not None:
            words = translate("Canvas", "{name}[{unit}] = {value}: {example}")
        told.append(
            words.format(
                name=names.of_layer(look.plan, node, "A"),
                unit=unit + 1,
                value=numbers.number(float(found[unit])),
                count=len(look.sample) if case is None else 1,
                example="" if case is None else example_name(case.example),
            )
        )
    return told


def spoken(node: Node, content: Content) -> str:
    """A card in one line, as it is read out: "Dense 1, 4 units, Tanh"."""
    return ", ".join(filter(None, [content.title, size(node, content), *settings(node, content)]))


def size(node: Node, content: Content) -> str:
    """How much a card's layer puts out for one example, "" where that is not known."""
    if content.image is not None:
        return width_text(content.image)
    if node.id == DATA and content.units:
        return translate("Canvas", "{n} features").format(n=f"{content.units:,}")
    return tr_message(count_units(content.units)) if content.units else ""


def settings(node: Node, content: Content) -> list[str]:
    """The values that are changed on a card, but for the width where its size says it."""
    told = []
    for control in content.controls:
        if control.is_choice:
            told.append(control.text)
        elif not content.units or control.value != node.layer.own_width:
            told.append(f"{tr_text(control.setting.label)} {control.text}")
    return told


def spoken_more(network: Network, card: CardItem) -> list[str]:
    """What else there is to say of a card: its kind and shapes, its wires, what is wrong."""
    content, id = card.content, card.node.id
    told = [content.subtitle, *content.footer]
    for sentence, others in (
        (translate("Canvas", "from {names}"), network.inputs(id)),
        (translate("Canvas", "to {names}"), network.outputs(id)),
    ):
        if others:
            names_ = ", ".join(name_of(network, other) for other in others)
            told.append(sentence.format(names=names_))
    if content.frozen:
        told.append(translate("Canvas", "{what} frozen").format(what=content.frozen))
    told += [tr_message(problem.message) for problem in card.problems]
    return [words for words in told if words]
