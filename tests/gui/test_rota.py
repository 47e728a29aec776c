"""The rota: one panel a frame while it trains, each in its turn; all of them at rest."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from netbuilder.gui import rota as rota_module
from netbuilder.gui.rota import PAUSE, Rota


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class StillCursor(QObject):
    moved = Signal(object)
    running = True


@dataclasses.dataclass(eq=False)
class View:
    name: str
    looks: list[str]
    seen: bool = True
    stale: bool = False
    waiting: bool = False
    free_at: float = 0.0

    def look_now(self) -> None:
        self.stale = False
        self.looks.append(self.name)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rota_module, "perf_counter", clock)
    return clock


@pytest.fixture
def stage(clock: Clock) -> Any:
    """(cursor, looks, views, frame): ``frame()`` is the next moment, a thirtieth of a second on."""
    cursor, looks = StillCursor(), []
    rota = Rota(cursor)  # type: ignore[arg-type]
    views = [View(name, looks) for name in "abc"]
    for view in views:
        rota.join(view)

    def frame(seconds: float = 1 / 30) -> str:
        clock.now += seconds
        looks.clear()
        cursor.moved.emit(None)
        return "".join(looks)

    return cursor, views, frame


def test_while_it_trains_each_has_its_turn(stage: Any) -> None:
    _, views, frame = stage
    frame(10.0)
    frames = [frame() for _ in range(30)]
    assert all(len(looks) <= 1 for looks in frames)
    told = "".join(frames)
    # Ten a second at most, and nobody is left out.
    assert all(7 <= told.count(view.name) <= 1 / PAUSE for view in views)


def test_at_rest_all_that_are_seen_look_at_once(stage: Any) -> None:
    cursor, views, frame = stage
    cursor.running = False
    views[1].seen = False
    assert frame() == "ac" and frame() == "ac"
    assert views[1].stale


def test_a_panel_behind_a_tab_costs_nothing(stage: Any) -> None:
    _, views, frame = stage
    views[0].seen = views[1].seen = False
    told = "".join(frame() for _ in range(30))
    assert set(told) == {"c"}


def test_where_frames_are_rare_each_is_for_all(stage: Any) -> None:
    _, _, frame = stage
    assert frame(0.5) == "abc" and frame(0.5) == "abc"


def test_a_slow_one_rests(stage: Any, clock: Clock) -> None:
    _, views, frame = stage
    frame(10.0)
    views[0].free_at = clock.now + 1.0
    told = "".join(frame() for _ in range(25))
    assert "a" not in told and "b" in told
    clock.now += 1.0
    assert "a" in "".join(frame() for _ in range(5))


def test_who_waits_for_what_is_computed_is_asked_again(stage: Any) -> None:
    _, views, frame = stage
    frame(10.0)
    views[2].waiting = True
    assert "c" in frame() and "c" in frame()
