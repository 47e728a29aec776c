"""Weights as NumPy arrays: W1, b1, W2, … written, and read back with shapes checked first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from netbuilder.data.dataset import Dataset, Scaling
from netbuilder.engine.layer import Layer, Shape
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.parameters import PARAMETERS
from netbuilder.engine.program import Array, Plan, Weights
from netbuilder.errors import Message, UserError
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.trained import (
    Trained,
    after_each_layer,
    as_json,
    described_layers,
    is_chain,
    parameter_names,
)
from netbuilder.files import replacing
from netbuilder.npz import Flaw, Refused, Stored, opened

_META_BYTES = 64 * 1024**2
_NO_WEIGHTS = (
    "{path} is not a weights file: expected an NPZ with W1, b1, …, but it cannot be read "
    "({reason})."
)
_SENTENCES = {
    Flaw.HEADER: "{array} in {path} is not an array of numbers: {reason}.",
    Flaw.OBJECTS: "{array} in {path} holds {dtype} values, expected numbers.",
    Flaw.TYPE: "{array} in {path} holds {dtype} values, expected numbers.",
    Flaw.EXPANSION: (
        "{array} in {path} would unpack to {times:,.0f} times its size in the file, as only a "
        "damaged or hostile file does."
    ),
    Flaw.SHORT: "{array} in {path} is cut off: its numbers do not fill the shape {shape}.",
    Flaw.LONG: "{array} in {path} is longer than its shape {shape} says; the file is damaged.",
}


def save(path: Path, trained: Trained) -> None:
    """Writes W[l] (n[l], n[l-1]) and b[l] (n[l], 1), and ``meta``, a JSON string with all the rest.

    A chain has W1, b1, W2, …; a graph with branches ``<layer name>.W``. Raises UserError when
    the file cannot be written.
    """
    names = parameter_names(trained.plan)
    if len(set(names.values())) < len(names):
        raise UserError(
            "Two layers of this network have the same name, and weights are written by name. "
            "Rename one of them."
        )
    arrays: dict[str, Any] = {name: trained.weights[key] for key, name in names.items()}
    meta = np.array(as_json(trained.description()))
    with replacing(path) as handle:
        np.savez(handle, allow_pickle=False, meta=meta, **arrays)


def load_weights(path: Path, plan: Plan) -> Weights:
    """The weights in the file by ``"<node id>.<parameter>"``, float64, for this plan and no other.

    Nothing is read before its claimed shape is found to be the plan's, so that a file can claim
    what it likes. Raises UserError when the file is no NPZ, or when a layer is missing, too many,
    or of another shape; the sentence names the layer and both shapes.
    """
    names = parameter_names(plan)
    labels = {
        names[f"{node.id}.{name}"]: f"{names[f'{node.id}.{name}']} ({node.name})"
        for node in plan.nodes
        for name in node.stored_shapes
    }
    try:
        with opened(path) as archive:
            _check_names(path, plan, names, archive.names)
            return {
                key: _read(
                    path,
                    labels[names[key]],
                    archive.stored(names[key], "fiu"),
                    shape,
                    squares=PARAMETERS[key.rpartition(".")[2]].squares,
                )
                for key, shape in plan.stored.items()
            }
    except Refused as refused:
        sentence = _SENTENCES.get(refused.flaw, _NO_WEIGHTS)
        array = labels.get(refused.values.get("name", ""))
        raise UserError(sentence, path=str(path), array=array, **refused.values) from None
    except FileNotFoundError:
        raise UserError("There is no file {path}.", path=str(path)) from None
    except OSError as error:
        raise UserError(
            "{path} cannot be read: {reason}.", path=str(path), reason=error.strerror or str(error)
        ) from None


def disagreements(path: Path, plan: Plan, dataset: Dataset) -> list[Message]:
    """What the file's ``meta`` says that is otherwise here, although the shapes fit.

    The weights can be trained on then, but until that they predict something else than before.
    Nothing for a file without a readable ``meta``, such as one made by hand.
    """
    found = _meta(path)
    layers = _in_short(described_layers(plan))
    if isinstance(found.get("layers"), list):
        found["layers"], layers = _differing(_in_short(found["layers"]), layers)
    expected = {
        "layers": layers,
        "activations": after_each_layer(plan),
        "feature_names": list(dataset.info.feature_names),
        "class_names": list(dataset.info.class_names),
    }
    labels = {
        "layers": "the layers",
        "activations": "the activations",
        "feature_names": "the features",
        "class_names": "the classes",
    }
    messages = [
        Message(
            "{file} was trained with {what} {found}, but here they are {expected}.",
            file=path.name,
            what=Message(labels[key]),
            found=_listed(found[key]) or "none",
            expected=_listed(here) or "none",
        )
        for key, here in expected.items()
        if isinstance(found.get(key), list) and found[key] != here
    ]
    if "scaling" in found and not _same_scaling(found["scaling"], dataset.scaling):
        messages.append(
            Message(
                "{file} was trained on features that were scaled in another way than here.",
                file=path.name,
            )
        )
    if "target_scaling" in found and not _same_scaling(
        found["target_scaling"], dataset.target_scaling
    ):
        messages.append(
            Message(
                "{file} was trained on targets that were scaled in another way than here.",
                file=path.name,
            )
        )
    return messages


def _meta(path: Path) -> dict[str, Any]:
    try:
        with opened(path, _META_BYTES) as archive:
            stored = archive.stored("meta", "U")
            meta = json.loads(str(stored.read())) if stored.shape == () else None
            return meta if isinstance(meta, dict) else {}
    except (KeyError, OSError, Refused, ValueError, RecursionError):
        return {}


def _in_short(layers: list[Any]) -> list[str]:
    """Such as "max_pool2d size 3 stride 2" for every layer that could differ without being seen."""
    found = []
    for layer in layers:
        if not isinstance(layer, dict):
            continue
        kind = str(layer.get("type"))
        if kind not in LAYERS:
            found.append(kind)
        elif not LAYERS[kind].shapes_tell_all:
            told = [f"{name} {layer[name]}" for name in _telling(LAYERS[kind]) if name in layer]
            found.append(" ".join([kind, *told]))
    return found


def _telling(kind: type[Layer]) -> list[str]:
    """Settings that change predictions though every array and activation stays as it is."""
    seen = ("activation", kind.width_setting)
    return [s.name for s in kind.settings() if not s.learning and s.name not in seen]


def _differing(there: list[str], here: list[str]) -> tuple[list[str], list[str]]:
    """Both without the layers that are the same at the same place, if they are as many."""
    if len(there) != len(here):
        return there, here
    pairs = [(a, b) for a, b in zip(there, here, strict=True) if a != b]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _same_scaling(found: Any, here: Scaling | None) -> bool:
    if found is None:
        return here is None
    try:
        shift, scale = (np.asarray(found[name], np.float64) for name in ("shift", "scale"))
        return same_scaling(Scaling(shift, scale), here)
    except (KeyError, TypeError, ValueError):
        return False


def same_scaling(one: Scaling | None, other: Scaling | None) -> bool:
    """Whether both do the same, as far as anybody could tell."""
    if one is None or other is None:
        return one is None and other is None
    pairs = (one.shift, other.shift), (one.scale, other.scale)
    return all(a.shape == b.shape and np.allclose(a, b) for a, b in pairs)


def _check_names(path: Path, plan: Plan, names: dict[str, str], members: tuple[str, ...]) -> None:
    """The file has every array that the network needs, and no further layers."""
    for node in plan.nodes:
        for name in node.stored_shapes:
            outside = names[f"{node.id}.{name}"]
            if outside not in members:
                raise UserError(
                    "{path} has no {array}, the {parameter} of layer {layer} with shape "
                    "{expected}; it holds {found}.",
                    path=str(path),
                    array=outside,
                    parameter=PARAMETERS[name].title,
                    layer=node.name,
                    expected=str(node.stored_shapes[name]),
                    found=_listed(sorted(members)) or "no arrays",
                )
    extra = sorted(
        name for name in members if name not in names.values() and _is_parameter(plan, name)
    )
    if extra:
        raise UserError(
            "{path} holds {extra} too, but this network has no layer for it: it has {count} layers "
            "with parameters.",
            path=str(path),
            extra=_listed(extra),
            count=len(plan.layer_numbers),
        )


def _is_parameter(plan: Plan, name: str) -> bool:
    if is_chain(plan):
        return name.rstrip("0123456789") in PARAMETERS and name[-1:].isdigit()
    return "." in name and name.rpartition(".")[2] in PARAMETERS


def _read(path: Path, label: str, stored: Stored, shape: Shape, squares: bool) -> Array:
    """The array, float64, once its header claims the shape that it must have.

    ``squares``: it is a mean of squares, which cannot be negative.
    """
    if stored.shape != shape:
        raise UserError(
            "{array} in {path} has shape {found}, but this network needs {expected}.",
            array=label,
            path=str(path),
            found=str(stored.shape),
            expected=str(shape),
        )
    numbers = stored.read().astype(np.float64, copy=False)
    if not np.isfinite(numbers).all():
        raise UserError(
            "{array} in {path} holds values that are not finite; these weights cannot be used.",
            array=label,
            path=str(path),
        )
    if squares and (numbers < 0).any():
        raise UserError(
            "{array} in {path} holds negative values, which a variance cannot have.",
            array=label,
            path=str(path),
        )
    return numbers


def _listed(names: list[Any]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(map(str, names[:8])) + more


FORMATS.add("npz", Format("npz", "NumPy weights", ".npz", "W1, b1, W2, … as NumPy arrays", save))
