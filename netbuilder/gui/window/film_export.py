"""Exporting the film: the canvas and the cost so far, picture by picture, into a file."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QFileDialog, QProgressBar, QProgressDialog, QWidget

from netbuilder import numbers
from netbuilder.errors import Message, UserError
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.runs.film import glimpse, paced
from netbuilder.runs.snapshot import Snapshot

translate = QCoreApplication.translate
_log = logging.getLogger(__name__)

PICTURES = 150
RATE = 15
"""Pictures a second: ten seconds in all."""
_HOLD = 1.5
"""Seconds for which the last picture stays."""
_CANVAS, _CURVE = QSize(960, 460), 140
"""Pixels: the canvas, and the height of the strip below it."""
_WAITING = 4
"""Pictures that wait to be written; while there are so many, none is painted."""
_PAUSE = 5
"""Milliseconds for the window between two pictures."""


class FilmExport(QObject):
    """One film of the run looked at, from its first moment kept to its latest.

    Pictures are painted one by one between the window's events, on a canvas of their own that is
    never seen; they are written on a thread.
    """

    done = Signal()
    """It is over: written, cancelled, or failed with a notice."""
    _ended = Signal(object)

    def __init__(
        self,
        store: Store,
        bridge: TrainingBridge,
        cursor: Cursor,
        themes: ThemeManager,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._store, self._bridge, self._themes, self._window = store, bridge, themes, window
        self._of = cursor.moment
        self._pictures: queue.Queue[NDArray[Any] | None] = queue.Queue()
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._next = 0
        self._seen: tuple[int, Snapshot | None] | None = None
        """The picture that the canvas shows, by its number, and its moment."""
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._paint_next)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self.progress: QProgressDialog | None = None

    def ask(self) -> None:
        """Asks for the file, and begins."""
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Export the film"),
            str(Path(self._store.path or "network").with_suffix(".gif")),
            self.tr("Films (*.gif *.mp4)"),
        )
        if name:
            path = Path(name)
            self.begin(path if path.suffix else path.with_suffix(".gif"))
        else:
            self.deleteLater()

    def begin(self, path: Path) -> None:
        """Begins to paint and to write; what cannot be is told at once."""
        from netbuilder.exchange import film

        recorder = None if self._of is None else self._of.recorder
        try:
            film.check(path)
            if self._of is None or recorder is None or recorder.step <= recorder.first:
                raise UserError("There is no film yet: train first.")
        except UserError as error:
            self._store.notify("error", error.message)
            self._end()
            return
        self._span = recorder.first, recorder.step
        self._curve = _Curve(self._of, recorder.step)
        self._cursor = Cursor(self._store, self._bridge)
        self._show(0)
        self._canvas = CanvasView(self._store, self._cursor, self._themes)
        self._canvas.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._canvas.setFixedSize(_CANVAS)
        self._canvas.show()
        self._canvas.camera.fit()
        progress = self.progress = QProgressDialog(self._window)
        progress.setWindowTitle(self.tr("Export the film"))
        progress.setLabelText(self.tr("Painting the pictures of {name}").format(name=path.name))
        progress.setCancelButtonText(self.tr("Cancel"))
        for bar in progress.findChildren(QProgressBar):
            bar.setTextVisible(False)  # a slim one, as everywhere
        progress.setRange(0, PICTURES)
        progress.setMinimumDuration(0)
        progress.setAutoClose(False)
        progress.setAutoReset(False)
        progress.setMinimumWidth(360)
        progress.setWindowModality(Qt.WindowModality.WindowModal)
        progress.canceled.connect(self.cancel)
        progress.setValue(0)
        progress.show()
        self._thread = threading.Thread(
            target=self._write, args=(path,), name="netbuilder-film", daemon=True
        )
        self._thread.start()
        self._timer.start()
        self._window.installEventFilter(self)

    def cancel(self) -> None:
        """What was there before stays as it was."""
        self._cancelled.set()
        self._pictures.put(None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:
            self.cancel()
        return False

    # --- painting ------------------------------------------------------------------------------

    def _show(self, number: int) -> Snapshot | None:
        """Brings the film's own cursor to the moment of a picture."""
        assert self._of is not None
        seen = glimpse(paced(number / (PICTURES - 1), *self._span), self._of)
        if seen is not None:
            self._cursor.rest_at(seen)
        return seen

    def _paint_next(self) -> None:
        """One picture at a time, so that the window goes on."""
        if self._pictures.qsize() >= _WAITING or self._cancelled.is_set():
            return
        if self._seen is None or self._seen[0] != self._next:
            self._seen = self._next, self._show(self._next)
        if self._cursor.busy:  # what a large network shows is there a little later
            return
        seen = self._seen[1]
        if seen is not None:
            self._canvas.show_live()
            self._pictures.put(_rgb(self._picture(seen)))
        self._next += 1
        if self.progress is not None:
            self.progress.setValue(self._next)
        if self._next == PICTURES:
            self._pictures.put(None)
            self._timer.stop()

    def _picture(self, seen: Snapshot) -> QImage:
        size = QSize(_CANVAS.width(), _CANVAS.height() + _CURVE)
        image = QImage(size, QImage.Format.Format_RGB888)
        theme = self._themes.theme
        image.fill(theme.color("panel"))
        with QPainter(image) as painter:
            self._canvas.render(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            strip = QRectF(0, _CANVAS.height(), size.width(), _CURVE)
            self._curve.paint(painter, strip, seen, theme)
        return image

    # --- writing -------------------------------------------------------------------------------

    def _write(self, path: Path) -> None:
        from netbuilder.exchange import film

        try:
            film.write(path, self._taken(), RATE, _HOLD)
            told: Message | None = Message("The film is in {path}.", path=str(path))
        except _Cancelled:
            told = None
        except UserError as error:
            told = error.message
            self._cancelled.set()
        except Exception as error:
            _log.exception("the film cannot be made")
            told = Message(
                "The film cannot be made because of an error in the program ({error}).",
                error=f"{type(error).__name__}: {error}",
            )
            self._cancelled.set()
        self._ended.emit(told)

    def _taken(self) -> Iterator[NDArray[Any]]:
        while (picture := self._pictures.get()) is not None:
            yield picture
        if self._cancelled.is_set():
            raise _Cancelled

    def _on_ended(self, told: Message | None) -> None:
        if self._thread is not None:
            self._thread.join()
        if told is not None:
            self._store.notify("error" if self._cancelled.is_set() else "info", told)
        self._end()

    def _end(self) -> None:
        self._timer.stop()
        if self.progress is not None:
            self.progress.canceled.disconnect(self.cancel)
            self.progress.close()
            self.progress.deleteLater()
            self.progress = None
            self._canvas.close()
            self._canvas.deleteLater()
            self._cursor.close()
            self._cursor.deleteLater()
        self.done.emit()
        self.deleteLater()


class _Cancelled(Exception):
    """The film is not wanted any more."""


class _Curve:
    """The cost of the whole run, of which the part so far stands out."""

    def __init__(self, of: Snapshot, last: int) -> None:
        rows = of.log.rows()
        steps, costs = rows["step"], rows["train_cost"]
        places = np.unique(np.linspace(0, len(steps) - 1, 2 * _CANVAS.width()).astype(int))
        self._steps = steps[places] / max(1, last) if len(steps) else np.empty(0)
        self._costs = costs[places] if len(steps) else np.empty(0)
        self._last = max(1, last)
        low, high = (self._costs.min(), self._costs.max()) if len(steps) else (0.0, 1.0)
        self._low = 0.0 if 0 <= low < 0.4 * high else float(low)
        self._span = float(high - self._low) or 1.0

    def paint(self, painter: QPainter, strip: QRectF, seen: Snapshot, theme: Theme) -> None:
        painter.fillRect(strip, theme.color("panel"))
        painter.fillRect(QRectF(strip.left(), strip.top(), strip.width(), 1), theme.color("line"))
        room = strip.adjusted(24, 38, -24, -16)
        xs = room.left() + self._steps * room.width()
        ys = room.bottom() - (self._costs - self._low) / self._span * room.height()
        points = [QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        now = int(np.searchsorted(self._steps, seen.step / self._last, "right"))
        for part, pen in (
            (points, QPen(theme.color("muted", 0.3), 1.2)),
            (points[:now], QPen(theme.color("accent"), 2.0)),
        ):
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(part))
        if now:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(points[now - 1], 4.5, 4.5)
        cost = numbers.cost(seen.cost) if np.isfinite(seen.cost) else "–"
        words = self._words(seen).format(cost=cost, epoch=f"{seen.epoch:,}", step=f"{seen.step:,}")
        line = QRectF(strip.left() + 24, strip.top() + 10, strip.width() - 48, 22)
        painting.text(painter, line, words, theme.color("text"), 15)

    @staticmethod
    def _words(seen: Snapshot) -> str:
        if seen.updates_per_epoch == 1:
            return translate("FilmExport", "cost {cost} · epoch {epoch}")
        return translate("FilmExport", "cost {cost} · epoch {epoch} · update {step}")


def _rgb(image: QImage) -> NDArray[Any]:
    """(height, width, 3) uint8, a copy."""
    width, height, line = image.width(), image.height(), image.bytesPerLine()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, line)
    return rows[:, : 3 * width].reshape(height, width, 3).copy()
