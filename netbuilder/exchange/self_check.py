"""The self-check: five rows with our answers beside every export, for its consumer to repeat."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netbuilder import __version__
from netbuilder.data.matching import features_for
from netbuilder.data.table import Table
from netbuilder.engine import metrics
from netbuilder.engine.program import Program
from netbuilder.errors import Message, UserError
from netbuilder.exchange.columns import RawColumn, raw_columns
from netbuilder.exchange.consumers import CONSUMERS, Consumer, output_name
from netbuilder.exchange.format import Format
from netbuilder.exchange.onnx_file import outputs_of
from netbuilder.exchange.onnx_graph import free_name
from netbuilder.exchange.trained import Trained, as_json
from netbuilder.files import replacing

Floats = NDArray[np.float64]

ROWS = 5
TOLERANCE = 1e-5
"""Of an answer, in parts of its size: what float32 leaves of it."""
_GAPS = 3
"""The row that lacks every value; in the next no word has ever been seen."""
_LARGEST = 3e38
"""What float32 can hold."""
_SECONDS = 300.0
"""After which a consumer is given up."""


def check_path(path: Path) -> Path:
    """house.onnx.check.json, beside house.onnx."""
    return path.with_name(f"{path.name}.check.json")


def save_check(path: Path, check: dict[str, Any]) -> None:
    """Writes rows and answers beside an export; raises UserError where that cannot be."""
    content = _lines(check)
    with replacing(check_path(path)) as handle:
        handle.write(f"{content}\n".encode())


def _lines(found: dict[str, Any], indent: str = "") -> str:
    """JSON with a line for each column, so that it can be read."""
    lines = [
        f"{indent}  {as_json(key)}: "
        + (_lines(value, f"{indent}  ") if value and isinstance(value, dict) else as_json(value))
        for key, value in found.items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def check_of(path: Path, trained: Trained, format: Format) -> dict[str, Any]:
    """What the file is to be given, under ``inputs``, and what it must answer, under ``answers``.

    The rows are made up from what was learned of the columns, so that no example of the data
    leaves with the file. A missing value is null, or "" in a column of words. ``tolerance`` is how
    far a number may be from ours, beside TOLERANCE of its size: of each answer, or each column.

    Raises UserError for a network whose answers are no numbers.
    """
    consumer = CONSUMERS.get(format.name)
    columns = raw_columns(trained)
    raw = {column.name: _values(trained, column, k) for k, column in enumerate(columns)}
    named = consumer is not None and consumer.takes_columns
    X = _features(trained, columns, raw) if columns else _matrix(trained)
    if not named:
        X = _as_float32(X)  # a matrix is handed in so, what gaps are filled with as well
    Y_hat = _predicted(trained, X)
    if not np.isfinite(Y_hat).all():
        raise UserError(
            "This network's answers are not finite: training went astray. Reset it and try a "
            "smaller learning rate before exporting."
        )
    found: dict[str, Any] = {
        "netbuilder": __version__,
        "file": path.name.encode(errors="replace").decode(),
    }
    if consumer is not None and named:
        found["inputs"] = raw or {consumer.input_name(trained): X.tolist()}
        found["answers"] = dict(zip(outputs_of(trained), _named(trained, Y_hat), strict=True))
    else:
        name = "features" if consumer is None else consumer.input_name(trained)
        if raw:
            found["rows"] = raw  # what the features are made from
        found["inputs"] = {name: X.tolist()}
        found["answers"] = {output_name(trained): Y_hat.tolist()}
    units = trained.target_scaling
    spans = np.full(Y_hat.shape[1], max(1.0, float(np.abs(Y_hat).max())))
    spans = TOLERANCE * (spans if units is None else units.scale)
    # Words are right or wrong.
    names = [name for name, values in found["answers"].items() if not isinstance(values[0], str)]
    each = trained.info.task == "regression" and len(names) == len(spans)
    tolerance = spans.tolist() if each else [spans.tolist()] * len(names)
    return found | {"tolerance": dict(zip(names, tolerance, strict=True))}


def _values(trained: Trained, column: RawColumn, k: int) -> list[Any]:
    """Five values of a column, the third of the last two missing, and no word known in the last."""
    learned = column.learned
    known_words = learned.words or learned.order
    if not known_words:
        at = sum(len(c.features) for c in trained.inputs[:k])
        numbers = _numbers(trained, at, learned.fill)
    elif column.of_words:
        words: list[Any] = [known_words[(row + k) % len(known_words)] for row in range(ROWS)]
        words[_GAPS], words[_GAPS + 1] = "", free_name("never seen", known_words)
        return words
    else:
        known = [value for value in column.values if not math.isnan(value)]
        numbers = [known[(row + k) % len(known)] for row in range(ROWS)]
        numbers[_GAPS + 1] = max(known) + 1
    return [None if row == _GAPS else number for row, number in enumerate(numbers)]


def _matrix(trained: Trained) -> Floats:
    """(5, n_x), without gaps."""
    fills = [column.fill for column in trained.inputs] or [0.0] * trained.info.n_x
    return np.array([_numbers(trained, at, fill) for at, fill in enumerate(fills)]).T


def _numbers(trained: Trained, feature: int, fill: float) -> list[float]:
    """Five numbers as the feature has them, each so short that float32 holds it exactly."""
    centre, spread = fill, max(1.0, abs(fill))
    if trained.scaling is not None:
        centre = float(trained.scaling.shift[feature])
        spread = float(trained.scaling.scale[feature])
    spread = max(spread, 1e-9 * abs(centre), 1e-30)
    step = 2.0 ** math.floor(math.log2(spread) - 3)
    parts = ((7 * row + 3 * feature) % 11 / 10 for row in range(ROWS))
    found = [round((centre + part * spread) / step) * step for part in parts]
    return [float(number) for number in _as_float32(np.array(found))]


def _as_float32(numbers: Floats) -> Floats:
    """The nearest that float32 can hold."""
    return np.clip(numbers, -_LARGEST, _LARGEST).astype(np.float32).astype(np.float64)


def _features(
    trained: Trained, columns: tuple[RawColumn, ...], raw: dict[str, list[Any]]
) -> Floats:
    """The features (5, n_x) of raw rows, gaps filled, not scaled."""
    values, categories = np.empty((ROWS, len(columns))), {}
    for k, column in enumerate(columns):
        given = raw[column.name]
        if column.of_words:
            words = tuple(dict.fromkeys(word for word in given if word))
            categories[column.name] = words
            values[:, k] = [words.index(word) if word else math.nan for word in given]
        else:
            values[:, k] = [math.nan if value is None else value for value in given]
    table = Table(values, tuple(raw), categories)
    return features_for(table, trained.inputs)[0]


def _predicted(trained: Trained, X: Floats) -> Floats:
    """Ŷ (5, n_y) in the targets' own units, in float64."""
    scaled = X if trained.scaling is None else trained.scaling.apply(X)
    Y_hat = Program(trained.plan, dtype="float64", weights=trained.weights).predict(scaled)
    return Y_hat if trained.target_scaling is None else trained.target_scaling.undo(Y_hat)


