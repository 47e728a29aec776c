"""Any graph as a module of PyTorch: the text of its class, and the tensors of its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from netbuilder.engine.layer import Array
from netbuilder.engine.layers import LAYERS
from netbuilder.engine.plan import PlanNode
from netbuilder.exchange.code.parts import described, named_nodes
from netbuilder.exchange.code.text import Call, Raw, assigned, comment
from netbuilder.exchange.torch_modules import Module, modules
from netbuilder.exchange.trained import Trained, is_chain
from netbuilder.registry import Facet

JOINS: Facet[Callable[[Sequence[Raw]], Call | Raw]] = Facet(LAYERS, "torch joins")
"""What computes A of several inputs, which it is given as code."""

JOINS.add("add", lambda inputs: Raw(" + ".join(inputs)))
JOINS.add("multiply", lambda inputs: Raw(" * ".join(inputs)))
JOINS.add("concatenate", lambda inputs: Call("torch.cat", list(inputs), dim=1))
for _kind, _layer in LAYERS.items():
    if _layer.max_inputs in (0, 1):
        JOINS.without(_kind, "it has no several inputs")


class TorchNetwork(NamedTuple):
    """The text of a class ``Network``, and the tensors that its ``load_state_dict`` takes."""

    text: str
    modules: list[str]
    """Of a chain the modules one after the other, as torch.nn calls them; none of a graph."""
    tensors: dict[str, Array]


def torch_network(trained: Trained) -> TorchNetwork:
    """A chain as one torch.nn.Sequential, tensors ``0.weight``, …; a graph by its layers' names.

    Raises UserError for a layer that torch.nn has no module for.
    """
    return _chain(trained) if is_chain(trained.plan) else _graph(trained)


def _modules(trained: Trained, node: PlanNode) -> list[Module]:
    return modules(node, trained.plan.input_shapes(node)[0], trained.arrays(node))


def _code(module: Module) -> Raw:
    return Raw("nn." + module.text.replace("'", '"'))


def _chain(trained: Trained) -> TorchNetwork:
    lines = [
        "class Network(nn.Sequential):",
        '    """The layers, one after the other."""',
        "",
        "    def __init__(self) -> None:",
        "        super().__init__(",
    ]
    texts: list[str] = []
    tensors: dict[str, Array] = {}
    for node in trained.plan.nodes[1:-1]:
        lines.append("            " + comment(described(node), 88))
        for module in _modules(trained, node):
            tensors |= {f"{len(texts)}.{name}": array for name, array in module.state.items()}
            lines.append(f"            {_code(module)},")
            texts.append(module.text)
    return TorchNetwork("\n".join([*lines, "        )"]), texts, tensors)


def _graph(trained: Trained) -> TorchNetwork:
    plan, names = trained.plan, named_nodes(trained.plan)
    made, computed = [], []
    tensors: dict[str, Array] = {}
    for node in plan.nodes[1:-1]:
        name, inputs = names[node.id], [Raw(names[id]) for id in node.inputs]
        join = JOINS.get(node.layer.kind)
        if join is not None:
            computed.append(assigned(name, join(inputs), 2))
            continue
        parts = _modules(trained, node)
        if not parts:  # nothing is to be done, as by a linear activation
            computed.append(assigned(name, inputs[0], 2))
            continue
        several = len(parts) > 1
        for place, module in enumerate(parts):
            prefix = f"{name}.{place}" if several else name
            tensors |= {f"{prefix}.{key}": array for key, array in module.state.items()}
        found = Call("nn.Sequential", *map(_code, parts)) if several else _code(parts[0])
        made += ["        " + comment(described(node), 92), assigned(f"self.{name}", found, 2)]
        computed.append(assigned(name, Call(f"self.{name}", *inputs), 2))
    lines = [
        "class Network(nn.Module):",
        '    """The layers, and how they feed each other."""',
        "",
        "    def __init__(self) -> None:",
        "        super().__init__()",
        *made,
        "",
        "    def forward(self, x: torch.Tensor) -> torch.Tensor:",
        *computed,
        f"        return {names[plan.nodes[-1].inputs[0]]}",
    ]
    return TorchNetwork("\n".join(lines), [], tensors)
