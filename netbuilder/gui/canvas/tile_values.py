"""What the tiles of the cards show: maps of the input plane, images, or mean activations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.neurons import MAP
from netbuilder.lens.look import Look

Array = NDArray[Any]


def tile_values(look: Look, cards: Mapping[str, CardItem]) -> dict[str, Array]:
    """id -> (n, h, w) maps or images of one example, or (n,) means; raises NotYet."""
    values: dict[str, Array] = {}
    if look.dataset.info.n_x == 2 and look.affordable_size(MAP) == MAP:
        values = dict(look.maps(MAP))
    else:
        values = dict(look.means())
    # Looking back at another network, cards that are of another size now have nothing to show.
    for node in look.plan.nodes:
        if node.id in cards and cards[node.id].content.units != math.prod(node.shape):
            values.pop(node.id, None)
    for id, card in cards.items():
        if card.content.image is not None and id in values:
            first = look.means()[id]
            if first.ndim != 3:  # the pixels of the data card, in a row
                first = look.activations()[id][..., 0]
            values[id] = first.reshape(card.content.image)
    return values
