"""The palette: the kinds of layers, to be dragged onto the canvas or appended."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QDrag, QKeyEvent, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QToolButton

from netbuilder.document.check.placing import place
from netbuilder.document.model.project import Project
from netbuilder.engine.layer import LAYERS, Layer
from netbuilder.gui.canvas import painting
from netbuilder.gui.canvas.drop import LAYER_MIME
from netbuilder.gui.canvas.kinds import IMAGES, JOINS, kinds_by_group
from netbuilder.gui.centre import Centre
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.translation import tr_text
from netbuilder.gui.widgets.caption import caption_font

_KIND = Qt.ItemDataRole.UserRole
_CARD = QSize(132, 44)
_ROW = 27
_CAPTION = 24
_SEARCH = 32
_SEEN = 5
"""So many kinds are always in sight."""


class LayerPalette(QListWidget):
    """One row a kind of layer, built from the registry, and a field that finds some of them."""

    def __init__(self, centre: Centre) -> None:
        super().__init__()
        themes = centre.themes
        self._store, self._themes = centre.store, themes
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragEnabled(True)
        self.setDragDropMode(QListWidget.DragDropMode.DragOnly)
        self.setIconSize(QSize(20, 20))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Layers"))
        captions = {IMAGES: self.tr("Images"), JOINS: self.tr("Joins")}
        for group, kinds in kinds_by_group().items():
            if group in captions:
                self._add_caption(captions[group])
            for kind in kinds:
                self._add(kind)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Find a layer"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        for button in self.search.findChildren(QToolButton):
            button.setAccessibleName(self.tr("Clear"))
        self.search.textChanged.connect(self._find)
        self.setViewportMargins(0, _SEARCH, 0, 0)
        self.setMinimumHeight(min(self.count(), _SEEN) * _ROW + 4 + _SEARCH)
        self.setCurrentRow(0)
        self.itemDoubleClicked.connect(self._append)
        themes.changed.connect(self._on_theme)
        self._on_theme(themes.theme)

    def _add(self, layer: type[Layer]) -> None:
        item = QListWidgetItem(tr_text(layer.title))
        item.setData(_KIND, layer.kind)
        item.setToolTip(
            tr_text(layer.summary)
            + "\n"
            + self.tr("Drag it onto the canvas, or double-click to append it.")
        )
        item.setSizeHint(QSize(120, _ROW))
        self.addItem(item)

    def _add_caption(self, words: str) -> None:
        item = QListWidgetItem(words)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(caption_font(self.font()))
        item.setSizeHint(QSize(120, _CAPTION))
        item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self.addItem(item)

    def sizeHint(self) -> QSize:
        """With every kind in sight."""
        return QSize(super().sizeHint().width(), self.count() * _ROW + 16 + _SEARCH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.search.setGeometry(6, 2, self.width() - 18, _SEARCH - 6)

    def _find(self, words: str) -> None:
        """Shows the kinds whose name or description has all the words, without captions."""
        wanted = words.casefold().split()
        found = None
        for row in range(self.count()):
            item, kind = self.item(row), self.item(row).data(_KIND)
            told = f"{item.text()} {item.toolTip().splitlines()[0]} {kind}" if kind else ""
            fits = all(word in told.casefold() for word in wanted)
            item.setHidden(not fits)
            if fits and kind and found is None:
                found = row
        self.setCurrentRow(-1 if found is None else found)

    def _on_theme(self, theme: Theme) -> None:
        for row in range(self.count()):
            item = self.item(row)
            if item.data(_KIND):
                item.setIcon(self._themes.icon(item.data(_KIND)))

    def _append(self, item: QListWidgetItem) -> None:
        """Puts a layer of this kind before the output, where it fits, and selects it."""
        layer = LAYERS[item.data(_KIND)]()
        info = self._store.compiled.info
        added: list[str] = []

        def change(project: Project) -> Project:
            network, node = place(project.network, layer, info)
            added.append(node.id)
            return project.with_network(network)

        label = self.tr("add {kind}").format(kind=tr_text(layer.title))
        if self._store.edit(change, label):
            self._store.select(added)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._append(item)  # from the field, too, which then is ready for the next search
            self.search.clear()
        else:
            super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        item = self.currentItem()
        drag = QDrag(self)
        drag.setMimeData(layer_mime(item.data(_KIND)))
        pixmap = self._card(item)
        drag.setPixmap(pixmap)
        drag.setHotSpot(QPoint(_CARD.width() // 2, _CARD.height() + 8))
        drag.exec(Qt.DropAction.CopyAction)

    def _card(self, item: QListWidgetItem) -> QPixmap:
        """A small card for the pointer to carry."""
        theme, ratio = self._themes.theme, self.devicePixelRatioF()
        pixmap = QPixmap(_CARD * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(6, 5, _CARD.width() - 12, _CARD.height() - 12)
            painting.shadow(painter, rect, 8, theme)
            painter.setPen(QPen(theme.color("accent"), 1.4))
            painter.setBrush(theme.color("card"))
            painter.drawRoundedRect(rect, 8, 8)
            icon = self._themes.icon(item.data(_KIND))
            icon.paint(painter, rect.adjusted(8, 5, 0, -5).toRect(), Qt.AlignmentFlag.AlignLeft)
            painting.text(
                painter,
                rect.adjusted(38, 0, -6, 0),
                item.text(),
                theme.color("text"),
                13,
                bold=True,
            )
        return pixmap


def layer_mime(kind: str) -> QMimeData:
    """What a drag of this kind of layer carries."""
    mime = QMimeData()
    mime.setData(LAYER_MIME, QByteArray(kind.encode()))
    return mime
