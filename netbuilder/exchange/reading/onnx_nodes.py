"""A node of an ONNX graph in words, and its attributes as values."""

from __future__ import annotations

from typing import Any

from netbuilder.errors import Message, UserError


def told(node: Any) -> str:
    return f"{node.name or '?'} ({node.op_type})"


def refused(node: Any, reason: str) -> UserError:
    return UserError(
        "The node {name} cannot be had here: {reason}.", name=told(node), reason=Message(reason)
    )


def value_of(attribute: Any) -> Any:
    """Of an attribute that is a number, a word or a list of numbers; None for others."""
    kinds = {1: "f", 2: "i", 3: "s", 6: "floats", 7: "ints"}
    field = kinds.get(attribute.type)
    if field is None:
        return None
    found = getattr(attribute, field)
    if field == "s":
        return found.decode(errors="replace")
    return list(found) if field in ("floats", "ints") else found
