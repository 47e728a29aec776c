"""Increments: where the keys, the wheel and the buttons of a number lead, and where they end."""

from __future__ import annotations

import pytest

from netbuilder.document.model.project import DataChoice, TrainingSettings
from netbuilder.engine.increments import By, Doubling, Increments, Ladder
from netbuilder.engine.layers.dense import Dense
from netbuilder.engine.layers.dropout import Dropout
from netbuilder.engine.settings import HasSettings


@pytest.mark.parametrize(
    ("increments", "start", "up"),
    [
        (By(1), 4, [5, 6, 7]),
        (By(0.05), 0.1, [0.15, 0.2, 0.25]),
        (Doubling(), 0, [1, 2, 4]),
        (Ladder(), 0.1, [0.3, 1.0, 3.0]),
        (Ladder(0.001), 0, [0.001, 0.003, 0.01]),
    ],
)
def test_up_and_back_down(increments: Increments, start: float, up: list[float]) -> None:
    way = [start]
    for _ in up:
        way.append(increments.next(way[-1], up=True))
    assert way[1:] == pytest.approx(up)
    back = way[-1]
    for expected in reversed(way[:-1]):
        back = increments.next(back, up=False)
        assert back == pytest.approx(expected)


def test_between_two_rungs_the_nearest_ones_are_next() -> None:
    assert Ladder().next(1.2, up=True) == 3 and Ladder().next(1.2, up=False) == 1


@pytest.mark.parametrize(
    ("owner", "name", "value", "count", "found"),
    [
        (Dense, "units", 4, 3, 7),
        (Dense, "units", 2, -5, 1),
        (Dropout, "rate", 0.9, 5, 0.95),  # 1 is out of range
        (Dropout, "rate", 0.1, -5, 0.0),
        (TrainingSettings, "batch_size", 1, -3, 0),
        (TrainingSettings, "learning_rate", 1e6, 1, 1e6),
        (DataChoice, "examples", 400, 2, 500),
    ],
)
def test_a_setting_stays_in_its_range(
    owner: type[HasSettings], name: str, value: float, count: int, found: float
) -> None:
    (setting,) = (s for s in owner.settings() if s.name == name)
    further = setting.further(value, count)
    assert further == pytest.approx(found) and type(further) is setting.type
