"""Settings: fields that carry their own description, from which checks and forms are built."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from netbuilder.engine.increments import By, Increments
from netbuilder.errors import UserError


class SettingError(UserError):
    """A setting outside its range; ``setting`` names the field it belongs to."""

    def __init__(self, setting: str, text: str, **values: Any) -> None:
        super().__init__(text, **values)
        self.setting = setting


@dataclass(frozen=True)
class Setting:
    """The description of one field; checks, command line and inspector are built from it."""

    name: str
    label: str
    help: str
    type: type
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    """An open lower bound: the value must be greater than this."""
    below: float | None = None
    """An open upper bound: the value must be less than this."""
    choices: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """The names that may be chosen, each with its title or with a thing that has one."""
    zero: str = ""
    """What 0 stands for, in words, where it is no number."""
    learning: bool = False
    """Whether it matters to learning alone: predictions with the same arrays stay the same."""
    fine: bool = False
    """Whether it is too fine a point for the layer's card: only the inspector has it."""
    increments: Increments | None = None
    """How a number is changed by keys and buttons; None for 1, or 0.05 where it has fractions."""

    def choice_title(self, choice: str) -> str:
        """A choice as the user reads it, for example "Leaky ReLU" for "leaky_relu"."""
        found = self.choices.get(choice, choice)
        return found if isinstance(found, str) else str(found.title)

    def further(self, value: float, count: int) -> float:
        """A number so many increments further, or back; it stays where the next is out of range."""
        increments = self.increments or By(1 if self.type is int else 0.05)
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        for _ in range(abs(count)):
            new = self.type(min(max(increments.next(value, count > 0), low), high))
            try:
                self.check(new)
            except SettingError:
                break
            value = new
        return value

    def check(self, value: Any) -> None:
        """Raises SettingError when the value has the wrong type, is out of range or unknown."""
        if self.type is bool:
            if not isinstance(value, bool):
                self._refuse("{label} must be on or off, got {value}", value)
        elif self.type is str:
            if not isinstance(value, str):
                self._refuse("{label} must be a name, got {value}", value)
            if self.choices and value not in self.choices:
                self._refuse(
                    "{label} must be one of {choices}; got {value}",
                    value,
                    choices=", ".join(self.choices),
                )
        else:
            self._check_number(value)

    def _check_number(self, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self._refuse("{label} must be a number, got {value}", value)
        if self.type is int and not isinstance(value, int):
            self._refuse("{label} must be a whole number, got {value}", value)
        # Comparisons are written so that NaN fails every one of them.
        if not (
            (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and abs(value) != float("inf")
            and value == value
        ):
            self._refuse("{label} must be {range}; got {value}", value, range=self.range_text)

    @property
    def range_text(self) -> str:
        """The allowed range in words, for messages and tool tips."""
        if self.minimum is not None and self.maximum is not None:
            return f"from {_shown(self.minimum)} to {_shown(self.maximum)}"
        limits = {
            "at least": self.minimum,
            "more than": self.above,
            "at most": self.maximum,
            "less than": self.below,
        }
        parts = [f"{words} {_shown(limit)}" for words, limit in limits.items() if limit is not None]
        return " and ".join(parts) or "a finite number"

    def _refuse(self, text: str, value: Any, **values: Any) -> None:
        shown = _shown(value) if isinstance(value, (int, float)) else _quoted(value)
        raise SettingError(self.name, text, label=self.label, value=shown, **values)


def _shown(value: float) -> str:
    """A number as people write it: 0, 0.5, 1,000, 1e+30; never longer than a line."""
    if isinstance(value, int) and abs(value) >= 10**15:
        return f"{Decimal(value):.3g}"
    if abs(value) < 10**15 and value == int(value):
        return f"{int(value):,}"
    return f"{value:,}"


def _quoted(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:38]}…{text[-1]}"


def setting(default: Any, label: str, help: str, **limits: Any) -> Any:
    """A dataclass field that carries its own description; ``limits`` are fields of Setting."""
    return dataclasses.field(
        default=default, metadata={"label": label, "help": help, "limits": limits}
    )


class HasSettings:
    """A frozen dataclass whose fields are made by ``setting`` and are checked when it is built."""

    @classmethod
    def settings(cls) -> tuple[Setting, ...]:
        """The descriptions of all fields, in order."""
        return _settings_of(cls)

    def __post_init__(self) -> None:
        for description in self.settings():
            description.check(getattr(self, description.name))


_SETTINGS: dict[type, tuple[Setting, ...]] = {}


def _settings_of(cls: type) -> tuple[Setting, ...]:
    if cls not in _SETTINGS:
        _SETTINGS[cls] = tuple(
            Setting(
                name=field.name,
                label=field.metadata["label"],
                help=field.metadata["help"],
                type=type(field.default),
                default=field.default,
                **field.metadata["limits"],
            )
            for field in dataclasses.fields(cls)
            if "label" in field.metadata
        )
    return _SETTINGS[cls]
