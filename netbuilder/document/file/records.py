"""Records: a project as plain values for a file, and back again with every value checked."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict
from typing import Any, TypeVar

import msgspec

from netbuilder import __version__
from netbuilder.data.reading import Reading, said
from netbuilder.data.table import Roles, Table
from netbuilder.document.file.recipes import RecipeRecord
from netbuilder.document.model.layout import arrange
from netbuilder.document.model.network import (
    COST,
    DATA,
    MOST_NODES,
    Edge,
    Network,
    Node,
    name_refusal,
)
from netbuilder.document.model.project import DataChoice, OwnTest, Project, TrainingSettings
from netbuilder.engine.layer import Layer
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.layers.cost import Cost
from netbuilder.engine.layers.input import Input
from netbuilder.engine.settings import HasSettings, SettingError
from netbuilder.errors import Message, UserError

Value = bool | int | float | str
Settings = dict[str, Value]


class NodeRecord(msgspec.Struct):
    id: str
    name: str
    position: tuple[float, float]
    layer: Settings
    """``{"kind": "dense", "units": 4, …}``"""


class NetworkRecord(msgspec.Struct):
    nodes: list[NodeRecord]
    edges: list[tuple[str, str]]
    """``["data", "n1"]``: from whose output to whose input."""


class TableRecord(msgspec.Struct):
    """What is to be known of a table beside its numbers, which are in data.npz."""

    columns: list[str]
    categories: dict[str, list[str]] = {}
    targets: list[str] = []
    image_shape: tuple[int, int] | None = None
    name: str = ""
    note: str = ""
    test: int = 0
    """So many of the last examples are the test part."""
    task: str = ""
    extent: dict[str, tuple[float, float]] = {}


class RolesRecord(msgspec.Struct, omit_defaults=True):
    """What columns are for, where that was chosen."""

    targets: list[str] = []
    columns: dict[str, str] = {}
    task: str = ""
    missing: str = "median"
    image: tuple[int, int] | None = None


class OwnTestRecord(msgspec.Struct, omit_defaults=True):
    path: str
    reading: dict[str, str] = {}
    table: TableRecord | None = None


class DataRecord(msgspec.Struct):
    source: str
    path: str = ""
    reading: dict[str, str] = {}
    roles: RolesRecord = msgspec.field(default_factory=lambda: RolesRecord())
    settings: Settings = {}
    table: TableRecord | None = None
    own_test: OwnTestRecord | None = None
    """The test part's own file."""
    learned: RecipeRecord | None = None
    """What was learned of the data, with which other examples are made ready."""


class ProjectRecord(msgspec.Struct):
    schema: int
    network: NetworkRecord
    data: DataRecord
    training: Settings
    settings: Settings = {}
    writer: str = ""
    """The version of the netbuilder that wrote it; empty where that is not known."""
    experiment: str = ""
    """The course's experiment that it was opened as."""


# --- from a project ------------------------------------------------------------------------------


def record_of(project: Project) -> ProjectRecord:
    """The plain values of a project; the table's numbers are left to the caller."""
    network, data = project.network, project.data
    own = data.own_test
    return ProjectRecord(
        schema=Project.schema,
        network=NetworkRecord(
            nodes=[
                NodeRecord(
                    node.id,
                    node.name,
                    node.position,
                    {"kind": node.layer.kind, **_settings(node.layer)},
                )
                for node in network.nodes
            ],
            edges=[(edge.source, edge.target) for edge in network.edges],
        ),
        data=DataRecord(
            source=data.source,
            path=_writable(data.path),
            reading=_reading_record(data.reading),
            roles=RolesRecord(
                list(data.roles.targets),
                dict(data.roles.columns),
                data.roles.task,
                data.roles.missing,
                data.roles.image,
            ),
            settings=_settings(data),
            table=_table_record(data.table),
            own_test=None
            if own is None
            else OwnTestRecord(
                _writable(own.path), _reading_record(own.reading), _table_record(own.table)
            ),
        ),
        training=_settings(project.training),
        settings=_settings(project),
        writer=__version__,
        experiment=project.experiment,
    )


def _writable(path: str) -> str:
    """A path may hold bytes that are no text; what cannot be written is not needed again."""
    return path.encode(errors="replace").decode()


def _reading_record(reading: Reading) -> dict[str, str]:
    return {name: value for name, value in asdict(reading).items() if value}


def _table_record(table: Table | None) -> TableRecord | None:
    if table is None:
        return None
    return TableRecord(
        columns=list(table.columns),
        categories={name: list(words) for name, words in table.categories.items()},
        targets=list(table.targets),
        image_shape=table.image_shape,
        name=table.name,
        note=table.note,
        test=table.test,
        task=table.task,
        extent=dict(table.extent),
    )


def _settings(owner: HasSettings) -> Settings:
    return {setting.name: getattr(owner, setting.name) for setting in owner.settings()}


# --- back to a project ---------------------------------------------------------------------------

T = TypeVar("T", bound=HasSettings)


def project_of(record: ProjectRecord) -> tuple[Project, tuple[Message, ...]]:
    """The project of a record, without its table, and what the user should know.

    Raises UserError for anything that the editor itself would not have let happen.
    """
    network, warnings = _network(record.network)
    own = record.data.own_test
    data = _with_settings(
        DataChoice,
        record.data.settings,
        Message("the data"),
        source=record.data.source,
        path=record.data.path,
        reading=_reading(record.data.reading),
        roles=_roles(record.data.roles),
        own_test=None if own is None else OwnTest(own.path, _reading(own.reading)),
    )
    training = _with_settings(TrainingSettings, record.training, Message("the training settings"))
    project = _with_settings(
        Project,
        record.settings,
        Message("the project"),
        network=network,
        data=data,
        training=training,
        experiment=record.experiment,
    )
    return project, warnings


