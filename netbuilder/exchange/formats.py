"""The formats that trained networks can be taken away in, found by the suffix of a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from netbuilder.errors import UserError
from netbuilder.exchange import npz, onnx_file, safetensors_file
from netbuilder.exchange.trained import Trained
from netbuilder.registry import Registry


@dataclass(frozen=True)
class Format:
    """One kind of file; ``save`` raises UserError for what the format cannot hold."""

    name: str
    title: str
    suffix: str
    summary: str
    save: Callable[[Path, Trained], None]


FORMATS: Registry[Format] = Registry("format")
for _format in (
    Format("npz", "NumPy weights", ".npz", "W1, b1, W2, … as NumPy arrays", npz.save),
    Format(
        "safetensors",
        "PyTorch weights",
        ".safetensors",
        "loads into torch.nn.Sequential",
        safetensors_file.save,
    ),
    Format("onnx", "ONNX model", ".onnx", "runs in onnxruntime, scaling included", onnx_file.save),
):
    FORMATS.add(_format.name, _format)


def format_of(path: Path) -> Format:
    """The format that the suffix asks for; for any other, UserError lists the formats."""
    for found in FORMATS.values():
        if path.suffix.lower() == found.suffix:
            return found
    raise UserError(
        "{path} cannot be written: {problem}. Formats: {known}.",
        path=str(path),
        problem=f"there is no export to {path.suffix}" if path.suffix else "its name has no suffix",
        known=", ".join(f"{found.suffix} ({found.title})" for found in FORMATS.values()),
    )


def export(path: Path, trained: Trained) -> Format:
    """Writes the file in the format of its suffix, all of it or nothing, and says which it was."""
    found = format_of(path)
    found.save(path, trained)
    return found
