"""What the document in force has learned now, for those who take it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netbuilder.gui.store import Store
from netbuilder.gui.training_bridge import TrainingBridge

if TYPE_CHECKING:
    from netbuilder.exchange.trained import Trained

PATIENCE = 10.0
"""Seconds that one waits for the worker; then what is known is taken."""


def trained_now(store: Store, bridge: TrainingBridge) -> Callable[[], Trained | None]:
    """Asks for it; calling what is returned, on any thread, waits for the answer.

    None where there is nothing to be had. Raises UserError for weights that are not finite.
    """
    plan, dataset, project = store.compiled.plan, store.dataset, store.project
    asked = bridge.asked()

    def made() -> Trained | None:
        # Imported late: few starts of the program need it.
        from netbuilder.exchange.lesson import Lesson
        from netbuilder.exchange.trained import Trained

        learned = asked(PATIENCE)
        if plan is None or dataset is None or learned is None:
            return None
        lesson = Lesson(project, plan, dataset, learned.log, learned.recorder)
        return Trained.of(plan, learned.weights, dataset, lesson)

    return made
