"""What importing does off the GUI thread: reading a file, and making its examples ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal

from netbuilder.data.encode import useless
from netbuilder.data.files import SUFFIXES, read_table
from netbuilder.data.reading import Ambiguous, Reading, Stopped, Watch, said
from netbuilder.data.table import Table
from netbuilder.errors import Message
from netbuilder.gui.window.writer import Writer

_ROWS = 4096
"""That are looked at in one call, which keeps the interpreter from other threads."""


def data_filter() -> str:
    """The kinds of data file, as a file dialog takes them."""
    patterns = " ".join(f"*{suffix}" for suffix in SUFFIXES)
    return QCoreApplication.translate("ImportWork", "Data files ({patterns})").format(
        patterns=patterns
    )


@dataclass(frozen=True, eq=False)
class Found:
    """What was read."""

    table: Table
    question: Ambiguous | None
    """What could not be told; the table is as it is with the first answer."""
    useless: dict[str, Message]
    """By column: why nothing can be learned from it."""
    gaps: int
    """Missing values."""


def found_in(path: Path, stated: Reading, watch: Watch) -> Found:
    """What is in a file; raises UserError when it cannot be read at all."""
    asked: Ambiguous | None = None
    while True:
        try:
            table = read_table(path, reading=stated, watch=watch)
            break
        except Ambiguous as question:
            asked = asked or question
            answer = said(**{question.option: question.choices[0]})
            stated = replace(stated, **{question.option: getattr(answer, question.option)})
    reasons = {name: useless(table, name) for name in table.columns}
    rows = range(0, table.m, _ROWS)
    gaps = sum(int(np.isnan(table.values[at : at + _ROWS]).sum()) for at in rows)
    told = {name: reason for name, reason in reasons.items() if reason is not None}
    return Found(table, asked, told, gaps)


class Work(QObject):
    """Does the latest thing that was asked for, on a thread; what was asked before is dropped."""

    progressed = Signal(float)
    """The share that is done, from 0 to 1."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._writer = Writer(self)
        self._asked = 0
        self._told = 0.0

    @property
    def busy(self) -> bool:
        return self._writer.busy

    def ask(
        self, do: Callable[[Watch], Any], then: Callable[[Any, Exception | None], None]
    ) -> None:
        """Has something done; `then` gets its result or its exception, on the GUI thread."""
        self.drop()
        number = self._asked

        def watch(share: float) -> None:
            if number != self._asked:
                raise Stopped
            if share - self._told >= 0.01 or share < self._told:
                self._told = share
                self.progressed.emit(share)

        def done(result: Any, error: Exception | None) -> None:
            if number == self._asked:
                then(result, error)

        def work() -> Any:
            watch(0.0)
            return do(watch)

        self._writer.put(work, done)

    def drop(self) -> None:
        """What was asked for is wanted no longer."""
        self._asked += 1

    def close(self) -> None:
        """Waits for what is being done to come to its end."""
        self.drop()
        self._writer.finish()
