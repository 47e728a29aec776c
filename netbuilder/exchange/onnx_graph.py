"""A graph of ONNX operators while it is put together: every tensor gets a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto


class Graph:
    """Collects nodes and constants; every tensor name is used once.

    The names of the model's input and output are kept for these, whatever layers are called.
    """

    def __init__(self, features: str, output: str) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self._output = output
        self._names = {features, output}

    def _free(self, wish: str) -> str:
        """The name, or the name with a number where it is taken."""
        name, number = wish, 2
        while name in self._names:
            name, number = f"{wish} {number}", number + 1
        self._names.add(name)
        return name

    def constant(self, wish: str, value: Any, dtype: type = np.float32) -> str:
        """Adds an array and gives its name."""
        # Imported late, as everywhere: only those who export wait for it.
        from onnx import numpy_helper

        name = self._free(wish)
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Adds one operator and gives the name of its result."""
        return self._node(op, inputs, self._free(output), **attributes)

    def finish(self, tensor: str) -> None:
        """Makes a tensor the model's output."""
        self._node("Identity", [tensor], self._output)

    def _node(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.nodes.append(helper.make_node(op, list(inputs), [output], name=output, **attributes))
        return output
