"""The runs of a document in its file: names, settings and thinned logs, and back again."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

import msgspec

from netbuilder.document.model.run_marks import RunMarks
from netbuilder.errors import Message, UserError
from netbuilder.runs.facts import Difference, Facts, Value
from netbuilder.runs.kept import KeptRun, Runs
from netbuilder.runs.log import MetricLog
from netbuilder.runs.stored import Words, arrays_of, mark_of, npz_of, words_of

RECORDS = "runs.json"
"""The section of what is said of the runs; each one at rest has its log in one of its own."""

_VERSION = 1
_MOST_RUNS = 40
_MOST_ROWS = 1024
"""Of a table of a log, which all in all then takes some 100 KB before it is packed."""
_MOST_LOG = 2**20
"""Bytes that one of them may claim."""


class _Record(msgspec.Struct):
    number: int
    parent: int
    step: int
    epoch: int
    differs: list[tuple[str, str, str, str]]
    facts: dict[str, Value | None]
    """Those that are not the same as of the run before; None for one that there is no more.

    None at all for the run that goes on: its facts are the project's.
    """
    marks: list[tuple[int, Words]] = []
    name: str = ""
    pinned: bool = False


class _File(msgspec.Struct):
    version: int
    current: int
    count: int
    runs: list[_Record]


class _Version(msgspec.Struct):
    version: int


def log_of(number: int) -> str:
    """The name of the section of a run's log."""
    return f"runs-{number}.npz"


def is_of_runs(section: str) -> bool:
    return section == RECORDS or re.fullmatch(r"runs-[0-9]+\.npz", section) is not None


class Sections(Mapping[str, bytes]):
    """Sections of a file; logs are packed when they are read, by the thread that writes the file.

    Packing a log of two million rows takes long, and is done once: logs of runs at rest stay as
    they are.
    """

    def __init__(self, ready: Mapping[str, bytes], logs: Mapping[str, MetricLog]) -> None:
        self._ready, self._logs = ready, logs

    def __getitem__(self, name: str) -> bytes:
        log = self._logs.get(name)
        if log is None:
            return self._ready[name]
        size = len(log.rows()["step"]), len(log.updates()["step"])
        known = _packed.get(log)
        if known is None or known[0] != size:
            known = _packed[log] = size, npz_of(log.to_arrays(_MOST_ROWS), zipfile.ZIP_DEFLATED)
        return known[1]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._ready, **self._logs})

    def __len__(self) -> int:
        return len({**self._ready, **self._logs})


_packed: WeakKeyDictionary[MetricLog, tuple[tuple[int, int], bytes]] = WeakKeyDictionary()


def sections_of_runs(
    runs: Runs, marks: RunMarks, others: Mapping[str, bytes] = MappingProxyType({})
) -> Sections:
    """The sections, beside others; the run that goes on has its log in sections of its own.

    Of more than 40 runs the latest are kept, and pinned ones; deleted ones are not.
    """
    ready = {name: others[name] for name in others if not is_of_runs(name)}
    listed = [run for run in runs.listed(marks) if run.has_trained]
    if not any(run.number != runs.current for run in listed) and not marks.names:
        return Sections(ready, {})
    order = sorted(listed, key=lambda run: (run.number in marks.pinned, run.number))
    wanted = {runs.current, *(run.number for run in order[-_MOST_RUNS:])}
    logs: dict[str, MetricLog] = {}
    records, before = [], dict[str, Value]()
    for run in listed:
        if run.number not in wanted:
            continue
        at_rest = run.number != runs.current
        records.append(
            _Record(
                run.number,
                run.parent,
                run.step,
                run.epoch,
                [(*found,) for found in run.differs],
                _changed(before, run.facts) if at_rest else {},
                [(step, words_of(mark)) for step, mark in run.log.marks] if at_rest else [],
                marks.names.get(run.number, ""),
                run.number in marks.pinned,
            )
        )
        if at_rest:
            before = dict(run.facts)
            logs[log_of(run.number)] = run.log
    current = runs.current if any(record.number == runs.current for record in records) else 0
    file = _File(_VERSION, current, runs.count, records)
    ready[RECORDS] = msgspec.json.format(msgspec.json.encode(file), indent=1)
    return Sections(ready, logs)


def runs_of(sections: Mapping[str, bytes]) -> tuple[Runs, RunMarks]:
    """The runs in a file's sections, none where there are none; nothing in it is trusted.

    The log of the run that goes on is empty until that run is followed. Raises UserError for what
    is damaged, or was written by a newer version.
    """
    if not any(map(is_of_runs, sections)):
        return Runs(), RunMarks()
    try:
        version = msgspec.json.decode(sections[RECORDS], type=_Version).version
        if version != _VERSION:
            raise UserError(
                "The runs kept in this file have the format {version}, but this netbuilder knows "
                "{known}: a newer one shows them.",
                version=version,
                known=_VERSION,
            )
        file = msgspec.json.decode(sections[RECORDS], type=_File)
    except KeyError as error:
        raise _damaged(Message("{name} is missing", name=str(error.args[0]))) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(Message("{name}: {reason}", name=RECORDS, reason=str(error))) from error
    runs: list[KeptRun] = []
    facts: Facts = {}
    for record in file.runs:
        if not 0 <= record.parent < record.number <= file.count or (
            runs and record.number <= runs[-1].number
        ):
            raise _damaged(Message("its runs are out of order"))
        facts = _with(facts, record.facts)
        log = MetricLog(bounded=True)
        if record.number != file.current:
            log = _log(record, sections)
        differs = tuple(Difference(*found) for found in record.differs)
        runs.append(
            KeptRun(
                record.number,
                log,
                facts,
                parent=record.parent,
                step=record.step,
                epoch=record.epoch,
                differs=differs,
            )
        )
    names = {record.number: record.name[:100] for record in file.runs if record.name}
    pinned = frozenset(record.number for record in file.runs if record.pinned)
    current = file.current if any(run.number == file.current for run in runs) else 0
    return Runs(tuple(runs), current, file.count), RunMarks(names, pinned)


def _changed(before: Facts, after: Facts) -> dict[str, Value | None]:
    gone = {name: None for name in before if name not in after}
    return gone | {
        name: value
        for name, value in after.items()
        if name not in before or (before[name], type(before[name])) != (value, type(value))
    }


def _with(before: Facts, changed: Mapping[str, Value | None]) -> Facts:
    return {name: value for name, value in {**before, **changed}.items() if value is not None}


def _log(record: _Record, sections: Mapping[str, bytes]) -> MetricLog:
    name = log_of(record.number)
    if name not in sections:
        raise _damaged(Message("{name} is missing", name=name))
    log = MetricLog.from_arrays(arrays_of(name, sections, _MOST_LOG))
    log.marks = tuple(mark_of(step, words) for step, words in record.marks)
    return log


def _damaged(reason: Message) -> UserError:
    return UserError("The runs kept in this file are damaged: {reason}.", reason=reason)
