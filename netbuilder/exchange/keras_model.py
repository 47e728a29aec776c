"""A Keras model while it is put together: layers by name, the tensors between them, and arrays."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from netbuilder.engine.layer import Array, Shape
from netbuilder.errors import UserError
from netbuilder.exchange.onnx_graph import free_name


@dataclass(frozen=True)
class KerasLayer:
    """One layer of the model: what it is, what feeds it, and what it has learned."""

    name: str
    kind: str
    """Keras's class."""
    config: Mapping[str, Any]
    inputs: tuple[str, ...]
    shape: Shape
    """Of its output, without the examples."""
    arrays: tuple[Array, ...]
    """In the order of its weights in Keras."""
    module: str


class KerasModel:
    """Collects layers; every name is used once. Images are (m, height, width, channels)."""

    def __init__(self, width: int) -> None:
        self.layers: dict[str, KerasLayer] = {}
        self.features = self.add("InputLayer", "features", (), (width,), batch_shape=[None, width])

    def add(
        self,
        kind: str,
        wish: str,
        inputs: Sequence[str],
        shape: Shape,
        arrays: Sequence[Array] = (),
        module: str = "keras.layers",
        **config: Any,
    ) -> str:
        """Adds a layer and gives its name, which is its output's too."""
        name = free_name(wish.replace("/", "∕"), self.layers)  # Keras's names have no "/"
        if module == "keras.layers":
            config["dtype"] = "float32"
        self.layers[name] = KerasLayer(
            name, kind, {"name": name, **config}, tuple(inputs), shape, tuple(arrays), module
        )
        return name

    def config(self, output: str) -> dict[str, Any]:
        """What Keras writes into config.json."""
        return {
            "module": "keras.src.models.functional",
            "class_name": "Functional",
            "config": {
                "name": "netbuilder",
                "trainable": True,
                "layers": [self._described(layer) for layer in self.layers.values()],
                "input_layers": [self.features, 0, 0],
                "output_layers": [output, 0, 0],
            },
            "registered_name": "Functional",
            "build_config": {"input_shape": None},
        }

    def _described(self, layer: KerasLayer) -> dict[str, Any]:
        tensors = [self._tensor(name) for name in layer.inputs]
        several = layer.kind in ("Add", "Multiply", "Concatenate")
        fed: list[Any] = (
            [{"args": [tensors] if several else tensors, "kwargs": {}}] if tensors else []
        )
        return {
            "module": layer.module,
            "class_name": layer.kind,
            "config": dict(layer.config),
            "registered_name": None if layer.module == "keras.layers" else layer.kind,
            "name": layer.name,
            "inbound_nodes": fed,
        }

    def _tensor(self, name: str) -> dict[str, Any]:
        shape = [None, *self.layers[name].shape]
        return {
            "class_name": "__keras_tensor__",
            "config": {"shape": shape, "dtype": "float32", "keras_history": [name, 0, 0]},
        }

    def write_weights(self, handle: BinaryIO, output: str) -> None:
        """Writes what Keras writes into model.weights.h5: arrays by the layer's class and place.

        Raises UserError where h5py is not installed.
        """
        try:
            # Imported late: only those who export wait for it.
            import h5py
        except ImportError:
            raise UserError(
                "A file for Keras needs a library that is not installed: "
                "pip install 'netbuilder[keras]' brings it."
            ) from None
        counts: dict[str, int] = {}
        with h5py.File(handle, "w") as file:
            file.create_group("vars").attrs["name"] = "netbuilder"
            for layer in self._in_order(output):
                if layer.module != "keras.layers":
                    continue
                base = snake_case(layer.kind)
                number = counts[base] = counts.get(base, -1) + 1
                path = f"layers/{base}_{number}" if number else f"layers/{base}"
                group = file.create_group(f"{path}/vars")
                group.attrs["name"] = layer.name
                for k, array in enumerate(layer.arrays):
                    whole = np.issubdtype(array.dtype, np.integer)
                    group[str(k)] = np.asarray(array, "<i4" if whole else "<f4", order="C")

    def _in_order(self, output: str) -> list[KerasLayer]:
        """The layers in the order of Keras's ``model.layers``, by which it numbers their weights.

        Farthest from the output first; of those as far, the one that is met first when the graph
        is walked from the output back (keras/src/ops/function.py, map_graph).
        """
        met: dict[str, int] = {}
        ahead = [output]
        while ahead:
            name = ahead.pop()
            if name not in met:
                met[name] = len(met)
                ahead += reversed(self.layers[name].inputs)
        depth = dict.fromkeys(met, 0)
        for name in reversed(list(self.layers)):  # a layer comes after those that feed it
            for source in self.layers[name].inputs if name in met else ():
                depth[source] = max(depth[source], depth[name] + 1)
        return [self.layers[name] for name in sorted(met, key=lambda n: (-depth[n], met[n]))]


def as_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def snake_case(name: str) -> str:
    """As Keras makes a group's name of a class's: max_pooling2d, leaky_re_lu."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
