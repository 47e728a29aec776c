"""Migrations: a project's record of an earlier schema made into one of the next, step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Record = dict[str, Any]
"""What project.json holds, as it was read: nothing in it is checked but the schema."""


def _from_1(record: Record) -> Record:
    """Schema 2 tells which netbuilder wrote the file."""
    return {**record, "writer": ""}


def _from_2(record: Record) -> Record:
    """Schema 3 says what every column is for; before, a target was all that could be chosen, and
    examples that lack a value were left out."""
    data = dict(record.get("data", {}))
    target = data.pop("target", "")
    roles = {"targets": [target] if target else [], "missing": "drop"}
    return {**record, "data": {**data, "roles": roles}}


def _from_3(record: Record) -> Record:
    """Schema 4 says what of a layer is frozen; before, all of it learned."""
    return record


MIGRATIONS: dict[int, Callable[[Record], Record]] = {1: _from_1, 2: _from_2, 3: _from_3}
"""By the schema that they lead away from."""


def migrated(record: Record, schema: int) -> Record:
    """The record in this schema, from its own; nothing is changed in place."""
    for version in range(record["schema"], schema):
        record = {**MIGRATIONS[version](record), "schema": version + 1}
    return record
