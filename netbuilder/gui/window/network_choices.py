"""What can be made of a file with a network or weights, for the document as it is; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from netbuilder.document.model.project import Project
from netbuilder.engine.plan import Plan
from netbuilder.engine.program import Weights
from netbuilder.errors import Message, UserError

if TYPE_CHECKING:
    from netbuilder.exchange.reading.matching import Matched


@dataclass(frozen=True, eq=False)
class Choice:
    """One thing that can be made of a file."""

    fits: Matched
    weights: Weights
    project: Project
    plan: Plan
    notices: tuple[Message, ...]

    @property
    def whole(self) -> bool:
        """Whether every parameter gets its array, none is left over, and nothing is to be said."""
        return not (self.fits.missing or self.fits.left or self.notices)


@dataclass(frozen=True, eq=False)
class Looked:
    """What a file holds, for the document as it is: a reason in place of what cannot be."""

    network: Choice | Message
    """In place of the one on the canvas."""
    weights: Choice | Message
    """For the one on the canvas."""


def looked_into(path: Path, project: Project, plan: Plan | None) -> Looked:
    """Raises UserError where nothing at all can be made of the file."""
    from netbuilder.document.model.datasets import recipe_of
    from netbuilder.exchange.reading.matching import matched
    from netbuilder.exchange.reading.readers import read
    from netbuilder.exchange.reading.taking import adopted
    from netbuilder.exchange.reading.weights import otherwise

    contents = read(path)
    network: Choice | Message
    weights: Choice | Message
    try:
        found = adopted(contents, project, path.name)
        fits = matched(contents, found.plan)
        network = Choice(fits, found.weights, found.project, found.plan, found.notices)
    except UserError as error:
        network = error.message
    try:
        if plan is None:
            raise UserError("The network on the canvas cannot train yet.")
        fits = matched(contents, plan)
        if len(fits.missing) == len(fits.fits):
            raise UserError("None of its arrays fits the network on the canvas.")
        notices = otherwise(contents, plan, recipe_of(project.data), path.name)
        weights = Choice(fits, fits.weights, project, plan, notices)
    except UserError as error:
        weights = error.message
    if isinstance(network, Message) and isinstance(weights, Message):
        raise UserError("{first} {second}", first=network, second=weights)
    return Looked(network, weights)
