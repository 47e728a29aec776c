"""The canvas: the view in which a network is built with the mouse and the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QTimer
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
from PySide6.QtWidgets import QFrame, QGraphicsView, QMenu, QToolTip, QWidget

from netbuilder.document.network import Edge
from netbuilder.document.project import Project
from netbuilder.engine.layer import LAYERS
from netbuilder.gui.canvas import keys, menus
from netbuilder.gui.canvas.card import CardItem
from netbuilder.gui.canvas.drop import LAYER_MIME, DropGesture
from netbuilder.gui.canvas.editing import EditingView
from netbuilder.gui.canvas.geometry import GRID, stepper_parts
from netbuilder.gui.canvas.gestures import (
    ConnectGesture,
    Gesture,
    MoveGesture,
    PanGesture,
    PressGesture,
    RubberBand,
)
from netbuilder.gui.canvas.overlays import Bubble, Hint, InlineEditor
from netbuilder.gui.canvas.wires import WireItem
from netbuilder.gui.i18n import tr_text
from netbuilder.gui.store import Store
from netbuilder.gui.theme import Theme, ThemeManager

if TYPE_CHECKING:
    from netbuilder.gui.training_bridge import TrainingBridge

_EXTEND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class CanvasView(EditingView):
    """Turns events into gestures, and keeps the overlays beside the cards they speak of."""

    def __init__(self, store: Store, bridge: TrainingBridge, themes: ThemeManager) -> None:
        super().__init__(store, bridge, themes)
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
        self.editor: InlineEditor | None = None
        self.menu: QMenu | None = None
        self.hint = Hint(self.viewport())
        self.bubble = Bubble(self.viewport(), self.mend)
        self._hover_card: CardItem | None = None
        self._hover_wire: WireItem | None = None
        self._bubble_card: CardItem | None = None
        self._space = False
        self._stale = True
        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(90)
        self._sharpen.timeout.connect(self.show_live)
        store.changed.connect(self._on_changed)
        store.replaced.connect(self._on_replaced)
        store.selection_changed.connect(self._on_selection)
        bridge.snapshot.connect(self._on_snapshot)
        themes.changed.connect(self._on_theme)
        self.verticalScrollBar().valueChanged.connect(self._follow)
        self.horizontalScrollBar().valueChanged.connect(self._follow)
        self._on_theme(themes.theme)

    # --- following the store, the run and the theme ----------------------------------------------

    def _on_changed(self, old: Project, new: Project) -> None:
        if self.gesture is not None and not self.gesture.survives_edits:
            self.cancel_gesture()
        if self._hover_card is not None and self._hover_card.node.id not in new.network.by_id:
            self._hover_card = None
        if self._hover_wire is not None and self._hover_wire.edge not in new.network.edges:
            self._hover_wire = None
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

    def _on_snapshot(self, snapshot: object) -> None:
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
        if middle or (self._space and event.button() == Qt.MouseButton.LeftButton):
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
            self._hover(pos)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self.gesture = self.gesture, None
        if gesture is not None:
            at = event.position().toPoint()
            gesture.finish(self.mapToScene(at), at)
            self._hover(self.mapToScene(at))
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

    def open_menu(self, menu: QMenu, where: QPoint) -> None:
        """Pops up a menu that goes away with its last use."""
        self.menu = menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.aboutToHide.connect(self._forget_menu)
        menu.popup(where)

    def _forget_menu(self) -> None:
        self.menu = None

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
            self._hover(None)
        return super().viewportEvent(event)

    # --- hovering --------------------------------------------------------------------------------

    def _hover(self, pos: QPointF | None) -> None:
        found = self.canvas.card_at(pos) if pos is not None else None
        card, part = found if found else (None, "")
        if self._hover_card is not None and self._hover_card is not card:
            self._hover_card.set_state(hover_part="")
        if card is not None:
            card.set_state(hover_part=part)
        wire = self.canvas.wire_at(pos) if pos is not None and card is None else None
        if wire is not self._hover_wire:
            for item, on in ((self._hover_wire, False), (wire, True)):
                if item is not None:
                    item.hovered = on
                    item.update()
            self._hover_wire = wire
        changed = card is not self._hover_card
        self._hover_card = card
        if changed:
            self.update_bubble()
        self._tell(pos, card, part)
        self.show_cursor(part, wire)

    def _tell(self, pos: QPointF | None, card: CardItem | None, part: str) -> None:
        """The tool tip: a control's help, a unit's or a layer's words."""
        words = ""
        if card is not None and pos is not None:
            unit = self.canvas.neurons[card.node.id].unit_at(pos) if part == "card" else None
            control = card.content.control(part.rstrip("+-"))
            if unit is not None:
                words = self.tr("Unit {number} of {name}").format(
                    number=unit + 1, name=card.content.title
                )
                if unit < len(card.content.labels):
                    words = card.content.labels[unit]
            elif control is not None:
                words = tr_text(control.setting.help)
            elif part == "name":
                words = self.tr("Double-click to rename")
            elif part in ("in", "out"):
                words = self.tr("Drag to connect")
        if words != self.viewport().toolTip():
            self.viewport().setToolTip(words)
            if not words:
                QToolTip.hideText()

    def show_cursor(self, part: str = "", wire: WireItem | None = None) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif part in ("in", "out"):
            shape = Qt.CursorShape.CrossCursor
        elif part == "name":
            shape = Qt.CursorShape.ArrowCursor
        elif part.endswith(("+", "-")) or wire is not None:
            shape = Qt.CursorShape.PointingHandCursor
        elif part not in ("", "card", "badge") and self._hover_card is not None:
            control = self._hover_card.content.control(part)
            choice = control is not None and control.is_choice
            shape = Qt.CursorShape.PointingHandCursor if choice else Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)

    # --- editing in place ------------------------------------------------------------------------

    def activate_part(self, card: CardItem, part: str) -> None:
        """A click, or Enter, on a control: its menu or its field."""
        control = card.content.control(part)
        if control is None:
            return
        if not control.is_choice:
            self.edit_number(card, part)
            return
        row = card.geometry.row(part).translated(card.pos())
        place = self.mapFromScene(row.bottomLeft())
        menu = menus.choice_menu(self, card, control)
        menu.setMinimumWidth(round(row.width() * self.zoom))
        self.open_menu(menu, self.viewport().mapToGlobal(place))

    def edit_number(self, card: CardItem, name: str) -> None:
        """Opens the field of a number on its card."""
        id = card.node.id

        def place() -> QRectF | None:
            here = self.canvas.cards.get(id)
            control = here.content.control(name) if here else None
            if here is None or control is None:
                return None
            row = here.geometry.row(name)
            minus, _, plus = stepper_parts(row, control.wide)
            return minus.united(plus).translated(here.pos())

        def accept(text: str) -> None:
            self.set_setting(id, name, self.parse_setting(id, name, text))

        control = card.content.control(name)
        assert control is not None
        self._open_editor(place, str(control.value), accept, center=True, pixels=12)

    def edit_name(self, card: CardItem) -> None:
        """Opens the name of a card; Data and Cost keep theirs."""
        id = card.node.id
        if card.node.fixed:
            return

        def place() -> QRectF | None:
            here = self.canvas.cards.get(id)
            if here is None:
                return None
            return here.geometry.name.adjusted(-4, -2, 4, 2).translated(here.pos())

        def accept(text: str) -> None:
            # Tried first, so that a refusal is told beside the field and not elsewhere.
            new = self.network.rename(id, text)
            self.edit_network(new, self.tr("Rename"))

        self._open_editor(place, card.node.name, accept, center=False, pixels=13)

    def _open_editor(self, place, text, accept, *, center: bool, pixels: float) -> None:  # type: ignore[no-untyped-def]
        if self.canvas.blocks:
            self.set_zoom(1.0)
        self.close_editor()
        self.editor = InlineEditor(
            self, place, text, self.theme, accept, center=center, pixels=pixels
        )
        self.editor.closed.connect(self._forget_editor)

    def close_editor(self) -> None:
        if self.editor is not None:
            self.editor.close_editor()

    def _forget_editor(self) -> None:
        self.editor = None

    def rename_selected(self) -> None:
        if self.current is not None:
            self.edit_name(self.current)

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
        if self._hover_card is not None and self._hover_card.problems:
            return self._hover_card
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
                self._space = True
                self.show_cursor()
            event.accept()
        elif keys.press(self, event):
            event.accept()
        else:
            QWidget.keyPressEvent(self, event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self.show_cursor()
        self.store.seal() if keys.is_step(event) and not event.isAutoRepeat() else None
        QWidget.keyReleaseEvent(self, event)
