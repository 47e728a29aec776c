"""Obstacles: the cards that a wire would cross, found among all of them at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QRegion

from netbuilder.gui.canvas.card import CardItem


class Obstacles:
    """Where the cards lie, to be asked for many wires."""

    def __init__(self, cards: Iterable[CardItem]) -> None:
        """The lowest card first."""
        self._places = {card: place for place, card in enumerate(cards)}
        rects = [card.scene_rect() for card in self._places]
        edges = [(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in rects]
        self._edges = np.array(edges).reshape(-1, 4).T
        self._sizes = self._edges[2:] - self._edges[:2]

    def over(self, area: QRectF, source: CardItem, target: CardItem) -> QRegion:
        """Which part of an area other cards cover for what runs from card to card."""
        left, top, right, bottom = self._edges
        near = (left < area.right()) & (right > area.left())
        near &= (top < area.bottom()) & (bottom > area.top())
        ends = [(self._places[card], card) for card in (source, target)]
        near[[place for place, _ in ends]] = False
        covered = QRegion()
        for found in np.flatnonzero(near):
            here = QRegion(QRectF(*self._edges[:2, found], *self._sizes[:, found]).toRect())
            for place, card in ends:
                if place > found:
                    here -= QRegion(card.scene_rect().toRect())
            covered += here
        return covered

    def hit(
        self, points: list[QPointF], corridor: QRectF, *others: CardItem
    ) -> tuple[float, float, float, float] | None:
        """(left, top, right, bottom) of all cards that one of the points lies on, or None.

        The points are within the corridor; ``others`` do not count.
        """
        left, top, right, bottom = self._edges
        near = (left < corridor.right()) & (right > corridor.left())
        near &= (top < corridor.bottom()) & (bottom > corridor.top())
        near[[self._places[card] for card in others if card in self._places]] = False
        found = np.flatnonzero(near)
        if not len(found):
            return None
        left, top, right, bottom = self._edges[:, found, None]
        x, y = np.array([(point.x(), point.y()) for point in points]).T
        hit = ((left <= x) & (x <= right) & (top <= y) & (y <= bottom)).any(axis=1)
        if not hit.any():
            return None
        left, top, right, bottom = self._edges[:, found[hit]]
        return float(left.min()), float(top.min()), float(right.max()), float(bottom.max())
