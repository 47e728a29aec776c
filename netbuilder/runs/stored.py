"""The run in a file: state, thinned log and history as sections of a project file, and back."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

import msgspec
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset
from netbuilder.document.check.memory import available
from netbuilder.document.file.arrays import opened_npz, write_npz
from netbuilder.engine.plan import Plan
from netbuilder.errors import Message, UserError
from netbuilder.runs.history import HISTORY, recorder_of, section_of
from netbuilder.runs.log import Mark, MetricLog
from netbuilder.runs.recorder import Recorder
from netbuilder.runs.state import RunState

Array = NDArray[Any]

VALUES, STATE, LOG = RUN = "run.json", "run.npz", "log.npz"
"""The sections: the state's plain values with the log's marks, the state's arrays, the log's."""

_MOST_ROWS = 2**16
"""Of a table of the log: then all of them take some 6 MB before they are packed."""
_MOST_LOG = 64 * 1024**2
"""Bytes that a log in a file may claim."""


@dataclass(frozen=True, eq=False)
class StoredRun:
    """What a file keeps of a run."""

    state: RunState
    log: MetricLog
    """As it was at the state's moment; a long one is thinned to its extremes."""
    recorder: Recorder | None = None
    """What led to the state, thinned; None where there is none."""
    lost: Message | None = None
    """Why there is no history, where there should be one."""


def sections_of(
    state: RunState | None, log: MetricLog | None, recorder: Recorder | None = None
) -> dict[str, bytes]:
    """The sections of a run; the same state, log and recorder give the same bytes.

    None are made where there is no state, and none of one whose moments are not finite, from which
    nothing could go on. The log may have gone on since the state was taken.
    """
    if state is None or not state.is_finite:
        return {}
    arrays, values = state.to_arrays()
    log = MetricLog() if log is None else log.until(state)
    record = {"state": values, "marks": [[step, words_of(mark)] for step, mark in log.marks]}
    written = msgspec.json.format(msgspec.json.encode(record), indent=1)
    history = {} if recorder is None else section_of(recorder, state, written)
    return {
        **history,
        VALUES: written,
        # Weights look like noise: packing them would take time and save nothing.
        STATE: npz_of(arrays, zipfile.ZIP_STORED),
        LOG: npz_of(log.to_arrays(_MOST_ROWS), zipfile.ZIP_DEFLATED),
    }


def others(sections: Mapping[str, bytes]) -> dict[str, bytes]:
    """The sections of a file that are of no run: what is to survive when a run is exchanged."""
    return {name: data for name, data in sections.items() if name not in (*RUN, HISTORY)}


def of_run(sections: Mapping[str, bytes]) -> dict[str, bytes]:
    """The sections of a file that are of a run."""
    return {name: data for name, data in sections.items() if name in (*RUN, HISTORY)}


def step_of(sections: Mapping[str, bytes]) -> int:
    """How many updates the run in a file's sections says it has made; 0 where it does not say."""
    try:
        step = msgspec.json.decode(sections.get(VALUES, b""), type=_Values).state.get("step")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return 0
    return step if isinstance(step, int) else 0


def run_of(
    sections: Mapping[str, bytes], plan: Plan, dataset: Dataset, *, bounded: bool = False
) -> StoredRun | None:
    """The run in a file's sections, ready to go on; None where there is none.

    ``bounded`` is for the log, see MetricLog. Raises UserError when it is damaged, or belongs to
    another network or other examples. Nothing in it is trusted, and nothing of it is run.
    """
    if not any(name in sections for name in RUN):
        return None
    for name in RUN:
        if name not in sections:
            raise _damaged(Message("{name} is missing", name=name))
    try:
        values = msgspec.json.decode(sections[VALUES], type=_Values)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(Message("{name}: {reason}", name=VALUES, reason=str(error))) from error
    state = RunState.from_arrays(arrays_of(STATE, sections, available()), values.state)
    state.check(plan, dataset)
    log = MetricLog.from_arrays(arrays_of(LOG, sections, _MOST_LOG), bounded=bounded)
    log.marks = tuple(mark_of(step, words) for step, words in values.marks)
    last = max((int(table["step"][-1]) for table in _tables(log) if len(table["step"])), default=0)
    if last > state.step:
        text = "its log goes on to update {last}, its state is at {step}"
        raise _damaged(Message(text, last=last, step=state.step))
    if HISTORY not in sections:
        return StoredRun(state, log)
    try:
        recorder = recorder_of(sections[HISTORY], sections[VALUES], plan, dataset, state, log)
    except UserError as error:  # that costs the history, not the run
        return StoredRun(state, log, lost=error.message)
    return StoredRun(state, log, recorder)


def _tables(log: MetricLog) -> tuple[dict[str, Array], ...]:
    return log.rows(), log.updates(), log.evaluations()


def _damaged(reason: Message) -> UserError:
    return UserError("The run in this file is damaged: {reason}.", reason=reason)


def npz_of(arrays: Mapping[str, Array], compression: int) -> bytes:
    buffer = io.BytesIO()
    write_npz(buffer, arrays, compression)
    return buffer.getvalue()


def arrays_of(name: str, sections: Mapping[str, bytes], most: int | None) -> dict[str, Array]:
    with opened_npz(sections[name], name, most) as archive:
        return {key: archive.stored(key).read() for key in archive.names}


# --- marks ---------------------------------------------------------------------------------------


class Words(msgspec.Struct):
    """A message: its text, and by name what stands in it, plain or a message of its own."""

    text: str
    values: dict[str, bool | int | float | str | Words] = {}


class _Values(msgspec.Struct):
    state: dict[str, Any]
    marks: list[tuple[int, Words]]


def words_of(message: Message) -> Words:
    """What is no plain value is lost to translation, but not to the reader."""
    values: dict[str, Any] = {}
    for name, value in message.values.items():
        if isinstance(value, Message):
            values[name] = words_of(value)
        elif isinstance(value, (bool, int, str)) or (
            isinstance(value, float) and math.isfinite(value)
        ):
            values[name] = value
        else:
            return Words(str(message))
    return Words(message.text, values)


def mark_of(step: int, words: Words) -> Mark:
    if step < 0:
        raise _damaged(Message("a mark stands before the first update"))
    return step, _message(words)


_FORMAT = re.compile(r",?(\.[0-9]{1,2})?[efg%]?", re.ASCII)
_LONGEST = 10_000


def _message(words: Words) -> Message:
    """Raises UserError for a text that reaches for more than its values, or cannot be written."""
    values = {
        name: _message(value) if isinstance(value, Words) else value
        for name, value in words.values.items()
    }
    message = Message(words.text, **values)
    try:
        # Format strings can look into objects and ask for a line of a billion spaces.
        for _, name, format, _ in Formatter().parse(words.text if values else ""):
            if name is not None and (name not in values or not _FORMAT.fullmatch(format or "")):
                raise ValueError(name)
        if len(str(message)) > _LONGEST:
            raise ValueError(words.text)
    except (ValueError, TypeError, LookupError) as error:
        raise _damaged(Message("a mark of its log cannot be read")) from error
    return message
