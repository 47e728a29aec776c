"""One parser for every number field: what we write it reads, and what people type."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netbuilder import numbers
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.layers import Dense
from netbuilder.engine.settings import SettingError
from netbuilder.gui.widgets.parsing import parse_number, parse_setting

SETTINGS = {s.name: s for s in (*TrainingSettings.settings(), *Dense.settings())}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        (" 0.5 ", 0.5),
        ("0,5", 0.5),
        ("1,5", 1.5),
        (",5", 0.5),
        (".5", 0.5),
        ("8.", 8),
        # A comma before three digits parts thousands, as we write them; a zero before it cannot.
        ("1,000", 1000),
        ("1,000,000", 1_000_000),
        ("0,500", 0.5),
        ("1,0000", 1.0),
        ("1,000.25", 1000.25),
        ("1.000,25", 1000.25),
        ("1.000.000,5", 1_000_000.5),
        ("1.000", 1.0),
        ("12 300", 12_300),
        ("12\u2009300,5", 12_300.5),
        ("12\u202f300\u202f000", 12_300_000),
        ("1\u00a0000.5", 1000.5),
        ("−3", -3),
        ("-0,5", -0.5),
        ("+4", 4),
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        ("2,5e-3", 0.0025),
        ("10⁻³", 0.001),
        ("1.24·10⁻⁷", 1.24e-7),
        ("3×10²", 300.0),
        ("−1.2·10⁸", -1.2e8),
    ],
)
def test_what_people_type_is_read(text, value):
    assert parse_number(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", ",", ".", "e", "e5", "abc", "nan", "inf", "∞", "1e400", "1.2.3", "1,5,2"),
        *("1,00,000", "12,34.5,6", "1 2", "1 00", "0x10", "1_000", "٣", "²", "--1", "10⁻", "·10²"),
    ],
)
def test_what_is_no_number_is_not_guessed_at(text):
    assert parse_number(text) is None


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_are_read_as_we_write_them(number):
    for text in (str(number), f"{number:,}", f"{number:,}".replace(",", "\u202f")):
        read = parse_number(text)
        assert read == number and isinstance(read, int)


@settings(deadline=None)
@given(st.floats(-1e300, 1e300), st.integers(1, 9))
def test_numbers_are_read_as_we_write_them(number, digits):
    written = numbers.number(number, digits)
    read = parse_number(written)
    assert read is not None
    assert read == pytest.approx(number, rel=0.5 * 10.0 ** (1 - digits) * (1 + 1e-9))
    assert numbers.number(read, digits) == written


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_to_the_last_bit_as_python_writes_them(number):
    for text in (repr(number), repr(number).replace("-", "−"), f"{number:,}"):
        assert parse_number(text) == number


@settings(deadline=None)
@given(st.floats(0.0, 1e6), st.integers(1, 2) | st.integers(4, 9))
def test_a_decimal_comma_is_a_decimal_point_but_before_three_digits(number, decimals):
    text = f"{number:.{decimals}f}"
    assert parse_number(text.replace(".", ",")) == float(text)


@settings(deadline=None)
@given(st.text(max_size=12) | st.text("0123456789,.e+-−· ⁻³", max_size=12))
def test_nothing_that_is_typed_raises(text):
    value = parse_number(text)
    assert value is None or math.isfinite(value)


def test_a_setting_takes_its_own_type():
    rate, units = SETTINGS["learning_rate"], SETTINGS["units"]
    for setting, text, value in (
        (rate, "0,5", 0.5),
        (rate, "1,000", 1000.0),
        (units, "1,000", 1000),
        (units, "8.0", 8),
        (units, "1e3", 1000),
    ):
        read = parse_setting(setting, text)
        assert read == value and type(read) is setting.type


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("units", "1,5", "a whole number, from 1 to 1,000,000; got '1,5', where 1,000 would be"),
        ("units", "2.5", "a whole number, from 1 to 1,000,000; got '2.5'"),
        ("units", "0", "from 1 to 1,000,000; got 0"),
        ("learning_rate", "1,5,2", "where 1,000 would be a thousand and 0,5 a half"),
        ("learning_rate", "fast", "a number, more than 0 and at most 1,000,000; got 'fast'"),
    ],
)
def test_a_refusal_says_what_is_expected(name, text, words):
    with pytest.raises(SettingError) as refused:
        parse_setting(SETTINGS[name], text)
    assert words in str(refused.value)