def _named(trained: Trained, Y_hat: Floats) -> list[list[Any]]:
    """The answers by name, as a model with columns gives them."""
    info = trained.info
    if info.task == "regression":
        return [column.tolist() for column in Y_hat.T]
    label = [info.class_names[code] for code in metrics.classes(Y_hat, info.task)]
    if info.task == "binary" and trained.gives_probabilities:
        Y_hat = np.hstack([1.0 - Y_hat, Y_hat])
    return [label, Y_hat.tolist()]


def script_for(path: Path, trained: Trained, format: Format) -> str:
    """A short program that uses the file, and answers its check; raises UserError for none."""
    consumer = CONSUMERS.get(format.name)
    script = None if consumer is None else consumer.script(path.name, trained)
    if script is None:
        raise UserError(
            "There is no short program for {file}: {reason}.",
            file=path.name,
            reason=Message(CONSUMERS.absent.get(format.name, "this network takes more than lines")),
        )
    return script


def verify(path: Path, trained: Trained, format: Format) -> Message:
    """Has the file's consumer answer the check in a process of its own, and compares.

    Gives a sentence of what was found: also where the consumer is not installed, or where there is
    none. Raises UserError where it does not take the file, or answers otherwise.
    """
    consumer = CONSUMERS.get(format.name)
    try:
        script = script_for(path, trained, format)
    except UserError as error:
        return Message("{file} is not verified. {reason}", file=path.name, reason=error.message)
    assert consumer is not None
    for library in consumer.packages:
        if importlib.util.find_spec(library) is None:
            return Message(
                "{file} is not verified: {library} is not installed.",
                file=path.name,
                library=library,
            )
    expected = json.loads(check_path(path).read_text(encoding="utf-8"))
    found = _answers_of(consumer, script, path)
    for name, values in expected["answers"].items():
        _compare(
            path.name, consumer, name, found.get(name), values, expected["tolerance"].get(name, 0.0)
        )
    return Message(
        "{file} is verified: {library} gives our answers for {count} rows.",
        file=path.name,
        library=consumer.title,
        count=ROWS,
    )


def _answers_of(consumer: Consumer, script: str, path: Path) -> dict[str, Any]:
    """What the script prints, run beside the file."""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    if "KERAS_BACKEND" not in environment:
        backends = ("tensorflow", "jax", "torch")
        there = [name for name in backends if importlib.util.find_spec(name)]
        environment["KERAS_BACKEND"] = there[0] if there else "tensorflow"
    try:
        ran = subprocess.run(
            [sys.executable, "-P", "-c", script],  # -P: not the modules that lie in that folder
            cwd=path.resolve().parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
        )
        reason = (ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"])[-1]
        if ran.returncode == 0:
            found = json.loads(ran.stdout.strip().splitlines()[-1])
            if isinstance(found, dict):
                return found
            reason = "it answers in no known form"
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError) as error:
        reason = str(error)
    raise UserError(
        "{library} does not take {file}: {reason}",
        library=consumer.title,
        file=path.name,
        reason=reason,
    )


def _compare(
    file: str, consumer: Consumer, name: str, found: Any, expected: list[Any], tolerance: Any
) -> None:
    for row, should in enumerate(expected):
        given = found[row] if isinstance(found, list) and len(found) == len(expected) else None
        if _agree(given, should, tolerance):
            continue
        raise UserError(
            "{file} answers otherwise in {library} than here: {name} of row {row} of its check is "
            "{found}, expected {expected}.",
            file=file,
            library=consumer.title,
            name=name,
            row=row + 1,
            found=as_json(given) if given is not None else "missing",
            expected=as_json(should),
        )


def _agree(given: Any, should: Any, tolerance: Any) -> bool:
    if isinstance(should, str):
        return bool(given == should)
    try:
        numbers = np.ravel(np.array(given, np.float64))
    except (TypeError, ValueError):
        return False
    wanted = np.ravel(should)
    return numbers.shape == wanted.shape and np.allclose(
        numbers, wanted, rtol=TOLERANCE, atol=tolerance
    )
