"""What a report tells of the data: parts, columns with what was learned of them, classes."""

from __future__ import annotations

import numpy as np

from netbuilder import numbers
from netbuilder.data.dataset import InputColumn
from netbuilder.data.example import Column
from netbuilder.errors import Message
from netbuilder.report.drawing import CLASSES, safe, short
from netbuilder.report.notes import class_counts
from netbuilder.report.subject import PARTS, Subject

_COLUMNS, _WORDS, _CLASSES = 40, 8, 40
"""So many are told one by one."""
_BAR = 150
"""Pixels of the most frequent class."""


def columns_rows(subject: Subject) -> list[list[str]]:
    """A head and a row for each column; those of images, and of very many, only in part."""
    say, recipe = subject.say, subject.recipe
    seen: dict[str, Column] = {}
    if subject.look is not None and recipe.inputs:
        seen = {column.name: column for column in subject.look.columns()}
    rows = [
        [
            say(Message("column")),
            say(Message("what it holds")),
            say(Message("for a gap")),
            say(Message("scaled")),
        ]
    ]
    at = 0
    for column in recipe.inputs[:_COLUMNS]:
        rows.append(
            [
                column.name,
                _holds(subject, column, seen.get(column.name)),
                column.words[int(column.fill)] if column.words else f"{column.fill:,.6g}",
                _scaled(subject, column, at),
            ]
        )
        at += len(column.features)
    if len(recipe.inputs) > _COLUMNS:
        more = f"{len(recipe.inputs) - _COLUMNS:,}"
        rows.append([say(Message("and {more} more", more=more)), "", "", ""])
    return rows


def _holds(subject: Subject, column: InputColumn, seen: Column | None) -> str:
    say = subject.say
    if column.words:
        words = ", ".join(short(word, 30) for word in column.words[:_WORDS])
        more = len(column.words) - _WORDS
        text = "words: {words}" if more <= 0 else "{count} words: {words}, …"
        return say(Message(text, words=words, count=len(column.words)))
    if column.order:
        held = ", ".join(short(word, 30) for word in column.order[:_WORDS])
        return say(Message("words in an order: {words}", words=held))
    if seen is None:
        return say(Message("numbers"))
    low, high = (f"{value:,.{seen.decimals}f}" for value in (seen.low, seen.high))
    return say(Message("numbers from {low} to {high}", low=low, high=high))


def _scaled(subject: Subject, column: InputColumn, at: int) -> str:
    scaling = subject.recipe.scaling
    if scaling is None:
        return "–"
    if column.words:
        return subject.say(Message("0 or 1 for each word, then scaled"))
    shift, scale = float(scaling.shift[at]), float(scaling.scale[at])
    sign = "+" if shift < 0 else "−"
    return f"(x {sign} {numbers.number(abs(shift), 4)}) / {numbers.number(scale, 4)}"


def classes_table(subject: Subject) -> str:
    """How many examples there are of each class, in every part."""
    say, names = subject.say, subject.recipe.info.class_names
    counts = {part: class_counts(subject, part) for part in subject.parts}
    head = "".join(f'<th class="number">{safe(say(PARTS[part]))}</th>' for part in counts)
    rows = [f"<tr><th>{safe(say(Message('class')))}</th><th></th>{head}</tr>"]
    most = max(int(counts["train"].max()), 1)
    for k, name in enumerate(names[:_CLASSES]):
        width = max(1, round(_BAR * int(counts["train"][k]) / most))
        color = CLASSES[k % len(CLASSES)]
        bar = f'<span class="bar" style="width:{width}px;background:{color}"></span>'
        cells = "".join(f'<td class="number">{int(found[k]):,}</td>' for found in counts.values())
        rows.append(f"<tr><td>{safe(short(name, 60))}</td><td>{bar}</td>{cells}</tr>")
    if len(names) > _CLASSES:
        more = say(Message("and {more} more", more=f"{len(names) - _CLASSES:,}"))
        rows.append(f"<tr><td>{safe(more)}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def targets_rows(subject: Subject) -> list[list[str]]:
    """A head and a row for each number that is predicted, in its own units."""
    say = subject.say
    Y = subject.recipe.in_units(subject.parts["train"].Y)
    rows = [[say(Message(word)) for word in ("target", "lowest", "mean", "highest", "spread")]]
    for k, name in enumerate(subject.recipe.info.target_names[:_COLUMNS]):
        y = Y[:, k]
        told = (y.min(), y.mean(), y.max(), np.std(y))
        rows.append([name, *(numbers.number(float(value), 4) for value in told)])
    return rows
