"""A graph of ONNX operators while it is put together: every tensor gets a name of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto, ValueInfoProto

ML = "ai.onnx.ml"
"""The standard's own domain for tables: words, classes."""


class Graph:
    """Collects nodes, constants, inputs and outputs; every tensor name is used once.

    The names of the model's inputs and outputs are kept for these, whatever layers are called.
    """

    def __init__(self, kept: Iterable[str]) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self.inputs: list[ValueInfoProto] = []
        self.outputs: list[ValueInfoProto] = []
        self._names = set(kept)

    def _free(self, wish: str) -> str:
        """The name, or the name with a number where it is taken."""
        name = free_name(wish, self._names)
        self._names.add(name)
        return name

    def input(self, name: str, type: str, width: int) -> None:
        """Adds an input (m, width) of a type such as "FLOAT"."""
        self.inputs.append(_info(name, type, width))

    def output(
        self, name: str, tensor: str, type: str = "STRING", width: int | None = None
    ) -> None:
        """Makes a tensor an output (m, width), or (m,)."""
        self._node("Identity", [tensor], [name])
        self.outputs.append(_info(name, type, width))

    def constant(self, wish: str, value: Any, dtype: type = np.float32) -> str:
        """Adds an array and gives its name."""
        # Imported late, as everywhere: only those who export wait for it.
        from onnx import numpy_helper

        name = self._free(wish)
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Adds one operator and gives the name of its result."""
        return self._node(op, inputs, [self._free(output)], **attributes)[0]

    def cast(self, tensor: str, type: str, output: str) -> str:
        from onnx import TensorProto

        return self.node("Cast", [tensor], output, to=getattr(TensorProto, type))

    def split(self, tensor: str, count: int, output: str) -> list[str]:
        """The columns of a tensor (m, count), each (m, 1)."""
        widths = self.constant(f"{output} widths", [1] * count, np.int64)
        names = [self._free(output) for _ in range(count)]
        return self._node("Split", [tensor, widths], names, axis=1)

    def _node(
        self, op: str, inputs: Sequence[str], outputs: list[str], **attributes: Any
    ) -> list[str]:
        from onnx import helper

        self.nodes.append(
            helper.make_node(op, list(inputs), outputs, name=outputs[0], **attributes)
        )
        return outputs


def free_name(wish: str, taken: Iterable[str]) -> str:
    """The name, or the name with the first number that makes it another than those taken."""
    taken = set(taken)
    name, number = wish, 2
    while name in taken:
        name, number = f"{wish} {number}", number + 1
    return name


def _info(name: str, type: str, width: int | None) -> ValueInfoProto:
    from onnx import TensorProto, helper

    shape = ["m"] if width is None else ["m", width]
    return helper.make_tensor_value_info(name, getattr(TensorProto, type), shape)
