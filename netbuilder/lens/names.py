"""Names as the course writes them, W[2], γ, A[0], and a whole network in a few words."""

from __future__ import annotations

from netbuilder.data.dataset import DataInfo
from netbuilder.document.check.widths import widths
from netbuilder.engine.parameters import PARAMETERS
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.errors import Message

_MOST_WIDTHS = 12
"""A deep network's widths are told from both ends, so that no line grows without end."""


def symbol(parameter: str) -> str:
    """A parameter or a statistic as formulas write it: W, b, γ, …"""
    return PARAMETERS[parameter].symbol if parameter in PARAMETERS else parameter


def of_layer(plan: Plan, node: PlanNode, quantity: str) -> str:
    """W[2], a quantity of a layer; of a layer without parameters just the quantity."""
    if node is plan.nodes[0]:
        return "A[0]"
    number = plan.course_layers.get(node.id)
    return quantity if number is None else f"{quantity}[{number}]"


def summary(plan: Plan | None) -> Message:
    """The network in a few words: "2-4-1, 17 parameters"."""
    if plan is None:
        return Message("not complete yet")
    parameters = Message("{count} parameters", count=f"{plan.parameter_count:,}")
    pairs = zip(plan.nodes[:-1], plan.nodes[1:], strict=True)
    if any(node.inputs != (before.id,) for before, node in pairs):
        layers = Message("{count} layers", count=max(plan.course_numbers.values()))
        return Message("{layers}, {parameters}", layers=layers, parameters=parameters)
    shown = widths(plan)
    if len(shown) > _MOST_WIDTHS:
        shown[4:-3] = ["…"]
    return Message("{widths}, {parameters}", widths="-".join(shown), parameters=parameters)


def counts(info: DataInfo) -> Message:
    """How many examples there are, and how many of them are learned from and kept aside."""
    validation, test = info.kept_aside
    text = "{m} examples"
    if validation and test:
        text = "{m} examples ({train} training, {validation} validation, {test} test)"
    elif validation:
        text = "{m} examples ({train} training, {validation} validation)"
    elif test:
        text = "{m} examples ({train} training, {test} test)"
    return Message(
        text,
        m=f"{info.m:,}",
        train=f"{info.m_train:,}",
        validation=f"{validation:,}",
        test=f"{test:,}",
    )
