"""The split is exact in its sizes, fair to every class, and the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder.data.split import split
from netbuilder.errors import UserError

SHARES = st.floats(0, 0.9)


@settings(deadline=None, max_examples=80)
@given(
    counts=st.lists(st.integers(1, 60), min_size=1, max_size=12),
    validation=SHARES,
    test=SHARES,
    seed=st.integers(0, 2**32 - 1),
    data=st.data(),
)
def test_stratified(
    counts: list[int], validation: float, test: float, seed: int, data: st.DataObject
) -> None:
    m = sum(counts)
    codes = np.repeat(np.arange(len(counts)), counts)
    codes = codes[np.random.RandomState(data.draw(st.integers(0, 99))).permutation(m)]
    sizes = (m - round(m * validation) - round(m * test), round(m * validation), round(m * test))
    try:
        parts = split(m, codes, validation, test, seed)
    except UserError:
        empty = any(
            share > 0 and size == 0
            for share, size in zip((validation, test), sizes[1:], strict=True)
        )
        assert empty or sizes[0] < len(counts)
        return
    # Every example is in one part, in the order of the table, and the sizes are as asked.
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(m))
    assert all(np.array_equal(part, np.sort(part)) for part in parts)
    assert tuple(map(len, parts)) == sizes
    # No class is lost to training, and every part has its share of every class.
    taken = np.array([np.bincount(codes[part], minlength=len(counts)) for part in parts])
    assert taken[0].min() >= 1
    ideal = np.outer(sizes, counts) / m
    if ideal[0].min() >= 2:
        assert np.abs(taken - ideal).max() < 2
    again = split(m, codes, validation, test, seed)
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))


def test_even_classes_are_split_exactly() -> None:
    codes = np.tile([0, 1, 2], 50)
    parts = split(150, codes, 0.2, 0.1, 1)
    assert [np.bincount(codes[part]).tolist() for part in parts] == [[35] * 3, [10] * 3, [5] * 3]


def test_small_class_stays_in_training() -> None:
    codes = np.array([0] * 30 + [1] * 9 + [2])
    for seed in range(200):
        train, validation, test = split(40, codes, 0.5, 0.3, seed)
        assert set(codes[train]) == {0, 1, 2}
        assert (len(train), len(validation), len(test)) == (8, 20, 12)


def test_seeds_differ() -> None:
    parts = [split(100, None, 0.3, 0.0, seed)[1].tolist() for seed in range(20)]
    assert len({tuple(part) for part in parts}) == 20


def test_every_example_may_go_anywhere() -> None:
    codes = np.repeat([0, 1], 10)
    for where in range(3):
        seen = np.concatenate([split(20, codes, 0.3, 0.3, seed)[where] for seed in range(60)])
        assert set(seen) == set(range(20))


def test_no_split() -> None:
    train, validation, test = split(5, None, 0.0, 0.0, 1)
    assert train.tolist() == [0, 1, 2, 3, 4]
    assert len(validation) == len(test) == 0


def test_part_that_would_be_empty() -> None:
    with pytest.raises(UserError) as caught:
        split(8, None, 0.05, 0.0, 1)
    assert str(caught.value) == (
        "0.05 of 8 examples leaves the validation part without any; "
        "choose a share of at least 0.13, or 0."
    )
    assert len(split(8, None, 0.13, 0.0, 1)[1]) == 1
    with pytest.raises(UserError, match="the test part"):
        split(8, None, 0.5, 0.05, 1)


def test_training_that_would_lack_a_class() -> None:
    with pytest.raises(UserError, match=r"1 of 4 examples are left.*least 2 \(one of each class\)"):
        split(4, np.array([0, 0, 1, 1]), 0.5, 0.25, 1)
    with pytest.raises(
        UserError, match="0 of 4 examples are left for training, expected at least 1;"
    ):
        split(4, None, 0.9, 0.9, 1)
