"""What every generated file has: the table's columns, answers in words, and the doors to them."""

from __future__ import annotations

from typing import TypeVar

from netbuilder.data import cells
from netbuilder.data.dataset import InputColumn
from netbuilder.data.roles import order_of
from netbuilder.engine.plan import Plan, PlanNode
from netbuilder.errors import Message, UserError
from netbuilder.exchange.code import rows
from netbuilder.exchange.code.slices import sliced
from netbuilder.exchange.code.text import Call, assigned, comment
from netbuilder.exchange.trained import Trained
from netbuilder.registry import Facet

T = TypeVar("T")

GIVEN = ("COLUMNS", "CLASSES", "TARGETS", "TARGET_SHIFT", "TARGET_SCALE")
"""What the generated code says of itself where the slices have it empty."""


def table_parts(trained: Trained) -> list[str]:
    """The data of the table as constants."""
    info, parts = trained.info, []
    columns = assigned("COLUMNS", _columns(trained))
    said = comment("The columns that a row needs, with what was learned of each.")
    parts.append(f"{said}\n{columns}".replace("COLUMNS =", "COLUMNS: dict[str, Column] =", 1))
    lines = [assigned("TARGETS", list(info.target_names))]
    if info.task == "regression":
        scaling, n = trained.target_scaling, info.n_y
        shift = [0.0] * n if scaling is None else scaling.shift.tolist()
        scale = [1.0] * n if scaling is None else scaling.scale.tolist()
        lines += [assigned("TARGET_SHIFT", shift), assigned("TARGET_SCALE", scale)]
    else:
        lines.append(assigned("CLASSES", list(info.class_names)))
    parts.append("\n".join([comment("What the network predicts."), *lines]))
    return parts


def _columns(trained: Trained) -> dict[str, Call]:
    """Raises UserError where a column is not known by its name."""
    scaling, at = trained.scaling, 0
    inputs = trained.inputs or tuple(InputColumn(name) for name in trained.info.feature_names)
    found: dict[str, Call] = {}
    for column in inputs:
        n = len(column.features)
        fill = column.words[int(column.fill)] if column.words else float(column.fill)
        call = Call("Column", fill=fill)
        if column.words:
            call.named["words"] = list(column.words)
        if column.order:
            numbers = zip(column.order, order_of(column.order) or (), strict=True)
            call.named["order"] = {word.casefold(): number for word, number in numbers}
        if scaling is not None:
            call.named["shift"] = scaling.shift[at : at + n].tolist()
            call.named["scale"] = scaling.scale[at : at + n].tolist()
        if column.name in found:
            raise UserError(
                "Two columns are called {name}, and code finds columns by name. Rename one of "
                "them in the table.",
                name=column.name,
            )
        found[column.name], at = call, at + n
    return found


def definitions(*wanted: str) -> list[str]:
    """Slices of what reads rows, and the words for gaps that it needs."""
    found = sliced(rows, wanted, given=(*GIVEN, "Array"))
    text = "\n".join(found)
    more = sliced(cells, [name for name in ("MISSING_AMONG_NUMBERS",) if name in text])
    return more + found


def split_column(parts: list[str]) -> tuple[str, list[str]]:
    """The class Column, which stands before the table's columns, and the rest."""
    (column,) = (part for part in parts if part.startswith("class Column"))
    return column, [part for part in parts if part is not column]


def row_of(facet: Facet[T], node: PlanNode, target: str) -> T:
    """The facet's row for a node's layer; UserError names the layer and why there is none."""
    row = facet.get(node.layer.kind)
    if row is None:
        raise UserError(
            "{name} is a {title} layer, and {target} cannot hold it: {reason}.",
            name=node.name,
            title=node.layer.title,
            target=target,
            reason=Message(facet.absent.get(node.layer.kind, "it has no such layer")),
        )
    return row


def named_nodes(plan: Plan) -> dict[str, str]:
    """A name for each node's A in code: dense_1, add_3, …, and x for what enters."""
    found = {plan.nodes[0].id: "x"}
    for number, node in enumerate(plan.nodes[1:-1], start=1):
        found[node.id] = f"{node.layer.kind}_{number}"
    return found


def described(node: PlanNode) -> str:
    """What a reader should know of a node in a comment."""
    shape = " × ".join(map(str, node.shape))
    return f"{node.name}: {node.layer.title}, {shape}"
