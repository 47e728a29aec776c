"""The history of a run in a file: a few of its keyframes, so that it can be looked back on."""

from __future__ import annotations

import dataclasses
import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from netbuilder.data.dataset import Dataset
from netbuilder.document.check.memory import RECORDED
from netbuilder.document.file.arrays import opened_npz, write_npz
from netbuilder.document.model.project import TrainingSettings
from netbuilder.engine.optimizers import OPTIMIZERS
from netbuilder.engine.plan import Plan
from netbuilder.errors import Message, UserError
from netbuilder.runs.log import MetricLog
from netbuilder.runs.recorder import Change, Keyframe, Recorder
from netbuilder.runs.recorder import Stretch as Part
from netbuilder.runs.state import RunState

Array = NDArray[Any]

HISTORY = "history.npz"
"""The section."""
BUDGET = 8 * 2**20
"""Bytes of keyframes: what is written and read in a tenth of a second, and sent by mail."""
_MOST = 1_000
"""Keyframes, and changes of settings: more would take longer to read than to train between them."""
_FEW = 4
"""Keyframes that even a large network's recorder has room for."""
_MOST_BYTES = 2 * BUDGET
"""That a history in a file may claim."""


def enough(state: RunState) -> int:
    """Bytes for a recorder that is to keep what a file has room for, of states like this one.

    Of large ones it has room for a few more, to go back to while it trains.
    """
    room = max(min(BUDGET, _MOST * state.nbytes), _FEW * state.nbytes)
    return min(room * 4 // 3, RECORDED)  # a quarter is for the film


def section_of(recorder: Recorder, state: RunState, belongs: bytes) -> dict[str, bytes]:
    """The section, for a run that is stored at this state; none where there is nothing to keep.

    ``belongs`` is the record of the run it is stored with: it is told again by that.
    """
    found, changes = _chosen(recorder, state)
    if not found:
        return {}
    settings = list(
        dict.fromkeys(
            settings
            for group in (
                (frame.state.settings for frame in found),
                *((change.old, change.new) for change in changes),
            )
            for settings in group
        )
    )
    place = {one: number for number, one in enumerate(settings)}
    frames = []
    for frame in found:
        _, values = frame.state.to_arrays()
        values["settings"] = place[frame.state.settings]
        frames.append([values, len(frame.state.numbers), frame.changes])
    record = {
        "belongs": _digest(belongs),
        "settings": [dataclasses.asdict(one) for one in settings],
        "changes": [[c.step, place[c.old], place[c.new]] for c in changes],
        "frames": frames,
    }
    arrays = {
        "record": np.frombuffer(msgspec.json.encode(record), np.uint8),
        "random": np.array([frame.state.to_arrays()[0]["random"] for frame in found]),
    }
    for dtype in ("float32", "float64"):
        numbers = [f.state.numbers for f in found if f.state.settings.dtype == dtype]
        arrays[dtype] = np.concatenate([np.empty(0, dtype), *numbers])
    buffer = io.BytesIO()
    write_npz(buffer, arrays, zipfile.ZIP_STORED)
    return {HISTORY: buffer.getvalue()}


def _chosen(recorder: Recorder, state: RunState) -> tuple[list[Keyframe], tuple[Change, ...]]:
    """What is to be kept of the last stretch up to a moment, and the changes of settings since.

    The first and the best keyframe, those before changes, the last one, and of the others as many
    as there is room for, dense at the start.
    """
    all_changes = [change for change in recorder.changes if change.step <= state.step]
    # Those that came at this step, but after the state was taken, are not in it.
    while all_changes and all_changes[-1].step == state.step:
        if all_changes[-1].new == state.settings:
            break
        all_changes.pop()
    frames = [
        frame
        for frame in recorder.keyframes
        if frame.state.step <= state.step
        and len(all_changes) - _MOST <= frame.changes <= len(all_changes)
        and (frame.state.network, frame.state.data) == (state.network, state.data)
        and frame.state.seed == state.seed
    ]
    # What lies before another network's part is another run's past.
    number = max((frame.stretch.number for frame in frames), default=0)
    frames = [frame for frame in frames if frame.stretch.number == number]
    if not frames:
        return [], ()
    steps = np.array([frame.state.step for frame in frames])
    sizes = np.array([frame.state.nbytes for frame in frames])
    wanted = np.isin(steps, [change.step for change in recorder.changes])
    wanted[[0, -1]] = True
    if recorder.best is not None:
        wanted[max(0, int(np.searchsorted(steps, recorder.best[0], "right")) - 1)] = True
    since = steps - steps[0]
    doublings = np.frexp(since)[1] - 1
    for dense, k in [(3, k) for k in range(54)] + [(2, 53), (1, 53), (0, 53)]:
        strides = 1 << np.clip(doublings - dense, 0, k)
        kept = wanted | (since % strides == 0)
        if sizes[kept].sum() <= BUDGET and kept.sum() <= _MOST:
            break
    else:
        kept = wanted
    places = list(np.flatnonzero(kept))
    # Where even those are too many: the last and the first stay longest.
    while places and (sizes[places].sum() > BUDGET or len(places) > _MOST):
        places.pop(1 if len(places) > 2 else 0)
    kept_frames = [frames[place] for place in places if frames[place].state.is_finite]
    if not kept_frames:
        return [], ()
    first = kept_frames[0].changes
    return (
        [frame._replace(changes=frame.changes - first) for frame in kept_frames],
        tuple(all_changes[first:]),
    )


def recorder_of(
    data: bytes, belongs: bytes, plan: Plan, dataset: Dataset, state: RunState, log: MetricLog
) -> Recorder:
    """The recorder of a run that goes on from a file's state; see ``section_of``.

    Raises UserError for what no history of this run can be. Nothing in it is trusted.
    """
    with opened_npz(data, HISTORY, _MOST_BYTES) as archive:
        arrays = {key: archive.stored(key).read() for key in archive.names}
    if set(arrays) != {"record", "random", "float32", "float64"}:
        raise _damaged(Message("its parts are not those of a history"))
    if arrays["record"].dtype != np.uint8:
        raise _damaged(Message("its record cannot be read"))
    try:
        record = msgspec.json.decode(arrays["record"].tobytes(), type=_Record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(Message("its record cannot be read")) from error
    if record.belongs != _digest(belongs):
        raise _damaged(Message("it belongs to another moment of the run"))
    if len(record.frames) > _MOST or len(record.changes) > _MOST:
        raise _damaged(Message("it is too long"))
    try:
        settings = [TrainingSettings(**values) for values in record.settings]
        changes = tuple(Change(s, settings[old], settings[new]) for s, old, new in record.changes)
        states = _states(record, arrays)
    except (TypeError, LookupError, ValueError, OverflowError) as error:
        raise _damaged(Message("its parts do not fit together")) from error
    part, frames = Part(plan, dataset, 0), []
    for one, (_, _, count) in zip(states, record.frames, strict=True):
        if (one.network, one.data, one.seed) != (state.network, state.data, state.seed):
            raise _damaged(Message("it is of another run"))
        if not 0 <= count <= len(changes) or one.position >= dataset.train.m:
            raise _damaged(Message("its parts do not fit together"))
        frames.append(Keyframe(one, part, count))
    steps = [frame.state.step for frame in frames]
    moments = [change.step for change in changes]
    if steps != sorted(set(steps)) or moments != sorted(moments):
        raise _damaged(Message("it goes backwards"))
    if not steps or max(steps[-1], *moments, 0) > state.step or min(moments, default=steps[0]) < 0:
        raise _damaged(Message("it goes on beyond the run"))
    return Recorder.of(frames, changes, state.step, log)


def _states(record: _Record, arrays: Mapping[str, Array]) -> list[RunState]:
    random, taken, found = arrays["random"], {"float32": 0, "float64": 0}, []
    if random.ndim != 2 or len(random) != len(record.frames):
        raise ValueError("random")
    for words, (values, length, _) in zip(random, record.frames, strict=True):
        settings = record.settings[_place(values)]
        dtype, learned, stored = settings["dtype"], values["learned"], values["stored"]
        if not all(isinstance(count, int) and count >= 0 for count in (learned, stored, length)):
            raise ValueError("counts")
        start = taken[dtype]
        numbers = arrays[dtype][start : start + length]
        taken[dtype] += length
        moments = OPTIMIZERS[settings["optimizer"]].moments
        cuts = [stored + k * learned for k in range(moments + 1)]
        pieces = np.split(numbers, cuts)
        named = {"parameters": pieces[0], "random": words}
        named |= {f"moment{k}": pieces[k + 1] for k in range(moments)}
        if len(pieces[-1]):
            named["before"] = pieces[-1]
        found.append(RunState.from_arrays(named, {**values, "settings": settings}))
    return found


def _place(values: Mapping[str, Any]) -> int:
    place = values["settings"]
    if not isinstance(place, int) or place < 0:
        raise ValueError("settings")
    return place


class _Record(msgspec.Struct):
    belongs: int
    settings: list[dict[str, Any]]
    changes: list[tuple[int, int, int]]
    frames: list[tuple[dict[str, Any], int, int]]


def _digest(belongs: bytes) -> int:
    return zlib.crc32(belongs)


def _damaged(reason: Message) -> UserError:
    return UserError("The history in this file is damaged: {reason}.", reason=reason)
