"""The fork: training goes on from the moment that is looked at, as a run of its own."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from netbuilder.gui.cursor import Cursor
from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.runs.state import RunState
from netbuilder.runs.stretch import Learned

translate = QCoreApplication.translate


def obstacle(store: Store, cursor: Cursor) -> str:
    """Why training cannot go on from the moment looked at; "" where it can."""
    moment, recorder = cursor.moment, cursor.recorder
    if cursor.live or moment is None:
        return translate("Fork", "Go back to an earlier moment first; then train on from there.")
    passage = None if recorder is None else recorder.passage(moment.step)
    if passage is None:
        return translate("Fork", "Of this moment only the film is kept, not its exact state.")
    if store.project_of(passage.start.state) is None:
        return translate(
            "Fork",
            "The network, the data or the seed that were trained then are no longer in the "
            "history of this document.",
        )
    return ""


def train_on(store: Store, bridge: TrainingBridge, cursor: Cursor) -> None:
    """Puts the moment in force as soon as its exact state is found, and trains; or says why not."""

    def begin(state: RunState) -> None:
        moment, recorder = cursor.moment, cursor.recorder
        if moment is None or obstacle(store, cursor):
            return
        learned = Learned(
            state.weights(moment.plan),
            moment.plan,
            state,
            moment.log,
            tuple(mark for mark in moment.log.marks if mark[0] <= state.step),
            state.step,
            state.epoch,
            recorder=recorder,
            run=moment.run,
        )
        label = translate("Fork", "train on from update {step}").format(step=f"{state.step:,}")
        store.fork(learned, label)
        bridge.play()

    reason = obstacle(store, cursor)
    if reason:
        store.notify("info", reason)
    else:
        cursor.ask_state(begin)
