"""What the tiles of the cards show: one example's numbers, maps of the input plane, or means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from netbuilder.document.model.network import Edge
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.neurons import MAP
from netbuilder.lens.cases import Case, Example
from netbuilder.lens.look import Look
from netbuilder.lens.ranges import Range, ranges

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Seen:
    """A look with all that the tiles show of it."""

    look: Look
    case: Case | None
    """The example that is looked at."""
    values: Mapping[str, Array]
    """id -> (n, h, w) maps or images of one example, or (n,) numbers or means."""
    ranges: Mapping[str, Range]

    @classmethod
    def of(cls, look: Look, example: Example | None, cards: Mapping[str, CardItem]) -> Seen:
        """Raises NotYet."""
        case = None if example is None else look.case(example)
        return cls(look, case, _values(look, case, cards), ranges(look))

    def shows(self, look: Look, example: Example | None) -> bool:
        """Whether it is what these have to show."""
        return self.look is look and example == (self.case and self.case.example)

    def through(self, edge: Edge, W: Array | None) -> Array | None:
        """What the weights of an edge (n_out, n_in) pass on of the example: each times its a."""
        a = None if self.case is None else self.case.A.get(edge.source)
        fits = a is not None and W is not None and W.ndim == 2 and W.shape[1] == a.size
        return W * a.ravel() if fits and W is not None and a is not None else W


def _values(look: Look, case: Case | None, cards: Mapping[str, CardItem]) -> dict[str, Array]:
    if case is not None:
        values = dict(case.A)
    elif look.dataset.info.n_x == 2 and look.affordable_size(MAP) == MAP:
        values = dict(look.maps(MAP))
    else:
        values = dict(look.means())
    # Looking back at another network, cards that are of another size now have nothing to show.
    for node in look.plan.nodes:
        if node.id in cards and cards[node.id].content.units != math.prod(node.shape):
            values.pop(node.id, None)
    for id, card in cards.items():
        if card.content.image is not None and id in values:
            first = values[id] if case is not None else look.means()[id]
            if first.ndim != 3 and case is None:  # the pixels of the data card, in a row
                first = look.activations()[id][..., 0]
            values[id] = first.reshape(card.content.image)
    return values
