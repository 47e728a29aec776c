"""Predicting a whole file: asked for, done on a thread, and told of below the form."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from netbuilder.data.files import SUFFIXES
from netbuilder.data.reading import Ambiguous, Reading, Stopped
from netbuilder.errors import Message, UserError
from netbuilder.exchange.predictions import predict_file
from netbuilder.exchange.trained import Trained
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_message
from netbuilder.gui.widgets.controls import Chip

_log = logging.getLogger(__name__)


class FilePrediction(QWidget):
    """While it works how far it is, with Cancel, and then a sentence of how it went."""

    wanted = Signal()
    """The button was pressed."""
    _told = Signal(float)
    _ended = Signal(object, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.button = Chip(self.tr("Predict a file…"), theme)
        """Stands with the panel's other buttons."""
        self.button.setCheckable(False)
        self.button.setToolTip(
            self.tr("Writes a CSV file with the columns of yours and what is predicted for each.")
        )
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setTextVisible(False)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.told = QLabel()
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.told)
        self.button.clicked.connect(self.wanted)
        self.cancel_button.clicked.connect(self.cancel)
        self._told.connect(
            lambda share: self.bar.setValue(round(100 * share)), Qt.ConnectionType.QueuedConnection
        )
        self._ended.connect(self._end, Qt.ConnectionType.QueuedConnection)
        self._show_busy(False)
        self.say("")

    @property
    def busy(self) -> bool:
        return self._thread is not None

    def ask(self, trained: Trained, dtype: str, own: Reading) -> None:
        """Asks for a file of examples and for one to write, and begins."""
        if self.busy:
            return
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        source, _ = QFileDialog.getOpenFileName(
            self.window(),
            self.tr("Predict a file"),
            "",
            self.tr("Data files ({kinds})").format(kinds=kinds),
        )
        if not source:
            return
        near = Path(source)
        name, _ = QFileDialog.getSaveFileName(
            self.window(),
            self.tr("Write the predictions"),
            str(near.with_name(f"{near.stem} predicted.csv")),
            self.tr("CSV files (*.csv)"),
        )
        if name:
            out = Path(name)
            self.begin(near, out if out.suffix else out.with_suffix(".csv"), trained, dtype, own)

    def begin(self, source: Path, out: Path, trained: Trained, dtype: str, own: Reading) -> None:
        """Predicts, on a thread; what the network is does not change meanwhile."""
        self._cancelled.clear()
        self.say("")
        self.bar.setValue(0)
        # No daemon: what is being written is written to its end before the process ends.
        self._thread = threading.Thread(
            target=self._work, args=(source, out, trained, dtype, own), name="netbuilder-predict"
        )
        self._show_busy(True)
        self._thread.start()

    def cancel(self) -> None:
        """What was there before stays as it was."""
        self._cancelled.set()

    def close_down(self) -> None:
        """Waits for the thread, which wants nothing any longer."""
        self.cancel()
        if self._thread is not None:
            self._thread.join()

    def say(self, sentence: str, trouble: bool = False) -> None:
        """A sentence below the button; "" for none."""
        self.told.setProperty("tone", "error" if trouble else "muted")
        self.told.style().polish(self.told)
        self.told.setText(sentence)
        self.told.setVisible(bool(sentence))
        self.setVisible(self.busy or bool(sentence))

    def _work(self, source: Path, out: Path, trained: Trained, dtype: str, own: Reading) -> None:
        last = 0.0

        def watch(share: float) -> None:
            nonlocal last
            if self._cancelled.is_set():
                raise Stopped
            if share - last >= 0.01:
                last = share
                self._told.emit(share)

        try:
            found = predict_file(source, out, trained, dtype, own, watch)
        except Stopped:
            self._ended.emit((), False)
        except Ambiguous as error:
            self._ended.emit((error.question,), True)
        except UserError as error:
            self._ended.emit((error.message,), True)
        except Exception as error:
            _log.exception("a file cannot be predicted")
            self._ended.emit(
                (
                    Message(
                        "The file cannot be predicted because of an error in the program "
                        "({error}).",
                        error=f"{type(error).__name__}: {error}",
                    ),
                ),
                True,
            )
        else:
            told = Message("{m:,} predictions are in {path}.", m=found.m, path=str(out))
            self._ended.emit((told, *found.notices), False)

    def _end(self, told: tuple[Message, ...], trouble: bool) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._show_busy(False)
        self.say(" ".join(map(tr_message, told)), trouble)

    def _show_busy(self, busy: bool) -> None:
        self.setVisible(busy)
        self.button.setEnabled(not busy)
        self.bar.setVisible(busy)
        self.cancel_button.setVisible(busy)
