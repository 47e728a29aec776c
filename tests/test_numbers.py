"""Numbers in words: signs, digits, powers of ten, shares, times and sizes."""

from __future__ import annotations

import math

import pytest

from netbuilder import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.412, "−0.412"),
        (0.0, "0"),
        (12345.678, "12,300"),
        (0.000012345, "1.23·10⁻⁵"),
        (9.9996, "10.0"),
        (1e30, "1.00·10³⁰"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert numbers.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.693048, "0.69305"),
        (12.3456, "12.3"),
        (3.2e-6, "3.20·10⁻⁶"),
        (0, "0"),
        (math.nan, "NaN"),
    ],
)
def test_costs_are_short_and_exact(value: float, text: str) -> None:
    assert numbers.cost(value) == text


@pytest.mark.parametrize(
    ("share", "digits", "text"), [(0.9075, 1, "90.8 %"), (0.9075, 2, "90.75 %"), (1, 1, "100.0 %")]
)
def test_shares(share: float, digits: int, text: str) -> None:
    assert numbers.percent(share, digits) == text
    assert numbers.percent(math.nan, digits) == "–"


@pytest.mark.parametrize(
    ("value", "spacing", "text"),
    [
        (0.30000000000000004, 0.1, "0.3"),
        (-2.0, 1.0, "−2"),
        (1500.0, 500.0, "1,500"),
        (1e-17, 0.5, "0"),
        (2e6, 1e6, "2·10⁶"),
        (1e-5, 1e-5, "10⁻⁵"),
    ],
)
def test_ticks(value: float, spacing: float, text: str) -> None:
    assert numbers.tick(value, spacing) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (59, "59 s"), (130, "3 min"), (7300, "2 h 2 min"), (400000, "4 d")],
)
def test_durations(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1.0 KB"),
        (12_400_000_000, "12.4 GB"),
        (640_000_000, "640 MB"),
        (16 * 10**12, "16.0 TB"),
        (5 * 10**21, "5,000 EB"),
    ],
)
def test_sizes(size: int, words: str) -> None:
    assert numbers.byte_count(size) == words


def test_shapes_have_the_examples_last() -> None:
    assert numbers.shape_text((1200, 3)) == "(1,200, 3)"
    assert numbers.shape_text((8, 6, 6), 400) == "(8, 6, 6, 400)"
    assert numbers.shape_text((4,), "m") == "(4, m)"
