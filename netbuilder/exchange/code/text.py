"""Python text: values as literals, calls, comments and imports, laid out as a formatter would."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from netbuilder.errors import told

WIDTH = 100
_TAB = "    "

_IMPORTED = {
    "Any": "typing",
    "Callable": "collections.abc",
    "DataLoader": "torch.utils.data",
    "DistributedDataParallel": "torch.nn.parallel",
    "DistributedSampler": "torch.utils.data",
    "F": "torch.nn import functional as F",
    "Iterable": "collections.abc",
    "Mapping": "collections.abc",
    "NDArray": "numpy.typing",
    "NamedTuple": "typing",
    "Path": "pathlib",
    "Sequence": "collections.abc",
    "TensorDataset": "torch.utils.data",
    "contextlib": "",
    "csv": "",
    "dist": "torch import distributed as dist",
    "keras": "",
    "layers": "keras import layers",
    "load_file": "safetensors.torch",
    "math": "",
    "nn": "torch import nn",
    "np": "numpy as np",
    "os": "",
    "save_file": "safetensors.torch",
    "sys": "",
    "torch": "",
}
"""Where a name in generated code comes from; nothing for a module of that name."""
_OTHERS = ("keras", "numpy", "safetensors", "torch")
"""What is no part of Python, and so stands in a block of its own."""


class Raw(str):
    """Text that is code already."""


class Call:
    """A call, as ``Column(fill=1.0)``; arguments without a name come first."""

    def __init__(self, name: str, /, *arguments: Any, **named: Any) -> None:
        self.name, self.arguments, self.named = name, arguments, named

    @property
    def flat(self) -> str:
        """On one line."""
        return _flat(self)


def width(text: str) -> int:
    """Columns that a text takes; those of East Asia are two wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def string(text: str) -> str:
    """A string in double quotes, or in single ones where that saves escapes.

    What would command a terminal, or cannot be written, is escaped.
    """
    quote = "'" if text.count('"') > text.count("'") else '"'
    found = []
    for letter in text:
        if letter in ("\\", quote):
            found.append("\\" + letter)
        elif letter == "\n":
            found.append("\\n")
        elif unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            code = ord(letter)
            found.append(
                f"\\x{code:02x}"
                if code < 256
                else f"\\u{code:04x}"
                if code < 65536
                else f"\\U{code:08x}"
            )
        else:
            found.append(letter)
    return quote + "".join(found) + quote


def literal(value: Any, indent: int = 0, before: int = 0, after: int = 0) -> str:
    """A value as code, on one line where it fits and else an item a line.

    ``indent`` is the depth of its line, ``before`` and ``after`` how much of the line is taken.
    """
    flat = _flat(value)
    if 4 * indent + before + width(flat) + after <= WIDTH:
        return flat
    inner = indent + 1
    if isinstance(value, Call):
        items = [literal(item, inner, 0, 1) for item in value.arguments]
        items += [
            f"{name}={literal(item, inner, len(name) + 1, 1)}" for name, item in value.named.items()
        ]
        return _exploded(f"{value.name}(", items, ")", indent)
    if isinstance(value, Mapping):
        items = []
        for key, item in value.items():
            head = f"{_flat(key)}: "
            items.append(head + literal(item, inner, width(head), 1))
        return _exploded("{", items, "}", indent)
    if isinstance(value, (list, tuple)):
        opened, closed = "[]" if isinstance(value, list) else "()"
        return _exploded(opened, [literal(item, inner, 0, 1) for item in value], closed, indent)
    return flat


def _flat(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, str):
        return string(value)
    if isinstance(value, Call):
        named = (f"{name}={_flat(item)}" for name, item in value.named.items())
        return f"{value.name}({', '.join([*map(_flat, value.arguments), *named])})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flat(k)}: {_flat(item)}" for k, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_flat, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _exploded(opened: str, items: Iterable[str], closed: str, indent: int) -> str:
    lines = [opened]
    # Nothing can be done about a name that is longer than a line.
    lines += [_spared(_TAB * (indent + 1) + item + ",") for item in items]
    return "\n".join([*lines, _TAB * indent + closed])


def _spared(text: str) -> str:
    """With what keeps a linter from asking for shorter lines, where there can be none."""
    spare = "  # noqa: E501"
    return "\n".join(
        line + spare if width(line) > WIDTH and not line.endswith(spare) else line
        for line in text.split("\n")
    )


def assigned(name: str, value: Any, indent: int = 0) -> str:
    """``name = value``"""
    text = f"{name} = {literal(value, indent, len(name) + 3)}"
    return _spared(_TAB * indent + text)


def returned(value: Any, indent: int = 1) -> str:
    """``return value``"""
    return f"{_TAB * indent}return {literal(value, indent, 7)}"


def comment(text: str, room: int = WIDTH) -> str:
    """One line of a comment, at most so wide; what it tells may come from anywhere."""
    line = "# " + " ".join(str(told(text)).split())
    while width(line) > room:
        line = line[:-2].rstrip() + "…"
    return line


def with_imports(docstring: str, parts: Iterable[str]) -> str:
    """A whole file: what it is, the imports that its parts use, and the parts.

    Parts are top-level code without blank lines around it; those that begin with a definition get
    two lines before and after.
    """
    text = _spaced([part for part in parts if part])
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    plain: dict[bool, list[str]] = {False: [], True: []}
    members: dict[bool, dict[str, list[str]]] = {False: {}, True: {}}
    for name in sorted(used & _IMPORTED.keys()):
        origin = _IMPORTED[name]
        other = (origin or name).split(" ")[0].split(".")[0] in _OTHERS
        if not origin or (" as " in origin and " import " not in origin):
            plain[other].append(f"import {origin or name}")
        elif " import " in origin:
            module, _, member = origin.partition(" import ")
            members[other].setdefault(module, []).append(member)
        else:
            members[other].setdefault(origin, []).append(name)
    blocks = []
    for other in (False, True):
        lines = sorted(plain[other])
        for module, names in sorted(members[other].items()):
            # Those with an alias have a line of their own.
            aliased = [name for name in names if " as " in name]
            together = sorted(set(names) - set(aliased))
            if aliased:
                lines += [f"from {module} import {name}" for name in sorted(aliased)]
            if together:
                lines.append(f"from {module} import {', '.join(together)}")
        if lines:
            blocks.append("\n".join(lines))
    head = ["from __future__ import annotations", *blocks]
    gap = "\n\n\n" if _defines(text) else "\n\n"
    return f'"""{docstring}"""\n\n' + "\n\n".join(head) + gap + text + "\n"


def _spaced(parts: list[str]) -> str:
    found = ""
    for before, part in zip(["", *parts], parts, strict=False):
        if found:
            found += "\n\n\n" if _defines(before) or _defines(part) else "\n\n"
        found += part
    return found


def _defines(part: str) -> bool:
    """Whether the first statement is a function or a class, with nothing but comments before it."""
    lines = (line for line in part.split("\n") if line and not line.startswith("#"))
    return next(lines, "").startswith(("def ", "class ", "@", "if __name__"))
