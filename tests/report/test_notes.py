"""What to know before use: each note where it is due, and only there."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from netbuilder.data.table import Table
from netbuilder.report.notes import notes
from netbuilder.report.verdict import confidence


def told(subject) -> str:
    return "\n".join(str(note.message) for note in notes(subject))


def table(classes: list[int], spread: float = 1.0, gaps: int = 0) -> Table:
    """One column that tells nothing of the classes, and one of words."""
    m = len(classes)
    rng = np.random.default_rng(3)
    values = np.column_stack([rng.normal(0, spread, m), rng.integers(0, 2, m), classes])
    values[:gaps, 0] = np.nan
    words = {"city": ("Bonn", "Köln"), "kind": ("common", "rare")}
    return Table(values, ("size", "city", "kind"), words)


def test_a_network_without_a_test_is_told(subject):
    assert "No examples were kept aside" in told(subject("moons"))
    assert "There is no test part" in told(subject("moons", validation=0.2))
    with_test = told(subject("moons", test=0.5, validation=0.2))
    assert "There is no test part" not in with_test
    assert "The test part has 200 examples: with 95 % certainty" in with_test


def test_a_small_test_part_weighs(subject):
    found = next(
        n for n in notes(subject("iris", test=0.1)) if "test part has 15" in str(n.message)
    )
    assert found.weighty
    assert not next(
        n for n in notes(subject("moons", test=0.5)) if "95 %" in str(n.message)
    ).weighty


def test_classes_out_of_balance_and_nothing_learned_are_told(subject):
    made = subject(table=table([0] * 90 + [1] * 10), layers="1 sigmoid")
    assert "'rare' has 10 training examples, 'common' 90" in told(made)
    assert "hardly better than always answering 'common' would be (90.0 %)" in told(made)
    assert "fewer than half of the examples of these classes: rare" in told(made)
    balanced = told(subject("moons", epochs=20))
    assert "out of balance" not in balanced and "hardly better" not in balanced


def test_unscaled_features_of_unlike_sizes_are_told(subject):
    values = table([0, 1] * 30, 1000.0)
    assert "not scaled" in told(subject(table=values, scale="none"))
    assert "not scaled" not in told(subject(table=values, scale="standard"))


def test_what_was_learned_by_heart_is_told(subject):
    made = subject(
        table=table([0, 1] * 30), layers="200 relu, 1 sigmoid", epochs=400, validation=0.3
    )
    assert "learned some of them by heart" in told(made)
    assert "validation cost was lowest in epoch" in told(made)


def test_words_and_ranges_are_told_where_there_are_any(subject):
    found = told(subject(table=table([0, 1] * 30)))
    assert "A word that was never learned" in found and "numbers within the ranges" in found
    images = told(subject("digits", layers="10 softmax", epochs=1))
    assert "A word that was" not in images and "ranges" not in images


def test_an_untrained_network_says_so_first(subject):
    made = dataclasses.replace(subject(), trained=False)
    assert told(made).startswith("This network is not trained")


def test_the_interval_is_wilsons():
    # Of Newcombe, Statistics in Medicine 17 (1998): 81 of 263, and 0 of 20.
    assert confidence(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert confidence(0.0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
