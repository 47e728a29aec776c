"""Weights as NumPy arrays: W1, b1, W2, … written, and read back with shapes checked first."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from netbuilder.data.dataset import Dataset, Scaling
from netbuilder.engine.program import Plan, Weights
from netbuilder.errors import Message, UserError
from netbuilder.exchange.trained import (
    Trained,
    after_each_layer,
    as_json,
    is_chain,
    parameter_names,
)
from netbuilder.files import replacing

_HEADER_BYTES = 65_536
"""More than the header of any array of numbers takes."""
_META_BYTES = 64 * 1024**2
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""What zipfile raises for files that are cut off, changed, encrypted or no archive at all."""
_HEADER_ERRORS = (ValueError, TypeError, SyntaxError, TokenError, RecursionError, MemoryError)
"""How NumPy's reader fails on headers that nobody wrote in good faith."""


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
    """The weights in the file by ``"<step id>.<parameter>"``, float64, for this plan and no other.

    Nothing is read before its claimed shape is found to be the plan's, so that a file can claim
    what it likes. Raises UserError when the file is no NPZ, or when a layer is missing, too many,
    or of another shape; the sentence names the layer and both shapes.
    """
    names = parameter_names(plan)
    try:
        with zipfile.ZipFile(path) as archive:
            members = {
                info.filename.removesuffix(".npy"): info
                for info in archive.infolist()
                if info.filename.endswith(".npy")
            }
            _check_names(path, plan, names, members)
            labels = {
                f"{step.id}.{name}": f"{names[f'{step.id}.{name}']} ({step.name})"
                for step in plan.steps
                for name in step.parameter_shapes
            }
            weights = {}
            for key, shape in plan.parameters.items():
                info = members[names[key]]
                with archive.open(info) as handle:
                    weights[key] = _read(path, labels[key], handle, info.file_size, shape)
            return weights
    except FileNotFoundError:
        raise UserError("There is no file {path}.", path=str(path)) from None
    except _DAMAGED as error:
        raise UserError(
            "{path} is not a weights file: expected an NPZ with W1, b1, …, but it cannot be read "
            "({reason}).",
            path=str(path),
            reason=str(error) or type(error).__name__,
        ) from None
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
    expected = {
        "activations": after_each_layer(plan),
        "feature_names": list(dataset.info.feature_names),
        "class_names": list(dataset.info.class_names),
    }
    labels = {
        "activations": "the activations",
        "feature_names": "the features",
        "class_names": "the classes",
    }
    messages = [
        Message(
            "{file} was trained with {what} {found}, but here they are {expected}.",
            file=path.name,
            what=Message(labels[key]),
            found=_listed(found[key]),
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
    return messages


def _meta(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open("meta.npy") as handle:
            if npy.read_magic(handle) != (1, 0):
                return {}
            shape, _, dtype = npy.read_array_header_1_0(handle)
            if shape != () or dtype.kind != "U" or dtype.itemsize > _META_BYTES:
                return {}
            meta = json.loads(str(np.frombuffer(handle.read(dtype.itemsize), dtype)[0]))
            return meta if isinstance(meta, dict) else {}
    except (KeyError, OSError, *_DAMAGED, *_HEADER_ERRORS):
        return {}


def _same_scaling(found: Any, here: Scaling | None) -> bool:
    if found is None or here is None:
        return found is None and here is None
    try:
        shift, scale = (np.asarray(found[name], np.float64) for name in ("shift", "scale"))
        return np.allclose(shift, here.shift) and np.allclose(scale, here.scale)
    except (KeyError, TypeError, ValueError):
        return False


def _check_names(
    path: Path, plan: Plan, names: dict[str, str], members: dict[str, zipfile.ZipInfo]
) -> None:
    """The file has every array that the network needs, and no further layers."""
    for step in plan.steps:
        for name in step.parameter_shapes:
            outside = names[f"{step.id}.{name}"]
            if outside not in members:
                raise UserError(
                    "{path} has no {array}, the {parameter} of layer {layer} with shape "
                    "{expected}; it holds {found}.",
                    path=str(path),
                    array=outside,
                    parameter="weights" if name == "W" else "biases",
                    layer=step.name,
                    expected=str(step.parameter_shapes[name]),
                    found=_listed(sorted(members)) or "no arrays",
                )
    extra = sorted(
        name for name in members if name not in names.values() and _is_parameter(plan, name)
    )
    if extra:
        raise UserError(
            "{path} holds {extra} too, but this network has no layer for it: it has {count} layers "
            "with weights.",
            path=str(path),
            extra=_listed(extra),
            count=len(plan.layer_numbers),
        )


def _is_parameter(plan: Plan, name: str) -> bool:
    if is_chain(plan):
        return name[:1] in ("W", "b") and name[1:].isdigit()
    return name.endswith((".W", ".b"))


def _read(path: Path, label: str, handle: IO[bytes], size: int, shape: tuple[int, ...]) -> Any:
    """The array, once its header claims the shape that it must have."""
    try:
        version = npy.read_magic(handle)
        if version == (1, 0):
            found, fortran, dtype = npy.read_array_header_1_0(handle)
        elif version == (2, 0):
            found, fortran, dtype = npy.read_array_header_2_0(handle)
        else:
            raise ValueError(f"version {version} of the array format")
    except _HEADER_ERRORS as error:
        raise UserError(
            "{array} in {path} is not an array of numbers: {reason}.",
            array=label,
            path=str(path),
            reason=str(error).splitlines()[0],
        ) from None
    if found != shape:
        raise UserError(
            "{array} in {path} has shape {found}, but this network needs {expected}.",
            array=label,
            path=str(path),
            found=str(found),
            expected=str(shape),
        )
    if dtype.hasobject or dtype.kind not in "fiu":
        raise UserError(
            "{array} in {path} holds {dtype} values, expected numbers.",
            array=label,
            path=str(path),
            dtype="object" if dtype.hasobject else str(dtype),
        )
    count = int(np.prod(shape, dtype=np.int64))
    if size > count * dtype.itemsize + _HEADER_BYTES:
        raise UserError(
            "{array} in {path} is longer than its shape {shape} says; the file is damaged.",
            array=label,
            path=str(path),
            shape=str(shape),
        )
    content = handle.read(count * dtype.itemsize)
    if len(content) < count * dtype.itemsize:
        raise EOFError(f"{label} is cut off")
    array = np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")
    numbers = np.array(array, dtype=np.float64, order="C")
    if not np.isfinite(numbers).all():
        raise UserError(
            "{array} in {path} holds values that are not finite; these weights cannot be used.",
            array=label,
            path=str(path),
        )
    return numbers


def _listed(names: list[Any]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(map(str, names[:8])) + more
