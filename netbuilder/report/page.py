"""The page: one HTML file with everything in it, which no network and no script is needed for."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from netbuilder import __version__
from netbuilder.engine.losses import LOSSES
from netbuilder.engine.settings import HasSettings, Setting
from netbuilder.errors import Message, UserError
from netbuilder.exchange.curves import Run, svg
from netbuilder.files import replacing
from netbuilder.lens.names import counts, summary
from netbuilder.report.data import classes_table, columns_rows, targets_rows
from netbuilder.report.drawing import SUNKEN, colors, ink, safe, short
from netbuilder.report.layers import layers_rows
from netbuilder.report.matrices import LEGEND, heatmaps
from netbuilder.report.network import network
from netbuilder.report.notes import notes
from netbuilder.report.style import STYLE
from netbuilder.report.subject import PARTS, Subject
from netbuilder.report.verdict import (
    METRICS,
    MOST_CLASSES,
    confusions,
    metric_text,
    metrics_rows,
    scatters,
)

SUFFIXES = (".html", ".htm")
_UNTOLD = ("source", "path", "examples", "noise")
"""Settings of the data that are told elsewhere, or of no data but made-up ones."""
_ONLY_WITH = {
    "beta": ("optimizer", "gd"),
    "decay": ("schedule", "constant"),
    "period": ("schedule", "constant"),
}
"""Settings that another one with this value leaves without effect."""
_LAYERS = 40
"""So many layers are seen as heatmaps."""


def check(path: Path) -> None:
    """Raises UserError for a name that is none of a page."""
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(
            "{path} is no name for a report: expected one that ends in .html.", path=str(path)
        )


def write(path: Path, subject: Subject) -> None:
    """Writes the page, all of it or nothing; raises UserError where that cannot be."""
    check(path)
    content = page(subject).encode("utf-8", "replace")
    with replacing(path) as handle:
        handle.write(content)


def page(subject: Subject) -> str:
    """The whole file as text."""
    say = subject.say
    head = (
        '<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        # Names come from anywhere: should one slip through, it runs nothing and asks nobody.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(subject.name)}</title>\n<style>{STYLE}</style>\n</head>\n"
    )
    sections = (
        (Message("What to know before use"), _notes(subject)),
        (Message("How good it is"), _verdict(subject)),
        (Message("The network"), _network(subject)),
        (Message("The data"), _data(subject)),
        (Message("The training"), _training(subject)),
        (Message("Inside the layers"), _layers(subject)),
    )
    body = [_title(subject)]
    body += [
        f"<section><h2>{safe(say(title))}</h2>\n{content}</section>\n"
        for title, content in sections
        if content
    ]
    when = datetime.datetime.now().strftime("%Y-%m-%d %H:%M")
    made = Message("Written by netbuilder {version} on {date}.", version=__version__, date=when)
    body.append(f"<footer>{safe(say(made))}</footer>")
    return f"{head}<body>\n<main>\n{''.join(body)}\n</main>\n</body>\n</html>\n"


# --- the sections --------------------------------------------------------------------------------


def _title(subject: Subject) -> str:
    say, info = subject.say, subject.recipe.info
    lead = Message(
        "A network that predicts {what}, learned from {data}: {counts}.",
        what=short(", ".join(info.target_names), 80),
        data=info.name,
        counts=counts(info),
    )
    figures: list[tuple[str, str]] = []
    if subject.metrics:
        part, values = subject.judged, subject.metrics[subject.judged]
        for name in ("accuracy", "f1", "r2", "rmse"):
            if name in values:
                label = Message("{metric}, {part}", metric=METRICS[name], part=PARTS[part])
                figures.append((metric_text(name, values[name]), say(label)))
    if subject.epoch:
        figures.append((f"{subject.epoch:,}", say(Message("epochs of training"))))
    figures.append((f"{subject.plan.parameter_count:,}", say(Message("parameters"))))
    cells = "".join(
        f'<div class="figure"><b>{safe(value)}</b><span>{safe(label)}</span></div>'
        for value, label in figures
    )
    return (
        f'<header><p class="kicker">{safe(say(Message("netbuilder report")))}</p>\n'
        f'<h1>{safe(short(subject.name, 120))}</h1>\n<p class="lead">{safe(say(lead))}</p>\n'
        f'<div class="figures">{cells}</div></header>\n'
    )


def _notes(subject: Subject) -> str:
    lines = "".join(
        f'<li class="{"weighty" if note.weighty else ""}">{safe(subject.say(note.message))}</li>\n'
        for note in notes(subject)
    )
    return f'<ul class="notes">\n{lines}</ul>\n' if lines else ""


def _verdict(subject: Subject) -> str:
    if not subject.metrics or subject.look is None:
        return ""
    say = subject.say
    found = [table(metrics_rows(subject), numbers_from=1)]
    part = say(PARTS[subject.judged])
    if not subject.look.prediction(subject.judged).complete:
        text = Message("The network is large, so the figures are of a part of the examples.")
        found.append(_paragraph(say(text), "small"))
    if subject.recipe.info.task == "regression":
        title = Message("Predicted against true, {part}", part=part)
        found.append(f"<h3>{safe(say(title))}</h3>")
        return "".join([*found, f'<div class="pair">{"".join(scatters(subject))}</div>'])
    if len(subject.recipe.info.class_names) <= MOST_CLASSES:
        title = Message("Confusion matrix, {part}: rows are the true classes", part=part)
        return "".join([*found, f"<h3>{safe(say(title))}</h3>", _confusion(subject)])
    rows = [[say(Message("true")), say(Message("predicted")), say(Message("how often"))]]
    rows += [[true, predicted, f"{count:,}"] for true, predicted, count in confusions(subject)]
    title = Message("The most frequent mistakes, {part}", part=part)
    return "".join([*found, f"<h3>{safe(say(title))}</h3>", table(rows, numbers_from=2)])


def _confusion(subject: Subject) -> str:
    matrix, names = subject.confusion, subject.recipe.info.class_names
    head = "".join(f"<th>{safe(short(name, 40))}</th>" for name in names)
    rows = [f"<tr><th></th>{head}</tr>"]
    for i, name in enumerate(names):
        whole = max(int(matrix[i].sum()), 1)
        cells = []
        for j in range(len(names)):
            share = int(matrix[i, j]) / whole
            red, green, blue = colors(0.9 * (share if i == j else -share)).tolist()
            ground = f"#{red:02x}{green:02x}{blue:02x}" if matrix[i, j] else SUNKEN
            look = f"background:{ground};color:{ink(ground)}"
            cells.append(f'<td style="{look}">{int(matrix[i, j]):,}</td>')
        rows.append(f'<tr><th class="row">{safe(short(name, 40))}</th>{"".join(cells)}</tr>')
    return f'<div class="scroll"><table class="confusion">{"".join(rows)}</table></div>'


def _network(subject: Subject) -> str:
    say = subject.say
    pictures = "".join(f'<div class="picture">{picture}</div>\n' for picture in network(subject))
    loss = LOSSES[subject.plan.loss]
    told = Message(
        "{summary}. The cost is J, the mean of {loss}: {formula}.",
        summary=summary(subject.plan),
        loss=Message(loss.title),
        formula=loss.formula,
    )
    return _paragraph(say(told)) + pictures + table(layers_rows(subject), numbers_from=5)


def _data(subject: Subject) -> str:
    say, info = subject.say, subject.recipe.info
    found = [_paragraph(f"{info.name}: {say(counts(info))}.")]
    if subject.dataset is not None:
        found += [_paragraph(say(notice), "small") for notice in subject.dataset.notices]
    if info.image_shape is not None:
        height, width = info.image_shape
        text = Message(
            "Each example is an image of {height} × {width} pixels.", height=height, width=width
        )
        found.append(_paragraph(say(text)))
    elif subject.recipe.inputs:
        found.append(table(columns_rows(subject)))
    if subject.parts:
        target = safe(short(", ".join(info.target_names), 80))
        found.append(f"<h3>{safe(say(Message('What is predicted')))}: {target}</h3>")
        if info.task == "regression":
            found.append(table(targets_rows(subject), numbers_from=1))
        else:
            found.append(classes_table(subject))
    return "".join(found)


def _training(subject: Subject) -> str:
    say, found = subject.say, []
    if subject.log is not None:
        try:
            curve = svg([Run("", subject.log)])
        except UserError:
            curve = ""
        found.append(f'<div class="picture">{curve}</div>')
        if curve and subject.log.best() is not None and "validation" in subject.parts:
            found.append(_paragraph(say(Message("Dashed: the validation part.")), "small"))
    told = [(say(Message("seed")), f"{subject.project.seed}")]
    for owner in (subject.project.training, subject.project.data):
        for setting in owner.settings():
            if _matters(subject, owner, setting):
                value = say(Message(_setting_text(setting, getattr(owner, setting.name))))
                told.append((say(Message(setting.label)), value))
    cells = "".join(
        f"<div><dt>{safe(label)}</dt><dd>{safe(value)}</dd></div>" for label, value in told
    )
    return "".join([*found, f'<dl class="settings">{cells}</dl>'])


def _matters(subject: Subject, owner: HasSettings, setting: Setting) -> bool:
    """Whether it has an effect: 0 and none have not, and some count only beside others."""
    value = getattr(owner, setting.name)
    if setting.name in _UNTOLD or value in (0, "none"):
        return False
    if setting.name == "target_scale" and subject.recipe.target_scaling is None:
        return False
    needed, without = _ONLY_WITH.get(setting.name, ("", ""))
    return not needed or getattr(owner, needed) != without


def _setting_text(setting: Setting, value: Any) -> str:
    if value in setting.choices:
        chosen = setting.choices[value]
        return chosen if isinstance(chosen, str) else str(chosen.title)
    if setting.zero and value == 0:
        return setting.zero
    return f"{value:g}" if isinstance(value, float) else str(value)


def _layers(subject: Subject) -> str:
    if subject.look is None:
        return ""
    found = [_paragraph(subject.say(LEGEND), "small")]
    nodes = [node for node in subject.plan.nodes if node.inputs and node.layer.has_output]
    for node in nodes[:_LAYERS]:
        pictures = "".join(heatmaps(subject.look, node, subject.say))
        found.append(
            f'<div class="layer"><h3>{safe(node.name)}</h3>'
            f'<div class="pair">{pictures}</div></div>\n'
        )
    if len(nodes) > _LAYERS:
        more = Message("and {more} more", more=f"{len(nodes) - _LAYERS:,}")
        found.append(_paragraph(subject.say(more), "small"))
    return "".join(found)


# --- pieces --------------------------------------------------------------------------------------


def _paragraph(words: str, kind: str = "") -> str:
    return f'<p class="{kind}">{safe(words)}</p>\n' if kind else f"<p>{safe(words)}</p>\n"


def table(rows: Sequence[Iterable[str]], numbers_from: int = 10**6) -> str:
    """The first row is the head; columns from that number on hold numbers."""
    lines = []
    for place, row in enumerate(rows):
        tag = "th" if place == 0 else "td"
        cells = (
            f"<{tag}{' class=number' if k >= numbers_from else ''}>{safe(short(cell, 400))}</{tag}>"
            for k, cell in enumerate(row)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>\n'
