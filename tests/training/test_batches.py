"""Every example once an epoch, X with its Y, in an order that only the seed decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.training import batches as module
from netbuilder.training.batches import Batches


def numbered(m: int, n_x: int = 3) -> tuple[np.ndarray, np.ndarray]:
    X = np.arange(m * n_x, dtype=np.float32).reshape(m, n_x)
    return X, np.arange(m, dtype=np.float32).reshape(m, 1)


@settings(deadline=None)
@given(
    m=st.integers(1, 40),
    sizes=st.lists(st.integers(0, 45), min_size=1, max_size=60),
    ahead=st.sampled_from([1, 30, 2**16]),
)
def test_every_example_comes_once_an_epoch(m: int, sizes: list[int], ahead: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_AHEAD", ahead)
        X, Y = numbered(m)
        batches = Batches(X, Y, seed=1)
        seen: list[float] = []
        epoch = 0
        for size in sizes:
            full = batches.is_full(size)
            some_X, some_Y = batches.next(size, epoch)
            assert full == (some_X is X)
            assert some_X.flags.c_contiguous and some_Y.flags.c_contiguous
            assert len(some_X) == len(some_Y) == min(size or m, m - len(seen))
            np.testing.assert_array_equal(some_X[:, 0], 3 * some_Y[:, 0])
            seen += some_Y[:, 0].tolist()
            assert batches.position == len(seen) % m
            if len(seen) == m:
                assert sorted(seen) == Y[:, 0].tolist()
                seen = []
                epoch += 1


@settings(deadline=None)
@given(st.integers(1, 39), st.integers(1, 39))
def test_the_order_does_not_depend_on_the_batch_size(one: int, other: int) -> None:
    X, Y = numbered(40)

    def order(size: int) -> list[float]:
        batches, found = Batches(X, Y, seed=5), []
        while len(found) < 120:
            found += batches.next(size, len(found) // 40)[1][:, 0].tolist()
        return found

    assert order(one) == order(other)


def test_another_seed_and_another_epoch_have_another_order() -> None:
    X, Y = numbered(40)
    one, other = Batches(X, Y, seed=1), Batches(X, Y, seed=2)
    first = one.next(39, 0)[1].tolist()
    assert first != other.next(39, 0)[1].tolist()
    one.next(39, 0)
    assert first != one.next(39, 1)[1].tolist()
    assert Y[:, 0].tolist() == list(range(40)), "the data itself is never shuffled"


@settings(deadline=None)
@given(epochs=st.lists(st.integers(0, 2**53), min_size=2, max_size=6), place=st.integers(1, 39))
def test_an_epochs_order_needs_no_epochs_before_it(epochs: list[int], place: int) -> None:
    X, Y = numbered(40)
    used = Batches(X, Y, seed=5)
    for epoch in epochs:
        whole = np.concatenate([used.next(17, epoch)[1] for _ in range(3)])
        fresh = Batches(X, Y, seed=5)
        fresh.position = place
        np.testing.assert_array_equal(fresh.next(40, epoch)[1], whole[place:])


def test_orders_of_epochs_have_nothing_in_common() -> None:
    X, Y = numbered(200)
    batches = Batches(X, Y, seed=3)
    orders = np.array(
        [
            np.concatenate([batches.next(199, epoch)[1][:, 0] for _ in range(2)])
            for epoch in range(400)
        ]
    )
    # Of independent shuffles the correlation has a deviation of 1/√200.
    found = np.corrcoef(orders)[np.triu_indices(400, 1)]
    assert abs(found.std() - 200**-0.5) < 0.004
    assert abs(found.mean()) < 0.002
    # Every example comes at every place alike often.
    assert abs(orders.mean(axis=0) - 99.5).max() < 5 * 57.7 / 400**0.5


def test_a_seed_has_the_order_that_it_always_had() -> None:
    """Of another stream, a project would learn something else than it did before."""
    X, Y = numbered(10)
    batches = Batches(X, Y, seed=6)
    for epoch in (0, 3, 10**9):
        dealt = np.concatenate([batches.next(5, epoch)[1][:, 0] for _ in range(2)])
        stream = np.random.PCG64([6, 1]).jumped(epoch)
        np.testing.assert_array_equal(dealt, np.random.Generator(stream).permutation(10))


def test_the_courses_order_is_random_states_of_seed_and_epoch() -> None:
    X, Y = numbered(10)
    batches = Batches(X, Y, seed=6)
    batches.order_seed = 11
    for epoch in (0, 3, 2**32):
        dealt = np.concatenate([batches.next(5, epoch)[1][:, 0] for _ in range(2)])
        order = np.random.RandomState((11 + epoch) % 2**32).permutation(10)
        np.testing.assert_array_equal(dealt, order)


def test_another_order_is_in_force_at_the_next_batch() -> None:
    X, Y = numbered(10)
    changed, fresh = Batches(X, Y, seed=6), Batches(X, Y, seed=6)
    changed.next(5, 2)
    changed.order_seed = fresh.order_seed = 4
    fresh.next(5, 2)
    np.testing.assert_array_equal(changed.next(5, 2)[1], fresh.next(5, 2)[1])


def test_a_batch_as_large_as_the_data_is_the_data_itself() -> None:
    X, Y = numbered(10)
    assert Batches(X, Y, seed=1).is_full(10)
    assert not Batches(X, Y, seed=1).is_full(9)
