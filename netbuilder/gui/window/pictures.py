"""Pictures: the canvas and every panel as they are seen, in a file or on the clipboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QObject, QPoint, QRectF, QSize, QSizeF
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from netbuilder.errors import Message, UserError
from netbuilder.files import replacing
from netbuilder.gui.canvas.camera import ROOM
from netbuilder.gui.canvas.view import CanvasView
from netbuilder.gui.store import Store
from netbuilder.gui.window.dock import Dock
from netbuilder.gui.window.writer import Writer

_SHARP = 2.0
"""Pixels of an image for one of the window's: it may be printed, or shown on a projector."""
_LONGEST = 8000.0
"""The longer side of a picture, in the window's pixels."""
_TRIES = 20
_DPI = 96
"""What fonts are measured by where there are no pixels."""

Paint = Callable[[QPainter], None]


def _png(size: QSize, paint: Paint) -> Callable[[], bytes]:
    image = as_image(size, paint)

    def encoded() -> bytes:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(buffer.data().data())

    return encoded


def _svg(size: QSize, paint: Paint) -> Callable[[], bytes]:
    buffer = QBuffer()
    # Tiny, the default, knows no clipping: curves would leave their plots.
    device = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    device.setOutputDevice(buffer)
    device.setSize(size)
    device.setViewBox(QRectF(0, 0, size.width(), size.height()))
    device.setResolution(_DPI)
    return _painted(buffer, device, paint)


def _pdf(size: QSize, paint: Paint) -> Callable[[], bytes]:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QPdfWriter(buffer)
    device.setResolution(_DPI)
    points = QSizeF(size) * 72 / _DPI
    page = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    layout = QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF())
    device.setPageLayout(layout)
    return _painted(buffer, device, paint)


def _painted(buffer: QBuffer, device: QPaintDevice, paint: Paint) -> Callable[[], bytes]:
    with QPainter(device) as painter:
        paint(painter)
    data = bytes(buffer.data().data())
    return lambda: data


FORMATS: dict[str, Callable[[QSize, Paint], Callable[[], bytes]]] = {
    ".png": _png,
    ".svg": _svg,
    ".pdf": _pdf,
}
"""What paints now, and gives what makes the bytes on another thread."""


def as_image(size: QSize, paint: Paint) -> QImage:
    image = QImage(size * _SHARP, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_SHARP)
    image.fill(0)
    with QPainter(image) as painter:
        paint(painter)
    return image


class Pictures(QObject):
    """Takes pictures of the canvas and of panels; files are written off the GUI thread."""

    def __init__(
        self, store: Store, canvas: CanvasView, docks: Iterable[Dock], window: QWidget
    ) -> None:
        super().__init__(window)
        self._store, self._canvas, self._window = store, canvas, window
        self._docks = tuple(docks)
        self._writer = Writer(self)
        for dock in self._docks:
            dock.picture_asked.connect(lambda where, dock=dock: self._menu_of(dock).popup(where))

    # --- what a picture is of ------------------------------------------------------------------

    def _of_canvas(self) -> tuple[QSize, Paint]:
        """The whole network in its own size, wherever the camera is; a very large one smaller."""
        scene = self._canvas.canvas
        area = scene.content_rect().adjusted(-ROOM, -ROOM, ROOM, ROOM)
        size = (area.size() * min(1.0, _LONGEST / max(area.width(), area.height()))).toSize()

        def paint(painter: QPainter) -> None:
            zoom, ratio = scene.zoom, scene.pixel_ratio
            scene.pixel_ratio = _SHARP
            scene.set_zoom(1.0, at_once=True)
            for _ in range(
                _TRIES
            ):  # while it trains, a turn paints as much as a frame has time for
                if scene.show_live(area):
                    break
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            place = QRectF(0, 0, size.width(), size.height())
            painter.fillRect(place, self._canvas.theme.color("window"))
            scene.render(painter, place, area)
            scene.pixel_ratio = ratio
            scene.set_zoom(zoom, at_once=True)

        return size, paint

    @staticmethod
    def _of_panel(dock: Dock) -> tuple[QSize, Paint]:
        """What is seen of a panel, without the title of its dock."""
        panel = dock.widget() or dock.fill()

        def paint(painter: QPainter) -> None:
            plots = panel.findChildren(pg.PlotWidget)
            items = [item for plot in plots for item in plot.plotItem.items]
            for item in items:  # else their points are small images, not drawings
                item.setExportMode(True, {})
            panel.render(painter, QPoint())
            for item in items:
                item.setExportMode(False)

        return panel.size(), paint

    # --- what is done with it ------------------------------------------------------------------

    def copy_canvas(self) -> None:
        self._copy(*self._of_canvas())

    def save_canvas(self) -> None:
        self._ask(self.tr("network"), *self._of_canvas())

    def fill(self, menu: QMenu) -> None:
        """A menu for each panel that is open, made anew whenever it is opened."""
        shown = menu.addMenu(self.tr("Picture of a panel"))

        def refill() -> None:
            shown.clear()
            for dock in self._docks:
                if not dock.isHidden():
                    self._add(shown.addMenu(dock.windowTitle().replace("&", "&&")), dock)

        shown.aboutToShow.connect(refill)
        refill()

    def _menu_of(self, dock: Dock) -> QMenu:
        menu = QMenu(dock)
        self._add(menu, dock)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _add(self, menu: QMenu, dock: Dock) -> None:
        save = menu.addAction(self.tr("Save a picture…"))
        save.triggered.connect(
            lambda _=False: self._ask(dock.windowTitle().lower(), *self._of_panel(dock))
        )
        copy = menu.addAction(self.tr("Copy as a picture"))
        copy.triggered.connect(lambda _=False: self._copy(*self._of_panel(dock)))

    def _copy(self, size: QSize, paint: Paint) -> None:
        QGuiApplication.clipboard().setImage(as_image(size, paint))
        self._store.notify("info", Message("The picture is on the clipboard."))

    def _ask(self, what: str, size: QSize, paint: Paint) -> None:
        filters = {
            self.tr("Pixels (*.png)"): ".png",
            self.tr("Lines and text, for pages of the web (*.svg)"): ".svg",
            self.tr("Lines and text, for print (*.pdf)"): ".pdf",
        }
        of = self._store.path
        start = (of.parent if of else Path.home()) / f"{of.stem if of else 'network'} {what}.png"
        name, chosen = QFileDialog.getSaveFileName(
            self._window, self.tr("Save a picture"), str(start), ";;".join(filters)
        )
        if name:
            path = Path(name)
            if path.suffix.lower() not in FORMATS:
                path = path.with_name(path.name + filters.get(chosen, ".png"))
            make = FORMATS[path.suffix.lower()](size, paint)
            self._writer.put(lambda: _write(path, make), lambda _, error: self._done(path, error))

    def _done(self, path: Path, error: Exception | None) -> None:
        if isinstance(error, UserError):
            self._store.notify("error", error.message)
        elif error is not None:
            raise error
        else:
            self._store.notify("info", Message("Saved the picture as {name}.", name=path.name))

    def close(self) -> None:
        """Waits until what is being written is written."""
        self._writer.finish()


def _write(path: Path, make: Callable[[], bytes]) -> None:
    data = make()
    with replacing(path) as file:
        file.write(data)
