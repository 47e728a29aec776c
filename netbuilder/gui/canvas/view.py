"""The canvas: the view in which a network is built with the mouse and the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHideEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from netbuilder.document.model.network import Edge
from netbuilder.document.model.project import Project
from netbuilder.engine.layer import LAYERS
from netbuilder.gui.canvas import keys, menus
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.drop import LAYER_MIME, DropGesture
from netbuilder.gui.canvas.geometry import GRID
from netbuilder.gui.canvas.gestures import (
    ConnectGesture,
    Gesture,
    MoveGesture,
    PanGesture,
    PressGesture,
    RubberBand,
)
from netbuilder.gui.canvas.hover import Hover
from netbuilder.gui.canvas.inplace import InPlaceView
from netbuilder.gui.canvas.overlays import Bubble, Hint
from netbuilder.gui.canvas.wires import WireItem
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager

if TYPE_CHECKING:
    from netbuilder.gui.cursor import Cursor

_EXTEND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class CanvasView(InPlaceView):
    """Turns events into gestures, and keeps the overlays beside the cards they speak of."""

    def __init__(self, store: Store, cursor: Cursor, themes: ThemeManager) -> None:
        super().__init__(store, cursor, themes)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setMinimumSize(260, 180)
        self.setAccessibleName(self.tr("Canvas"))
        self.gesture: Gesture | None = None
        self.hint = Hint(self.viewport())
        self.bubble = Bubble(self.viewport(), self.mend)
        self.hover = Hover(self)
        self._bubble_card: CardItem | None = None
        self.panning = False
        """The space bar is down: the mouse moves the canvas."""
        self._stale = True
        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(90)
        self._sharpen.timeout.connect(self.show_live)
        store.changed.connect(self._on_changed)
        store.replaced.connect(self._on_replaced)
        store.selection_changed.connect(self._on_selection)
        cursor.moved.connect(self._on_moved)
        themes.changed.connect(self._on_theme)
        self.verticalScrollBar().valueChanged.connect(self._follow)
        self.horizontalScrollBar().valueChanged.connect(self._follow)
        self._on_theme(themes.theme)

    # --- following the store, the run and the theme ----------------------------------------------

    def _on_changed(self, old: Project, new: Project) -> None:
        if self.gesture is not None and not self.gesture.survives_edits:
            self.cancel_gesture()
        self.hover.forget_removed()
        self._bubble_card = None
        self.canvas.apply(old.network, new.network)
        self.show_selection()
        self.show_live()
        if self.follows_fit and self._outgrown(old, new):
            self.fit()
        self._follow()

    def _outgrown(self, old: Project, new: Project) -> bool:
        """Whether to fit anew; what was dropped in the open stays under the mouse."""
        if not self.visible_rect().contains(self.canvas.content_rect()):
            return True
        before, after = old.network.by_id.keys(), new.network.by_id.keys()
        network = new.network
        loose = all(not network.inputs(id) and not network.outputs(id) for id in after - before)
        return before != after and not (loose and before <= after)

    def _on_replaced(self, project: Project) -> None:
        self.cancel_gesture()
        self.close_editor()
        self.fit()

    def _on_selection(self, ids: frozenset[str]) -> None:
        self.show_selection()
        self.update_bubble()

    def _on_moved(self, snapshot: object) -> None:
        self.show_live()

    def _on_theme(self, theme: Theme) -> None:
        self.canvas.show_theme(theme)
        self.resetCachedContent()
        self.show_live()
        self.update_bubble()

    def show_live(self) -> None:
        """Paints the present weights and activations: now if the canvas is seen, else later."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        self.canvas.pixel_ratio = self.devicePixelRatioF()
        if not self.canvas.show_live(self.visible_rect()):
            self._sharpen.start()

    def zoomed(self) -> None:
        super().zoomed()
        self._follow()

    def _follow(self) -> None:
        """Overlays follow the scrolling; pictures that come into sight are made a moment later."""
        if self.editor is not None:
            self.editor.follow()
        self.update_bubble()
        self._sharpen.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.follows_fit:
            self.fit()
        if self._stale:
            self.show_live()

    def hideEvent(self, event: QHideEvent) -> None:
        self.cancel_gesture()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.follows_fit and self.isVisible():
            self.fit()
        self._follow()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        rect = QRectF(rect)
        painter.fillRect(rect, self.theme.color("window"))
        step = GRID
        while step * self.zoom < 14:
            step *= 2
        columns = range(int(rect.left() // step), int(rect.right() // step) + 2)
        rows = range(int(rect.top() // step), int(rect.bottom() // step) + 2)
        pen = QPen(self.theme.color("strong_line", 0.7), 1.4)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints([QPointF(x * step, y * step) for x in columns for y in rows])

    # --- the mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            return
        if self.editor is not None and not self.editor.commit():
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = event.position().toPoint()
        pos = self.mapToScene(at)
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or (self.panning and event.button() == Qt.MouseButton.LeftButton):
            self.gesture = PanGesture(self, pos, at)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.gesture = self._gesture_at(pos, bool(event.modifiers() & _EXTEND))
        event.accept()

    def _gesture_at(self, pos: QPointF, extend: bool) -> Gesture | None:
        found = self.canvas.card_at(pos)
        if found is None:
            wire = self.canvas.wire_at(pos)
            if wire is not None:
                self._press_wire(wire.edge, extend)
                return self._wire_end(wire, pos)
            return RubberBand(self, pos, extend)
        card, part = found
        if part == "out":
            return ConnectGesture(self, pos, card, "out")
        if part == "in":
            return self._take_input(card, pos)
        id = card.node.id
        if part not in ("card", "badge", "name") and not extend:
            self.select_only({id})
            return PressGesture(self, pos, card, part)
        selected = id in self.store.selection
        if extend:
            self.store.select(self.store.selection ^ {id})
            return MoveGesture(self, pos, card, narrow=False) if not selected else None
        if not selected:
            self.select_only({id})
        return MoveGesture(self, pos, card, narrow=selected)

    def _take_input(self, card: CardItem, pos: QPointF) -> ConnectGesture:
        """From an input: its last wire is taken off, or a new one drawn where it has none."""
        sources = self.network.inputs(card.node.id)
        if not sources:
            return ConnectGesture(self, pos, card, "in")
        edge = Edge(sources[-1], card.node.id)
        return ConnectGesture(self, pos, self.canvas.cards[edge.source], "out", edge)

    def _press_wire(self, edge: Edge, extend: bool) -> None:
        if extend:
            self.select_only(self.store.selection, self.selected_edges ^ {edge})
        else:
            self.select_only((), {edge})

    def _wire_end(self, wire: WireItem, pos: QPointF) -> Gesture:
        """A press on a wire takes the nearer end along once the mouse moves."""
        to_end = (wire.end - pos).manhattanLength()
        to_start = (wire.start - pos).manhattanLength()
        if to_end <= to_start:
            return ConnectGesture(self, pos, wire.source, "out", wire.edge)
        return ConnectGesture(self, pos, wire.target, "in", wire.edge)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        pos = self.mapToScene(at)
        if self.gesture is not None:
            self.gesture.move(pos, at)
        else:
            self.hover.over(pos)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            at = event.position().toPoint()
            gesture.finish(self.mapToScene(at), at)
            self.hover.over(self.mapToScene(at))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        pos = self.mapToScene(event.position().toPoint())
        found = self.canvas.card_at(pos)
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            card, part = found
            if part == "name":
                self.edit_name(card)
                event.accept()
                return
        # The second click of two quick ones is a click like any other, on − and + above all.
        self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.gesture is not None:
            return
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        pos = self.mapToScene(event.pos())
        found = self.canvas.card_at(pos)
        card = self.current if by_key else (found[0] if found else None)
        where = event.globalPos()
        if card is not None:
            if card.node.id not in self.store.selection:
                self.select_only({card.node.id})
            menu = menus.card_menu(self, card)
            if by_key:
                where = self.viewport().mapToGlobal(self.mapFromScene(card.pos()))
        else:
            wire = self.canvas.wire_at(pos)
            if wire is not None:
                self.select_only((), {wire.edge})
                menu = menus.wire_menu(self, wire.edge)
            else:
                menu = menus.ground_menu(self, pos)
        self.open_menu(menu, where)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        touchpad = event.device().type() == QInputDevice.DeviceType.TouchPad
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) or not (
            touchpad or event.phase() != Qt.ScrollPhase.NoScrollPhase
        )
        if zooms:
            step = event.angleDelta().y() or event.angleDelta().x()
            self.set_zoom(self.zoom * 1.0015**step, event.position().toPoint())
        else:
            way = event.pixelDelta()
            self.scroll_by(way if not way.isNull() else event.angleDelta() / 4)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.set_zoom(self.zoom * (1 + event.value()), event.position().toPoint())
            return True
        if event.type() == QEvent.Type.Leave and self.gesture is None:
            self.hover.over(None)
        return super().viewportEvent(event)

    # --- bubbles ---------------------------------------------------------------------------------

    def update_bubble(self) -> None:
        """Shows the problems of the hovered card, else the selected one, else the first error."""
        card = self._bubble_owner()
        if card is None:
            self.bubble.hide()
        else:
            self.bubble.show_problems(card.problems, self.theme)
            self._bubble_card = card
            self.place_bubble()
            self.bubble.show()

    def _bubble_owner(self) -> CardItem | None:
        if self.gesture is not None and not isinstance(self.gesture, (MoveGesture, PanGesture)):
            return None
        cards = self.canvas.cards
        if self.hover.card is not None and self.hover.card.problems:
            return self.hover.card
        if self.current is not None and self.current.problems:
            return self.current
        errors = (p for p in self.store.compiled.problems if p.severity == "error")
        return next((cards[p.node] for p in errors if p.node in cards), None)

    def place_bubble(self) -> None:
        card = self._bubble_card
        if card is not None and card.scene() is not None:
            rect = self.viewportTransform().mapRect(card.scene_rect())
            others = [
                self.viewportTransform().mapRect(other.scene_rect())
                for other in self.canvas.cards.values()
            ]
            self.bubble.place(rect, others)

    # --- drops -----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        kind = bytes(event.mimeData().data(LAYER_MIME).data()).decode(errors="replace")
        if kind not in LAYERS or not LAYERS[kind].in_palette:
            event.ignore()
            return
        self.cancel_gesture()
        pos = self.mapToScene(event.position().toPoint())
        self.gesture = DropGesture(self, pos, kind)
        self.bubble.hide()
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if isinstance(self.gesture, DropGesture):
            at = event.position().toPoint()
            self.gesture.move(self.mapToScene(at), at)
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.cancel_gesture()
        self.update_bubble()

    def dropEvent(self, event: QDropEvent) -> None:
        gesture, self.gesture = self.gesture, None
        if isinstance(gesture, DropGesture):
            at = event.position().toPoint()
            gesture.finish(self.mapToScene(at), at)
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            event.acceptProposedAction()

    # --- the keyboard ----------------------------------------------------------------------------

    def cancel_gesture(self) -> bool:
        """Takes back what the mouse is doing; False when it is doing nothing."""
        gesture, self.gesture = self.gesture, None
        if gesture is None:
            return False
        gesture.cancel()
        return True

    def event(self, event: QEvent) -> bool:
        # Tab walks the cards; without this it would leave the canvas.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()))
            if step is not None and keys.walk_order(self, step):
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.panning = True
                self.hover.show_cursor()
            event.accept()
        elif keys.press(self, event):
            event.accept()
        else:
            QWidget.keyPressEvent(self, event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.panning = False
            self.hover.show_cursor()
        if keys.is_step(event) and not event.isAutoRepeat():
            self.store.seal()
        QWidget.keyReleaseEvent(self, event)
