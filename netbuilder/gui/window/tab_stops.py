"""Where Tab stops in the main window: only at what can be seen, and what it comes to is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

_TAB = Qt.FocusPolicy.TabFocus


def go_on(window: QWidget, forward: bool) -> bool:
    """Moves the focus to the next stop in a window, or to the one before; False without any.

    Panels behind other tabs Qt puts aside but does not hide: left alone, it would stop there.
    """
    here = widget = window.focusWidget() or window
    while not (is_stop(widget) and widget is not here and _in_sight(widget, window)):
        ahead = widget.nextInFocusChain() if forward else widget.previousInFocusChain()
        if ahead is None or ahead is here:
            return False
        widget = ahead
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    widget.setFocus(reason)
    around = widget.parentWidget()
    while around is not None and around is not window:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget)
        around = around.parentWidget()
    return True


def is_stop(widget: QWidget) -> bool:
    """Whether the keyboard can come to a widget that is shown."""
    takes_tab = widget.focusPolicy() & _TAB == _TAB and widget.focusProxy() is None
    return takes_tab and widget.isVisible() and widget.isEnabled()


def _in_sight(widget: QWidget, window: QWidget) -> bool:
    """Whether it is in the window, in a part that is shown; in there it may be scrolled."""
    if widget.window() is not window:
        return False
    while (parent := widget.parentWidget()) is not None and parent is not window:
        widget = parent
    return widget.geometry().intersects(window.rect())
