"""The canvas: the view in which a network is built with the mouse and the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QHideEvent,
    QInputDevice,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from netbuilder.document.model.project import Project
from netbuilder.engine.layer import LAYERS
from netbuilder.gui.canvas import keys, menus, painting
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.drop import LAYER_MIME, DropGesture
from netbuilder.gui.canvas.geometry import GRID
from netbuilder.gui.canvas.gestures import Gesture, PanGesture
from netbuilder.gui.canvas.hover import Hover
from netbuilder.gui.canvas.key_connect import KeyConnect
from netbuilder.gui.canvas.press import gesture_at, opens_field
from netbuilder.gui.canvas.surface import Surface
from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.widgets.focus_ring import FocusRing

_EXTEND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class CanvasView(QGraphicsView):
    """Turns events into gestures, and keeps the overlays beside the cards they speak of."""

    def __init__(self, store: Store, cursor: Cursor, themes: ThemeManager) -> None:
        super().__init__()
        self.store, self.themes = store, themes
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
        self.ring = FocusRing(self, themes)
        self.gesture: Gesture | None = None
        self.surface = surface = Surface(self, store, cursor, themes)
        self.canvas, self.selection, self.camera = surface.scene, surface.selection, surface.camera
        self.edits, self.fields = surface.edits, surface.fields
        self.hint, self.bubble = surface.hint, surface.bubble
        self.hover = Hover(surface)
        self._stale = True
        self._subject = store.subject
        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(160)
        self._sharpen.timeout.connect(self.show_live)
        store.changed.connect(self._on_changed)
        store.replaced.connect(self._on_replaced)
        store.selection_changed.connect(self._on_selection)
        cursor.moved.connect(self._on_moved)
        cursor.examples.changed.connect(self.show_live)
        themes.changed.connect(self._on_theme)
        self.camera.zoomed.connect(self._follow)
        self.hover.card_changed.connect(self._update_bubble)
        self.hover.card_changed.connect(self._update_legend)
        self.verticalScrollBar().valueChanged.connect(self._follow)
        self.horizontalScrollBar().valueChanged.connect(self._follow)
        self._on_theme(themes.theme)

    @property
    def theme(self) -> Theme:
        return self.themes.theme

    # --- following the store, the run and the theme ----------------------------------------------

    def _on_changed(self, old: Project, new: Project) -> None:
        if self.gesture is not None and not self.gesture.survives_edits:
            self.cancel_gesture()
        subject, self._subject = self._subject, self.store.subject
        if new.network is not old.network or self.store.compiled is not self.canvas.compiled:
            self.canvas.apply(old.network, new.network)
            self.hover.forget_removed()
            self.hover.tell_anew()
            self.selection.show()
        elif self._subject == subject:
            return  # such as a training setting: nothing here speaks of it
        if self._subject == subject or not self.store.compiled.ok:
            self.show_live()
        else:
            # The run takes the edit over and sends a snapshot: one look will do.
            self.canvas.keep_live(self.camera.visible_rect())
            self._sharpen.start()
        if self.camera.follows_fit and self._outgrown(old, new):
            self.camera.fit()
        self._follow()

    def _outgrown(self, old: Project, new: Project) -> bool:
        """Whether to fit anew; what was dropped in the open stays under the mouse."""
        if not self.camera.visible_rect().contains(self.canvas.content_rect()):
            return True
        before, after = old.network.by_id.keys(), new.network.by_id.keys()
        network = new.network
        loose = all(not network.inputs(id) and not network.outputs(id) for id in after - before)
        return before != after and not (loose and before <= after)

    def _on_replaced(self, project: Project) -> None:
        self.cancel_gesture()
        self.fields.close_editor()
        self.camera.fit()

    def _on_selection(self, ids: frozenset[str]) -> None:
        if not self.hasFocus() and self.gesture is None and ids <= self.canvas.cards.keys():
            self.camera.reveal(ids)  # what another view has chosen
        self.selection.show()
        self._update_bubble()
        self._update_legend()

    def _on_moved(self, snapshot: object) -> None:
        self.show_live()
        self.hover.tell_anew()

    def _on_theme(self, theme: Theme) -> None:
        self.canvas.show_theme(theme)
        self.resetCachedContent()
        self.show_live()
        self._update_bubble()

    def show_live(self) -> None:
        """Paints the present weights and activations: now if the canvas is seen, else later."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        self.canvas.come_to_rest()
        self.canvas.pixel_ratio = self.devicePixelRatioF()
        if not self.canvas.show_live(self.camera.visible_rect()):
            self._sharpen.start()
        self._update_legend()
        self.surface.example.follow()

    def _follow(self) -> None:
        """Overlays follow the scrolling; pictures that come into sight are made a moment later."""
        if self.fields.editor is not None:
            self.fields.editor.follow()
        self._update_bubble()
        self.surface.legend.place()
        self.surface.example.place()
        self._sharpen.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.camera.follows_fit:
            self.camera.fit()
        if self._stale:
            self.show_live()

    def hideEvent(self, event: QHideEvent) -> None:
        self.cancel_gesture()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.camera.follows_fit and self.isVisible():
            self.camera.fit()
        self._follow()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painting.ground(painter, QRectF(rect), GRID, self.camera.zoom, self.theme)

    # --- the mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            return
        if self.fields.editor is not None and not self.fields.editor.commit():
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        at = event.position().toPoint()
        pos = self.mapToScene(at)
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or (self.hover.panning and event.button() == Qt.MouseButton.LeftButton):
            self.gesture = PanGesture(self.surface, pos, at)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.gesture = gesture_at(self.surface, pos, bool(event.modifiers() & _EXTEND))
        event.accept()

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
        if event.button() == Qt.MouseButton.LeftButton and opens_field(self.surface, pos):
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
        card = self.selection.card if by_key else (found[0] if found else None)
        where = event.globalPos()
        if card is not None:
            if card.node.id not in self.selection.ids:
                self.selection.only({card.node.id})
            menu = menus.card_menu(self.surface, card)
            if by_key:
                where = self.viewport().mapToGlobal(self.mapFromScene(card.pos()))
        else:
            wire = self.canvas.wire_at(pos)
            if wire is not None:
                self.selection.only((), {wire.edge})
                menu = menus.wire_menu(self.surface, wire.edge)
            else:
                menu = menus.ground_menu(self.surface, pos)
        self.fields.open_menu(menu, where)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        touchpad = event.device().type() == QInputDevice.DeviceType.TouchPad
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) or not (
            touchpad or event.phase() != Qt.ScrollPhase.NoScrollPhase
        )
        if zooms:
            step = event.angleDelta().y() or event.angleDelta().x()
            self.camera.set_zoom(self.camera.zoom * 1.0015**step, event.position().toPoint())
        else:
            way = event.pixelDelta()
            self.camera.scroll_by(way if not way.isNull() else event.angleDelta() / 4)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.camera.set_zoom(self.camera.zoom * (1 + event.value()), event.position().toPoint())
            return True
        if isinstance(event, QHelpEvent):
            # Left alone, the view asks the items for their tips, and shows none.
            if self.gesture is None:
                self.hover.tell(event)
            return True
        if event.type() == QEvent.Type.Leave and self.gesture is None:
            self.hover.over(None)
        return super().viewportEvent(event)

    # --- the bubble ------------------------------------------------------------------------------

    def _update_bubble(self) -> None:
        """Shows the problems of the hovered card, else the selected one, else the first error."""
        self.bubble.speak_of(self._bubble_owner(), self.theme)

    def _update_legend(self) -> None:
        """What the colours mean on the card under the mouse, else on the selected one."""
        cards = self.hover.card, self.selection.card
        self.surface.legend.speak_of(*cards, theme=self.theme)

    def _bubble_owner(self) -> CardItem | None:
        if self.gesture is not None and self.gesture.silences_problems:
            return None
        for card in (self.hover.card, self.selection.card):
            if card is not None and card.problems:
                return card
        cards = self.canvas.cards
        errors = (p for p in self.store.compiled.problems if p.severity == "error")
        return next((cards[p.node] for p in errors if p.node in cards), None)

    # --- drops -----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        kind = bytes(event.mimeData().data(LAYER_MIME).data()).decode(errors="replace")
        if kind not in LAYERS or not LAYERS[kind].in_palette:
            event.ignore()
            return
        self.cancel_gesture()
        pos = self.mapToScene(event.position().toPoint())
        self.gesture = DropGesture(self.surface, pos, kind)
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
        self._update_bubble()

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
        self.hover.show_cursor()
        return True

    def event(self, event: QEvent) -> bool:
        # Tab walks the cards; without this it would leave the canvas.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()))
            if step is not None and self.gesture is not None:
                self._press_in_gesture(Qt.Key(event.key()))
                return True
            if step is not None and keys.walk_order(self.surface, step):
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.hover.panning = True
                self.hover.show_cursor()
            event.accept()
        elif key == Qt.Key.Key_Escape:
            self._escape()
            event.accept()
        elif self.gesture is not None:
            self._press_in_gesture(key)
            event.accept()
        elif keys.begins_wire(event) and self.selection.card is not None:
            self.gesture = KeyConnect.begin(self.surface, self.selection.card)
            event.accept()
        elif keys.press(self.surface, event):
            event.accept()
        else:
            QWidget.keyPressEvent(self, event)

    def _press_in_gesture(self, key: Qt.Key) -> None:
        """In the middle of what the mouse does only Esc counts."""
        gesture = self.gesture
        if isinstance(gesture, KeyConnect) and gesture.press(key):
            self.gesture = None  # first: the edit that follows takes back what still goes on
            gesture.draw()

    def _escape(self) -> None:
        if self.cancel_gesture():
            self._update_bubble()
        elif self.surface.examples.chosen is not None:
            self.surface.examples.let_go()
        else:
            self.selection.only()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.hover.panning = False
            self.hover.show_cursor()
        if keys.is_step(event) and not event.isAutoRepeat():
            self.store.seal()
        QWidget.keyReleaseEvent(self, event)
