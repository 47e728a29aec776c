"""Weights as safetensors, named so that they load into a torch.nn.Sequential."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from netbuilder.engine.layers import Activation, Dense, Dropout
from netbuilder.errors import UserError
from netbuilder.exchange.trained import Trained, as_json, branch_reason, is_chain
from netbuilder.files import replacing

TORCH_ACTIVATIONS = {
    "sigmoid": "Sigmoid()",
    "tanh": "Tanh()",
    "relu": "ReLU()",
    "leaky_relu": "LeakyReLU(0.01)",
    "elu": "ELU()",
    "gelu": "GELU(approximate='tanh')",
    "softplus": "Softplus()",
    "silu": "SiLU()",
    "softmax": "Softmax(dim=1)",
}
"""The module of torch.nn that computes each activation; linear needs none."""


def save(path: Path, trained: Trained) -> None:
    """Writes ``<index>.weight`` (out, in) and ``<index>.bias`` (out,).

    The index is the module's place: Linear, activation and Dropout each take one, and the
    metadata's ``modules`` lists them all. Raises UserError for a network that is no chain of them.
    """
    plan = trained.plan
    if not is_chain(plan):
        raise UserError(
            "safetensors is written for torch.nn.Sequential, a chain of layers, but in this "
            "network {reason}. Export it as .onnx or .npz instead.",
            reason=branch_reason(plan),
        )
    modules: list[str] = []
    tensors: dict[str, np.ndarray] = {}
    for step in plan.steps[1:-1]:
        layer = step.layer
        if isinstance(layer, Dense):
            W, b = trained.weights[f"{step.id}.W"], trained.weights[f"{step.id}.b"]
            tensors[f"{len(modules)}.weight"] = np.ascontiguousarray(W)
            tensors[f"{len(modules)}.bias"] = np.ascontiguousarray(b[:, 0])
            modules.append(f"Linear({W.shape[1]}, {W.shape[0]})")
            modules += _activation(layer.activation)
        elif isinstance(layer, Activation):
            modules += _activation(layer.activation)
        elif isinstance(layer, Dropout):
            modules.append(f"Dropout({layer.rate})")
        else:
            raise UserError(
                "{name} is a {title} layer, which torch.nn.Sequential has no module for here. "
                "Export the network as .onnx or .npz instead.",
                name=step.name,
                title=layer.title,
            )
    # Imported late: only those who export wait for it.
    from safetensors.numpy import save as to_bytes

    content = to_bytes(tensors, _metadata(trained, modules))
    with replacing(path) as handle:
        handle.write(content)


def _activation(name: str) -> Iterable[str]:
    return () if name == "linear" else (TORCH_ACTIVATIONS[name],)


def _metadata(trained: Trained, modules: list[str]) -> dict[str, str]:
    """All values are text, as the format wants it; what is not a sentence is JSON."""
    meta = trained.description()
    before = "" if meta["scaling"] is None else " Scale the features first: (x - shift) / scale."
    return {
        "format": "pt",
        "modules": as_json(modules),
        "scaling": as_json(meta["scaling"]),
        "class_names": as_json(meta["class_names"]),
        "feature_names": as_json(meta["feature_names"]),
        "target_names": as_json(meta["target_names"]),
        "loss": meta["loss"],
        "task": meta["task"],
        "use": "Build torch.nn.Sequential from the list in modules, call load_state_dict with "
        f"these tensors, then eval().{before} The output is {meta['output']}.",
    }
