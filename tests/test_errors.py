"""Messages: the sentence and its values apart."""

from __future__ import annotations

from netbuilder.errors import Message, UserError


def test_values_are_filled_in_when_it_is_shown() -> None:
    message = Message("units must be at least {least}, got {value}", least=1, value=0)
    assert str(message) == "units must be at least 1, got 0"
    assert message.text == "units must be at least {least}, got {value}"


def test_a_sentence_without_values_may_hold_braces() -> None:
    assert str(Message("a set is written {1, 2}")) == "a set is written {1, 2}"


def test_messages_nest() -> None:
    inner = Message("{n} units", n=3)
    assert str(Message("Make the output {units}", units=inner)) == "Make the output 3 units"


def test_values_are_no_templates() -> None:
    assert str(Message("no layer {name}", name="{0.__class__}")) == "no layer {0.__class__}"


def test_equal_messages_are_equal_and_hash_alike() -> None:
    first, second = Message("{n} units", n=3), Message("{n} units", n=3)
    assert first == second and hash(first) == hash(second)
    assert first != Message("{n} units", n=4)
    assert first != "3 units"


def test_a_user_error_carries_its_message() -> None:
    error = UserError("there is no {name}", name="layer")
    assert error.message == Message("there is no {name}", name="layer")
    assert str(error) == "there is no layer"
