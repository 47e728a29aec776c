"""Name -> thing tables: every kind of thing the program knows, and what floors say of each."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from netbuilder.errors import UserError

T = TypeVar("T")


class Registry(Mapping[str, T]):
    """An ordered table of one kind of thing; an unknown name is refused with the known ones."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.facets: list[Facet[Any]] = []
        """What other floors say about each of these things."""
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


class Facet(Mapping[str, T]):
    """One aspect of every thing in a registry, kept on the floor that needs it.

    A layer's ONNX operators, its formulas or its icon are facets: one row a kind, found by the
    kind's name. What a facet says nothing about is ``missing``, and one test asks all facets.
    """

    def __init__(self, registry: Registry[Any], title: str) -> None:
        self.registry, self.title = registry, title
        self.absent: dict[str, str] = {}
        """Name -> why there can be no row for it."""
        self._rows: dict[str, T] = {}
        registry.facets.append(self)

    def add(self, name: str, row: T) -> T:
        """Raises ValueError for a name that the registry does not have, or that has a row."""
        if name not in self.registry or name in self._rows:
            raise ValueError(
                f"{self.title}: {name!r} is no {self.registry.kind}, or is there twice"
            )
        self._rows[name] = row
        return row

    def of(self, *names: str) -> Callable[[T], T]:
        """A decorator that makes a function the row of these names."""

        def add(row: T) -> T:
            for name in names:
                self.add(name, row)
            return row

        return add

    def without(self, name: str, reason: str) -> None:
        """Says that there can be no row for a name, and why."""
        self.absent[name] = reason

    @property
    def missing(self) -> tuple[str, ...]:
        """The names that have neither a row nor a reason for having none."""
        return tuple(
            name for name in self.registry if name not in self._rows and name not in self.absent
        )

    def __getitem__(self, name: str) -> T:
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def import_all(package: str, path: Iterable[str]) -> None:
    """Imports every file of a package, so that all that registers itself there is known.

    ``path`` is the package's ``__path__``. The order is that of the names.
    """
    for found in sorted(pkgutil.iter_modules(path), key=lambda found: found.name):
        importlib.import_module(f"{package}.{found.name}")
