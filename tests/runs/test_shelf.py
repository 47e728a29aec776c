"""What is kept of a run obeys the law, stays within its budget, and can be read at any time."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.runs.shelf import Shelf


def still() -> float:
    """A clock by which nothing takes any time."""
    return 0.0


def filled(budget: int, last: int, size: int = 10) -> Shelf[int]:
    shelf: Shelf[int] = Shelf(budget, still)
    for step in range(last + 1):
        if step >= shelf.next:
            shelf.offer(step, lambda step=step: (step, size))  # type: ignore[misc]
    return shelf


def test_all_are_kept_while_there_is_room() -> None:
    shelf = filled(10_000, 500)
    assert shelf.steps == list(range(501))
    assert shelf.nbytes == 5_010
    assert shelf.items() == [(step, step) for step in range(501)]


@pytest.mark.parametrize("room", [20, 50, 300])
@pytest.mark.parametrize("last", [100, 5_000, 60_000])
def test_dense_at_the_start_then_every_second_power_of_two(room: int, last: int) -> None:
    steps = filled(10 * room, last).steps
    assert len(steps) <= room
    assert len(steps) >= min(last + 1, room // 3)
    assert steps[0] == 0
    gaps = [after - before for before, after in itertools.pairwise(steps)]
    assert all(gap & (gap - 1) == 0 for gap in gaps), "all gaps are powers of two"
    assert gaps == sorted(gaps), "ever wider, until they are even"
    assert last - steps[-1] < max(gaps) * 2
    # The law of the worst search: no gap is wider than the run's length over the room, but for
    # the halving and what is kept of the start.
    assert max(gaps) <= max(1, 8 * last / room)
    if room >= 300:
        assert steps[: min(last, 8) + 1] == list(range(min(last, 8) + 1))


@settings(deadline=None)
@given(
    offers=st.lists(
        st.tuples(st.integers(0, 300), st.integers(1, 120), st.booleans()), max_size=60
    ),
    budget=st.integers(1, 400),
    best=st.integers(-1, 2000),
)
def test_the_budget_is_never_exceeded(
    offers: list[tuple[int, int, bool]], budget: int, best: int
) -> None:
    shelf: Shelf[int] = Shelf(budget, still)
    step = 0
    for gap, size, spared in offers:
        step += gap
        shelf.best = min(best, step)
        shelf.add(step, step, size, spared)
        assert shelf.nbytes <= budget
        assert (size <= budget) == (len(shelf) > 0 and shelf.at(step) == step) or gap == 0
        assert shelf.steps == sorted(shelf.steps)
        assert [item for _, item in shelf.items()] == shelf.steps
    shelf.budget = budget // 2
    shelf.fit()
    assert shelf.nbytes <= budget // 2


def test_first_newest_best_and_spared_outlive_all_others() -> None:
    shelf: Shelf[int] = Shelf(400, still)
    for step in range(20_000):
        if step == 777:
            shelf.add(step, step, 10, spared=True)
        elif step >= shelf.next:
            shelf.offer(step, lambda step=step: (step, 10))  # type: ignore[misc]
        if step == 3_000:
            shelf.best = 3_000
            protected = shelf.at(3_000)
    assert {0, 777, protected} <= set(shelf.steps)
    for step in (20_000, 20_001, 20_003):
        shelf.add(step, step, 10)
        assert shelf.steps[-1] == step
    assert not {20_001, 20_003} <= set(shelf.steps), "a newest one that is irregular goes"


def test_with_room_for_few_the_best_and_the_newest_stay() -> None:
    shelf: Shelf[int] = Shelf(25, still)
    for step in (0, 5, 9, 14):
        shelf.add(step, step, 10)
        if step == 5:
            shelf.best = 6
    assert shelf.steps == [5, 14]
    spared: Shelf[int] = Shelf(35, still)
    for step in range(6):
        spared.add(step, step, 10, spared=True)
    assert spared.steps == [0, 4, 5], "the oldest spared go first"
    spared.add(6, 6, 36)
    assert spared.steps == [0, 4, 5], "what is larger than the budget is not kept"


def test_the_nearest_on_both_sides() -> None:
    shelf: Shelf[str] = Shelf(100, still)
    assert shelf.at(3) is None and shelf.after(3) is None
    for step, item in ((2, "a"), (5, "b"), (5, "c"), (8, "d")):
        shelf.add(step, item, 1, spared=True)
    assert [shelf.at(step) for step in (1, 2, 4, 5, 7, 9)] == [None, "a", "a", "c", "c", "d"]
    assert [shelf.after(step) for step in (1, 2, 5, 8)] == ["a", "b", "d", None]


class Clock:
    """A clock that tests put on, an update taking ``update`` and a moment ``moment`` seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("moment", [1e-6, 1e-4, 1e-2, 1.0])
def test_making_moments_takes_a_small_share_of_the_time(moment: float) -> None:
    clock = Clock()
    shelf: Shelf[int] = Shelf(10**9, clock)
    spent = 0.0

    def make() -> tuple[int, int]:
        nonlocal spent
        clock.now += moment
        spent += moment
        return 0, 1

    for step in range(30_000):
        clock.now += 1e-4
        if step >= shelf.next:
            shelf.offer(step, make)
    assert spent <= 0.01 * clock.now + 2 * moment
    # And what may be spent is spent, or everything is kept.
    assert spent >= 0.001 * clock.now or len(shelf) == 30_000 or moment == 1.0


def test_after_one_that_took_long_moments_are_rarer_for_a_while() -> None:
    clock = Clock()
    shelf: Shelf[int] = Shelf(10**9, clock)
    for step in range(30_000):
        clock.now += 1e-3
        slow = 0.1 if step == 1_000 else 1e-6  # the thread was put off

        def make(slow: float = slow) -> tuple[int, int]:
            clock.now += slow
            return 0, 1

        if step >= shelf.next:
            shelf.offer(step, make)
    kept = np.array(shelf.steps)
    assert len(kept[kept <= 1_000]) == 1_001
    assert 2 <= len(kept[(kept > 1_000) & (kept < 9_000)]) < 1_000
    assert np.diff(kept[(kept > 1_000)]).max() <= 4_096
    assert kept[-5:].tolist() == list(range(29_995, 30_000)), "but not for ever"


def test_where_regular_moments_are_far_the_newest_is_made_anew() -> None:
    clock = Clock()
    shelf: Shelf[int] = Shelf(30, clock)

    def make() -> tuple[int, int]:
        return step, 10

    newest = []
    for step in range(2_000):
        clock.now += 0.1
        if step >= shelf.next:
            shelf.offer(step, make)
        newest.append(step - shelf.steps[-1])
    assert max(newest) <= 60, "never much more than five seconds ago"
    assert len(shelf) == 3


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads take turns as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_what_is_read_belongs_together(switching: None) -> None:
    shelf: Shelf[tuple[int, int]] = Shelf(600, still)
    done = threading.Event()
    faults: list[object] = []

    def read(look: Callable[[], object]) -> None:
        while not done.is_set():
            look()

    def whole() -> None:
        for step, item in shelf.items():
            if item != (step, step):
                faults.append((step, item))

    def near() -> None:
        for step in (3, 1_000, 40_000):
            found = shelf.at(step)
            if found is not None and (found[0] > step or found[0] != found[1]):
                faults.append((step, found))

    threads = [threading.Thread(target=read, args=(look,)) for look in (whole, near)]
    for thread in threads:
        thread.start()
    for step in range(40_000):
        shelf.add(step, (step, step), 10, spared=step % 1_999 == 0)
    done.set()
    for thread in threads:
        thread.join()
    assert not faults
