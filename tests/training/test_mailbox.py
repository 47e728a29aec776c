"""The mailbox has one slot: a new snapshot takes the place of one that nobody took."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from netbuilder.runs.log import MetricLog
from netbuilder.runs.snapshot import Snapshot
from netbuilder.training.mailbox import Mailbox


def test_the_latest_snapshot_wins(kit: Any) -> None:
    first = Snapshot(1, kit.plan(), 0, 0, 0.5, {}, {}, 0.0, "idle", MetricLog())
    second = replace(first, step=1)
    mailbox = Mailbox()
    assert mailbox.take() is None
    assert mailbox.put(first)
    assert not mailbox.put(second)
    assert mailbox.take() is second
    assert mailbox.take() is None
    assert mailbox.put(first)
