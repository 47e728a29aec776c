"""One column of a text file while it is read: its numbers, and the cells that are none."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netbuilder.data.cells import MISSING, MISSING_AMONG_NUMBERS, number, unit
from netbuilder.data.encode import number_text
from netbuilder.errors import Message, UserError

Floats = NDArray[np.float64]


class Column:
    """Takes the cells piece by piece, and says in the end what they are."""

    def __init__(self, file: str, name: str, decimal: str) -> None:
        self.file, self.name, self.decimal = file, name, decimal
        self._word_rows = array("q")
        self._words: list[str] = []
        self._interned: dict[str, str] = {}
        self._units: Counter[str] = Counter()
        self._with_unit = ""
        """The first cell that has one."""

    def numbers(self, cells: Sequence[str], at: int, lines: Sequence[int]) -> Floats:
        """The numbers in the cells of rows `at`, `at` + 1, …; NaN where there is none."""
        values = self._plain(cells)
        if values is None:
            values = np.full(len(cells), np.nan)
            for row, cell in enumerate(cells):
                found = number(cell, self.decimal)
                if found is not None:
                    values[row] = found
                    if not cell[-1:].isdigit() or not cell[:1].isdigit():
                        self._count_unit(cell)
                elif (word := cell.strip()).casefold() not in MISSING:
                    self._word_rows.append(at + row)
                    self._words.append(self._interned.setdefault(word, word))
        self.check(values, cells, lines)
        return values

    def check(self, values: Floats, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Refuses infinite numbers."""
        infinite = np.flatnonzero(np.isinf(values))
        if infinite.size:
            row = int(infinite[0])
            raise UserError(
                "{file}, line {line}, column {column!r}: expected a finite number, found {cell!r}; "
                "correct it, or leave the cell empty.",
                file=self.file,
                line=lines[row],
                column=self.name,
                cell=_shown(cells[row]),
            )

    def _plain(self, cells: Sequence[str]) -> Floats | None:
        """The numbers where they are all as Python writes them, or missing; else None."""
        text = "".join(cells)
        if "_" in text or (self.decimal == "," and "." in text):
            return None
        if self.decimal == ",":
            cells = [cell.replace(",", ".") for cell in cells]
        if "" in cells:
            cells = [cell or "nan" for cell in cells]
        try:
            return np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
        except ValueError:
            return None

    def _count_unit(self, cell: str) -> None:
        found = unit(cell, self.decimal)
        if found:
            self._units[found] += 1
            self._with_unit = self._with_unit or cell.strip()

    def finish(self, values: Floats, lines: Sequence[int]) -> tuple[str, ...]:
        """The words of a column of words, whose codes, in their order, are put into `values` (m,);
        none for a column of numbers."""
        filled = ~np.isnan(values)
        true_words = sum(word.casefold() not in MISSING_AMONG_NUMBERS for word in self._words)
        count = int(filled.sum())
        if not true_words:
            self._check_units(count)
            return ()
        numbers = np.unique(values[filled])
        self._refuse_bad_cells(count, true_words, len(numbers), lines)
        # Some of the words may look like numbers, as in "0", "1", "2", "3+".
        texts = [number_text(value) for value in numbers]
        words = (*texts, *sorted(self._interned))
        code = {word: float(k) for k, word in enumerate(words)}
        values[filled] = np.searchsorted(numbers, values[filled])
        values[np.frombuffer(self._word_rows, dtype=np.int64)] = [code[w] for w in self._words]
        return words

    def _check_units(self, count: int) -> None:
        """Refuses dollars beside euros, and per cent beside plain numbers."""
        if len(self._units) > 1 or 0 < self._units["%"] < count:
            raise UserError(
                "{file}: the numbers of the column {column!r} are not all of one kind: "
                "{kinds}; write them alike.",
                file=self.file,
                column=self.name,
                kinds=", ".join(
                    f"{times} with {name}"
                    for name, times in sorted(
                        [*self._units.items(), ("no sign", count - self._units.total())]
                    )
                    if times
                ),
            )

    @property
    def notice(self) -> Message | None:
        """What was taken off the numbers, if anything was."""
        if not self._units:
            return None
        return Message(
            "The numbers of {column!r} are read without their sign: {cell} is {value:.10g}.",
            column=self.name,
            cell=self._with_unit,
            value=number(self._with_unit, self.decimal),
        )

    def _refuse_bad_cells(
        self, numbers: int, bad: int, different: int, lines: Sequence[int]
    ) -> None:
        """Refuses words in a column mostly of numbers, unless its few values are often repeated."""
        different += len(self._interned)
        filled = numbers + bad
        categories = different <= 20 and filled >= 5 * different and bad * 10 > filled
        if numbers < bad or categories:
            return
        wrong = [
            (row, word)
            for row, word in zip(self._word_rows, self._words, strict=True)
            if word.casefold() not in MISSING_AMONG_NUMBERS
        ]
        more = [str(lines[row]) for row, _ in wrong[1:4]]
        raise UserError(
            "{file}, line {line}, column {column!r}: expected a number as in most of the column, "
            "found {word!r}{more}; correct it, or leave the cell empty if the value is missing.",
            file=self.file,
            line=lines[wrong[0][0]],
            column=self.name,
            word=_shown(wrong[0][1]),
            more=f" (more in line {', '.join(more)}{' …' if bad > 4 else ''})" if more else "",
        )


def _shown(cell: str) -> str:
    """A cell's text for a sentence, which a whole page would drown."""
    cell = cell.strip()
    return cell if len(cell) <= 40 else cell[:39] + "…"
