"""Name -> thing tables: every kind of thing the program knows is found in one of these."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TypeVar

from netbuilder.errors import UserError

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """An ordered table of one kind of thing; an unknown name is refused with the known ones."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}

    def add(self, name: str, item: T) -> T:
        if name in self._items:
            raise ValueError(f"{self.kind} {name!r} is registered twice")
        self._items[name] = item
        return item

    def __getitem__(self, name: str) -> T:
        try:
            return self._items[name]
        except KeyError:
            near = difflib.get_close_matches(str(name), self._items, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UserError(
                "There is no {kind} called {name!r}; expected one of: {known}.{hint}",
                kind=self.kind,
                name=name,
                known=", ".join(self._items),
                hint=hint,
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
