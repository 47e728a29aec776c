"""Where a file dialog begins: at the document's file, and before it has one, at its data's."""

from __future__ import annotations

from pathlib import Path

from netbuilder.document.model.project import FILE
from netbuilder.gui.store import Store


def folder(store: Store, last: str) -> Path:
    """``last`` is where something was opened last; empty for nowhere yet."""
    data = store.project.data
    if store.path is not None:
        return store.path.parent
    if data.source == FILE and data.path:
        return Path(data.path).parent
    return Path(last) if last else Path.home()


def stem(store: Store) -> str:
    """A name without a suffix."""
    data = store.project.data
    if store.path is not None:
        return store.path.stem
    if data.source == FILE and data.path:
        return Path(data.path).stem
    return "network"
