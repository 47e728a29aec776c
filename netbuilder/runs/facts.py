"""Facts: what a run was trained with, as plain values, and what tells one run from another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import NamedTuple

from netbuilder.data.sources import SOURCES
from netbuilder.document.model.network import COST
from netbuilder.document.model.project import FILE, DataChoice, Project, TrainingSettings
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.settings import HasSettings, Setting

Value = bool | int | float | str
Facts = Mapping[str, Value]
"""By name: "data", "data.noise", "seed", "training.l2", "layer.n1", "layer.n1.units", …"""

_SYMBOLS = {"learning_rate": "α"}
"""Where a setting's label would be long for the name of a run."""
_ENDS = ("epochs", "target_cost", "patience", "evaluate_every")
"""Settings that say when training stops and is looked at: no run is another for those."""
_LOSS = f"layer.{COST}.loss"


class Difference(NamedTuple):
    """One thing that two runs do not have in common."""

    label: str
    """Of the setting, "α"; empty where the values speak for themselves."""
    old: str
    """Empty for a layer that was added."""
    new: str
    """Empty for a layer that was taken away."""
    place: str = ""
    """The name of the layer whose setting it is."""


def facts_of(project: Project) -> Facts:
    """All that decides how a document trains."""
    data = project.data
    facts: dict[str, Value] = {
        "data": data.source if data.source != FILE else PurePath(data.path).name
    }
    if data.source == FILE:
        facts["data.target"] = ", ".join(data.roles.targets)
    elif data.table is not None:
        facts["data.drawn"] = hashlib.blake2b(data.table.values.tobytes()).hexdigest()[:16]
    facts |= _settings("data", data)
    for node in project.network.nodes:
        key = f"layer.{node.id}"
        facts[key] = node.layer.kind
        facts[f"{key}.name"] = node.name
        facts |= _settings(key, node.layer)
    facts["wires"] = ", ".join(f"{edge.source} {edge.target}" for edge in project.network.edges)
    facts["seed"] = project.seed
    if project.experiment:
        facts["experiment"] = project.experiment
    return facts | _settings("training", project.training)


def _settings(key: str, of: HasSettings) -> dict[str, Value]:
    return {f"{key}.{setting.name}": getattr(of, setting.name) for setting in of.settings()}


def comparable(one: Facts, other: Facts) -> bool:
    """Whether costs of the two mean the same: of the same examples, and the same loss."""

    def examples(facts: Facts) -> dict[str, Value]:
        return {name: value for name, value in facts.items() if name.split(".")[0] == "data"} | {
            _LOSS: facts.get(_LOSS, "")
        }

    return examples(one) == examples(other)


def differences(old: Facts, new: Facts, *, all_of_them: bool = False) -> tuple[Difference, ...]:
    """What differs, the network first; without ``all_of_them`` only what learning depends on."""
    if old == new:
        return ()
    experiment = new.get("experiment", "")
    if experiment and experiment != old.get("experiment", "") and not all_of_them:
        # Another one of the course's says more than all that it sets.
        return (Difference(str(experiment), "", ""),)
    found = [*_layers(old, new), *_data(old, new)]
    if old.get("seed") != new.get("seed"):
        found.append(Difference("seed", str(old.get("seed", "")), str(new.get("seed", ""))))
    for setting in TrainingSettings.settings():
        if all_of_them or setting.name not in _ENDS:
            found += _setting(f"training.{setting.name}", setting, old, new)
    if not found and old.get("wires") != new.get("wires"):
        found.append(Difference("other wires", "", ""))
    return tuple(found)


def _layers(old: Facts, new: Facts) -> Iterator[Difference]:
    before, after = _kinds(old), _kinds(new)
    for key in before.keys() - after.keys():
        yield Difference("", str(old[f"{key}.name"]), "")
    for key in after.keys() - before.keys():
        yield Difference("", "", str(new[f"{key}.name"]))
    for key, kind in after.items():
        if key not in before:
            continue
        place = str(new[f"{key}.name"])
        if before[key] != kind:
            yield Difference("", _title(before[key]), _title(kind), place)
        elif kind in LAYERS:
            for setting in LAYERS[kind].settings():
                for found in _setting(f"{key}.{setting.name}", setting, old, new):
                    yield found._replace(place=place)


def _kinds(facts: Facts) -> dict[str, str]:
    """The layers in order, by key."""
    return {
        name: str(value)
        for name, value in facts.items()
        if name.startswith("layer.") and f"{name}.name" in facts
    }


def _title(kind: str) -> str:
    return LAYERS[kind].title if kind in LAYERS else kind


def _data(old: Facts, new: Facts) -> Iterator[Difference]:
    names = [str(facts.get("data", "")) for facts in (old, new)]
    if names[0] != names[1]:
        before, after = (SOURCES[name].title if name in SOURCES else name for name in names)
        yield Difference("", before, after)
        return  # how large they are and so on comes with them
    if old.get("data.target") != new.get("data.target"):
        yield Difference("", str(old.get("data.target", "")), str(new.get("data.target", "")))
    if old.get("data.drawn") != new.get("data.drawn"):
        yield Difference("other points", "", "")
    for setting in DataChoice.settings():
        yield from _setting(f"data.{setting.name}", setting, old, new)


def _setting(key: str, setting: Setting, old: Facts, new: Facts) -> Iterator[Difference]:
    before, after = old.get(key, setting.default), new.get(key, setting.default)
    if before != after:
        label = _SYMBOLS.get(setting.name, setting.label)
        yield Difference(label, _worded(setting, before), _worded(setting, after))


def _worded(setting: Setting, value: Value) -> str:
    if setting.choices:
        return setting.choice_title(str(value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
