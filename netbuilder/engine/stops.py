"""Stops: what there is to see inside one update, each number with the numbers that it came from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from netbuilder.errors import Message

Array = NDArray[Any]
Index = tuple[int, ...]
_EXPRESSION = re.compile(r"\\(frac|sqrt|overline|sum|max|log|mathrm\{sign)|[(+|]|e\^")
"""What tells a whole expression from a letter."""
PHASES = ("forward", "cost", "backward", "update")


@dataclass(frozen=True)
class Name:
    """A quantity as the course writes it, W[2]: in plain letters and typeset."""

    text: str
    latex: str
    layer: int | None = None
    """l; None for what belongs to no layer, as J."""
    primes: int = 0
    """Tells apart what would be called alike."""

    @property
    def d(self) -> Name:
        """That of its gradient."""
        return replace(self, text=f"d{self.text}", latex=f"d{self.latex}")

    def __str__(self) -> str:
        layer = "" if self.layer is None else f"[{self.layer}]"
        return f"{self.text}{layer}{'′' * self.primes}"

    @property
    def typeset(self) -> str:
        """In LaTeX, with l and the primes above: dW^{[2]}."""
        return self.latex + self._above

    @property
    def _above(self) -> str:
        above = ("" if self.layer is None else f"[{self.layer}]") + r"\prime" * self.primes
        return f"^{{{above}}}" if above else ""

    def entry(self, at: Index, shape: Index) -> str:
        """One number of it, counted from 1 as the course does: z^{[1]}_{3,2}; LaTeX."""
        places = [str(i + 1) for i in at]
        if shape[1:] == (1,):
            places = [] if shape[0] == 1 else places[:1]
        letter = re.fullmatch(r"(d?)([A-Z]|\\tilde\{Z\}|\\mathcal\{L\})", self.latex)
        base = self.latex if letter is None else letter[1] + letter[2].replace("Z", "z")
        if letter is not None and len(letter[2]) == 1 and self.text != "J":
            base = letter[1] + letter[2].lower()
        below = ",".join(places)
        if _EXPRESSION.search(base):
            return self.typeset
        if base.endswith("}") and "_{" in base:  # such as v_{dW}: what is below goes on
            return f"{base[:-1]}{',' * bool(below)}{below}}}{self._above}"
        return f"{base}{f'_{{{below}}}' if below else ''}{self._above}"


@dataclass(frozen=True, eq=False)
class Quantity:
    """One array with its name, which can say of every number where it came from."""

    name: Name
    values: Array
    """float64, with examples as columns: (n, m), of images (channels, height, width, m)."""
    traced: Callable[[Index], Origin] | None = None
    given: Message | None = None
    """Where the numbers come from if they were not computed here."""

    def origin(self, at: Index) -> Origin | None:
        """What the number at this place was computed from; None for what was given."""
        return None if self.traced is None else self.traced(at)

    @property
    def shape(self) -> Index:
        return tuple(self.values.shape)

    @property
    def kernel(self) -> bool:
        """Whether it has the shape of filters, (filters, channels, height, width)."""
        return self.values.ndim == 4 and "W" in self.name.text


@dataclass(frozen=True, eq=False)
class Factor:
    """One number in a calculation: of a quantity, or a constant such as 1/m."""

    value: float
    latex: str = ""
    """How a constant is written; what is a number of a quantity is called as that is."""
    quantity: Quantity | None = None
    at: Index = ()

    @classmethod
    def of(cls, quantity: Quantity, at: Index) -> Factor:
        return cls(float(quantity.values[at]), "", quantity, at)

    @property
    def symbol(self) -> str:
        """How it is written, in LaTeX."""
        if self.quantity is None:
            return self.latex
        return self.quantity.name.entry(self.at, self.quantity.shape)


@dataclass(frozen=True)
class Term:
    """A product; it is added, or taken away."""

    factors: tuple[Factor, ...]
    sign: int = 1

    @property
    def value(self) -> float:
        return self.sign * math.prod(factor.value for factor in self.factors)


class Terms(Sequence[Term]):
    """Products that are made when they are looked at: a sum may have millions."""

    def __init__(self, count: int, at: Callable[[int], Term]) -> None:
        self._count, self._at = count, at

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self._at(k) for k in range(*number.indices(self._count))]
        if not -self._count <= number < self._count:
            raise IndexError(number)
        return self._at(number % self._count)

    def __iter__(self) -> Iterator[Term]:
        return map(self._at, range(self._count))


@dataclass(frozen=True, eq=False)
class Origin:
    """Where one number came from: scale · Σ terms, or a function of some numbers."""

    quantity: Quantity
    at: Index
    terms: Sequence[Term] = ()
    scale: tuple[Factor, ...] = ()
    arguments: tuple[Factor, ...] = ()
    """Of the function, where it is one."""
    function: str = ""
    """In LaTeX, such as \\tanh(z)."""
    apply: Callable[..., Any] | None = None
    largest: bool = False
    """The largest of the terms is taken in place of their sum."""

    @property
    def value(self) -> float:
        return float(self.quantity.values[self.at])

    def recomputed(self) -> float:
        """The value once more, from the numbers that it is said to come from."""
        if self.apply is not None:
            return float(self.apply(*(factor.value for factor in self.arguments)))
        values = [term.value for term in self.terms]
        whole = max(values) if self.largest else math.fsum(values)
        return math.prod((factor.value for factor in self.scale), start=whole)

    @property
    def sources(self) -> Iterator[Factor]:
        """All numbers that it was computed from, constants left out."""
        for factors in ((term.factors for term in self.terms), (self.scale, self.arguments)):
            for group in factors:
                yield from (factor for factor in group if factor.quantity is not None)


@dataclass(frozen=True, eq=False)
class Box:
    """A quantity in an equation, shown as a matrix."""

    quantity: Quantity
    transposed: bool = False

    @property
    def latex(self) -> str:
        name = self.quantity.name.typeset
        if not self.transposed:
            return name
        return f"{name[:-1]}T}}" if self.quantity.name.layer is not None else f"{name}^T"


@dataclass(frozen=True)
class Sign:
    """What stands between the matrices, in LaTeX."""

    latex: str


@dataclass(frozen=True, eq=False)
class Stop:
    """One step of an update: an equation whose first box is what is computed."""

    node: str
    """The id of the layer that is at work."""
    phase: str
    """One of PHASES."""
    parts: tuple[Box | Sign, ...]
    also: tuple[str, ...] = ()
    """More formulas, in LaTeX: what g is, or the loss."""
    why: Message | None = None
    """A sentence on what is done here, where the formula does not say all."""
    indexed: str = ""
    """The same for one number, in LaTeX."""

    @property
    def result(self) -> Quantity:
        first = self.parts[0]
        assert isinstance(first, Box)
        return first.quantity

    @property
    def formula(self) -> str:
        """The whole equation in LaTeX."""
        return " ".join(part.latex for part in self.parts)


def equation(result: Quantity, *right: Quantity | Box | str, sign: str = "=") -> tuple[Any, ...]:
    """The parts of ``result = …``; what is a string is LaTeX."""
    boxes = [
        Sign(part) if isinstance(part, str) else part if isinstance(part, Box) else Box(part)
        for part in right
    ]
    return (Box(result), Sign(sign), *boxes)
