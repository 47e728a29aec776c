"""Weights as safetensors, named so that they load into a torch.nn.Sequential."""

from __future__ import annotations

from pathlib import Path

from netbuilder.engine.layer import Array
from netbuilder.errors import UserError
from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.torch_modules import modules
from netbuilder.exchange.trained import Trained, as_json, branch_reason, is_chain
from netbuilder.files import replacing


def save(path: Path, trained: Trained) -> None:
    """Writes ``<index>.weight``, ``<index>.bias`` and what else a module's state_dict holds.

    The index is the module's place: every module takes one, those without tensors too, and the
    metadata's ``modules`` lists them all. Raises UserError for a network that is no chain of them.
    """
    plan = trained.plan
    if not is_chain(plan):
        raise UserError(
            "safetensors is written for torch.nn.Sequential, a chain of layers, but in this "
            "network {reason}. Export it as .onnx or .npz instead.",
            reason=branch_reason(plan),
        )
    texts: list[str] = []
    tensors: dict[str, Array] = {}
    for node in plan.nodes[1:-1]:
        for module in modules(node, plan.input_shapes(node)[0], trained.arrays(node)):
            tensors |= {f"{len(texts)}.{name}": array for name, array in module.state.items()}
            texts.append(module.text)
    # Imported late: only those who export wait for it.
    from safetensors.numpy import save as to_bytes

    content = to_bytes(tensors, _metadata(trained, texts))
    with replacing(path) as handle:
        handle.write(content)


def _metadata(trained: Trained, modules: list[str]) -> dict[str, str]:
    """All values are text, as the format wants it; what is not a sentence is JSON."""
    meta = trained.description()
    before = "" if meta["scaling"] is None else " Scale the features first: (x - shift) / scale."
    after = ""
    if meta["target_scaling"] is not None:
        after = " Then undo target_scaling: output * scale + shift."
    return {
        "format": "pt",
        "modules": as_json(modules),
        "scaling": as_json(meta["scaling"]),
        "target_scaling": as_json(meta["target_scaling"]),
        "class_names": as_json(meta["class_names"]),
        "feature_names": as_json(meta["feature_names"]),
        "target_names": as_json(meta["target_names"]),
        "loss": meta["loss"],
        "task": meta["task"],
        "use": "Build torch.nn.Sequential from the list in modules, call load_state_dict with "
        f"these tensors, then eval().{before}{after} The output is {meta['output']}.",
    }


FORMATS.add(
    "safetensors",
    Format(
        "safetensors", "PyTorch weights", ".safetensors", "loads into torch.nn.Sequential", save
    ),
)
