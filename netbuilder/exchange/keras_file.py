"""The whole network as a Keras 3 model, and its weights alone; written without Keras."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from netbuilder import __version__
from netbuilder.data.dataset import Scaling
from netbuilder.errors import UserError
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.keras_layers import write
from netbuilder.exchange.keras_model import KerasModel, as_bytes
from netbuilder.exchange.trained import Trained
from netbuilder.files import replacing

_WRITTEN_FOR = "3.0.0"
"""The version of Keras whose file this is; all of Keras 3 read it."""
_SMALLEST = 1e-6
"""Keras divides by no deviation smaller than 1e-7."""
_LARGEST = 1e18
"""Of a deviation: Keras keeps its square in float32."""


def save(path: Path, trained: Trained) -> None:
    """Writes the model: ``features`` (m, n_x) in, not scaled, words as 0 and 1; Ŷ (m, n_y) out.

    Raises UserError for a layer or a scaling that Keras cannot do, and where h5py is missing.
    """
    model, output = built(trained)
    weights = io.BytesIO()
    model.write_weights(weights, output)
    metadata = {"keras_version": _WRITTEN_FOR, "netbuilder_version": __version__}
    with replacing(path) as handle, zipfile.ZipFile(handle, "w") as archive:
        archive.writestr("metadata.json", as_bytes(metadata))
        archive.writestr("config.json", as_bytes(model.config(output)))
        archive.writestr("model.weights.h5", weights.getvalue())
        # What Keras has no room for: names of features, classes and targets. It passes over it.
        archive.writestr("netbuilder.json", as_bytes(trained.description()))


def save_weights(path: Path, trained: Trained) -> None:
    """Writes what ``model.load_weights`` takes, for a model of the same layers; as ``save``."""
    model, output = built(trained)
    weights = io.BytesIO()
    model.write_weights(weights, output)
    with replacing(path) as handle:
        handle.write(weights.getvalue())


def built(trained: Trained) -> tuple[KerasModel, str]:
    """The model, and the name of the layer whose output is Ŷ in the targets' own units."""
    model, plan = KerasModel(trained.info.n_x), trained.plan
    tensors = {plan.nodes[0].id: _scaled(model, trained)}
    for node in plan.nodes[1:-1]:
        inputs = [tensors[id] for id in node.inputs]
        tensors[node.id] = write(model, node, inputs, trained.arrays(node))
    output = tensors[trained.output.id]
    if trained.target_scaling is not None:
        units, names = trained.target_scaling, trained.info.target_names
        output = _normalised(model, "units", output, units, names, invert=True)
    return model, output


def _scaled(model: KerasModel, trained: Trained) -> str:
    """(x − shift) / scale, in two steps far from zero, where float32 cannot hold the shift."""
    scaling = trained.scaling
    if scaling is None:
        return model.features
    coarse = scaling.shift.astype(np.float32).astype(np.float64)
    rest = (scaling.shift - coarse) / scaling.scale
    names = trained.info.feature_names
    scaled = _normalised(model, "scaling", model.features, Scaling(coarse, scaling.scale), names)
    if np.any(np.abs(rest) > 1e-6):
        fine = Scaling(rest, np.ones_like(rest))
        scaled = _normalised(model, "scaling's rest", scaled, fine, names)
    return scaled


def _normalised(
    model: KerasModel,
    wish: str,
    source: str,
    scaling: Scaling,
    names: tuple[str, ...],
    invert: bool = False,
) -> str:
    wrong = np.flatnonzero((scaling.scale < _SMALLEST) | (scaling.scale > _LARGEST))
    if wrong.size:
        raise UserError(
            "{name!r} is scaled by {scale:.3g}, but Keras can scale by {least:g} to {most:g} only. "
            "Write it in another unit, or export the network as .npz instead.",
            name=names[wrong[0]],
            scale=scaling.scale[wrong[0]],
            least=_SMALLEST,
            most=_LARGEST,
        )
    arrays = (scaling.shift, scaling.scale**2, np.array(0, np.int32))
    shape = model.layers[source].shape
    return model.add("Normalization", wish, [source], shape, arrays, axis=[-1], invert=invert)


FORMATS.add(
    "keras",
    Format("keras", "Keras model", ".keras", "loads by keras.models.load_model", save),
)
FORMATS.add(
    "keras_weights",
    Format(
        "keras_weights",
        "Keras weights",
        ".weights.h5",
        "loads by model.load_weights of the same layers",
        save_weights,
    ),
)