def _reading(record: dict[str, str]) -> Reading:
    """How a text file is read; what is not known here, or makes no sense, is guessed again."""
    try:
        return said(**{name: record.get(name, "") for name in Reading.__dataclass_fields__})
    except UserError:
        return Reading()


def _roles(record: RolesRecord) -> Roles:
    return Roles(
        tuple(record.targets),
        tuple(record.columns.items()),
        record.task,
        record.missing,
        record.image,
    )


def _with_settings(cls: type[T], values: Settings, where: Message, **fields: Any) -> T:
    """Settings that are missing take their default; unknown ones and wrong ones are refused."""
    known = {setting.name: setting for setting in cls.settings()}
    for name, value in values.items():
        if name not in known:
            raise UserError("{where} has an unknown setting, {name!r}.", where=where, name=name)
        # JSON has one kind of number; 1 is as good as 1.0 where a float is meant.
        if known[name].type is float and type(value) is int:
            value = _fraction(value, known[name].label, where)
        fields[name] = value
    try:
        return cls(**fields)
    except SettingError as error:
        raise UserError("{where}: {reason}", where=where, reason=error.message) from error


def _fraction(value: int, label: str, where: Message) -> float:
    try:
        return float(value)
    except OverflowError:
        raise UserError(
            "{where}: {label} is a number of {count} digits, which nobody can compute with.",
            where=where,
            label=label,
            count=f"{int(value.bit_length() * 0.30103) + 1:,}",
        ) from None


_MOST_EDGES = 50_000
"""More than anybody draws."""


def _network(record: NetworkRecord) -> tuple[Network, tuple[Message, ...]]:
    for found, most, what in (
        (len(record.nodes), MOST_NODES, Message("layers")),
        (len(record.edges), _MOST_EDGES, Message("wires")),
    ):
        if found > most:
            raise UserError(
                "The network has {count} {what}, expected at most {most}.",
                count=f"{found:,}",
                what=what,
                most=f"{most:,}",
            )
    nodes = tuple(_node(node) for node in record.nodes)
    _check_nodes(nodes)
    edges = tuple(Edge(source, target) for source, target in record.edges)
    ids = {node.id for node in nodes}
    for edge in edges:
        for id in (edge.source, edge.target):
            if id not in ids:
                raise UserError("A wire leads to {id!r}, but there is no such layer.", id=id)
    network = Network(nodes, edges)
    _check_edges(network)
    if any(abs(coordinate) > _FAR for node in nodes for coordinate in node.position):
        return arrange(network), (
            Message("Some cards lay far outside the canvas; the network has been laid out anew."),
        )
    return network, ()


_FAR = 1e6
_ID = re.compile(r"n[0-9]{1,15}", re.ASCII)


def _node(record: NodeRecord) -> Node:
    where = Message("the layer {name!r}", name=record.name)
    values = dict(record.layer)
    kind = values.pop("kind", None)
    if not isinstance(kind, str):
        raise UserError("{where} does not say of what kind it is.", where=where)
    if kind not in LAYERS:
        raise UserError(
            "{where} is of the kind {kind!r}, which this netbuilder does not know; "
            "it knows {known}.",
            where=where,
            kind=kind,
            known=", ".join(LAYERS),
        )
    layer: Layer = _with_settings(LAYERS[kind], values, where)
    name = layer.title if record.id in (DATA, COST) else record.name
    return Node(record.id, name, layer, record.position)


def _check_nodes(nodes: tuple[Node, ...]) -> None:
    for what, values in (
        (Message("id"), [node.id for node in nodes]),
        (Message("name"), [node.name for node in nodes]),
    ):
        value, count = max(Counter(values).items(), key=lambda item: item[1], default=("", 0))
        if count > 1:
            raise UserError(
                "{count} layers have the {what} {value!r}, but each needs its own.",
                count=count,
                what=what,
                value=value,
            )
    kinds: dict[str, type[Layer]] = {DATA: Input, COST: Cost}
    for id, cls in kinds.items():
        if not any(node.id == id and node.layer.kind == cls.kind for node in nodes):
            raise UserError("The network has no {title} node.", title=cls.title)
    for node in nodes:
        if node.fixed:
            continue
        if not node.layer.in_palette:
            raise UserError("The network has more than one {title} node.", title=node.layer.title)
        if not _ID.fullmatch(node.id):
            raise UserError(
                "The layer {name!r} has the id {id!r}; expected n and a number, such as n1.",
                name=node.name,
                id=node.id,
            )
        refusal = name_refusal(node.name)
        if refusal is not None:
            raise UserError(
                "The layer {id} is called {name!r}. {reason}",
                id=node.id,
                name=node.name,
                reason=refusal,
            )


def _check_edges(network: Network) -> None:
    edge, count = max(Counter(network.edges).items(), key=lambda item: item[1], default=(None, 0))
    if edge is not None and count > 1:
        raise UserError(
            "{count} wires lead from {source} to {target}, but there can be only one.",
            count=count,
            source=network.node(edge.source).name,
            target=network.node(edge.target).name,
        )
    for node in network.nodes:
        most = node.layer.max_inputs
        if most is not None and len(network.inputs(node.id)) > most:
            raise UserError(
                "{name} has {count} inputs, but takes at most {most}.",
                name=node.name,
                count=len(network.inputs(node.id)),
                most=most,
            )
        if not node.layer.has_output and network.outputs(node.id):
            raise UserError("A wire leads from {name}, which has no output.", name=node.name)
    stuck = set(network.by_id) - set(network.order)
    if stuck:
        raise UserError(
            "The wires lead round in a cycle: {names}.",
            names=", ".join(sorted(network.node(id).name for id in stuck)),
        )
