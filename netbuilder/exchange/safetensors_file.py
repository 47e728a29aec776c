"""Weights as safetensors, named so that they load into a module of PyTorch."""

from __future__ import annotations

from pathlib import Path

from netbuilder.exchange.format import FORMATS, Format
from netbuilder.exchange.torch_network import TorchNetwork, torch_network
from netbuilder.exchange.trained import Trained, as_json
from netbuilder.files import replacing


def save(path: Path, trained: Trained) -> None:
    """Writes the state_dict of a chain of modules, or of the module that the metadata has.

    In a chain tensors are called ``<index>.weight``: the index is the module's place; every module
    takes one, those without tensors too, and the metadata's ``modules`` lists them all. In a graph
    with branches they are called ``<layer>.weight``, and the metadata's ``module`` is the text of
    the class that has them. Raises UserError for a layer that torch.nn has no module for.
    """
    made = content(trained)
    with replacing(path) as handle:
        handle.write(made)


def content(trained: Trained) -> bytes:
    """The file as bytes; raises UserError as ``save`` does."""
    network = torch_network(trained)
    # Imported late: only those who export wait for it.
    from safetensors.numpy import save as to_bytes

    found: bytes = to_bytes(network.tensors, _metadata(trained, network))
    return found


def _metadata(trained: Trained, network: TorchNetwork) -> dict[str, str]:
    """All values are text, as the format wants it; what is not a sentence is JSON."""
    meta = trained.description()
    before = "" if meta["scaling"] is None else " Scale the features first: (x - shift) / scale."
    after = ""
    if meta["target_scaling"] is not None:
        after = " Then undo target_scaling: output * scale + shift."
    if network.modules:
        model = "torch.nn.Sequential from the list in modules"
        modules = {"modules": as_json(network.modules)}
    else:
        model = "the class in module (an export as .py is a file that does it)"
        modules = {"module": network.text}
    return {
        "format": "pt",
        **modules,
        "layers": as_json(meta["layers"]),
        "scaling": as_json(meta["scaling"]),
        "target_scaling": as_json(meta["target_scaling"]),
        "class_names": as_json(meta["class_names"]),
        "feature_names": as_json(meta["feature_names"]),
        "target_names": as_json(meta["target_names"]),
        "loss": meta["loss"],
        "task": meta["task"],
        "use": f"Build {model}, call load_state_dict with "
        f"these tensors, then eval().{before}{after} The output is {meta['output']}.",
    }


FORMATS.add(
    "safetensors",
    Format(
        "safetensors", "PyTorch weights", ".safetensors", "loads into a module of PyTorch", save
    ),
)
